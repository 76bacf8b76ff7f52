"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
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
    Waiting,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.post import Mine, Post
from mbclient.services.kit import Kit
from mbclient.services.mastodon.acting import Acting
from mbclient.services.mastodon.api import Api
from mbclient.services.mastodon.fields import Garbage
from mbclient.services.mastodon.filters import Filters
from mbclient.services.mastodon.markers import Markers, at_or_below
from mbclient.services.mastodon.posting import Posting
from mbclient.services.mastodon.reading import Reading
from mbclient.services.mastodon.schedule import Schedule
from mbclient.services.mastodon.streaming import Streaming


class Mastodon:
    """Fills the `Service` port, `Scheduling` where the server has a schedule, and `Marking` where it has markers.

    `api` is also what signing in uses, with a token that is not stored yet.
    """

    def __init__(self, account: Account, kit: Kit) -> None:
        self.api = Api(account, kit)
        self._reading = Reading(self.api)
        self._filters = Filters(self.api)
        self._schedule = Schedule(self.api)
        self._posting = Posting(self.api, self._schedule)
        self._acting = Acting(self.api, self._reading)
        self._streaming = Streaming(self.api)
        self._markers = Markers(self.api)

    @property
    def account(self) -> Account:
        return self.api.account

    @property
    def capabilities(self) -> Capabilities:
        """What the server said it can, less what it turned out not to have."""
        can, lost = self.api.known_instance.capabilities(), self.api.missing
        return replace(
            can,
            search=can.search and "search" not in lost,
            notifications="notifications" not in lost,
            stream=can.stream and "stream" not in lost,
            edit=can.edit and "edit" not in lost,
            like="like" not in lost,
            boost="boost" not in lost,
            bookmark=can.bookmark and "bookmark" not in lost,
            filters=self._filters.ids,
        )

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return self.api.known_instance.measure(text, cw)

    async def load_capabilities(self) -> Capabilities:
        await self.api.instance(fresh=True)
        return self.capabilities

    async def verify(self) -> Profile:
        answer = await self.api.call("GET", "/api/v1/accounts/verify_credentials")
        decoder = await self.api.decoder()
        try:
            return decoder.profile(answer.json())
        except Garbage as error:
            raise self.api.garbled() from error

    async def _known(self) -> None:
        """Own posts are found by the account's id; an account from an older file may lack it."""
        if not self.api.me:
            self.api.me = (await self.verify()).remote_id

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        page = await self._reading.page(feed, before, after, limit)
        if feed == HOME and before is None:
            await self._filters.look()
        return page

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self._known()
        return await self._reading.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reading.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self._reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reading.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self._known()
        return self._markers.noted(await self._reading.notifications(before, limit))

    async def read_marks(self) -> Mapping[str, str]:
        return await self._markers.read()

    async def set_mark(self, place: str, remote_id: str) -> bool:
        return await self._markers.set(place, remote_id)

    def reaches(self, mark: str, remote_id: str) -> bool:
        return at_or_below(remote_id, mark)

    async def prepare(self, outgoing: Outgoing) -> Json:
        return await self._posting.prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        await self._known()
        return await self._posting.publish(prepared)

    async def find(self, prepared: Json) -> Published | None:
        await self._known()
        return await self._posting.find(prepared)

    async def scheduled(self) -> Sequence[Waiting]:
        return await self._schedule.waiting()

    async def unschedule(self, id: str) -> bool:
        return await self._schedule.take_back(id)

    async def delete(self, post: Post) -> None:
        await self._posting.delete(post)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return await self._acting.like(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        return await self._acting.boost(post, on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        return await self._acting.bookmark(post, on)

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        return self._streaming.stream()
