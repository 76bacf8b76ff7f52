"""Notifications in groups: the likes of one post are one thing that happened, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Notification, NotificationKind, Post

_TOGETHER = frozenset({NotificationKind.LIKE, NotificationKind.BOOST, NotificationKind.FOLLOW})


@dataclass(frozen=True, slots=True)
class Group:
    """Notifications of one kind about one post, newest first; alone where each says something of its own."""

    members: tuple[Notification, ...]

    @property
    def newest(self) -> Notification:
        return self.members[0]

    @property
    def name(self) -> tuple[str, ...]:
        """Tells it from every other group, also when more has come to it."""
        return _name(self.newest)

    @property
    def kind(self) -> NotificationKind:
        return self.newest.kind

    @property
    def at(self) -> datetime:
        return self.newest.at

    @property
    def post(self) -> Post | None:
        return self.newest.post

    @property
    def authors(self) -> tuple[Author, ...]:
        """Everybody once, who came last first."""
        found: dict[str, Author] = {}
        for each in self.members:
            if each.author is not None:
                found.setdefault(each.author.handle.casefold(), each.author)
        return tuple(found.values())

    @property
    def unread(self) -> bool:
        return any(not each.read for each in self.members)


def grouped(notifications: Sequence[Notification]) -> Sequence[Group]:
    """Newest first by what came last to each."""
    groups: dict[tuple[str, ...], list[Notification]] = {}
    for each in sorted(notifications, key=lambda each: each.at, reverse=True):
        groups.setdefault(_name(each), []).append(each)
    return [Group(tuple(members)) for members in groups.values()]


def _name(each: Notification) -> tuple[str, ...]:
    if each.kind not in _TOGETHER or (each.post is None and each.kind is not NotificationKind.FOLLOW):
        return (each.account, each.remote_id)
    return (each.account, each.kind.value, each.post.id if each.post is not None else "")
