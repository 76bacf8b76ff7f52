"""The watch over all accounts while the program runs: polled in turn, streamed where they can be, awake after sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from mbclient.core import searches
from mbclient.core.accounts import Accounts
from mbclient.core.events import AccountChanged, AccountHealth, Bus, Event, FactsChanged, Notice
from mbclient.core.guard import Guard, bare
from mbclient.core.ports import Clock
from mbclient.core.readmarks import WRITE_EVERY_S, ReadMarks
from mbclient.core.refresh import Refresher
from mbclient.core.streams import Streams
from mbclient.domain.account import Account
from mbclient.domain.errors import MbclientError

POLL_S = 60.0
LIVE_POLL_S = searches.EVERY.total_seconds()  # beside a stream: what only a search finds, and the cursors
SLEPT = timedelta(seconds=5)  # that the wall clock went ahead of the steady one
LATE_S = 15.0  # between two ticks that were to be a second apart


class Wakefulness:
    """Whether the computer, or this program in it, was asleep since it was last asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: tuple[datetime, float] | None = None

    def slept(self) -> bool:
        """To be asked about once a second. A clock that is set back is no sleep."""
        now, steady = self._clock.now(), self._clock.monotonic()
        last, self._last = self._last, (now, steady)
        if last is None:
            return False
        passed = steady - last[1]
        return passed > LATE_S or now - last[0] - timedelta(seconds=passed) > SLEPT


class Watch:
    """`run` for as long as the program does; `tick` once a second meanwhile, which costs nothing when nothing is due.

    A signed-out account is not asked again until somebody asks for a refresh (reliability facts 4.1).
    """

    def __init__(
        self, accounts: Accounts, refresher: Refresher, streams: Streams, marks: ReadMarks, clock: Clock, bus: Bus
    ) -> None:
        self._accounts = accounts
        self._refresher = refresher
        self._streams = streams
        self._marks = marks
        self._clock = clock
        self._bus = bus
        self._wakefulness = Wakefulness(clock)
        self._wake = asyncio.Event()
        self._asking: set[str] = set()
        self._seen: Sequence[Account] | None = None
        self._next = 0.0
        self._write_at = clock.monotonic() + WRITE_EVERY_S
        self._since = float("-inf")
        self._said = ("", 0.0)

    async def run(self, poll_s: float = POLL_S, guard: Guard = bare) -> None:
        """Until cancelled; then every line is closed and every request given up.

        `guard`: around what is done for one account, so that a fault in its adapter is no other's.
        """
        stop = self._bus.listen(self._heard)
        try:
            self._compare_accounts()
            self._asking.clear()  # whoever was being asked when a fault ended this before
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._streams.run(guard))
                while True:
                    self._wake.clear()
                    for name in self._due(poll_s):
                        self._asking.add(name)
                        tasks.create_task(guard(self._ask(name)))
                    if self._clock.monotonic() >= self._write_at:
                        self._write_at = self._clock.monotonic() + WRITE_EVERY_S
                        tasks.create_task(self._write_marks())
                    await self._wake.wait()
        finally:
            stop()
            await self._marks.flush()

    def tick(self) -> None:
        """A second has gone by."""
        self._compare_accounts()
        if self._wakefulness.slept():
            self._streams.distrust()
            self._since, self._next = self._clock.monotonic(), 0.0
        self._streams.tick()
        if self._clock.monotonic() >= min(self._next, self._write_at):
            self._wake.set()

    def _compare_accounts(self) -> None:
        """Another program may have added, changed or removed one, and tells nobody here."""
        before, self._seen = self._seen, self._accounts.all()
        if before is not None and self._seen != before:
            self._bus.publish(FactsChanged())

    def _heard(self, event: Event) -> None:
        """An account is another, or in another state: what is due is reckoned anew."""
        if isinstance(event, FactsChanged | AccountChanged):
            self._next = 0.0

    def _due(self, poll_s: float) -> Sequence[str]:
        """Who is to be asked now; notes when the next one is."""
        now = self._clock.monotonic()
        times = {account.name: self._time(account.name, poll_s) for account in self._accounts.all()}
        self._next = min((at for at in times.values() if at > now), default=now + poll_s)
        return [name for name, at in times.items() if at <= now and name not in self._asking]

    def _time(self, name: str, poll_s: float) -> float:
        """When an account is to be asked, in seconds of the steady clock."""
        state = self._refresher.states.get(name)
        asked = self._refresher.asked.get(name)
        if state is None or asked is None:
            return float("-inf")
        if state.health is AccountHealth.SIGNED_OUT:
            return float("inf")
        if asked < self._since:
            return self._since
        told = state.live and state.health is AccountHealth.OK and name not in self._refresher.behind
        return asked + (max(poll_s, LIVE_POLL_S) if told else poll_s)

    async def _ask(self, name: str) -> None:
        try:
            (done,) = await self._refresher.refresh([name])
            if done.error is None:
                await self._marks.read(name)
        except MbclientError as error:  # a full disk, or an account that was removed meanwhile
            self._say(error)
        finally:
            self._asking.discard(name)
            self._next = 0.0

    async def _write_marks(self) -> None:
        try:
            await self._marks.write()
        except MbclientError as error:
            self._say(error)

    def _say(self, error: MbclientError) -> None:
        """Once for all accounts that meet it in the same round."""
        now = self._clock.monotonic()
        if self._said[0] != str(error) or now - self._said[1] > POLL_S / 2:
            self._said = (str(error), now)
            self._bus.publish(Notice(str(error), "error"))
