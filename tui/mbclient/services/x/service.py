"""The adapter: one account on X, as the port wants it."""

from __future__ import annotations

from mbclient.core.ports import (
    Profile,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import ServiceError
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Mine, Post
from mbclient.domain.weighted import LIMIT, weighted_length
from mbclient.services.halves import Halves
from mbclient.services.kit import Kit
from mbclient.services.x.acting import Acting
from mbclient.services.x.api import Api
from mbclient.services.x.marks import Marks
from mbclient.services.x.posting import MAX_GIF, MAX_PICTURE, PICTURES, Posting
from mbclient.services.x.prices import price_of
from mbclient.services.x.reading import Reading

FULL = "full"


def capabilities(*, full: bool) -> Capabilities:
    """What a plan can do (facts/x.md 0). Whom one may answer: `unanswerable`."""
    return Capabilities(
        reply_needs_mention=False,
        quote=full,
        like=full,
        bookmark=True,
        search=True,
        poll=PollLimits(choices=4, length=25, shortest=300, longest=604_800, multiple=False),  # facts/x.md 3
        feeds=("home", "author", "list", "tag"),
        max_length=LIMIT,
        max_media=4,
        max_alt=1000,
        max_image_bytes=MAX_PICTURE,
        max_gif_bytes=MAX_GIF,
        media_types=tuple(sorted(set(PICTURES.values()))),
        idempotency=Idempotency.READ_BACK,
        billed=True,
        software="x",
        version="2",
    )


class X(Halves):
    """Fills the `Service` port, and `Choosing`."""

    api: Api

    def __init__(self, account: Account, kit: Kit) -> None:
        api, full = Api(account, kit), account.plan == FULL
        self._can = capabilities(full=full)
        marks = Marks(api.cache, f"x-marks-{account.name}")
        self._reading = Reading(api, marks)
        self._posting = Posting(api, self._reading, full=full)
        self._acting = Acting(api, self._reading, marks, full=full)
        super().__init__(api, self._reading, self._posting, self._acting)

    @property
    def capabilities(self) -> Capabilities:
        return self._can

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

    def unanswerable(self, post: Post) -> ServiceError | None:
        return self._posting.unanswerable(post)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        await self.know_myself()
        return await self._acting.bookmark(post, on)
