"""The adapter: one account on X, as the port wants it."""

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
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.post import Mine, Post
from mbclient.domain.weighted import LIMIT, weighted_length
from mbclient.services.kit import Kit
from mbclient.services.x.acting import Acting
from mbclient.services.x.api import Api
from mbclient.services.x.marks import Marks
from mbclient.services.x.posting import MAX_PICTURE, PICTURES, Posting
from mbclient.services.x.prices import price_of
from mbclient.services.x.reading import Reading

FULL = "full"


def capabilities(*, full: bool) -> Capabilities:
    """What a plan can do (facts/x.md 0). A reply to somebody who has not mentioned one is refused by X itself."""
    return Capabilities(
        reply_needs_mention=False,
        quote=full,
        like=full,
        bookmark=True,
        search=True,
        feeds=("home", "author", "list", "tag"),
        max_length=LIMIT,
        max_media=4,
        max_alt=1000,
        max_image_bytes=MAX_PICTURE,
        media_types=tuple(sorted(set(PICTURES.values()))),
        idempotency=Idempotency.READ_BACK,
        billed=True,
        software="x",
        version="2",
    )


class X:
    """Fills the `Service` port. `api` is also what signing in uses, with tokens that are not stored yet."""

    def __init__(self, account: Account, kit: Kit) -> None:
        self.api = Api(account, kit)
        full = account.plan == FULL
        self.capabilities = capabilities(full=full)
        marks = Marks(self.api.cache, f"x-marks-{account.name}")
        self._reading = Reading(self.api, marks)
        self._posting = Posting(self.api, self._reading, full=full)
        self._acting = Acting(self.api, self._reading, marks, full=full)

    @property
    def account(self) -> Account:
        return self.api.account

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """With what it costs: a link makes a post thirteen times as dear, and is seen by the same rule."""
        return Length(weighted_length(text), LIMIT, price_of(text).each)

    async def load_capabilities(self) -> Capabilities:
        """They follow from the plan; there is nothing to ask, and asking costs."""
        return self.capabilities

    async def verify(self) -> Profile:
        profile = await self._reading.profile()
        self.api.me = profile.remote_id
        return profile

    async def _know_myself(self) -> None:
        """Most calls name the own id; an account from an older file may lack it."""
        if not self.api.me:
            await self.verify()

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        await self._know_myself()
        return await self._reading.page(feed, before, after, limit)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self._know_myself()
        return await self._reading.own_posts(since)

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        return await self._reading.search(query, before, limit)

    async def post(self, remote_id: str) -> Post:
        return await self._reading.post(remote_id)

    async def thread(self, post: Post) -> Thread:
        return await self._reading.thread(post)

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self._know_myself()
        return await self._reading.notifications(before, limit)

    async def prepare(self, outgoing: Outgoing) -> Json:
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
        await self._know_myself()
        return await self._acting.like(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        await self._know_myself()
        return await self._acting.boost(post, on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        await self._know_myself()
        return await self._acting.bookmark(post, on)

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """X streams nobody's home: it is polled."""
        raise self.api.unsupported("stream")
        yield  # what makes it a generator, as the port has it; never reached
