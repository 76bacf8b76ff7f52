"""A signed-in session: OAuth 2.0 tokens whose refresh token may be used once (facts/x.md 1).

The new pair is on its way to the keyring before anything else is done with it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, SecretError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.fields import instant, number, obj, string
from mbclient.services.keeper import Keeper
from mbclient.services.kit import Kit
from mbclient.services.oauth2 import refusal
from mbclient.services.person import sign_in_again
from mbclient.texts import _

EARLY = timedelta(seconds=60)  # a token that ends within a minute is renewed before it is used
USUAL_S = 7200


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is kept in the keyring. `client_id`: of the user's own app; each renewal names it."""

    client_id: str
    access: Secret
    refresh: Secret
    expires: datetime | None = None

    @classmethod
    def read(cls, secret: Secret) -> Tokens | None:
        """None for something else."""
        try:
            kept = obj(json.loads(secret.reveal()))
        except (ValueError, RecursionError):
            return None
        access, client_id = string(kept, "access_token"), string(kept, "client_id")
        expires = instant(kept.get("expires"))
        return cls(client_id, Secret(access), Secret(string(kept, "refresh_token")), expires) if access else None

    def pack(self) -> Secret:
        return Secret(
            json.dumps(
                {
                    "client_id": self.client_id,
                    "access_token": self.access.reveal(),
                    "refresh_token": self.refresh.reveal(),
                    "expires": self.expires.isoformat() if self.expires else None,
                }
            )
        )

    @classmethod
    def granted(cls, answer: Answer, client_id: str, now: datetime) -> Tokens | None:
        """Those of the token endpoint's answer; None where it holds none."""
        body = obj(answer.json())
        access = string(body, "access_token")
        lasts = timedelta(seconds=min(number(body, "expires_in", USUAL_S), 10 * USUAL_S))
        return cls(client_id, Secret(access), Secret(string(body, "refresh_token")), now + lasts) if access else None


class Session(Keeper[Tokens]):
    """The tokens of one account. Raises `AuthError` where only signing in again helps."""

    def __init__(self, account: Account, kit: Kit, base: str) -> None:
        super().__init__(account, kit, f"x-{account.name}", needs_keyring=True)
        self._base = base
        self._signing_in = False

    def use(self, tokens: Tokens) -> None:
        """For signing in: tokens that are not stored yet."""
        self._tokens, self._signing_in = tokens, True

    async def tokens(self) -> Tokens:
        """Tokens that hold for now."""
        tokens = await self._current()
        ends = tokens.expires
        if ends is not None and ends - EARLY <= self._kit.clock.now() and tokens.refresh:
            return await self.renewed(tokens)
        return tokens

    async def renewed(self, used: Tokens) -> Tokens:
        """Others in place of `used`, which X refused or soon will."""
        return await self._renewed(used)

    async def _kept(self, used: Tokens | None = None) -> Tokens:
        if self._signing_in:  # what the keyring has is an earlier login's
            raise self.signed_out(_("{host} does not accept the token").format(host="X"))
        try:
            secret = await asyncio.to_thread(self._kit.secrets.get, self._account.name)
        except SecretError as error:
            raise AuthError(error.problem, error.advice, account=self._account.name) from error
        tokens = Tokens.read(secret) if secret else None
        if tokens is None or (self._refused is not None and tokens.refresh == self._refused):
            raise self.signed_out(_("{account} is signed out").format(account=self._account.name))
        return tokens

    async def _ask(self, old: Tokens) -> Tokens:
        """A read that fails in between leaves the old pair, which may still hold."""
        if not old.refresh or self._account.token_command:
            raise self.signed_out(_("{host} does not accept the token").format(host="X"))
        form = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh.reveal(),
            "client_id": old.client_id,
        }
        answer = await self._kit.http.request("POST", f"{self._base}/2/oauth2/token", form=form, write=False)
        if 400 <= answer.status < 500 and answer.status != 429:
            self._tokens, self._refused = None, old.refresh
            raise self.signed_out(_("{host} said: {reason}").format(host=answer.host, reason=refusal(answer)))
        raise_for_status(answer, self._kit.clock.now(), account=self._account.name, write=False)
        new = Tokens.granted(answer, old.client_id, self._kit.clock.now())
        if new is None:
            raise self.signed_out(_("{host} gave no token").format(host=answer.host))
        return new if new.refresh else replace(new, refresh=old.refresh)

    def signed_out(self, problem: str) -> AuthError:
        self._tokens = None  # the user may sign in again while we run
        return AuthError(problem, sign_in_again(self._account), account=self._account.name)
