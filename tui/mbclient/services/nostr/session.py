"""One account: its key, its relays, whom it follows. What every part of the adapter works with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field, replace
from statistics import median

from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError, UnsupportedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.nostr import keys, relays
from mbclient.services.nostr.events import AUTH, FOLLOWS, MUTES, PROFILE, RELAYS, Event, Filter, newest, signed
from mbclient.services.nostr.mutes import Mutes
from mbclient.services.nostr.pool import Pool
from mbclient.services.nostr.posts import Decoder
from mbclient.services.person import sign_in_again
from mbclient.texts import _

LISTS_S = 600.0  # for so long the own lists are taken as read
SKEW_S = 30.0  # a clock this wrong or more is corrected by what servers say


@dataclass(frozen=True, slots=True)
class Lists:
    """The own replaceable events; None where no relay has one."""

    profile: Event | None = None
    follows: Event | None = None
    relays: Event | None = None
    mutes: Event | None = None
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    @property
    def authors(self) -> tuple[str, ...]:
        """Whom one follows."""
        found = (tag[1] for tag in self.follows.named("p")) if self.follows is not None else ()
        return tuple(dict.fromkeys(key for key in found if len(key) == 64))


@dataclass(slots=True)
class Session:
    """Opened without a request. `secret`: of somebody who is signing in; else the keyring has it."""

    account: Account
    kit: Kit
    usual: tuple[str, ...]
    indexers: tuple[str, ...]
    secret: Secret | None = None
    pool: Pool = field(init=False)
    _key: keys.Key | None = field(init=False, default=None)
    _me: str = field(init=False, default="")
    _lists: Lists | None = field(init=False, default=None)
    _mutes: Mutes | None = field(init=False, default=None)
    _until: float = field(init=False, default=0.0)
    _loading: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _decoder: Decoder | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.pool = Pool(self.kit, self.account.name, self._sign_in)

    # ------------------------------------------------------------ who

    async def me(self) -> str:
        """The own public key. Raises `AuthError` when there is no key, `SecretError`, `UsageError`."""
        if not self._me:
            secret = self.secret or await asyncio.to_thread(self.kit.secrets.get, self.account.name)
            if not secret:
                raise AuthError(
                    _("the key of {account} is not in the keyring").format(account=self.account.name),
                    sign_in_again(self.account),
                    account=self.account.name,
                )
            self._key = await asyncio.to_thread(keys.read_key, secret)
            self._me = self._key.pubkey if self._key is not None else keys.read_pubkey(secret)
        return self._me

    @property
    def reads_only(self) -> bool:
        """Whether only a public key is there. Known once `me` was asked."""
        return bool(self._me) and self._key is None

    async def key(self) -> keys.Key:
        """What signs. Raises `UnsupportedError` for an account that only reads."""
        await self.me()
        if self._key is None:
            raise UnsupportedError(
                _("this account has only a public key, so it can only read"),
                _("sign in with the nsec to write"),
                account=self.account.name,
            )
        return self._key

    def now(self) -> int:
        """The second to be written on an event: relays refuse those of a wrong clock, so servers' clocks correct it."""
        skews = [seconds for _host, seconds in tuple(self.kit.http.dates)]
        skew = median(skews) if skews else 0.0
        return round(self.kit.clock.now().timestamp() + (skew if abs(skew) >= SKEW_S else 0.0))

    async def _sign_in(self, relay: str, challenge: str) -> Event:
        key = await self.key()
        return signed(key, self.now(), AUTH, [("relay", relay), ("challenge", challenge)], "")

    async def decoder(self) -> Decoder:
        if self._decoder is None:
            self._decoder = Decoder(self.account, await self.me(), self.pool.known)
        return self._decoder

    # ------------------------------------------------------------ where

    @property
    def configured(self) -> tuple[str, ...]:
        return relays.relays_of(self.account.url) or self.usual

    @property
    def known_mutes(self) -> Mutes | None:
        """As the list was last read; None before the first time."""
        return self._mutes

    async def mutes(self) -> Mutes:
        await self.lists()
        assert self._mutes is not None
        return self._mutes

    async def lists(self, *, fresh: bool = False) -> Lists:
        """Profile, follows, relays, mutes: the newest that any relay has. Raises when no relay answers."""
        async with self._loading:
            now = self.kit.clock.monotonic()
            if self._lists is None or fresh or now >= self._until:
                self._lists = await self._load()
                self._mutes = Mutes.of(self.account.name, self._lists.mutes)
                self._until = now + LISTS_S
            return self._lists

    async def _load(self) -> Lists:
        me = await self.me()
        own = self.configured
        self.pool.own |= set(own)
        local = relays.is_local(own)
        wanted: list[Filter] = [{"kinds": [PROFILE, FOLLOWS, RELAYS, MUTES], "authors": [me]}]
        found = await self.pool.stored(own, wanted)
        if not local and not any(event.kind == RELAYS for event in found.values()):
            with suppress(ServiceError):  # only a help
                found |= await self.pool.stored(self.indexers, wanted)
        lists = self._sorted(found.values(), own, local=local)
        self.pool.own |= {*lists.read, *lists.write}
        others = [name for name in (*lists.read, *lists.write) if name not in own]
        if others:
            try:
                found |= await self.pool.stored(others, wanted)
            except ServiceError:  # those that are configured have answered
                return lists
            lists = self._sorted(found.values(), own, local=local)
            self.pool.own |= {*lists.read, *lists.write}
        return lists

    def _sorted(self, events: Iterable[Event], own: tuple[str, ...], *, local: bool) -> Lists:
        known = list(events)
        if self._lists is not None:  # an older copy never comes back
            known += [
                event
                for event in (self._lists.profile, self._lists.follows, self._lists.relays, self._lists.mutes)
                if event is not None
            ]
        of = {
            kind: newest(event for event in known if event.kind == kind) for kind in (PROFILE, FOLLOWS, RELAYS, MUTES)
        }
        read, write = (relays.listed(of[RELAYS], mark, local=local) for mark in ("read", "write"))
        chosen = () if own == self.usual and of[RELAYS] is not None else own
        plain = Lists(of[PROFILE], of[FOLLOWS], of[RELAYS], of[MUTES])
        return replace(
            plain,
            read=tuple(dict.fromkeys((*chosen, *read)))[: relays.MAX_OWN] or own,
            write=tuple(dict.fromkeys((*chosen, *write)))[: relays.MAX_OWN] or own,
        )
