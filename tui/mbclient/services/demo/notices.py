"""What the made-up people do to the own posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from mbclient.domain.account import Account
from mbclient.domain.post import Author, Notification, NotificationKind, Post
from mbclient.services.demo.script import PEOPLE, Person

_KINDS = (NotificationKind.LIKE, NotificationKind.BOOST, NotificationKind.FOLLOW)
OF_POSTS = 12


def notifications(
    account: Account, newest_first: Sequence[Post], author: Callable[[Person], Author]
) -> list[Notification]:
    """Newest first: a deed for each of the own posts in turn, and every mention."""
    mine = [post for post in newest_first if post.author.remote_id == account.handle]
    found = [each for number, post in enumerate(mine[:OF_POSTS]) for each in _deeds(account, number, post, author)]
    found += (
        Notification(account.name, f"m{post.remote_id}", NotificationKind.MENTION, post.created_at, post.author, post)
        for post in newest_first
        if post.mentions
    )
    return sorted(found, key=lambda notification: notification.at, reverse=True)


def _deeds(account: Account, number: int, post: Post, author: Callable[[Person], Author]) -> Iterator[Notification]:
    """One, or as many likes as the post says it has."""
    people = PEOPLE[account.service]
    kind = _KINDS[number % 3]
    about = None if kind is NotificationKind.FOLLOW else post
    many = max(post.counts.likes, 1) if kind is NotificationKind.LIKE else 1
    for place in range(min(many, len(people))):
        person = people[(number + place) % len(people)]
        name = f"n{post.remote_id}-{place}" if place else f"n{post.remote_id}"
        yield Notification(
            account.name, name, kind, post.created_at + timedelta(minutes=11 - place), author(person), about
        )
