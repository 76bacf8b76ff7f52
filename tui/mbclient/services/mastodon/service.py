"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.abilities import Waiting
from mbclient.core.ports import HOME, Feed, NotificationPage, Page, Profile, StreamEvent
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.draft import Written
from mbclient.domain.poll import Poll
from mbclient.domain.post import Mine, Post
from mbclient.services.halves import Halves
from mbclient.services.kit import Kit
from mbclient.services.mastodon.acting import Acting
from mbclient.services.mastodon.api import Api
from mbclient.services.mastodon.filters import Filters
from mbclient.services.mastodon.markers import PLACES, Markers, at_or_below
from mbclient.services.mastodon.posting import Posting
from mbclient.services.mastodon.reading import Reading
from mbclient.services.mastodon.rewriting import Rewriting
from mbclient.services.mastodon.schedule import Schedule
from mbclient.services.mastodon.streaming import Streaming


class Mastodon(Halves):
    """Fills the `Service` port, `Voting`, `Rewriting`, `SigningOut`, `Scheduling` where the server has a schedule, and
    `Marking` where it has markers.
    """

    api: Api
    places: Collection[str] = PLACES

    def __init__(self, account: Account, kit: Kit) -> None:
        api = Api(account, kit)
        self._reading = Reading(api)
        self._filters = Filters(api)
        self._schedule = Schedule(api)
        self._acting = Acting(api, self._reading)
        self._rewriting = Rewriting(api, self._reading)
        self._streaming = Streaming(api)
        self._markers = Markers(api)
        super().__init__(api, self._reading, Posting(api, self._schedule), self._acting)

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
        return self.api.only(decoder.profile, answer.json())

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        page = await super().page(feed, before=before, after=after, limit=limit)
        if feed == HOME and before is None:
            await self._filters.look()
        return page

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        return self._markers.noted(await super().notifications(before=before, limit=limit))

    async def followed_tags(self) -> Sequence[str]:
        return await self._reading.followed_tags()

    async def sign_out(self) -> None:
        await self.api.end()

    async def read_marks(self) -> Mapping[str, str]:
        return await self._markers.read()

    async def set_mark(self, place: str, mark: str) -> bool:
        return await self._markers.set(place, mark)

    def mark(self, remote_id: str, at: datetime) -> str:
        return remote_id

    def reaches(self, mark: str, other: str) -> bool:
        return at_or_below(other, mark)

    async def scheduled(self) -> Sequence[Waiting]:
        return await self._schedule.waiting()

    async def unschedule(self, id: str) -> bool:
        return await self._schedule.take_back(id)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        return await self._acting.bookmark(post, on)

    async def written(self, post: Post) -> Written:
        await self.know_myself()
        return await self._rewriting.written(post)

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        return await self._acting.vote(post, choices)

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        return self._streaming.stream()
