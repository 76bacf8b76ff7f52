"""A timeline's screen without its widget: the viewport, what is unread, opened or covered, and the painted frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.strip import Strip

from mbclient.core.stores import Entry
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _
from mbclient.ui.paint import Card, Painter
from mbclient.ui.render import PLAIN, Dress, Layout, Look
from mbclient.ui.unread import UnreadMarks
from mbclient.ui.viewport import Viewport, VisibleRow
from mbclient.ui.window import EntryWindow, TimelineSource
from mbclient.ui.wrap import wrap

EMPTY_LINES = 4  # for each of our lines where there is nothing


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
    """One source on one screen. `painter` may be exchanged (width, theme, words) with `measure`.

    `before`: the scene of the same posts under other rules; what was opened there stays open, what was unread unread.
    """

    def __init__(self, showing: Showing, painter: Painter, height: int, before: Scene | None = None) -> None:
        self.showing = showing
        self.painter = painter
        self.rows: list[VisibleRow] = []
        self._expanded: set[int] = set(before._expanded) if before is not None else set()
        self._revealed: set[int] = set(before._revealed) if before is not None else set()
        self._rules: dict[tuple[int, int | None], Strip] = {}
        self._heights: dict[int, int] | None = None  # by key, while a move lasts: each is asked for several times
        self.marks = UnreadMarks()
        self.viewport = Viewport(EntryWindow(showing.source), self._height, height, gap=painter.gap)
        self._begin(before)

    def _begin(self, before: Scene | None) -> None:
        place, read_to = self.showing.place, self.showing.read_to
        if place is None:
            self.viewport.show_top()
        else:
            self.viewport.show_key(place, self.showing.row)
            if self.showing.row:
                self.viewport.settle(self.showing.row)  # the screen may be another size than it was
        if before is not None and before.marks.seen is not None:
            self.marks = before.marks
            self.marks.above = self.showing.source.count(after=before.marks.seen)
        elif read_to is not None:
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
            frame.append(lines[line] if line < len(lines) else self._between(entry, line - len(lines)))
        return frame + [painter.blank()] * (height - len(frame))

    # ---------------------------------------------------------------- what changes it

    def measure(self, painter: Painter, height: int) -> None:
        """Another size, theme or other words: the selected post keeps its place on screen."""
        row = self._selected_row()
        self.painter = painter
        self._rules.clear()
        self.viewport.height, self.viewport.gap = max(height, 1), painter.gap
        self.viewport.settle(row)

    def time_passed(self) -> None:
        """Another minute: what has another time in words is laid out anew, the selected post keeps its place."""
        self.painter.time_passed()
        self.measure(self.painter, self.viewport.height)

    def runs_out(self, *, down: bool) -> bool:
        """Whether few entries are left that way before the source is asked for more."""
        return bool(self.rows) and self.viewport.window.runs_out(self._edge(down).key, down=down)

    def prepare(self, rows: int, *, down: bool) -> None:
        """Reads what will run out that way, lays out and paints so many rows, for the key that will show them."""
        if not self.rows:
            return
        window = self.viewport.window
        step = window.older if down else window.newer
        entry: Entry | None = self._edge(down)
        window.read_ahead(self._edge(down).key, down=down)
        while entry is not None and rows > 0 and (entry := step(entry.key)) is not None:
            card = self._card(entry)
            self.painter.lines(card, selected=False)
            rows -= card.height

    def move(self, move: Callable[[Viewport], None]) -> None:
        """A move of the user's; only then may the line of the unread move too."""
        if self.marks.user_moved():
            self._rules.clear()
        if self.viewport.window.let_go(entry.key for entry, _line in self.rows):
            self.viewport.forget_rows()
        self._heights = {}  # nothing that a height depends on changes before the move ends
        try:
            move(self.viewport)
        finally:
            self._heights = None

    def next_unread(self) -> None:
        """Selects the oldest entry that is newer than all that has been selected; reading goes upwards."""
        window, read = self.viewport.window, self.marks.read
        if read is None:
            return
        if window.find(read) is None:
            window.load_around(read)
        entry = window.newer(read)
        while entry is not None and entry.gap is not None:  # a hole is nothing to be read
            entry = window.newer(entry.key)
        if entry is not None:
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
            self._count_news()
        if self.viewport.selected is None:
            self.viewport.show_top()

    def placed(self, before: int, now: int) -> None:
        """An entry has another key now. On screen it stays where it is until it has left it."""
        window = self.viewport.window
        looked_at = any(entry.key == before for entry, _line in self.rows)
        (window.hold if looked_at else window.place)(before, now)
        self.viewport.forget_rows()
        self._count_news()
        if self.viewport.selected is None:
            self.viewport.show_top()

    def reread(self, *keys: int) -> None:
        """Entries have changed, or are gone. The selected post stays where it is."""
        row = self._selected_row()
        for key in keys:
            self.viewport.window.reread(key)
        self.viewport.settle(row)

    def reveal(self, entry: Entry) -> bool:
        """Uncovers what a warning hides, then the rest of a long post, then puts both back. False: there is neither."""
        row = self._selected_row()
        layout = self.layout(entry)
        if layout.covered:
            self._revealed.add(entry.key)
        elif layout.more_row is not None:
            self._expanded.add(entry.key)
        elif entry.key in self._revealed or entry.key in self._expanded:
            self._revealed.discard(entry.key)
            self._expanded.discard(entry.key)
        else:
            return False
        self.viewport.settle(row)
        return True

    # ---------------------------------------------------------------- within

    def _count_news(self) -> None:
        """What is newer than all that has been on screen, when nobody told of each."""
        if (seen := self.marks.seen) is not None:
            fresh = self.showing.source.count(after=seen) - self.marks.above
            self.marks.arrived([seen + 1] * fresh)
            self.marks.above += min(fresh, 0)

    def _edge(self, down: bool) -> Entry:
        """The last entry on the last frame, or the first."""
        return self.rows[-1 if down else 0][0]

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
        known = self._heights if self._heights is not None else {}
        if entry.key not in known:
            known[entry.key] = self._card(entry).height
        return known[entry.key]

    def _between(self, entry: Entry, line: int) -> Strip:
        """Of the lines below an entry the middle one is the rule."""
        return self._rule(entry) if line == self.painter.gap // 2 else self.painter.blank()

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
        width = max(painter.width - 2, 1)
        told = self.showing.empty.splitlines()
        words = [line[start:end] for line in told for start, end in wrap(line, width, EMPTY_LINES)]
        above = [painter.blank()] * max((height - len(words)) // 2, 0)
        frame = above + [painter.notice(line) for line in words]
        return (frame + [painter.blank()] * (height - len(frame)))[:height]
