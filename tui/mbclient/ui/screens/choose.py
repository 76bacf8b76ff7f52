"""One of a few things, in a small window: enter takes it, escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from mbclient.texts import _
from mbclient.ui.choices import Choices
from mbclient.ui.steps import Asking, Step


class Choose(Asking[int]):
    """Gives the place of the chosen line. `step`: where in a row of questions this one is."""

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical { width: 70; max-width: 94%; height: auto; max-height: 80%; padding: 1 2;
                        background: $surface; border: round $primary; }
    Choose Choices { height: auto; }
    """
    BINDINGS = [*Asking.LEAVING]  # noqa: RUF012  # the toolkit's name

    def __init__(self, question: str, lines: Sequence[str], *, step: Step | None = None, at: int = 0) -> None:
        """`at`: the line that is chosen to begin with."""
        super().__init__(step)
        self._question = question
        self._lines = lines
        self._at = at

    def compose(self) -> ComposeResult:
        with Vertical():
            if self.step is not None:
                yield Static(Content.assemble((f"{self.step.title}\n", "bold $primary")))
            keys = self.keys(_("   Enter takes it, Esc skips it"), _("   Enter takes it, Esc goes back"))
            yield Static(Content.assemble((self._question, "bold"), (keys, "$text-muted")))
            yield Choices()

    def on_mount(self) -> None:
        if not self.query(Choices):
            return  # left again before it was made
        choices = self.query_one(Choices)
        choices.put([Content(line) for line in self._lines])
        choices.highlighted = self._at
        choices.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(message.option_index)
