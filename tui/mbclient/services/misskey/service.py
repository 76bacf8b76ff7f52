"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from mbclient.core.ports import (
    Profile,
    StreamEvent,
)
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.draft import Written
from mbclient.domain.poll import Poll
from mbclient.domain.post import Mine, Post
from mbclient.services.fields import identity, string
from mbclient.services.halves import Halves
from mbclient.services.misskey.acting import Acting
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.notes import is_shown
from mbclient.services.misskey.posting import Posting
from mbclient.services.misskey.reading import Reading
from mbclient.services.misskey.streaming import Streaming


class Misskey(Halves):
    """Fills the `Service` port, `Voting`, and `Rewriting`."""

    api: Api

    def __init__(self, api: Api) -> None:
        reading = Reading(api)
        self._acting = Acting(api, reading)
        self._reading = reading
        super().__init__(api, reading, Posting(api, reading), self._acting)
        self._streaming = Streaming(api)

    @property
    def capabilities(self) -> Capabilities:
        return self.api.capabilities()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return self.api.known_server.measure(text)

    async def load_capabilities(self) -> Capabilities:
        await self.api.server(fresh=True)
        return self.capabilities

    async def verify(self) -> Profile:
        return self.api.only((await self.api.decoder()).profile, await self.api.call("i"))

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        return await self._acting.bookmark(post, on)

    async def written(self, post: Post) -> Written:
        """A note is kept as it was written, and shown without its markup."""
        note = await self._reading.note(post.remote_id)
        if not identity(note) or not is_shown(note):
            raise self.api.garbled()
        return Written.read(string(note, "text"), string(note, "cw"))

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        return await self._acting.vote(post, choices)

    def stream(self) -> AsyncGenerator[StreamEvent, None]:
        return self._streaming.stream()
