"""One figure at full size: its rule, and the parts that it adds up from."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.core.figuretables import Table
from mbclient.core.figurewords import Measure
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar


class MadeOfScreen(Screen[None]):
    """One figure: its rule, and the parts that it adds up from."""

    DEFAULT_CSS = """
    MadeOfScreen { background: $background; }
    MadeOfScreen VerticalScroll { height: 1fr; padding: 1 2; }
    """
    BINDINGS = bindings("back")

    def __init__(self, opened: Measure | Table) -> None:
        super().__init__()
        self._opened = opened

    def compose(self) -> ComposeResult:
        yield MeterBar()
        with VerticalScroll():
            yield Static(Content(""))
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query(VerticalScroll).focus()  # none, if it was left again before it was made

    def on_resize(self) -> None:
        opened, width = self._opened, self.size.width - 6  # the padding and the bar for scrolling
        if isinstance(opened, Table):
            title, rule, lines = opened.title, opened.rule, opened.lines(width)
        else:
            rule, *lines = opened.made_of or ("",)
            title = f"{opened.title}: {opened.value}"
        for part in self.query("VerticalScroll > Static").results(Static):  # none as it is being left
            part.update(Content.assemble((f"{title}\n\n", "bold"), (f"{rule}\n\n", "$text-muted"), "\n".join(lines)))

    def action_back(self) -> None:
        self.dismiss(None)
