"""One short question before leaving, when something sent off or planned has not gone: send it, leave it, or stay."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import KeyTable
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.draft import Kind
from mbclient.domain.errors import MbclientError
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _, ngettext, times
from mbclient.ui.host import Hosted
from mbclient.ui.keys import bindings
from mbclient.ui.wrap import fit

LISTED = 3
SHOWN = 50  # cells of a post
_GONE = (SendState.SENT, SendState.CANCELLED)


class LeaveScreen(Hosted, ModalScreen[None]):
    """Nobody is kept: the key that led here leaves. Once all of it has gone, leaving is what was asked for."""

    DEFAULT_CSS = """
    LeaveScreen { align: center middle; }
    LeaveScreen > Vertical { width: 68; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
                             background: $surface; border: round $primary; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("s", "send", N_("Send"), show=False),
        Binding("escape", "stay", N_("Back"), show=False),
        Binding("ctrl+c", "quit", show=False),
        *bindings("quit"),
    ]

    def __init__(self, desk: Desk, keys: KeyTable, rows: Sequence[OutboxRow]) -> None:
        super().__init__()
        self._desk = desk
        self._keys = keys
        self._rows = rows
        self._for_later = {row.name for row in rows if desk.leaving.is_for_later(row)}
        self._sending = False
        self._left = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(""), id="behind")
            yield Static(Content(""), id="answers")

    def on_mount(self) -> None:
        self._show()

    def hear(self, event: events.Event) -> None:
        """It may go while the question stands."""
        if isinstance(event, events.OutboxChanged):
            self._look_again()

    def _look_again(self) -> None:
        try:
            known = {row.name: row for row in self._desk.outbox.rows()}
        except MbclientError as error:
            self.mb.say(str(error), "error")
            return
        self._rows = [known.get(row.name, row) for row in self._rows]
        awaited = [row for row in self._rows if row.name not in self._for_later] or self._rows
        if all(row.state in _GONE for row in awaited):
            self.action_quit()
        else:
            self._show()

    def _show(self) -> None:
        left = [row for row in self._rows if row.state not in _GONE]
        number = len({row.outbox for row in left})
        question = ngettext("{n} post has not gone yet.", "{n} posts have not gone yet.", number).format(n=number)
        pieces: list[tuple[str, str]] = [(question, "bold")]
        pieces += [(f"\n  {self._line(row)}", "") for row in left[:LISTED]]
        if len(left) > LISTED:
            pieces.append((f"\n  {_('and {n} more').format(n=len(left) - LISTED)}", ""))
        waits = [_("What is left waiting stays in the outbox. Nothing goes out while no mbclient runs.")]
        if any(row.name in self._for_later for row in left):
            waits.append(_("A timer that runs `mbclient outbox flush` sends what is planned without this screen."))
        pieces.append((f"\n\n{_('Sending …') if self._sending else ' '.join(waits)}\n", "$text-muted"))
        self.query_one("#behind", Static).update(Content.assemble(*pieces))
        answers: list[tuple[str, str]] = []
        if not self._sending and any(self._can_go(row) for row in left):
            answers += [(" s ", "reverse"), (_(" send now and leave   "), "")]
        quit_key = shown_key(self._keys["quit"].keys[0])
        answers += [(f" {quit_key} ", "reverse"), (_(" leave it waiting   "), "")]
        answers += [(" Esc ", "reverse"), (_(" stay"), "")]
        self.query_one("#answers", Static).update(Content.assemble(*answers))

    def _line(self, row: OutboxRow) -> str:
        text = SafeText.line(row.draft.text) or (_("a boost") if row.draft.kind is Kind.BOOST else "")
        words = [row.account, fit(text, SHOWN)]
        if row.draft.due is not None and row.state is SendState.QUEUED and not row.attempts:
            now, zone = self._desk.judge.corrected_now(), self._desk.judge.policy.zone
            words.append(_("planned {when}").format(when=times.when(row.draft.due, now, zone)))
        if row.reason:
            words.append(row.reason)
        return " · ".join(words)

    def _can_go(self, row: OutboxRow) -> bool:
        """Only its time holds it back, and that is near, or it is on its way."""
        if row.name in self._for_later:
            return False
        return row.state is SendState.SENDING or (row.state is SendState.QUEUED and not row.attempts)

    def action_stay(self) -> None:
        self.dismiss()

    def action_quit(self) -> None:
        if not self._left:
            self._left = True
            self.mb.leave()

    @work
    async def action_send(self) -> None:
        """What does not go says why, and the question stands."""
        if self._sending or not any(map(self._can_go, self._rows)):
            return
        self._sending = True
        self._show()
        try:
            await self._desk.leaving.send([row for row in self._rows if self._can_go(row)])
        except MbclientError as error:
            self.mb.say(str(error), "error")
        self._sending = False
        if self.is_mounted and not self._left:
            self._look_again()
