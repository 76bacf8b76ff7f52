"""The adapter: one account, as the port wants it."""

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
from mbclient.services.threads.api import Api
from mbclient.services.threads.counting import measure
from mbclient.services.threads.posting import Posting
from mbclient.services.threads.reading import Reading

PROFILE_FIELDS = "id,username,name,threads_profile_picture_url,threads_biography,is_verified"


class Threads:
    """Fills the `Service` port. `api` is also what signing in uses, with a token that is not stored yet."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._reading = Reading(api)
        self._posting = Posting(api, self._reading)

    @property
    def account(self) -> Account:
        return self.api.account

    @property
    def capabilities(self) -> Capabilities:
        return self.api.capabilities()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return measure(text)

    async def load_capabilities(self) -> Capabilities:
        await self.api.read_scopes()
        return self.capabilities

    async def verify(self) -> Profile:
        try:
            return self.api.decoder().profile(await self.api.call("GET", "me", {"fields": PROFILE_FIELDS}))
        except Garbage as error:
            raise self.api.garbled() from error

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        return await self._reading.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        return await self._reading.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reading.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self._reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reading.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        return await self._reading.notifications(before, limit)

    async def prepare(self, outgoing: Outgoing) -> Json:
        return await self._posting.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        return await self._posting.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        return await self._posting.find(prepared)

    async def delete(self, post: Post) -> None:
        await self._posting.delete(post.remote_id)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        raise self.api.unsupported("like")

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        return await self._posting.repost(post, on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        raise self.api.unsupported("bookmark")

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        raise self.api.unsupported("stream")
        yield  # what makes it a generator, as the port has it; never reached
