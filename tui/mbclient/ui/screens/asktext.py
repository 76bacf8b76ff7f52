"""One line to type, with what was there before; a wrong answer is said below it and stays to be mended."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mbclient.texts import _


class AskText(ModalScreen[str | None]):
    """`check` gives the reason why an answer is no good, or nothing."""

    DEFAULT_CSS = """
    AskText { align: center middle; }
    AskText > Vertical { width: 90; max-width: 94%; height: auto; padding: 1 2; background: $surface;
                         border: round $primary; }
    """
    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, question: str, value: str = "", check: Callable[[str], str] = lambda text: "") -> None:
        super().__init__()
        self._question = question
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._question + "\n"))
            yield Input(self._value)
            yield Static(Content(_("enter keeps it, escape goes back")), id="below")

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _answered(self, message: Input.Submitted) -> None:
        problem = self._check(message.value)
        if problem:
            self.query_one("#below", Static).update(Content(problem))
            return
        self.dismiss(message.value)
