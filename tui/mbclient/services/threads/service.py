"""The adapter: one account, as the port wants it."""

from __future__ import annotations

from mbclient.core.ports import (
    Profile,
)
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.services.halves import Halves
from mbclient.services.threads.api import Api
from mbclient.services.threads.counting import measure
from mbclient.services.threads.posting import Posting
from mbclient.services.threads.reading import Reading

PROFILE_FIELDS = "id,username,name,threads_profile_picture_url,threads_biography,is_verified"


class Threads(Halves):
    """Fills the `Service` port."""

    api: Api

    def __init__(self, api: Api) -> None:
        reading = Reading(api)
        posting = Posting(api, reading)
        super().__init__(api, reading, posting, posting)

    @property
    def capabilities(self) -> Capabilities:
        return self.api.capabilities()

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return measure(text)

    async def load_capabilities(self) -> Capabilities:
        await self.api.read_scopes()
        return self.capabilities

    async def verify(self) -> Profile:
        raw = await self.api.call("GET", "me", {"fields": PROFILE_FIELDS})
        return self.api.only(self.api.decoder().profile, raw)
