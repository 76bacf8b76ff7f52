"""What the program proposes instead of asking for it blindly: work terms from what one follows, writes and reads."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from mbclient.core.abilities import TagFollowing
from mbclient.core.accounts import Accounts
from mbclient.core.criteria import HOME, MINE
from mbclient.core.preferences import Preferences
from mbclient.core.stores import Archive, ViewQuery
from mbclient.domain.errors import MbclientError
from mbclient.domain.latepattern import late
from mbclient.domain.post import Post

RECENT = 400  # posts of the archive that are looked at
OWN = 100
TAG = late(r"\w{2,60}")
PATIENCE_S = 5.0  # for the services; a proposal is no reason to wait longer


class Suggestions:
    """Proposals from the archive and from what the services know; nothing is ever taken over unasked."""

    def __init__(self, accounts: Accounts, archive: Archive, preferences: Callable[[], Preferences]) -> None:
        self._accounts = accounts
        self._archive = archive
        self._preferences = preferences

    async def work_terms(self, limit: int = 12) -> Sequence[str]:
        """Tags as terms (`#openssl`), the likeliest first: those followed at the services, those of own posts, those
        that most people use in the newest posts. None that is a term, or excluded, already.

        A service that does not answer takes nothing from the rest. Raises `StorageError`.
        """
        followed, (own, recent) = await asyncio.gather(self._followed(), asyncio.to_thread(self._archived))
        work = self._preferences().work_filter
        known = {term.casefold() for term in (*work.terms, *work.exclude)}
        tags = dict.fromkeys(f"#{tag}" for tag in filter(None, (*followed, *_by_authors(own), *_by_authors(recent))))
        return [tag for tag in tags if tag not in known][:limit]

    def _archived(self) -> tuple[Sequence[Post], Sequence[Post]]:
        def posts(view: str, limit: int) -> Sequence[Post]:
            return [entry.post for entry in self._archive.page(ViewQuery(view), limit=limit)]

        return posts(MINE, OWN), posts(HOME, RECENT)

    async def _followed(self) -> Sequence[str]:
        asked = [self._tags_of(account.name) for account in self._accounts.all()]
        return [tag for tags in await asyncio.gather(*asked) for tag in tags]

    async def _tags_of(self, name: str) -> Sequence[str]:
        try:
            service = self._accounts.service(name)
            if not isinstance(service, TagFollowing):
                return ()
            async with asyncio.timeout(PATIENCE_S):
                return [_plain(tag) for tag in await service.followed_tags()]
        except (MbclientError, TimeoutError):  # signed out, away, or without them: no proposals from there
            return ()


def _plain(tag: str) -> str:
    """As a term has it; empty for what could be none."""
    name = tag.removeprefix("#").casefold()
    return name if TAG.fullmatch(name) else ""


def _by_authors(posts: Iterable[Post]) -> Sequence[str]:
    """The posts' tags, those of the most authors first: one that posts all day proposes no more than anybody else."""
    authors: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        for tag in post.tags:
            authors[_plain(tag)].add(post.author.handle.casefold())
    return sorted(filter(None, authors), key=lambda tag: -len(authors[tag]))
