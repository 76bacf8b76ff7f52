"""When a post goes: now, at a recommended time of the coming days, at any other; and who keeps it until then."""

from __future__ import annotations

from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from mbclient.core.desk import Desk
from mbclient.core.instants import future
from mbclient.core.timetable import Slot
from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import N_, _, times
from mbclient.ui.choices import Choices

DAYS = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """`due` None is now; `on_server`: the server keeps the post until then."""

    due: datetime | None
    on_server: bool = False


class WhenScreen(ModalScreen[Chosen | None]):
    """Enter takes a time, `s` changes who keeps it, escape leaves all as it was."""

    DEFAULT_CSS = """
    WhenScreen { align: center middle; }
    WhenScreen > Vertical { width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 1 2;
                            background: $surface; border: round $primary; }
    WhenScreen Choices { height: auto; max-height: 30vh; margin: 1 0; }
    WhenScreen Input { border: none; height: 1; padding: 0 1; background: $panel; }
    WhenScreen #who { margin: 1 0 0 0; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("escape", "leave", N_("Back"), show=False),
        Binding("s", "server", N_("Kept at the server, or here"), show=False),
        Binding("tab", "app.focus_next", N_("To the list, or to the line below it"), show=False),
    ]

    def __init__(self, desk: Desk, *, server: bool, on_server: bool = False) -> None:
        """`server`: every target's own server could keep it."""
        super().__init__()
        self._desk = desk
        self._server = server
        self._on_server = on_server and server
        self._times: list[datetime | None] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            keys = _("   Enter takes it, Esc goes back")
            yield Static(Content.assemble((_("When does it go?"), "bold"), (keys, "$text-muted")))
            yield Choices()
            yield Input(placeholder=_("another time: 15:00, 2026-11-24 15:00"))
            yield Static(Content(""), id="problem")
            yield Static(Content(""), id="who")

    def on_mount(self) -> None:
        if not self.query(Choices):
            return  # left again before it was made
        self._times = [None]
        lines = [Content(_("Now"))]
        for day in self._desk.timetable.days(DAYS):
            for slot in day.slots:
                self._times.append(slot.at)
                lines.append(self._line(slot))
        after = self._desk.timetable.after_work()
        if after is not None:
            self._times.append(after)
            lines.append(Content.assemble(f"{self._when(after):<14} ", (_("after working hours"), "$text-muted")))
        choices = self.query_one(Choices)
        choices.put(lines)
        first = next((place for place, line in enumerate(lines) if _("next recommended time") in line.plain), 0)
        choices.highlighted = first
        choices.focus()
        self._say_who()

    def _when(self, instant: datetime) -> str:
        return times.when(instant, self._desk.judge.corrected_now(), self._desk.judge.policy.zone)

    def _line(self, slot: Slot) -> Content:
        room = _("{n} of {capacity}").format(n=slot.load, capacity=slot.capacity) if slot.capacity else f"{slot.load}"
        pieces: list[tuple[str, str]] = [(f"{self._when(slot.at):<14} ", "$text-muted" if slot.full else "")]
        pieces.append((room, "$text-muted"))
        if slot.full:
            pieces.append((" · " + _("full"), "$warning"))
        elif slot.next:
            pieces.append((" · " + _("next recommended time"), "bold $success"))
        return Content.assemble(*pieces)

    def _say_who(self) -> None:
        """What either way means, said plainly."""
        here = _(
            "mbclient keeps it. It goes out while an mbclient runs, and the policy is asked once more then. "
            "Nothing goes out while none runs."
        )
        there = _(
            "The server keeps it and publishes it, whether mbclient runs or not. The policy is asked now, for that "
            "time, and not again. The outbox takes it back as long as the server can be reached."
        )
        switch = _("s: let the server keep it") if not self._on_server else _("s: keep it here")
        pieces: list[tuple[str, str]] = [(there if self._on_server else here, "")]
        if self._server:
            pieces += [("\n", ""), (switch, "$accent")]
        self.query_one("#who", Static).update(Content.assemble(*pieces))

    def action_server(self) -> None:
        if self._server:
            self._on_server = not self._on_server
            self._say_who()

    def _take(self, due: datetime | None) -> None:
        self.dismiss(Chosen(due, self._on_server and due is not None))

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self._take(self._times[message.option_index])

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        try:
            due = future(message.value, self._desk.judge.policy, self._desk.judge.corrected_now())
        except UsageError as error:
            self.query_one("#problem", Static).update(Content.styled(str(error), "$warning"))
            return
        self._take(due)

    def action_leave(self) -> None:
        self.dismiss(None)
