"""The coming days: recommended times with their room, what is planned for them, and what servers keep besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList

from mbclient.core import events
from mbclient.core.abilities import Waiting
from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable
from mbclient.core.stores import OutboxRow
from mbclient.core.timetable import Day, Slot
from mbclient.domain.errors import MbclientError
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _, times
from mbclient.ui.screens.rowdeeds import RowDeeds
from mbclient.ui.wrap import fit

DAYS = 5
SHOWN = 200  # cells of a post

Thing = Slot | OutboxRow | tuple[str, Waiting] | None


class PlannedScreen(RowDeeds):
    """Enter writes for a time with room; on a planned post the keys of the outbox."""

    HANG = 15  # after the times
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("enter", "write_for", N_("Write for it"), priority=True),
        Binding("t", "move", N_("Time")),
        Binding("c", "cancel", N_("Cancel")),
        Binding("e", "change", N_("Edit")),
    ]

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__(desk)
        self._things: list[Thing] = []
        self._elsewhere: list[tuple[str, Waiting]] = []
        self._unread: list[str] = []
        self.title_text = _("Planned")
        self.empty_text = _("no recommended times, and nothing is planned")
        self.advice_text = _("The time of a post is chosen in the composer.")

    def on_mount(self) -> None:
        self._ask_servers()

    @work(exclusive=True)
    async def _ask_servers(self) -> None:
        """What other programs handed to the servers; the rest is shown meanwhile."""
        found: list[tuple[str, Waiting]] = []
        self._unread = []
        ours = {(row.account, row.scheduled_id) for row in self._desk.timetable.planned()}
        for account in self._desk.accounts.all():
            if not self._desk.composer.keeps_until_due(account.name):
                continue
            try:
                held = await self._desk.handover.held_by(account.name)
            except MbclientError:
                self._unread.append(account.name)
                continue
            found += ((account.name, waiting) for waiting in held if (account.name, waiting.id) not in ours)
        self._elsewhere = sorted(found, key=lambda each: each[1].due)
        self.reload()

    def note(self) -> str:
        words = [_("Planned posts go out while an mbclient runs. Nothing goes out while none runs.")]
        if self._unread:
            words.append(_("Not asked what it keeps: {accounts}").format(accounts=", ".join(self._unread)))
        return "\n".join(words)

    # ------------------------------------------------------------ lines

    def lines(self) -> Sequence[Content]:
        self._things, lines = [], list[Content]()
        for day in self._desk.timetable.days(DAYS):
            for thing, line in self._of_day(day):
                self._things.append(thing)
                lines.append(line)
        for account, waiting in self._elsewhere:
            self._things.append((account, waiting))
            lines.append(self._elsewhere_line(account, waiting))
        return lines

    def _of_day(self, day: Day) -> Sequence[tuple[Thing, Content]]:
        made: list[tuple[datetime, Thing, Content]] = []
        for slot in day.slots:
            made.append((slot.at, slot, self._slot_line(slot)))
            made += ((slot.at, row, self._row_line(row, "    ")) for row in slot.planned)
        for row in day.others:
            assert row.draft.due is not None
            made.append((row.draft.due, row, self._row_line(row, "")))
        ordered = sorted(made, key=lambda each: each[0])  # stable: a slot stays above its posts
        return [(thing, line) for _at, thing, line in ordered]

    def _when(self, instant: datetime) -> str:
        return times.when(instant, self._desk.judge.corrected_now(), self._desk.judge.policy.zone)

    def _slot_line(self, slot: Slot) -> Content:
        pieces: list[tuple[str, str]] = [(f"{self._when(slot.at):<14} ", "bold")]
        if slot.capacity is not None:
            taken = min(slot.load, slot.capacity)
            pieces.append(("●" * taken + "○" * (slot.capacity - taken), "$accent"))
            pieces.append((" " + _("{n} of {capacity}").format(n=slot.load, capacity=slot.capacity), "$text-muted"))
        if slot.full:
            pieces.append((" · " + _("full"), "$warning"))
        elif slot.next:
            pieces.append((" · " + _("next recommended time"), "bold $success"))
        return Content.assemble(*pieces)

    def _row_line(self, row: OutboxRow, indent: str) -> Content:
        text = fit(SafeText.line(row.draft.text), SHOWN)
        kept = _("kept by the server") if row.scheduled_id or row.draft.on_server else ""
        return Content.assemble(
            (f"{indent}{self.when(row):<14} ", ""),
            (f"{row.account} ", "bold"),
            *([(f"{kept} · ", "$text-muted")] if kept else []),
            (text, ""),
        )

    def _elsewhere_line(self, account: str, waiting: Waiting) -> Content:
        return Content.assemble(
            (f"{self._when(waiting.due):<14} ", ""),
            (f"{account} ", "bold"),
            (_("kept by the server, from another program") + " · ", "$text-muted"),
            (fit(" ".join(str(waiting.text).split()), SHOWN), ""),
        )

    def hear(self, event: events.Event) -> None:
        super().hear(event)
        if isinstance(event, events.FactsChanged):
            self.reload()

    # ------------------------------------------------------------ keys

    def _thing(self) -> Thing:
        place = self.chosen
        return self._things[place] if place is not None and place < len(self._things) else None

    def row(self) -> OutboxRow | None:
        thing = self._thing()
        return thing if isinstance(thing, OutboxRow) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer dims what the chosen line has no use for."""
        thing = self._thing()
        if action == "write_for":
            return True if isinstance(thing, Slot) else None
        if action in ("move", "change"):
            return True if isinstance(thing, OutboxRow) else None
        if action == "cancel":
            return None if thing is None or isinstance(thing, Slot) else True
        return True

    @on(OptionList.OptionSelected)
    def action_write_for(self) -> None:
        """A new post, planned for the chosen time."""
        thing = self._thing()
        if isinstance(thing, Slot):
            slot = thing
            self.mb.write(lambda: replace(self._desk.drafting.new(), due=slot.at))

    @work
    async def action_cancel(self) -> None:
        thing = self._thing()
        if not isinstance(thing, tuple):
            if await self._take_back() is not None:
                self.mb.say(_("Cancelled; the text is kept as a draft."))
            return
        from mbclient.ui.screens.ask import Ask

        account, waiting = thing
        question = _("Take this post back from the server of {account}?").format(account=account)
        if not await self.app.push_screen_wait(Ask(question, str(waiting.text))):
            return
        await self._drop(account, waiting)

    async def _drop(self, account: str, waiting: Waiting) -> None:
        """Its words are kept: another program's post is no less written."""
        draft = replace(self._desk.drafting.new((account,)), text=str(waiting.text))
        try:
            saved = self._desk.composer.save(draft)
            if await self._desk.handover.drop(account, waiting.id):
                self.mb.say(_("Cancelled; the text is kept as a draft."))
            else:
                self._desk.composer.discard(saved)
                self.mb.say(_("The server does not keep it any more."), "warning")
        except MbclientError as error:
            self.mb.say(str(error), "warning")
        self._ask_servers()
