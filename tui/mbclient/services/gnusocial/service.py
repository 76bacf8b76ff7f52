"""The adapter: one account on one server, as the port wants it."""

from __future__ import annotations

from mbclient.core.ports import (
    Profile,
)
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.services.gnusocial.acting import Acting
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.posting import Posting
from mbclient.services.gnusocial.reading import Reading
from mbclient.services.halves import Halves


class GnuSocial(Halves):
    """Fills the `Service` port.

    A dialect brings its own `reading` or `posting`.
    """

    api: Api

    def __init__(self, api: Api, reading: Reading | None = None, posting: Posting | None = None) -> None:
        self.reading = reading or Reading(api)
        super().__init__(api, self.reading, posting or Posting(api, self.reading), Acting(api, self.reading))

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
        return self.api.only(decoder.profile, answer.json())
