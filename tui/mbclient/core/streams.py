"""Streams: one open line an account, its gap filled whenever it opens; one that hangs or breaks delays no other.

No line goes on where another broke off (Mastodon facts 9), so each opening is followed by a refresh. Waits go by the
steady clock and end with `tick`, to be called once a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import field
from itertools import groupby

from mbclient.core.accounts import Accounts
from mbclient.core.events import AccountChanged, AccountHealth, Bus, Event, FactsChanged
from mbclient.core.guard import Guard, bare
from mbclient.core.intake import SLICE, Intake
from mbclient.core.pieces import turn
from mbclient.core.ports import Clock, PostDeleted, PostEdited, Service, StreamEvent, StreamOpened
from mbclient.core.refresh import Refresher
from mbclient.core.sieve import is_mine
from mbclient.core.stores import Outbox, SendState
from mbclient.core.waits import backoff
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    StorageError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Notification, Post

STOOD_S = 60.0  # a line that stood for so long was a good one: its break is the first of a new row
REFUSED_S = 3600.0  # what a server does not want to stream is polled; asked again after so long
STORAGE_S = 60.0  # nothing can be kept: no use in hearing it before
AGAIN_S = 60.0  # after a fault of our own
TOGETHER_S = 0.02  # what is told within it is stored at once: a transaction costs as much as ten posts
ROOM = 10 * SLICE  # events that wait to be stored; a server that tells faster is read slower


@dataclass(slots=True)
class _Line:
    """One account's: when it may be opened, what it told and is not stored yet, and how to hang up.

    `not_before`, `opened`: seconds of the steady clock; `waits`: for that time, not for an event. `doubted`: the
    computer slept. `full`: what was told could not be kept.
    """

    account: Account
    inbox: asyncio.Queue[StreamEvent] = field(default_factory=lambda: asyncio.Queue(ROOM))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    not_before: float = 0.0
    waits: bool = False
    breaks: int = 0
    opened: float | None = None
    call: asyncio.Timeout | None = None
    doubted: bool = False
    full: bool = False

    def hang_up(self) -> None:
        """Ends the call that stands or is being made, as if it had broken by itself."""
        if self.call is not None and self.call.when() is None:
            self.call.reschedule(asyncio.get_running_loop().time())


class Streams:
    """Keeps the lines of all accounts that can have one."""

    def __init__(
        self, accounts: Accounts, refresher: Refresher, intake: Intake, outbox: Outbox, clock: Clock, bus: Bus
    ) -> None:
        self._accounts = accounts
        self._refresher = refresher
        self._intake = intake
        self._outbox = outbox
        self._clock = clock
        self._bus = bus
        self._lines: dict[str, _Line] = {}
        self._accounts_changed = asyncio.Event()

    async def run(self, guard: Guard = bare) -> None:
        """Until cancelled; then every line is closed. `guard`: around each of them."""
        stop = self._bus.listen(self._heard)
        keeping: dict[Account, asyncio.Task[None]] = {}
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._accounts_changed.clear()
                    wanted = set(self._accounts.all())
                    for account in keeping.keys() - wanted:
                        keeping.pop(account).cancel()
                    for account in wanted - keeping.keys():
                        keeping[account] = tasks.create_task(self._keep_guarded(account, guard))
                    await self._accounts_changed.wait()
        finally:
            stop()

    def tick(self) -> None:
        """Whatever waited for a time that has come is tried again."""
        now = self._clock.monotonic()
        for line in self._lines.values():
            if line.waits and now >= line.not_before:
                line.wake.set()

    def distrust(self) -> None:
        """The computer slept: lines that seem to stand may be dead, so all are opened anew, at once."""
        for line in self._lines.values():
            line.doubted, line.not_before = line.call is not None, 0.0
            line.hang_up()
            line.wake.set()

    def _heard(self, event: Event) -> None:
        if isinstance(event, FactsChanged):
            self._accounts_changed.set()
        elif isinstance(event, AccountChanged) and event.state.account in self._lines:
            self._lines[event.state.account].wake.set()

    # ------------------------------------------------------------ one line

    async def _keep_guarded(self, account: Account, guard: Guard) -> None:
        while True:
            await guard(self._keep(account))  # ends by a fault alone
            await asyncio.sleep(AGAIN_S)

    async def _keep(self, account: Account) -> None:
        line = self._lines[account.name] = _Line(account)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._store(line))
                while True:
                    service = await self._turn(line)
                    await self._rest(line, await self._listen(line, service, tasks))
        finally:
            if self._lines.get(account.name) is line:  # one that closed slowly may be the last of several
                del self._lines[account.name]

    async def _turn(self, line: _Line) -> Service:
        """Waits until the line may be opened."""
        while True:
            line.wake.clear()
            line.waits = self._clock.monotonic() < line.not_before
            if not line.waits and (service := self._able(line.account.name)) is not None:
                return service
            await line.wake.wait()

    def _able(self, name: str) -> Service | None:
        """None for an account without a stream, or one that a refresh has not found well: its state says why."""
        state = self._refresher.states.get(name)
        if state is None or state.health not in (AccountHealth.OK, AccountHealth.STALE):
            return None
        try:
            service = self._accounts.service(name)
        except MbclientError:
            return None
        return service if service.capabilities.stream else None

    async def _listen(self, line: _Line, service: Service, tasks: asyncio.TaskGroup) -> MbclientError | None:
        """What ended the line; None when it simply ended, or was hung up."""
        name, line.opened = line.account.name, None
        try:
            async with asyncio.timeout(None) as line.call, aclosing(service.stream()) as events:
                async for event in events:
                    if isinstance(event, StreamOpened):
                        line.opened = self._clock.monotonic()
                        self._refresher.set_live(name, True)
                        tasks.create_task(self._fill(name))
                    else:
                        await line.inbox.put(event)
                        await turn()  # many come out of one buffer, none waited for: keys go in between
        except TimeoutError:
            return None
        except MbclientError as error:
            return error
        finally:
            line.call = None
            self._refresher.set_live(name, False)
        return None

    async def _rest(self, line: _Line, error: MbclientError | None) -> None:
        """When to try again, by what ended the line."""
        now = self._clock.monotonic()
        line.breaks = 1 if line.opened is not None and now - line.opened >= STOOD_S else line.breaks + 1
        wait = backoff(line.breaks)
        if line.doubted:
            wait, line.breaks = 0.0, 0
        elif isinstance(error, AuthError):
            await self._fill(line.account.name)  # finds the token dead and says so, or it is no token for streams
            state = self._refresher.states.get(line.account.name)
            if state is not None and state.health is AccountHealth.OK:
                wait = REFUSED_S
        elif isinstance(error, RejectedError | UnsupportedError | UsageError):
            wait = REFUSED_S
        elif isinstance(error, RateLimitedError):
            wait = max(wait, (error.until - self._clock.now()).total_seconds())
        elif line.full:
            wait = STORAGE_S
        line.doubted = line.full = False
        line.not_before = now + wait

    async def _fill(self, name: str) -> None:
        """What came before the line stood. Faults are the account's state; a full disk the next poll tells of."""
        with suppress(StorageError, UsageError):
            await self._refresher.refresh([name])

    # ------------------------------------------------------------ what is told

    async def _store(self, line: _Line) -> None:
        """Several at once where they come fast."""
        while True:
            batch = [await line.inbox.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(TOGETHER_S):
                    while len(batch) < SLICE:
                        batch.append(await line.inbox.get())
            try:
                await self._take(line.account, batch)
            except StorageError:  # told by the poll that is due now; what is lost comes with the next opening
                line.full = True
                line.hang_up()

    async def _take(self, account: Account, batch: Sequence[StreamEvent]) -> None:
        """In the order told; posts in a row are stored together, and so are notifications."""
        for _kind, told in groupby(batch, key=type):
            row = list(told)
            posts = [event for event in row if isinstance(event, Post)]
            notices = [event for event in row if isinstance(event, Notification)]
            if posts:
                await self._intake.take(posts, account)
                await self._count(posts, account)
            elif notices:
                await self._intake.notified(notices, account)
            for event in row:
                if isinstance(event, PostEdited):
                    await self._intake.edited(event.post, account)
                elif isinstance(event, PostDeleted):
                    await self._intake.deleted(event.remote_id, account)

    async def _count(self, posts: Sequence[Post], account: Account) -> None:
        """Own posts of other clients. One that may be on its way from here counts with what it was sent with."""
        own = [post for post in posts if is_mine(post, account)]
        if not own:
            return
        sending = (SendState.SENDING, SendState.UNKNOWN)
        rows = await asyncio.to_thread(self._outbox.rows, states=sending)
        if not any(row.account == account.name for row in rows):
            await self._intake.count(own, account)
