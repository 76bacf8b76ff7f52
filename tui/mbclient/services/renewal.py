"""Tokens that run out, and a refresh token that may be used once (facts/micropub.md A, facts/mastodon.md 2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, Self, TypeVar

from mbclient.domain.account import Account
from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.turns import to_the_end, turn


class Renewable(Protocol):
    """What the keyring holds for an account: a token, and what renews it where something does."""

    @property
    def access(self) -> Secret: ...

    @property
    def refresh(self) -> Secret | None: ...

    @classmethod
    def parse(cls, secret: Secret) -> Self: ...

    def pack(self) -> Secret: ...


T = TypeVar("T", bound=Renewable)


class Renewal(Generic[T]):
    """One account's tokens, renewed by one caller and one program at a time; the others take what that one got.

    `ask`: the request for new tokens in place of old ones; None where the server gives none.
    """

    def __init__(self, account: Account, kit: Kit, kind: type[T], ask: Callable[[T], Awaitable[T | None]]) -> None:
        self._account = account
        self._kit = kit
        self._kind = kind
        self._ask = ask
        self._tokens: T | None = None
        self._unsaved: T | None = None
        self._refused: Secret | None = None
        self._signing_in = False
        self._one_at_a_time = asyncio.Lock()

    def use(self, tokens: T) -> None:
        """For signing in: tokens that are not stored yet, and are not renewed."""
        self._tokens, self._signing_in = tokens, True

    def forget(self) -> None:
        """After a refusal: the user may sign in again while we run, so the keyring is read again."""
        self._tokens = self._unsaved = None

    async def tokens(self) -> T | None:
        """None where nothing is stored. Raises `SecretError`."""
        async with self._one_at_a_time:
            await self._save_the_rest()
            if self._tokens is None:
                self._tokens = await self._kept()
            return self._tokens

    async def renewed(self, used: T) -> bool:
        """Whether there are others now in place of `used`, which the server refused.

        To the end, though the caller be cancelled: a successor that nobody keeps ends the session.
        """
        return await to_the_end(self._renew(used))

    async def _renew(self, used: T) -> bool:
        async with self._one_at_a_time:
            await self._save_the_rest()
            if self._tokens is not None and self._tokens.access != used.access:
                return True
            if self._signing_in or self._account.token_command:  # nothing of these in the keyring, and no place there
                return False
            async with turn(self._kit.cache_dir, f"token-{self._account.name}"):
                latest = self._unsaved or await self._kept()
                if latest is None:
                    return False
                if latest.access == used.access:
                    return await self._ask_for_others(latest)
                self._tokens = latest
                return True

    async def _ask_for_others(self, old: T) -> bool:
        if old.refresh is None or old.refresh == self._refused:
            return False
        new = await self._ask(old)
        if new is None:
            self._refused = old.refresh
            return False
        self._tokens = self._unsaved = new
        await self._save_the_rest()
        return True

    async def _kept(self) -> T | None:
        secret = await asyncio.to_thread(self._kit.secrets.get, self._account.name)
        return self._kind.parse(secret) if secret else None

    async def _save_the_rest(self) -> None:
        """New tokens hold for this run where the keyring takes none; each later call tries again to keep them."""
        if self._unsaved is not None:
            with contextlib.suppress(SecretError):
                await asyncio.to_thread(self._kit.secrets.set, self._account.name, self._unsaved.pack())
                self._unsaved = None
