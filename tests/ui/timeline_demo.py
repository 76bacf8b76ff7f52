"""The timeline alone, to look at: `python -m tests.ui.timeline_demo [number of posts]`.

Without a number it shows one of everything; `+` lets three posts arrive.
"""

from __future__ import annotations

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from mbclient.ui.render import Words
from mbclient.ui.themes import DARK, textual_theme
from mbclient.ui.timeline import Timeline
from mbclient.ui.timelinepane import TimelinePane
from tests.ui.posts import STEP, WORDS, FakeSource, make_entry, showcase, term_spans


class TimelineDemo(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit"), Binding("plus", "arrive")]

    def __init__(self, number: int = 0) -> None:
        super().__init__()
        self.source = FakeSource(range(1, number + 1)) if number else FakeSource.of(showcase())
        self.pane = TimelinePane(Words(WORDS.when, WORDS.day, terms=term_spans))

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Static(id="status", markup=False)

    def on_mount(self) -> None:
        self.register_theme(textual_theme("mbclient-dark", DARK, dark=True))
        self.theme = "mbclient-dark"
        keys = self.source.keys
        self.pane.timeline.show(self.source, read_to=keys[-4] if len(keys) > 4 else None, empty="Nothing here yet")
        self.pane.timeline.focus()
        self.watch(self.pane.timeline, "unread_above", self._status)

    def on_timeline_link_clicked(self, message: Timeline.LinkClicked) -> None:
        self.query_one("#status", Static).update(message.url)

    def action_arrive(self) -> None:
        first = self.source.keys[-1] // STEP + 1 if self.source.keys else 1
        entries = [make_entry(number) for number in range(first, first + 3)]
        self.source.add(entries)
        self.pane.timeline.entries_arrived(entries)

    def _status(self, above: int) -> None:
        self.query_one("#status", Static).update(f"{above} new above" if above else "")


if __name__ == "__main__":
    TimelineDemo(int(sys.argv[1]) if len(sys.argv) > 1 else 0).run()
