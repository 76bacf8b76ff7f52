"""One of a few things, in a small window: enter takes it, escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from mbclient.texts import _
from mbclient.ui.choices import Choices


class Choose(ModalScreen[int | None]):
    """Gives the place of the chosen line."""

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical { width: 70; max-width: 94%; height: auto; max-height: 80%; padding: 1 2;
                        background: $surface; border: round $primary; }
    Choose Choices { height: auto; }
    """
    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012  # the toolkit's name

    def __init__(self, question: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Content.assemble((self._question, "bold"), (_("   enter takes it, escape goes back"), "$text-muted"))
            )
            yield Choices()

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.put([Content(line) for line in self._lines])
        choices.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_index)

    def action_leave(self) -> None:
        self.dismiss(None)
