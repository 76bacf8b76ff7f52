"""What would stay behind if the program ended now: to be said before it does, never to keep anybody from going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.core.ports import Clock
from mbclient.core.rows import Rows
from mbclient.core.send import Sender
from mbclient.core.stores import OutboxRow, SendState

SOON = timedelta(hours=1)  # planned for later than that, a post will not be expected to go just now


class Leaving:
    """Asked once when the user wants to leave; `send` is their word that what waits goes now.

    `began`: when this program did.
    """

    def __init__(self, rows: Rows, sender: Sender, clock: Clock, began: datetime) -> None:
        self._rows = rows
        self._sender = sender
        self._clock = clock
        self._began = began

    def behind(self) -> Sequence[OutboxRow]:
        """What was sent off and is not out, what is due soon, and what was planned since this program began: that is
        told the first time, and not each day until it goes. Nothing where another program goes on sending.
        """
        if not self._sender.sends:
            return []
        open_ = self._rows.outbox.rows(states=(SendState.QUEUED, SendState.SENDING))
        here = [row for row in open_ if not row.scheduled_id]
        return [row for row in here if row.created_at >= self._began or not self.is_for_later(row)]

    def is_for_later(self, row: OutboxRow) -> bool:
        """Planned for a time that nobody waits for here."""
        due = _due(row)
        return due is not None and due - self._rows.judge.corrected_now() > SOON

    async def send(self, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
        """Sends what nothing but its time holds back, and waits for all; gives the rows as they then stand.

        A limit or a fault that a row waits for is waited for still.
        """
        for row in rows:
            if row.state is SendState.QUEUED and not row.attempts:
                self._rows.keep(self._now(row), (SendState.QUEUED,))
        await self._sender.flush()
        return [self._rows.stored(row) for row in rows]

    def _now(self, row: OutboxRow) -> OutboxRow:
        now = self._clock.now()
        if _due(row) is None:
            return replace(row, not_before=now)
        return replace(row, not_before=now, created_at=now, draft=replace(row.draft, due=None))


def _due(row: OutboxRow) -> datetime | None:
    """The time that it waits for here; what a server is to keep goes to it at once."""
    return None if row.draft.on_server else row.draft.due
