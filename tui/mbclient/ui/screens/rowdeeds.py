"""What the keys do to a chosen row of the outbox, on every screen that lists some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual import work

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.errors import MbclientError
from mbclient.texts import _, times
from mbclient.ui.screens.listing import ListScreen
from mbclient.ui.screens.when import WhenScreen


class RowDeeds(ListScreen):
    """A subclass gives `row`. Cancelling gives the words back as a draft: nothing written is ever lost."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def row(self) -> OutboxRow | None:
        raise NotImplementedError  # what a subclass is for

    def hear(self, event: events.Event) -> None:
        if isinstance(event, events.OutboxChanged):
            self.reload()

    def when(self, row: OutboxRow) -> str:
        """Its planned time, as one says it now."""
        assert row.draft.due is not None
        return times.when(row.draft.due, self._desk.judge.corrected_now(), self._desk.judge.policy.zone)

    def action_retry(self) -> None:
        """This target alone: what went well elsewhere stays as it is."""
        row = self.row()
        if row is None:
            return
        try:
            self._desk.unsent.retry(row.outbox, account=row.account)
        except MbclientError as error:
            self.mb.say(str(error), "warning")

    @work
    async def action_move(self) -> None:
        """To another time, or now."""
        row = self.row()
        if row is None:
            return
        chosen = await self.app.push_screen_wait(WhenScreen(self._desk, server=False))
        if chosen is None:
            return
        try:
            self._desk.unsent.move(row.outbox, chosen.due)
        except MbclientError as error:
            self.mb.say(str(error), "warning")

    @work
    async def action_cancel(self) -> None:
        """Takes it back; the words are kept as a draft."""
        if await self._take_back() is not None:
            self.mb.say(_("Cancelled; the text is kept as a draft."))

    @work
    async def action_change(self) -> None:
        """Takes it back into the composer; its time stays as long as it is to come."""
        draft_id = await self._take_back(with_time=True)
        if draft_id is not None:
            self.dismiss(draft_id)

    async def _take_back(self, *, with_time: bool = False) -> str | None:
        row = self.row()
        if row is None:
            return None
        until = self._desk.judge.corrected_now() if with_time else None
        try:
            taken = await self._desk.taking_back.anywhere(row.outbox, until=until)
        except MbclientError as error:
            self.mb.say(str(error), "warning")
            return None
        return taken.draft_id or None


def in_order_of_need(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """What waits for the user first, then what is on its way, then what is planned, by time."""

    def need(row: OutboxRow) -> tuple[int, datetime]:
        if row.state in (SendState.HELD, SendState.FAILED, SendState.UNKNOWN):
            return (0, row.created_at)
        if row.draft.due is None:
            return (1, row.not_before)
        return (2, row.draft.due)

    return sorted(rows, key=need)
