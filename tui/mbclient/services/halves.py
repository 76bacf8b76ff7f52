"""An adapter of parts that each know one thing: what reads, what writes, what acts. The port over them is the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from mbclient.core.ports import HOME, Feed, Json, NotificationPage, Outgoing, Page, Published, Thread
from mbclient.domain.post import Mine, Post
from mbclient.services.accountapi import AccountApi
from mbclient.services.bare import Bare


class Reads(Protocol):
    """The reading half; as `Service` has it."""

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page: ...

    async def own_posts(self, since: datetime) -> Sequence[Post]: ...

    async def search(self, query: str, before: str | None, limit: int) -> Page: ...

    async def post(self, remote_id: str) -> Post: ...

    async def thread(self, post: Post) -> Thread: ...

    async def notifications(self, before: str | None, limit: int) -> NotificationPage: ...


class Writes(Protocol):
    """The writing half."""

    async def prepare(self, outgoing: Outgoing) -> Json: ...

    async def publish(self, prepared: Json) -> Published: ...

    async def find(self, prepared: Json) -> Published | None: ...

    async def delete(self, post: Post) -> None: ...


class Acts(Protocol):
    """Likes and boosts."""

    async def like(self, post: Post, on: bool) -> Mine: ...

    async def boost(self, post: Post, on: bool) -> Mine: ...


class Halves(Bare):
    """Fills the `Service` port with what its parts do; the rest, `verify` among it, is the subclass's.

    Own posts and deeds are known by the account's id. One from an older file may lack it: then it is asked for first.
    `api` is also what signing in uses, with a secret that is not stored yet.
    """

    def __init__(self, api: AccountApi, reading: Reads, posting: Writes, acting: Acts) -> None:
        super().__init__(api.account, api.kit, api)
        self._reads = reading
        self._writes = posting
        self._acts = acting

    async def know_myself(self) -> None:
        if not self.api.me:
            self.api.me = (await self.verify()).remote_id

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        await self.know_myself()
        return await self._reads.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self.know_myself()
        return await self._reads.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        await self.know_myself()
        return await self._reads.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        await self.know_myself()
        return await self._reads.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        await self.know_myself()
        return await self._reads.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self.know_myself()
        return await self._reads.notifications(before, limit)

    async def prepare(self, outgoing: Outgoing) -> Json:
        await self.know_myself()
        return await self._writes.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        await self.know_myself()
        return await self._writes.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        await self.know_myself()
        return await self._writes.find(prepared)

    async def delete(self, post: Post) -> None:
        await self._writes.delete(post)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        await self.know_myself()
        return await self._acts.like(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        await self.know_myself()
        return await self._acts.boost(post, on)
