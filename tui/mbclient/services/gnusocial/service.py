"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from collections.abc import Sequence
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
    Thread,
)
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.post import Mine, Post
from mbclient.services.bare import Bare
from mbclient.services.fields import Garbage
from mbclient.services.gnusocial.acting import Acting
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.posting import Posting
from mbclient.services.gnusocial.reading import Reading


class GnuSocial(Bare):
    """Fills the `Service` port. `api` is also what signing in uses, with credentials that are not stored yet.

    A dialect brings its own `reading` or `posting`.
    """

    def __init__(self, api: Api, reading: Reading | None = None, posting: Posting | None = None) -> None:
        super().__init__(api.account, api.kit)
        self.api = api
        self.reading = reading or Reading(api)
        self._posting = posting or Posting(api, self.reading)
        self._acting = Acting(api, self.reading)

    @property
    def capabilities(self) -> Capabilities:
        return self.api.capabilities()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return self.api.known_site.measure(text)

    async def load_capabilities(self) -> Capabilities:
        await self.api.site(fresh=True)
        return self.capabilities

    async def verify(self) -> Profile:
        answer = await self.api.call("GET", "account/verify_credentials.json")
        decoder = await self.api.decoder()
        try:
            return decoder.profile(answer.json())
        except Garbage as error:
            raise self.api.garbled() from error

    async def _know_myself(self) -> None:
        """Own posts are found by the account's id; an account from an older file may lack it."""
        if not self.api.me:
            self.api.me = (await self.verify()).remote_id

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        return await self.reading.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self._know_myself()
        return await self.reading.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self.reading.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self.reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self.reading.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self._know_myself()
        return await self.reading.notifications(before, limit)

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
        await self._posting.delete(post.remote_id)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return await self._acting.like(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        await self._know_myself()
        return await self._acting.boost(post, on)
