"""What has not gone yet, at the user's word: taking it back, sending it again, moving it to another time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.delivery import Delivery
from mbclient.core.events import FactsChanged
from mbclient.core.handover import Handover
from mbclient.core.ids import idempotency_key, names_id
from mbclient.core.ports import Clock
from mbclient.core.rows import Rows
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.capabilities import SCHEDULE_AHEAD
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.errors import UsageError
from mbclient.texts import _

_CANCELLABLE = (SendState.QUEUED, SendState.HELD, SendState.FAILED, SendState.UNKNOWN)


class Unsent:
    """In any program, whichever of them sends. Raises `UsageError` for what cannot be."""

    def __init__(self, rows: Rows, delivery: Delivery, handover: Handover, clock: Clock) -> None:
        self._rows = rows
        self._outbox = rows.outbox
        self._bus = rows.bus
        self._delivery = delivery
        self._handover = handover
        self._clock = clock

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
        cancelled: list[OutboxRow] = []
        for row in rows:
            if row.state not in _CANCELLABLE or row.scheduled_id:
                continue
            ended = replace(row, state=SendState.CANCELLED, reason="", cancelled_at=self._clock.now())
            done = self._rows.keep(ended, _CANCELLABLE)
            if done.state is SendState.CANCELLED:
                if all(one.account != done.account for one in cancelled):  # a thread is one line of the log
                    self._rows.log(done, "cancelled")
                cancelled.append(done)
                self._delivery.forget(row)
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
        if row.scheduled_id:  # its account was gone at its time: the server may hold it still, or have published it
            return replace(row, state=SendState.QUEUED, not_before=self._clock.now(), reason="")
        unsure = row.state is SendState.UNKNOWN or row.first_sent_at is not None
        if row.draft.on_server and unsure and row.state is not SendState.FAILED:
            return self._fresh(row, row.draft)  # looked for, and repeated as it was
        return self._fresh(row, _with_time_left(row.draft, self._rows.judge.corrected_now()))

    def _moved(self, row: OutboxRow, due: datetime | None) -> OutboxRow | None:
        kept_here = row.prepared is None and row.draft.kind is not Kind.BOOST  # nothing of it was on its way from here
        begun = row.first_sent_at is not None and not kept_here
        if row.scheduled_id or (
            row.state is not SendState.FAILED and (begun or row.state not in (SendState.QUEUED, SendState.HELD))
        ):
            return None
        fresh = self._fresh(row, replace(row.draft, due=due, on_server=False))
        return replace(fresh, attempts=0)

    def _fresh(self, row: OutboxRow, draft: Draft) -> OutboxRow:
        """Queued, as if the user had pressed send now."""
        now = self._clock.now()
        start = now if draft.due is None or draft.on_server else draft.due
        fresh = replace(row, state=SendState.QUEUED, draft=draft, created_at=now, not_before=start, reason="")
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
