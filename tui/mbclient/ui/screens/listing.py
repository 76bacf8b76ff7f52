"""A screen with a short list of one's own things (outbox, drafts) and keys that act on the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar


class ListScreen(Hosted, CoveredScreen[str | None]):
    """A subclass gives `lines`: (id, content) in order; the stock list is right for a few dozen of them."""

    DEFAULT_CSS = """
    ListScreen { background: $background; }
    ListScreen #screen-title { height: auto; padding: 0 1; background: $panel; }
    ListScreen Choices { height: 1fr; }
    """
    BINDINGS = bindings("back")

    HANG = 2  # cells: where a line that is too long goes on

    ON_A_LINE: ClassVar[frozenset[str]] = frozenset()
    """The actions that need a chosen line: not offered where there is none."""

    title_text = ""
    empty_text = ""
    advice_text = ""
    """Where there is nothing: what comes here, and how."""

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(""), id="screen-title")
        yield Choices()
        yield KeyLine(besides=("back",))

    def lines(self) -> Sequence[Content]:
        raise NotImplementedError  # what a subclass is for

    def on_mount(self) -> None:
        self.reload()
        self.query(Choices).focus()

    def reload(self) -> None:
        """Reads the things anew; the place in the list stays."""
        choices, above = self.query(Choices), self.query("#screen-title").results(Static)
        if not choices:
            return  # being taken down: what was waited for came too late
        lines = self.lines()
        choices.first().put(lines, self.HANG)
        title = self.title_text if lines else f"{self.title_text} · {self.empty_text}"
        pieces: list[tuple[str, str]] = [(title, "bold")]
        note = self.note() if lines else self.advice_text
        if note:
            pieces.append((f"\n{note}", "$text-muted"))
        for line in above:
            line.update(Content.assemble(*pieces))
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted)
    def _elsewhere_now(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action in self.ON_A_LINE and self.chosen is None else True

    def note(self) -> str:
        """What the user should know of these things, in a line under the title."""
        return ""

    @property
    def chosen(self) -> int | None:
        """The place of the highlighted line."""
        choices = self.query(Choices)
        return choices.first().highlighted if choices else None

    def action_back(self) -> None:
        self.dismiss(None)
