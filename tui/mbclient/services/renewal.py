"""Tokens that run out, and a refresh token that may be used once (facts/micropub.md A, facts/mastodon.md 2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

from mbclient.domain.account import Account
from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.answers import raise_for_status
from mbclient.services.fields import obj, string
from mbclient.services.keeper import Keeper
from mbclient.services.kit import Kit


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is kept in the keyring: a token alone, or as JSON with what renews it. `client_id`: who asked for them."""

    access: Secret
    refresh: Secret | None = None
    client_id: str = ""

    @classmethod
    def parse(cls, secret: Secret) -> Tokens:
        text = secret.reveal().strip()
        if not text.startswith("{"):
            return cls(Secret(text))
        try:
            kept = obj(json.loads(text))
        except ValueError:
            kept = {}
        return cls.of(kept, client_id=string(kept, "client_id"))

    @classmethod
    def of(cls, told: Mapping[str, object], before: Secret | None = None, client_id: str = "") -> Tokens:
        """Those of a token endpoint's answer, which may leave out the refresh token where that of `before` holds on."""
        refresh = string(told, "refresh_token")
        return cls(Secret(string(told, "access_token")), Secret(refresh) if refresh else before, client_id)

    def pack(self) -> Secret:
        if self.refresh is None:
            return self.access
        kept = {"access_token": self.access.reveal(), "refresh_token": self.refresh.reveal()}
        return Secret(json.dumps(kept | ({"client_id": self.client_id} if self.client_id else {})))


async def refreshed(old: Tokens, kit: Kit, account: str, endpoint: str, client: Mapping[str, str]) -> Tokens | None:
    """New tokens for old ones, asked for as `client`; None where the server gives none.

    Nothing of it is visible to others: a lost answer is only a lost answer. Raises `ServiceError` for an answer that
    is no word on the refresh token, which may still hold.
    """
    assert old.refresh is not None
    form = {"grant_type": "refresh_token", "refresh_token": old.refresh.reveal(), **client}
    accept = {"Accept": "application/json"}
    answer = await kit.http.request("POST", endpoint, account=account, form=form, headers=accept, write=False)
    if answer.status == 429 or answer.status >= 500:
        raise_for_status(answer, kit.clock.now(), account=account, write=False)
    try:
        new = Tokens.of(obj(answer.json()) if answer.ok else {}, old.refresh, old.client_id)
    except ServiceError:
        return None
    return new if new.access else None


class _NoneLeftError(Exception):
    """Neither the keyring nor the server has others."""


class Renewal(Keeper[Tokens]):
    """One account's tokens. `ask`: the request for new ones in place of old ones; None where the server gives none."""

    def __init__(self, account: Account, kit: Kit, ask: Callable[[Tokens], Awaitable[Tokens | None]]) -> None:
        super().__init__(account, kit, f"token-{account.name}", needs_keyring=False)
        self._request = ask
        self._signing_in = False

    def use(self, tokens: Tokens) -> None:
        """For signing in: tokens that are not stored yet, and are not renewed."""
        self._tokens, self._signing_in = tokens, True

    def forget(self) -> None:
        """After a refusal: the user may sign in again while we run, so the keyring is read again."""
        self._tokens = self._unsaved = None

    async def tokens(self) -> Tokens | None:
        """None where nothing is stored. Raises `SecretError`."""
        try:
            return await self._current()
        except _NoneLeftError:
            return None

    async def renewed(self, used: Tokens) -> bool:
        """Whether there are others now in place of `used`, which the server refused."""
        try:
            await self._renewed(used)
        except _NoneLeftError:
            return False
        return True

    async def _kept(self, used: Tokens | None = None) -> Tokens:
        if used is not None and (self._signing_in or self._account.token_command):
            raise _NoneLeftError  # nothing of these is in the keyring, and no place there
        if self._unsaved is not None:
            return self._unsaved
        secret = await asyncio.to_thread(self._kit.secrets.get, self._account.name)
        if not secret:
            raise _NoneLeftError
        return Tokens.parse(secret)

    async def _ask(self, old: Tokens) -> Tokens:
        if old.refresh is None or old.refresh == self._refused:
            raise _NoneLeftError
        new = await self._request(old)
        if new is None:
            self._refused = old.refresh
            raise _NoneLeftError
        return new
