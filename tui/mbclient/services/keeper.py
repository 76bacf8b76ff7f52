"""One account's tokens: read once, renewed by one caller and one program at a time, the others take what that one got.

A refresh token that may be used once ends the session when it is used twice, or when its successor is lost.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from mbclient.core.lasting import to_the_end
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, SecretError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.turns import turn


class Tokens(Protocol):
    """What a service gives at a login, in its own form."""

    @property
    def access(self) -> Secret: ...

    def pack(self) -> Secret:
        """The form for the keyring."""
        ...


T = TypeVar("T", bound=Tokens)


class Keeper(ABC, Generic[T]):
    """`turn`: the name of the renewal among all programs. `needs_keyring`: new tokens hold only once they are stored,
    and it is an error where they cannot be; else they hold for this run all the same. Each later call tries again.
    """

    def __init__(self, account: Account, kit: Kit, turn: str, *, needs_keyring: bool) -> None:
        self._account = account
        self._kit = kit
        self._turn = turn
        self._needs_keyring = needs_keyring
        self._tokens: T | None = None
        self._unsaved: T | None = None
        self._refused: Secret | None = None  # what renews tokens, after the server's no: not asked with again
        self._one_at_a_time = asyncio.Lock()

    @abstractmethod
    async def _kept(self, used: T | None = None) -> T:
        """Those in the keyring. `used`: what they are looked for in place of. Raises where there are none."""

    @abstractmethod
    async def _ask(self, old: T) -> T:
        """The server's, in place of old ones. Raises where it gives none."""

    async def _current(self) -> T:
        async with self._one_at_a_time:
            await self._save_the_rest()
            if self._tokens is None:
                self._tokens = await self._kept()
            return self._tokens

    async def _renewed(self, used: T) -> T:
        """Others in place of `used`: another caller's, another program's, or the server's.

        To the end, though the caller be cancelled: a successor that nobody keeps ends the session.
        """
        return await to_the_end(self._renew(used))

    async def _renew(self, used: T) -> T:
        async with self._one_at_a_time:
            await self._save_the_rest()
            if self._tokens is not None and self._tokens.access != used.access:
                return self._tokens
            async with turn(self._kit.cache_dir, self._turn):
                kept = await self._kept(used)
                self._tokens = kept if kept.access != used.access else await self._successor(kept)
            return self._tokens

    async def _successor(self, old: T) -> T:
        new = await self._ask(old)
        if not self._account.token_command:  # what the command gives is never stored
            self._unsaved = new
            await self._save_the_rest()
        return new

    async def _save_the_rest(self) -> None:
        """New tokens that the keyring did not take when they came: there are no others that are still good."""
        if self._unsaved is None:
            return
        try:
            await asyncio.to_thread(self._kit.secrets.set, self._account.name, self._unsaved.pack())
        except SecretError as error:
            if self._needs_keyring:
                raise AuthError(error.problem, error.advice, account=self._account.name) from error
        else:
            self._tokens, self._unsaved = self._unsaved, None
