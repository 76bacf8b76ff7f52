"""When the archive's marks are too old, and making them new: rules changed, a mute or a filter ended, also while away.

What the archive was last sifted with is kept beside it, so that a start with the same rules costs one look.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime

from mbclient.core.events import Bus, Event, FilterChanged
from mbclient.core.ports import Clock, Feed
from mbclient.core.preferences import Preferences
from mbclient.core.sieve import NEVER, Sieve
from mbclient.core.stores import Archive, FeedState

MEANING = 2  # of terms, mutes and what is hidden; one more where they find other posts than in the version before
_KEPT = Feed("sifted")  # of no account: nothing that a service gives


class Resifter:
    """One for a desk. `filters`: the ids of the filters at each account's service, None where not known yet."""

    def __init__(
        self,
        sieve: Sieve,
        archive: Archive,
        clock: Clock,
        bus: Bus,
        preferences: Callable[[], Preferences],
        filters: Callable[[], Mapping[str, frozenset[str] | None]],
    ) -> None:
        self._sieve = sieve
        self._archive = archive
        self._clock = clock
        self._bus = bus
        self._preferences = preferences
        self._filters = filters
        self._kept: FeedState | None = None
        self._rules: tuple[Preferences, str] | None = None
        self._looked = False  # since anything has happened
        self._turn = 0
        bus.listen(self._heard)

    def stale(self) -> bool:
        """Whether something that is hidden may have to be shown, or the other way about. Quick after the first time."""
        kept, now = self._sifted(), self._clock.now()
        return kept.newest != self._signature(now) or now >= min(kept.as_of or NEVER, self._sieve.due)

    def known_stale(self) -> bool:
        """Likewise, for every second: without a look at the disk, and next to nothing while nothing happens."""
        if self._kept is None:
            return False
        if self._looked and self._clock.now() < min(self._kept.as_of or NEVER, self._sieve.due):
            return False
        self._looked = True
        return self.stale()

    def _heard(self, _event: Event) -> None:
        """Rules change by the settings, filters by what a service says: both are told."""
        self._looked = False

    async def freshen(self) -> bool:
        """Sifts anew where it is needed; whether it was. Raises `StorageError`."""
        if not await asyncio.to_thread(self.stale):
            return False
        await self.run()
        return True

    async def run(self) -> None:
        """The newest posts first, the rest in slices; a later call takes over from one that is still at work."""
        self._turn += 1
        turn = self._turn
        signature = self._signature(self._clock.now())
        slices = iter(self._sieve.remark_all(self._archive))
        first = True
        while await asyncio.to_thread(next, slices, None) is not None:
            if turn != self._turn:
                return
            if first:
                self._bus.publish(FilterChanged())
                first = False
        await asyncio.to_thread(self._keep, signature)
        self._bus.publish(FilterChanged())

    def _keep(self, signature: str) -> None:
        due = self._sieve.due
        self._kept = FeedState(signature, None, due if due < NEVER else None)
        self._archive.set_feed_state("", _KEPT, self._kept)

    def keep_end(self) -> None:
        """Notes the end of a filter that came with a new post: it may fall into a time without the program.

        Raises `StorageError`.
        """
        kept = self._sifted()
        if kept.newest is not None and self._sieve.due < (kept.as_of or NEVER):
            self._keep(kept.newest)

    def _sifted(self) -> FeedState:
        """What is kept of the last time."""
        if self._kept is None:
            self._kept = self._archive.feed_state("", _KEPT)
        return self._kept

    def _signature(self, now: datetime) -> str:
        """Of the rules in force and of the filters that are known; an account not asked yet keeps what it had."""
        preferences = self._preferences()
        if self._rules is None or self._rules[0] is not preferences or now >= self._sieve.due:
            self._rules = (preferences, _rules(preferences, now))
        before: Mapping[str, str] = {}
        if self._kept is not None and self._kept.newest:
            before = json.loads(self._kept.newest)["filters"]
        known = {account: _digest(sorted(ids)) for account, ids in self._filters().items() if ids is not None}
        return json.dumps({"rules": self._rules[1], "filters": {**before, **known}}, sort_keys=True)


def _rules(preferences: Preferences, now: datetime) -> str:
    mutes = [(mute.term, mute.thread) for mute in preferences.mutes if mute.holds(now)]
    return _digest((MEANING, preferences.work_filter, preferences.views, preferences.hide, mutes))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]
