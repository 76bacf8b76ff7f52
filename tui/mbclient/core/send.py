"""Sending: at most once without the user's word, visible always (reliability facts 3).

Who sends, and in which order; what happens to one row is `delivery`'s, and what the user may do about it `hand`'s. What
was sending when the program ended is `unknown` when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from mbclient.core.delivery import Delivery
from mbclient.core.events import Notice, OutboxChanged
from mbclient.core.guard import Guard, bare
from mbclient.core.parts import UNDECIDED, Following, in_order
from mbclient.core.ports import Clock
from mbclient.core.rows import Rows
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.waits import Waits
from mbclient.domain.errors import MbclientError, StorageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _, ngettext

LONGEST_SLEEP_S = 5.0  # another program may put something into the outbox, or set the clock
RETRY_STORAGE_S = 60.0
CLAIM_EVERY_S = 2.0
TURN_TRIES, TURN_EVERY_S = 600, 0.1
HANDED_OVER_TRIES = 100
SECOND_THOUGHTS = timedelta(seconds=10)  # at least, before something goes that an ended program had left behind


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was due and left to another program, as it then stood. `untouched`: some of it nobody has begun with."""

    rows: Sequence[OutboxRow]
    untouched: bool = False


class Sender:
    """The dispatcher. One per data folder sends (`sends`); a second program only reads and hands over."""

    def __init__(self, rows: Rows, delivery: Delivery, clock: Clock) -> None:
        self._rows = rows
        self._outbox = rows.outbox
        self._clock = clock
        self._bus = rows.bus
        self._delivery = delivery
        self._waits = Waits(clock, rows.judge.corrected_now)
        self._wake = asyncio.Event()
        self._lines: dict[str, asyncio.Lock] = {}  # one row at a time an account
        self._in_hand: dict[str, OutboxRow] = {}  # by account; what is still here after its turn met a fault
        self._looked_back = False
        self.sends = False
        self._bus.listen(lambda event: self._wake.set() if isinstance(event, OutboxChanged) else None)

    def claim(self) -> bool:
        """True if this program sends. What a crash left in `sending` becomes `unknown`."""
        if not self._outbox.claim_sending():
            return False
        for row in self._outbox.rows(states=(SendState.SENDING,)):
            if self._delivery.knows(row):  # begun again after a fault of ours
                continue
            self._rows.keep(replace(row, state=SendState.UNKNOWN, not_before=self._clock.now()))
        self.sends = True
        return True

    async def _claimed(self) -> bool:
        """Likewise. A thread waits for the lock's file, and no more: what becomes of rows is told on the loop."""
        return await asyncio.to_thread(self._outbox.claim_sending) and self.claim()

    async def turn(self, outbox: str = "") -> HandedOver | None:
        """Likewise for a program that ends soon: None if it is this one that sends.

        Another such one is waited for, for a minute: its requests have ended by then, however they hang. A program that
        stays takes over what is due (of `outbox`, else all); ten seconds show what became of it.
        """
        due = {row.name: row for rows in self._due(outbox).values() for row in rows}
        handed_over = HandedOver([])
        for tries in range(TURN_TRIES):
            if await self._claimed():
                return None
            rows = [row for row in self._outbox.rows(outbox=outbox) if row.name in due]
            handed_over = HandedOver(rows, any(row == due[row.name] for row in rows))
            if not any(row.state in (SendState.QUEUED, SendState.SENDING) for row in rows):
                break
            if tries >= HANDED_OVER_TRIES and not handed_over.untouched:
                break
            await asyncio.sleep(TURN_EVERY_S)
        return handed_over

    async def serve(self, undo_seconds: float = 0, guard: Guard = bare) -> None:
        """Sends for as long as the program runs; while another one does, waits for its end.

        A disk that takes nothing is told of, and tried again after a minute. `guard`: as `run` has it.
        """
        while True:
            try:
                await self._take_over(timedelta(seconds=undo_seconds))
                break
            except StorageError as error:
                await self._tell_and_wait(error)
        await self.run(guard)

    async def _take_over(self, undo: timedelta) -> None:
        if not await self._claimed():
            text = _("Another mbclient sends for this data folder; posts written here are handed over to it.")
            self._bus.publish(Notice(text, "warning"))
            while not await self._claimed():  # noqa: ASYNC110 - a file lock tells nobody of its end
                await asyncio.sleep(CLAIM_EVERY_S)
            self._bus.publish(Notice(_("The other mbclient has ended; this one sends now.")))
        if self._looked_back:  # begun again after a fault: what waits now was put there by this program
            return
        self._give_second_thoughts(undo)
        self._looked_back = True
        self._tell_what_waits()

    def _give_second_thoughts(self, undo: timedelta) -> None:
        """What ended with its program before it could go waits anew, visibly: it is neither lost nor sent in silence.

        After `max_queue_min` it waits for the user instead, like everything that waited for so long (5.2).
        """
        now = self._clock.now()
        undo = max(undo, SECOND_THOUGHTS)
        left = [
            replace(row, not_before=now + undo)
            for row in self._outbox.rows(states=(SendState.QUEUED,))
            if not row.attempts and not row.scheduled_id and (row.draft.due is None or row.draft.on_server)
            if row.not_before < now + undo
        ]
        for row in left:
            self._rows.keep(row, (SendState.QUEUED,))
        number = len({row.outbox for row in left})
        if number:
            text = ngettext(
                "{n} post had not gone when mbclient ended; it goes in {s} s unless you take it back.",
                "{n} posts had not gone when mbclient ended; they go in {s} s unless you take them back.",
                number,
            )
            self._bus.publish(Notice(text.format(n=number, s=round(undo.total_seconds())), "warning"))

    def _tell_what_waits(self) -> None:
        states = (SendState.HELD, SendState.FAILED)
        number = len({row.outbox for row in self._outbox.rows(states=states)})
        if number:
            text = ngettext(
                "{n} post waits for you in the outbox.", "{n} posts wait for you in the outbox.", number
            ).format(n=number)
            self._bus.publish(Notice(text, "warning"))

    async def _tell_and_wait(self, error: MbclientError) -> None:
        self._bus.publish(Notice(str(error), "error"))
        await asyncio.sleep(RETRY_STORAGE_S)

    async def run(self, guard: Guard = bare) -> None:
        """Sends what is due until cancelled; sleeps until the next row's time or a change.

        Each account has a task of its own: one that hangs delays no other. What no row could take, a disk that takes
        nothing or settings that cannot be read, is told of, and tried again after a minute.

        `guard`: around what is done for one account, so that a fault in its adapter is no other's.
        """
        busy: set[str] = set()
        whole: set[str] = set()

        async def line(account: str, rows: Sequence[OutboxRow]) -> None:
            try:
                await self._line(account, rows)
            except MbclientError as error:  # nothing is sent that cannot be kept
                await self._tell_and_wait(error)
            whole.add(account)

        async def work(account: str, rows: Sequence[OutboxRow]) -> None:
            try:
                await guard(line(account, rows))
                if account not in whole:  # the guard has noted a fault, and says nothing of it here
                    await guard(self._break_off(account))
            finally:
                whole.discard(account)
                busy.discard(account)
                self._wake.set()

        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                try:
                    lines = self._open()
                    over = {account: rows for account, rows in self._over(lines).items() if account not in busy}
                    pause = self._until_next(lines, busy | over.keys())
                except MbclientError as error:  # what is on its way goes on
                    await self._tell_and_wait(error)
                    continue
                for account, rows in over.items():
                    busy.add(account)
                    tasks.create_task(work(account, rows))
                try:
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def _break_off(self, account: str) -> None:
        """After a fault in the account's turn: the row in hand is not taken up again at once."""
        row = self._in_hand.pop(account, None)
        if row is None:  # no row's fault, so none can be put off: the account is
            await asyncio.sleep(RETRY_STORAGE_S)
        while row is not None:
            try:
                self._delivery.broken_off(row)
                break
            except MbclientError as error:  # it may be out, and nothing looks for it until that is on disk
                await self._tell_and_wait(error)

    def _until_next(self, lines: Mapping[str, Sequence[OutboxRow]], busy: Collection[str]) -> float:
        """Seconds to sleep; never long, whatever the clock says."""
        free = (row for rows in lines.values() for row in rows if row.account not in busy)
        return max(0.05, min([LONGEST_SLEEP_S, *(self._waits.seconds(row) for row in free)]))

    def _open(self, outbox: str = "") -> dict[str, list[OutboxRow]]:
        """What may be sent, or is known to have been sent and not kept yet, by account, oldest first.

        Behind a row that waits for another try none goes ahead: the order stays, and a limit or a fault is met once an
        account, not once a row.
        """
        lines: dict[str, list[OutboxRow]] = {}
        blocked: set[str] = set()
        rows = in_order(self._outbox.rows(states=(SendState.QUEUED, SendState.UNKNOWN, SendState.SENDING)))
        self._waits.only(rows)
        following = Following(rows)
        for row in rows:
            if row.state is SendState.SENDING:
                if self._delivery.knows(row) and outbox in ("", row.outbox):
                    lines.setdefault(row.account, []).append(row)
                continue
            if not following.may_go(row):
                continue
            if row.account in blocked or self._delivery.gave_up(row):
                continue
            if row.state is SendState.QUEUED and row.attempts and not row.scheduled_id and not self._waits.over(row):
                blocked.add(row.account)
            if self._waits.over(row):
                following.goes(row)
            if outbox in ("", row.outbox):
                lines.setdefault(row.account, []).append(row)
        return lines

    def _over(self, lines: Mapping[str, Sequence[OutboxRow]]) -> dict[str, list[OutboxRow]]:
        """Of these rows, those that have waited long enough."""
        over = {name: [row for row in rows if self._is_over(row)] for name, rows in lines.items()}
        return {name: rows for name, rows in over.items() if rows}

    def _is_over(self, row: OutboxRow) -> bool:
        """It waits no longer; what came of one that was sent waits for the disk alone."""
        return self._delivery.knows(row) or self._waits.over(row)

    def _due(self, outbox: str = "") -> dict[str, list[OutboxRow]]:
        return self._over(self._open(outbox))

    async def flush(self, outbox: str = "") -> Sequence[OutboxRow]:
        """Handles every row that is due now, accounts side by side, each account's rows in order."""
        done = await asyncio.gather(*(self._line(account, rows) for account, rows in self._due(outbox).items()))
        return [row for rows in done for row in rows]

    async def _line(self, account: str, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
        """Handles rows in order, each as it is when its turn comes; ends where the account can take no more."""
        done: list[OutboxRow] = []
        async with self._lines.setdefault(account, asyncio.Lock()):
            self._delivery.shut.pop(account, None)
            self._in_hand.pop(account, None)
            for listed in rows:
                row = self._rows.stored(listed)
                open_ = row.state in (SendState.QUEUED, SendState.UNKNOWN) or self._delivery.knows(row)
                if not open_ or not self._is_over(row):
                    continue
                before = self._rows.before(row) if row.state is SendState.QUEUED else None
                if before is not None and before.state in UNDECIDED:
                    continue
                if before is not None and before.state is not SendState.SENT:
                    row = self._rows.keep(replace(row, state=SendState.HELD, reason=_waits_behind()), (row.state,))
                elif account in self._delivery.shut and row.state is SendState.QUEUED and not row.scheduled_id:
                    row = self._rows.keep(
                        replace(row, state=SendState.HELD, reason=self._delivery.shut[account]), (row.state,)
                    )
                else:
                    self._in_hand[account] = row
                    row = await self._delivery.handle(row)
                    del self._in_hand[account]
                done.append(row)
                if row.state is SendState.QUEUED and not row.scheduled_id:  # to be tried again: nothing overtakes it
                    break
        return done


def _waits_behind() -> str:
    return _("the part of the thread before it has not gone: this one waits for it")
