"""A timeline's screen without its widget: the viewport, what is unread, opened or covered, and the painted frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.strip import Strip

from mbclient.core.stores import Entry
from mbclient.texts import _
from mbclient.ui.paint import Card, Painter
from mbclient.ui.render import PLAIN, Dress, Layout, Look
from mbclient.ui.unread import UnreadMarks
from mbclient.ui.viewport import Viewport, VisibleRow
from mbclient.ui.window import EntryWindow, TimelineSource


@dataclass(frozen=True, slots=True)
class Showing:
    """A source and how to begin. `place`: the key to select, None for the newest. `read_to`: newer keys are unread.

    `row`: the screen row for the place. `empty`: our words for when there is nothing. `dress`: what the screen says of
    an entry besides its post.
    """

    source: TimelineSource
    place: int | None = None
    read_to: int | None = None
    row: int = 0
    empty: str = ""
    dress: Callable[[Entry], Dress] = lambda _entry: PLAIN


class Scene:
    """One source on one screen. `painter` may be exchanged (width, theme, words) with `measure`."""

    def __init__(self, showing: Showing, painter: Painter, height: int) -> None:
        self.showing = showing
        self.painter = painter
        self.rows: list[VisibleRow] = []
        self._expanded: set[int] = set()
        self._revealed: set[int] = set()
        self._rules: dict[tuple[int, int | None], Strip] = {}
        self.marks = UnreadMarks()
        self.viewport = Viewport(EntryWindow(showing.source), self._height, height)
        self._begin()

    def _begin(self) -> None:
        place, read_to = self.showing.place, self.showing.read_to
        if place is None:
            self.viewport.show_top()
        else:
            self.viewport.show_key(place, self.showing.row)
            if self.showing.row:
                self.viewport.settle(self.showing.row)  # the screen may be another size than it was
        if read_to is not None:
            self.marks = UnreadMarks.begin(read_to, read_to, self.showing.source.count(after=read_to))
        else:
            self.marks = UnreadMarks.begin(self.viewport.window.newest_key if place is None else place)

    # ---------------------------------------------------------------- what is on screen

    @property
    def selected(self) -> Entry | None:
        key = self.viewport.selected
        return self.viewport.window.find(key) if key is not None else None

    def layout(self, entry: Entry) -> Layout:
        return self._card(entry).layout

    def frame(self) -> list[Strip]:
        """A strip for each row of the screen; the same objects as long as they show the same."""
        self.rows = self.viewport.rows()
        height, painter = self.viewport.height, self.painter
        if not self.rows:
            return self._empty_frame()
        frame: list[Strip] = []
        lines: list[Strip] = []
        current: Entry | None = None
        for entry, line in self.rows:
            if entry is not current:
                current = entry
                lines = painter.lines(self._card(entry), selected=entry.key == self.viewport.selected)
            frame.append(lines[line] if line < len(lines) else self._rule(entry))
        return frame + [painter.blank()] * (height - len(frame))

    # ---------------------------------------------------------------- what changes it

    def measure(self, painter: Painter, height: int) -> None:
        """Another size, theme or other words: the selected post keeps its place on screen."""
        row = self._selected_row()
        self.painter = painter
        self._rules.clear()
        self.viewport.height = max(height, 1)
        self.viewport.settle(row)

    def move(self, move: Callable[[Viewport], None]) -> None:
        """A move of the user's; only then may the line of the unread move too."""
        if self.marks.user_moved():
            self._rules.clear()
        move(self.viewport)

    def next_unread(self) -> None:
        """Selects the oldest entry that is newer than all that has been selected; reading goes upwards."""
        window, read = self.viewport.window, self.marks.read
        if read is None:
            return
        if window.find(read) is None:
            window.load_around(read)
        if (entry := window.newer(read)) is not None:
            key = entry.key
            self.move(lambda viewport: viewport.show_key(key))

    def arrived(self, entries: Sequence[Entry]) -> None:
        """The source has these entries more, or unknown ones. What is on screen stays."""
        window, marks = self.viewport.window, self.marks
        if entries:
            known = {entry.key for entry in entries if window.find(entry.key) is not None}
            window.arrived(entries)
            self.viewport.forget_rows()
            marks.arrived(entry.key for entry in entries if entry.gap is None and entry.key not in known)
        else:
            self.viewport.reload()
            if (seen := marks.seen) is not None:
                fresh = self.showing.source.count(after=seen) - marks.above
                marks.arrived([seen + 1] * fresh)
        if self.viewport.selected is None:
            self.viewport.show_top()

    def reread(self, *keys: int) -> None:
        """Entries have changed, or are gone. The selected post stays where it is."""
        row = self._selected_row()
        for key in keys:
            self.viewport.window.reread(key)
        self.viewport.settle(row)

    def reveal(self, entry: Entry) -> None:
        """Uncovers what a warning hides, then the rest of a long post, then puts both back."""
        row = self._selected_row()
        layout = self.layout(entry)
        if layout.covered:
            self._revealed.add(entry.key)
        elif layout.more_row is not None:
            self._expanded.add(entry.key)
        else:
            self._revealed.discard(entry.key)
            self._expanded.discard(entry.key)
        self.viewport.settle(row)

    # ---------------------------------------------------------------- within

    def _selected_row(self) -> int | None:
        """Where the selected entry began on the last frame."""
        for row, (entry, line) in enumerate(self.rows):
            if entry.key == self.viewport.selected:
                return row - line
        return None

    def _card(self, entry: Entry) -> Card:
        key = entry.key
        look = Look(
            unread=entry.gap is None and self.marks.is_unread(key),
            expanded=key in self._expanded,
            revealed=key in self._revealed,
            dress=self.showing.dress(entry),
        )
        return self.painter.card(entry, look)

    def _height(self, entry: Entry) -> int:
        return self._card(entry).height

    def _rule(self, entry: Entry) -> Strip:
        """The line below an entry: plain, or where another day or what has been read begins."""
        below = self.viewport.window.older(entry.key)
        key = (entry.key, below.key if below is not None else None)
        strip = self._rules.get(key)
        if strip is None:
            strip = self._rules[key] = self._paint_rule(entry, below)
        return strip

    def _paint_rule(self, entry: Entry, below: Entry | None) -> Strip:
        if below is None:
            return self.painter.rule()
        labels = []
        if self.marks.is_unread(entry.key) and not self.marks.is_unread(below.key):
            labels.append(_("new above"))
        role = "unread" if labels else "day"
        day = self.painter.words.day(below.post.sorted_at)
        if day != self.painter.words.day(entry.post.sorted_at):
            labels.append(day)
        return self.painter.rule(role, " · ".join(labels)) if labels else self.painter.rule()

    def _empty_frame(self) -> list[Strip]:
        height, painter = self.viewport.height, self.painter
        words = self.showing.empty.splitlines()
        above = [painter.blank()] * max((height - len(words)) // 2, 0)
        frame = above + [painter.notice(line) for line in words]
        return (frame + [painter.blank()] * (height - len(frame)))[:height]
