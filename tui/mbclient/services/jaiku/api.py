"""One account's calls: signed forms to `/api/json`, and the meaning of answers that are all 200 (facts/jaiku.md 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from mbclient.domain.account import Account
from mbclient.domain.errors import (
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.domain.safetext import SafeText
from mbclient.services.accountapi import AccountApi
from mbclient.services.answers import Answer
from mbclient.services.fields import number, obj, string
from mbclient.services.gnusocial.site import site_address
from mbclient.services.kit import Kit
from mbclient.services.limits import wait_until
from mbclient.services.oauth1 import NOBODY, Credentials, ServerClock, authorization
from mbclient.texts import _

OAUTH, PERMISSION, NOT_FOUND, LOCKED, THROTTLED = 3, 4, 7, 8, 9
THROTTLE = timedelta(minutes=1)  # the shortest of the server's four counters; which one it was is not told


class Api(AccountApi):
    """Raises the `ServiceError` tree with the account's name. `base`: where the engine's pages lie."""

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, site_address(account.url))
        self._credentials: Credentials | None = None
        self._server_clock = ServerClock(kit.clock)

    @property
    def nick(self) -> str:
        """As the server has it, `anna@namespace`; of an account that is not signed in yet what the user gave."""
        return self.account.handle.lstrip("@")

    def use(self, credentials: Credentials) -> None:
        """For signing in: credentials that are not stored yet."""
        self._credentials = credentials

    async def credentials(self) -> Credentials:
        if self._credentials is None:
            secret = await asyncio.to_thread(self.kit.secrets.get, self.account.name)
            found = Credentials.parse(secret) if secret else None
            if found is None or found.token is None:
                raise self.without_token()
            self._credentials = found
        return self._credentials

    def forget(self) -> None:
        self._credentials = None

    # ------------------------------------------------------------ requests

    async def call(self, method: str, params: Mapping[str, str], *, write: bool = False) -> Mapping[str, object]:
        """What the method returned. The own nick has to be among `params` where the method wants it."""
        answer = await self._signed(method, params, write=write)
        if _refuses_signature(answer) and self._server_clock.learn(answer):
            answer = await self._signed(method, params, write=write)  # nothing was done, and the time may be all
        if write and 300 <= answer.status < 400:  # an old dialect went on to a page, and told there that all was well
            raise self.unsure()
        if not answer.ok:
            raise self.refusal(answer)
        whole = obj(answer.json())
        if whole.get("status") == "ok":
            return obj(whole.get("rv"))
        if whole.get("status") != "error":
            raise self.unsure() if write else self.garbled()
        raise self._error(answer, number(whole, "code"), string(whole, "message") or string(whole, "msg"))

    async def _signed(self, method: str, params: Mapping[str, str], *, write: bool) -> Answer:
        url, form = f"{self.base}/api/json", {"method": method, **params}
        header = await self._authorization("POST", url, form)
        return await self.kit.http.request(
            "POST", url, account=self.account.name, headers={"Authorization": header}, form=form, write=write
        )

    async def feed(self, path: str, params: Mapping[str, str]) -> Answer:
        """A page below the site, signed, so that what only the owner may see is there too."""
        url = f"{self.base}{path}"
        header = await self._authorization("GET", url, params)
        answer = await self.kit.http.request(
            "GET", url, account=self.account.name, headers={"Authorization": header}, params=params
        )
        if not answer.ok:
            raise self.refusal(answer)
        return answer

    async def _authorization(self, method: str, url: str, params: Mapping[str, str]) -> str:
        known = await self.credentials()
        assert known.consumer is not None
        stamp = self._server_clock.stamp()
        token = known.token or NOBODY
        return authorization(method, url, known.consumer, token, params=list(params.items()), timestamp=stamp)

    # ------------------------------------------------------------ errors

    def _error(self, answer: Answer, code: int, message: str) -> ServiceError:
        name = self.account.name
        said = _("{host} said: {reason}").format(
            host=answer.host, reason=SafeText.line(message, max_characters=300) or str(code)
        )
        if code in (OAUTH, PERMISSION):
            return self.signed_out(said)
        if code == THROTTLED:
            until = self.kit.clock.now() + THROTTLE
            return RateLimitedError(said, wait_until(until), account=name, until=until)
        if code == LOCKED:
            return UnreachableError(said, _("try again later"), account=name)
        return RejectedError(said, account=name, status=404 if code == NOT_FOUND else 200, code=str(code))


def _refuses_signature(answer: Answer) -> bool:
    """By the error's code: even such an answer is a 200."""
    try:
        return answer.ok and number(obj(answer.json()), "code") == OAUTH
    except ServiceError:
        return False
