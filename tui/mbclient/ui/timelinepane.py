"""A timeline and where one is in it, side by side."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from mbclient.ui.render import Words
from mbclient.ui.scrollmark import ScrollMark
from mbclient.ui.timeline import Timeline


class TimelinePane(Horizontal):
    """A timeline with the column that shows where one is in it."""

    DEFAULT_CSS = """
    TimelinePane { width: 1fr; height: 1fr; }
    """

    def __init__(self, words: Words, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scroll_mark = ScrollMark()
        self.timeline = Timeline(words, mark=self.scroll_mark)

    def compose(self) -> ComposeResult:
        yield self.timeline
        yield self.scroll_mark
