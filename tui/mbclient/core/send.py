"""Sending: at most once without the user's word, visible always (reliability facts 3).

Who sends, in which order, and what the user may do about it; what happens to one row is `delivery`'s. What was
sending when the program ended is `unknown` when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.core.delivery import Delivery
from mbclient.core.events import FactsChanged, Notice, OutboxChanged
from mbclient.core.handover import Handover
from mbclient.core.ids import idempotency_key, names_id
from mbclient.core.ports import Clock
from mbclient.core.rows import Rows
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.waits import Waits
from mbclient.domain.capabilities import SCHEDULE_AHEAD
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError, UsageError
from mbclient.texts import _, ngettext

LONGEST_SLEEP_S = 5.0  # another program may put something into the outbox, or set the clock
RETRY_STORAGE_S = 60.0
CLAIM_EVERY_S = 2.0
TURN_TRIES, TURN_EVERY_S = 100, 0.1  # a command that sends has ended by then, or a running program sends for it
FLUSH_TRIES = 20
SECOND_THOUGHTS = timedelta(seconds=10)  # at least, before something goes that an ended program had left behind
_CANCELLABLE = (SendState.QUEUED, SendState.HELD, SendState.FAILED, SendState.UNKNOWN)


class Sender:
    """The dispatcher. One per data folder sends (`sends`); a second program only reads and hands over."""

    def __init__(self, rows: Rows, delivery: Delivery, handover: Handover, clock: Clock) -> None:
        self._rows = rows
        self._outbox = rows.outbox
        self._clock = clock
        self._bus = rows.bus
        self._delivery = delivery
        self._handover = handover
        self._waits = Waits(clock, rows.judge.corrected_now)
        self._wake = asyncio.Event()
        self._lines: dict[str, asyncio.Lock] = {}  # one row at a time an account
        self.sends = False
        self._bus.listen(lambda event: self._wake.set() if isinstance(event, OutboxChanged) else None)

    def claim(self) -> bool:
        """True if this program sends. What a crash left in `sending` becomes `unknown`."""
        if not self._outbox.claim_sending():
            return False
        for row in self._outbox.rows(states=(SendState.SENDING,)):
            self._rows.keep(replace(row, state=SendState.UNKNOWN, not_before=self._clock.now()))
        self.sends = True
        return True

    async def turn(self, outbox: str = "") -> bool:
        """Likewise for a program that ends soon: another such one is waited for.

        Where a program that stays sends, what it takes over is waited for: `outbox`, else nothing in particular.
        """
        waiting = (SendState.QUEUED, SendState.SENDING)
        for _try in range(TURN_TRIES if outbox else FLUSH_TRIES):
            if await asyncio.to_thread(self.claim):
                return True
            if outbox and not self._outbox.rows(states=waiting, outbox=outbox):
                return False
            await asyncio.sleep(TURN_EVERY_S)
        return False

    async def serve(self, undo_seconds: float = 0) -> None:
        """Sends for as long as the program runs; while another one does, waits for its end.

        A disk that takes nothing is told of, and tried again after a minute.
        """
        while True:
            try:
                await self._take_over(timedelta(seconds=undo_seconds))
                break
            except StorageError as error:
                self._bus.publish(Notice(str(error), "error"))
                await asyncio.sleep(RETRY_STORAGE_S)
        await self.run()

    async def _take_over(self, undo: timedelta) -> None:
        if not await asyncio.to_thread(self.claim):
            text = _("Another mbclient sends for this data folder; posts written here are handed over to it.")
            self._bus.publish(Notice(text, "warning"))
            while not await asyncio.to_thread(self.claim):  # noqa: ASYNC110 - a file lock tells nobody of its end
                await asyncio.sleep(CLAIM_EVERY_S)
            self._bus.publish(Notice(_("The other mbclient has ended; this one sends now.")))
        self._give_second_thoughts(undo)
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

    async def run(self) -> None:
        """Sends what is due until cancelled; sleeps until the next row's time or a change.

        Each account has a task of its own: one that hangs delays no other.
        """
        busy: set[str] = set()

        async def work(account: str, rows: Sequence[OutboxRow]) -> None:
            try:
                await self._line(account, rows)
            except StorageError as error:  # nothing is sent that cannot be kept; tried again in a minute
                self._bus.publish(Notice(str(error), "error"))
                await asyncio.sleep(RETRY_STORAGE_S)
            finally:
                busy.discard(account)
                self._wake.set()

        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                for account, rows in self._due().items():
                    if account not in busy:
                        busy.add(account)
                        tasks.create_task(work(account, rows))
                try:
                    async with asyncio.timeout(self._until_next(busy)):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    def _until_next(self, busy: Collection[str]) -> float:
        """Seconds to sleep; never long, whatever the clock says."""
        free = (row for rows in self._open().values() for row in rows if row.account not in busy)
        return max(0.05, min([LONGEST_SLEEP_S, *(self._waits.seconds(row) for row in free)]))

    def _open(self, outbox: str = "") -> dict[str, list[OutboxRow]]:
        """What may be sent, by account, oldest first. Behind a row that waits for another try none goes ahead:
        the order stays, and a limit or a fault is met once an account, not once a row."""
        lines: dict[str, list[OutboxRow]] = {}
        blocked: set[str] = set()
        rows = self._outbox.rows(states=(SendState.QUEUED, SendState.UNKNOWN))
        self._waits.only(rows)
        for row in rows:
            if row.account in blocked or self._delivery.gave_up(row):
                continue
            if row.state is SendState.QUEUED and row.attempts and not row.scheduled_id and not self._waits.over(row):
                blocked.add(row.account)
            if outbox in ("", row.outbox):
                lines.setdefault(row.account, []).append(row)
        return lines

    def _due(self, outbox: str = "") -> dict[str, list[OutboxRow]]:
        lines = {name: [row for row in rows if self._waits.over(row)] for name, rows in self._open(outbox).items()}
        return {name: rows for name, rows in lines.items() if rows}

    async def flush(self, outbox: str = "") -> Sequence[OutboxRow]:
        """Handles every row that is due now, accounts side by side, each account's rows in order."""
        done = await asyncio.gather(*(self._line(account, rows) for account, rows in self._due(outbox).items()))
        return [row for rows in done for row in rows]

    async def _line(self, account: str, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
        """Handles rows in order, each as it is when its turn comes; ends where the account can take no more."""
        done: list[OutboxRow] = []
        async with self._lines.setdefault(account, asyncio.Lock()):
            self._delivery.shut.pop(account, None)
            for listed in rows:
                row = self._rows.stored(listed)
                if row.state not in (SendState.QUEUED, SendState.UNKNOWN) or not self._waits.over(row):
                    continue
                if account in self._delivery.shut and row.state is SendState.QUEUED and not row.scheduled_id:
                    row = self._rows.keep(
                        replace(row, state=SendState.HELD, reason=self._delivery.shut[account]), (row.state,)
                    )
                else:
                    row = await self._delivery.handle(row)
                done.append(row)
                if row.state is SendState.QUEUED and not row.scheduled_id:  # to be tried again: nothing overtakes it
                    break
        return done

    # ------------------------------------------------------------ the user's hand

    def find(self, outbox: str) -> Sequence[OutboxRow]:
        """The rows of an outbox id or a unique beginning of one. Raises `UsageError`."""
        rows = [row for row in self._outbox.rows() if names_id(outbox, row.outbox)]
        if not rows or len({row.outbox for row in rows}) > 1:
            problem = _("no single outbox item begins with {id!r}").format(id=outbox)
            raise UsageError(problem, _("mbclient outbox list shows them"))
        return rows

    def cancel(self, outbox: str) -> Sequence[OutboxRow]:
        """Takes back what has not left this machine; what is already out stays out. Gives the cancelled rows."""
        rows = self.find(outbox)
        cancelled = self._cancel_here(rows)
        if not cancelled:
            raise _cannot_cancel(outbox, rows)
        return cancelled

    def _cancel_here(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        cancelled = []
        for row in rows:
            if row.state not in _CANCELLABLE or row.scheduled_id:
                continue
            done = self._rows.keep(replace(row, state=SendState.CANCELLED), _CANCELLABLE)
            if done.state is SendState.CANCELLED:
                cancelled.append(done)
                self._delivery.forget(row)
                self._rows.log(done, "cancelled")
        if cancelled:
            self._bus.publish(FactsChanged())
        return cancelled

    async def take_back(self, outbox: str) -> Sequence[OutboxRow]:
        """Likewise, and asks the servers for what they keep until its time. Raises `ServiceError` besides."""
        rows = self.find(outbox)
        cancelled = self._cancel_here(rows)
        for row in rows:
            if row.scheduled_id and row.state is SendState.QUEUED:
                done = await self._handover.recall(row)
                if done.state is SendState.CANCELLED:
                    cancelled.append(done)
        if not cancelled:
            raise _cannot_cancel(outbox, self.find(outbox))
        self._bus.publish(FactsChanged())
        return cancelled

    def retry(self, outbox: str, *, account: str = "") -> Sequence[OutboxRow]:
        """The user's word that failed, held or unsure rows go again, unsure ones with the same key.

        At their time where that is still to come, else now. `account`: that target alone.
        """

        def anew(row: OutboxRow) -> OutboxRow | None:
            return self._again(row) if account in ("", row.account) else None

        return self._queue_anew(outbox, anew, _("{id} needs no retry"))

    def move(self, outbox: str, due: datetime | None) -> Sequence[OutboxRow]:
        """The user's word that what has not gone goes at another time; None is now.

        What a server has, or may have, is not moved: what is published stays as it is. Raises `UsageError`.
        """
        return self._queue_anew(outbox, lambda row: self._moved(row, due), _("{id} cannot be moved any more"))

    def _queue_anew(
        self, outbox: str, anew: Callable[[OutboxRow], OutboxRow | None], problem: str
    ) -> Sequence[OutboxRow]:
        done = []
        for row in self.find(outbox):
            fresh = anew(row)
            if fresh is None:
                continue
            kept = self._rows.keep(fresh, (row.state,))
            if kept.state is SendState.QUEUED:
                self._delivery.forget(row)
                done.append(kept)
        if not done:
            raise UsageError(problem.format(id=outbox), _("mbclient outbox list shows the states"))
        self._bus.publish(FactsChanged())
        return done

    def _again(self, row: OutboxRow) -> OutboxRow | None:
        """The row as it is queued anew; None where there is nothing to do."""
        if row.state not in (SendState.FAILED, SendState.HELD, SendState.UNKNOWN):
            return None
        unsure = row.state is SendState.UNKNOWN or row.first_sent_at is not None
        if row.draft.on_server and unsure and row.state is not SendState.FAILED:
            return self._fresh(row, row.draft)  # looked for, and repeated as it was
        return self._fresh(row, _with_time_left(row.draft, self._rows.judge.corrected_now()))

    def _moved(self, row: OutboxRow, due: datetime | None) -> OutboxRow | None:
        begun = row.first_sent_at is not None or row.scheduled_id
        if row.state is not SendState.FAILED and (begun or row.state not in (SendState.QUEUED, SendState.HELD)):
            return None
        fresh = self._fresh(row, replace(row.draft, due=due, on_server=False))
        return replace(fresh, attempts=0, reason="")

    def _fresh(self, row: OutboxRow, draft: Draft) -> OutboxRow:
        """Queued, as if the user had pressed send now."""
        now = self._clock.now()
        start = now if draft.due is None or draft.on_server else draft.due
        fresh = replace(row, state=SendState.QUEUED, draft=draft, created_at=now, not_before=start)
        if row.state is SendState.FAILED and row.first_sent_at is None:
            # Refused for certain, so no post exists; some servers replay a refusal for the same key.
            return replace(fresh, key=idempotency_key(), prepared=None, first_sent_at=None)
        if row.draft.on_server and not draft.on_server:
            return replace(fresh, prepared=None)  # it would ask the server to wait
        return fresh


def _with_time_left(draft: Draft, now: datetime) -> Draft:
    """A planned time holds for as long as it is to come; a server's own schedule a little less long."""
    if draft.due is None or draft.due <= now:
        return replace(draft, due=None, on_server=False)
    return replace(draft, on_server=draft.on_server and draft.due > now + SCHEDULE_AHEAD)


def _cannot_cancel(outbox: str, rows: Sequence[OutboxRow]) -> UsageError:
    if any(row.scheduled_id and row.state is SendState.QUEUED for row in rows):
        return UsageError(_("the server keeps {id} until its time").format(id=outbox), _("take it back there"))
    if rows and all(row.state is SendState.CANCELLED for row in rows):
        return UsageError(_("{id} is cancelled already").format(id=outbox), _("there is nothing left to do"))
    return UsageError(_("{id} is sent or being sent already").format(id=outbox), _("delete the post instead"))
