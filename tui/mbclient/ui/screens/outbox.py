"""What waits to be sent, or did not go: every row with its state in words, and the keys to deal with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList

from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.core.parts import folded
from mbclient.core.stores import OPEN_STATES, OutboxRow, SendState
from mbclient.domain.draft import Kind
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _, times
from mbclient.ui.screens.rowdeeds import RowDeeds, in_order_of_need
from mbclient.ui.wrap import fit

SHOWN = 300  # cells of a post
_WORDS = {
    SendState.QUEUED: (N_("waiting"), "$accent"),
    SendState.SENDING: (N_("sending"), "$accent"),
    SendState.UNKNOWN: (N_("unsure"), "bold $warning"),
    SendState.HELD: (N_("waits for you"), "bold $warning"),
    SendState.FAILED: (N_("failed"), "bold $error"),
}


class OutboxScreen(RowDeeds):
    """One line a target, so that the part of a cross-post that failed is tried again alone."""

    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("r,enter", "retry", N_("Try again")),
        Binding("t", "move", N_("Time")),
        Binding("c", "cancel", N_("Cancel")),
        Binding("e", "change", N_("Edit")),
    ]

    ON_A_LINE = frozenset({"retry", "move", "cancel", "change"})

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__(desk)
        self._rows: Sequence[OutboxRow] = ()
        self.title_text = _("Outbox")
        self.empty_text = _("nothing is waiting")
        self.advice_text = _("What you send stands here until it has gone, and so does what is planned or did not go.")

    def on_mount(self) -> None:
        self.set_interval(1.0, self._second_passed)

    def _second_passed(self) -> None:
        """The seconds that are counted down."""
        if any(self._seconds_left(row) for row in self._rows):
            self.reload()

    def lines(self) -> Sequence[Content]:
        self._rows = in_order_of_need(folded(self._desk.outbox.rows(states=(*OPEN_STATES, SendState.FAILED))))
        return [self._line(row) for row in self._rows]

    def note(self) -> str:
        if not self._desk.sender.sends:
            return _("Another mbclient sends for this data folder; what you do here is handed over to it.")
        if any(row.draft.due and not row.scheduled_id for row in self._rows):
            return _("Planned posts go out while an mbclient runs. Nothing goes out while none runs.")
        return ""

    def _line(self, row: OutboxRow) -> Content:
        word, style = _WORDS[row.state]
        pieces: list[tuple[str, str]] = [(f"{row.account:<12} ", "bold"), (_(word), style)]
        if row.part:
            pieces.append((" · " + _("part {n} of {total}").format(n=row.position + 1, total=row.draft.segments), ""))
        told = self._time_words(row)
        if told:
            pieces.append((f" · {told}", ""))
        if row.reason:
            pieces.append((f"\n  {row.reason}", "$text-muted"))
        text = SafeText.line(row.draft.text) or (_("a boost") if row.draft.kind is Kind.BOOST else "")
        pieces.append((f"\n  {fit(text, SHOWN)}", ""))
        return Content.assemble(*pieces)

    def _time_words(self, row: OutboxRow) -> str:
        if row.state is not SendState.QUEUED:
            return _("planned {when}").format(when=self.when(row)) if row.draft.due else ""
        if row.scheduled_id:
            return _("the server publishes it {when}").format(when=self.when(row))
        seconds = self._seconds_left(row)
        if seconds:
            return _("in {n} s").format(n=seconds)
        if row.attempts:
            later = times.when(row.not_before, self._desk.clock.now(), self._desk.judge.policy.zone)
            return _("next try {when}").format(when=later)
        return _("planned {when}").format(when=self.when(row)) if row.draft.due else ""

    def _seconds_left(self, row: OutboxRow) -> int:
        """Until it goes by itself, in the last minute before."""
        if row.state is not SendState.QUEUED or row.scheduled_id:
            return 0
        due = row.draft.due if not row.draft.on_server else None
        left = due - self._desk.judge.corrected_now() if due else row.not_before - self._desk.clock.now()
        return round(left.total_seconds()) if timedelta(0) < left < timedelta(minutes=1) else 0

    @on(OptionList.OptionSelected)
    def _entered(self) -> None:
        self.action_retry()

    def row(self) -> OutboxRow | None:
        place = self.chosen
        return self._rows[place] if place is not None and place < len(self._rows) else None
