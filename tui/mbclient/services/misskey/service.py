"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    NotificationPage,
    Outgoing,
    Page,
    Profile,
    Published,
    StreamEvent,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.post import Mine, Post
from mbclient.services.fields import Garbage
from mbclient.services.misskey.acting import Acting
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.posting import Posting
from mbclient.services.misskey.reading import Reading
from mbclient.services.misskey.streaming import Streaming


class Misskey:
    """Fills the `Service` port. `api` is also what signing in uses, with a token that is not stored yet."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._reading = Reading(api)
        self._posting = Posting(api, self._reading)
        self._acting = Acting(api, self._reading)
        self._streaming = Streaming(api)

    @property
    def account(self) -> Account:
        return self.api.account

    @property
    def capabilities(self) -> Capabilities:
        return self.api.capabilities()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return self.api.known_server.measure(text)

    async def load_capabilities(self) -> Capabilities:
        await self.api.server(fresh=True)
        return self.capabilities

    async def verify(self) -> Profile:
        try:
            return (await self.api.decoder()).profile(await self.api.call("i"))
        except Garbage as error:
            raise self.api.garbled() from error

    async def _know_myself(self) -> None:
        """Own posts are found by the account's id; an account from an older file may lack it."""
        if not self.api.me:
            self.api.me = (await self.verify()).remote_id

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        return await self._reading.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self._know_myself()
        return await self._reading.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reading.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        await self._know_myself()
        return await self._reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reading.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        return await self._reading.notifications(before, limit)

    async def prepare(self, outgoing: Outgoing) -> Json:
        await self._know_myself()
        return await self._posting.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        await self._know_myself()
        return await self._posting.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        await self._know_myself()
        return await self._posting.find(prepared)

    async def delete(self, post: Post) -> None:
        await self._posting.delete(post)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return await self._acting.like(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        await self._know_myself()
        return await self._acting.boost(post, on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        return await self._acting.bookmark(post, on)

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        return self._streaming.stream()
