"""What some relays have and others had no time for is offered to these again, a few times, by later runs as well.

The very same signed event: a relay that has it after all calls it a duplicate (Nostr facts 4). A relay that refused for
good is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from mbclient.domain.errors import RateLimitedError, UnreachableError
from mbclient.services.cache import JsonCache
from mbclient.services.nostr.events import Event, MalformedError, read_event
from mbclient.services.nostr.relay import Taken
from mbclient.services.nostr.session import Session

WAITS_S = (60, 300, 1800, 7200)  # before each offer; after the last one it is given up
MAX_EVENTS = 20  # the newest are kept
CLOSING_S = 3.0  # for an offer under way when the account is closed


class Repeats:
    """The offers of one account, kept in its cache folder: to lose them costs a copy, never a post."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cache = JsonCache(session.kit.cache_dir)
        self._name = f"nostr-again-{session.account.name}"
        self._task: asyncio.Task[None] | None = None
        self._introduced: set[tuple[str, str]] = set()

    def introduce(self, list_: Event | None, relays: Iterable[str]) -> None:
        """The own list of relays goes where a post has gone (NIP-65): who answers there learns where I read.

        Once a run for each relay, at the next `start`.
        """
        new = [name for name in relays if list_ is not None and (list_.id, name) not in self._introduced]
        if list_ is None or not new:
            return
        self._introduced |= {(list_.id, name) for name in new}
        kept = self._cache.read(self._name)
        kept[list_.id] = {"event": list_.raw(), "relays": new, "tries": 0, "due": self._now()}
        self._cache.write(self._name, dict(list(kept.items())[-MAX_EVENTS:]))

    def note(self, event: Event, taken: Sequence[Taken], tries: int = 0) -> None:
        """Remembers where the event is still missing, for as long as waiting may mend it."""
        kept = self._cache.read(self._name)
        missing = [each.relay for each in taken if _may_be_mended(each)]
        changed = kept.pop(event.id, None) is not None
        if missing and tries < len(WAITS_S):
            due = self._now() + WAITS_S[tries]
            kept[event.id] = {"event": event.raw(), "relays": missing, "tries": tries, "due": due}
            changed = True
        if changed:
            self._cache.write(self._name, dict(list(kept.items())[-MAX_EVENTS:]))

    def forget(self, ids: Iterable[str]) -> None:
        """Of what is taken back, no relay gets a copy any more."""
        kept = self._cache.read(self._name)
        gone = set(ids) & set(kept)
        if gone:
            self._cache.write(self._name, {name: each for name, each in kept.items() if name not in gone})

    def start(self) -> None:
        """Offers what is due, beside whatever else is done."""
        if (self._task is None or self._task.done()) and self._cache.read(self._name):
            self._task = asyncio.create_task(self._offer())

    async def aclose(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSING_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _now(self) -> float:
        return self._session.kit.clock.now().timestamp()

    async def _offer(self) -> None:
        me = await self._session.me()
        for name, each in self._cache.read(self._name).items():
            try:
                event, relays, tries, due = _read(each)
                if event.pubkey != me:
                    raise MalformedError("another one's")
            except MalformedError:
                self.forget([name])
                continue
            if due <= self._now():
                taken = await self._session.pool.publish(relays, event.raw())
                if name in self._cache.read(self._name):  # not taken back meanwhile
                    self.note(event, taken, tries + 1)


def _may_be_mended(taken: Taken) -> bool:
    return taken.unknown or isinstance(taken.error, RateLimitedError | UnreachableError)


def _read(kept: object) -> tuple[Event, list[str], int, float]:
    """What `note` wrote. Raises `MalformedError` for anything else."""
    if not isinstance(kept, dict):
        raise MalformedError("no offer")
    relays, tries, due = kept.get("relays"), kept.get("tries"), kept.get("due")
    if not (isinstance(relays, list) and isinstance(tries, int) and isinstance(due, int | float)):
        raise MalformedError("no offer")
    return read_event(kept.get("event")), [name for name in relays if isinstance(name, str)], tries, due
