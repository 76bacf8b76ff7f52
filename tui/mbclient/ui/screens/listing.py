"""A screen with a short list of one's own things (outbox, drafts) and keys that act on the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.ui.choices import Choices
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar


class ListScreen(Hosted, Screen[str | None]):
    """A subclass gives `lines`: (id, content) in order; the stock list is right for a few dozen of them."""

    DEFAULT_CSS = """
    ListScreen { background: $background; }
    ListScreen #screen-title { height: auto; padding: 0 1; background: $panel; }
    ListScreen Choices { height: 1fr; }
    """
    BINDINGS = bindings("back")

    HANG = 2  # cells: where a line that is too long goes on

    title_text = ""
    empty_text = ""

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(""), id="screen-title")
        yield Choices()
        yield KeyLine(besides=("back",))

    def lines(self) -> Sequence[Content]:
        raise NotImplementedError  # what a subclass is for

    def on_mount(self) -> None:
        self.reload()
        self.query_one(Choices).focus()

    def reload(self) -> None:
        """Reads the things anew; the place in the list stays."""
        lines = self.lines()
        self.query_one(Choices).put(lines, self.HANG)
        title = self.title_text if lines else f"{self.title_text} · {self.empty_text}"
        pieces: list[tuple[str, str]] = [(title, "bold")]
        note = self.note()
        if note:
            pieces.append((f"\n{note}", "$text-muted"))
        self.query_one("#screen-title", Static).update(Content.assemble(*pieces))

    def note(self) -> str:
        """What the user should know of these things, in a line under the title."""
        return ""

    @property
    def chosen(self) -> int | None:
        """The place of the highlighted line."""
        return self.query_one(Choices).highlighted

    def action_back(self) -> None:
        self.dismiss(None)
