"""The part of a timeline that is on screen: anchored to an entry and a line in it, so that nothing can jump.

The state is (key of the topmost entry, its first visible line) and the key of the selected entry. Whatever arrives
above or below changes neither. Nothing here knows a widget; the height of an entry is asked for when it is near.
"""

from __future__ import annotations

from collections.abc import Callable

from mbclient.core.stores import Entry
from mbclient.ui.window import EntryWindow

Height = Callable[[Entry], int]
VisibleRow = tuple[Entry, int]  # an entry and the number of one of its lines


class Viewport:
    """`height`: rows on screen. `gap`: how many lines at an entry's end part it from the next one; those need not be
    visible.
    """

    def __init__(self, window: EntryWindow, entry_height: Height, height: int, *, gap: int = 1) -> None:
        self.window = window
        self.height = max(height, 1)
        self.gap = gap
        self.selected: int | None = None
        self._entry_height = entry_height
        self._top: int | None = None
        self._line = 0
        self._known: tuple[tuple[int | None, int, int], list[VisibleRow]] | None = None  # state → its rows

    # ---------------------------------------------------------------- what is on screen

    def rows(self) -> list[VisibleRow]:
        """The visible lines from the top; fewer than `height` when the timeline is short."""
        if self._known is None or self._known[0] != (self._top, self._line, self.height):
            rows = self._find_rows()
            self._known = (self._top, self._line, self.height), rows
        return self._known[1]

    def forget_rows(self) -> None:
        """Entries or their heights are not what they were."""
        self._known = None

    def _find_rows(self) -> list[VisibleRow]:
        top = self._entry(self._top)
        if top is None:
            return []
        self._line = min(self._line, self._entry_height(top) - 1)
        rows = self._rows_from(top, self._line)
        if len(rows) < self.height and self._scroll_up(self.height - len(rows)):
            top = self._entry(self._top)
            return self._rows_from(top, self._line) if top is not None else []
        return rows

    def selected_row(self) -> int | None:
        """The screen row of the selected entry's first line, negative when it begins above; None when not visible."""
        for row, (entry, line) in enumerate(self.rows()):
            if entry.key == self.selected:
                return row - line
        return None

    # ---------------------------------------------------------------- moving

    def show_top(self) -> None:
        self._select_at(self.window.load_newest(), 0)

    def show_bottom(self) -> None:
        entry = self.window.load_oldest()
        self._select_at(entry, self.height - self._content(entry) if entry is not None else 0)

    def show_key(self, key: int, row: int | None = None) -> None:
        """Selects the entry with this key, or the nearest; put on the row if given, else moved as little as needed."""
        entry = self.window.find(key) or self.window.load_around(key)
        if entry is None or row is not None:
            self._select_at(entry, row or 0)
            return
        self.selected = entry.key
        self._make_visible()

    def move(self, steps: int) -> None:
        """Selects the next entries down (or up); within a post taller than the screen it scrolls first."""
        for _ in range(abs(steps)):
            if not (self._step_down() if steps > 0 else self._step_up()):
                return

    def page(self, pages: int) -> None:
        """A screenful less two rows down or up; selects the first entry that begins on the new screen."""
        before = (self._top, self._line)
        self.scroll(pages * max(self.height - 2, 1))
        visible = self._content_rows()
        if not visible:
            return
        if (self._top, self._line) == before:  # at the end: only the selection has somewhere to go
            self.selected = (visible[-1] if pages > 0 else visible[0])[0].key
            self._make_visible()
        else:
            self.selected = next((entry for entry, line in visible if line == 0), visible[0][0]).key

    def scroll(self, rows: int) -> None:
        """Moves the screen by rows; the selection stays, or follows to the nearest entry that is visible."""
        if rows > 0:
            self._scroll_down(rows)
        else:
            self._scroll_up(-rows)
        if not self._content_rows():  # so low a screen that it shows only the rule between two posts
            if rows > 0:
                self._scroll_down(self.gap)
            if not self._content_rows():
                self._scroll_up(self.gap)
        visible = self._content_rows()
        if visible and all(entry.key != self.selected for entry, _line in visible):
            keys = [entry.key for entry, line in visible if line == 0] or [visible[0][0].key]
            self.selected = keys[0] if rows > 0 else keys[-1]

    # ---------------------------------------------------------------- when the world changes

    def reload(self) -> None:
        """The source has changed in a way that nobody told: reads the window again around what is on screen."""
        self.forget_rows()
        self.window.recount()
        if self._top is None:
            self.window.load_newest()
        else:
            self.window.load_around(self._top)

    def settle(self, row: int | None) -> None:
        """After a change of size or of a post's height: the selected entry again on its screen row, and visible."""
        self.forget_rows()
        entry = self._entry(self.selected)
        if entry is None:
            self._select_at(self.window.load_newest(), 0)
            return
        self.selected = entry.key
        self._place(entry, max(row if row is not None else 0, 1 - self._content(entry)))
        self.rows()
        self._make_visible()

    # ---------------------------------------------------------------- within

    def _entry(self, key: int | None) -> Entry | None:
        if key is None:
            return None
        return self.window.find(key) or self.window.nearest(key)

    def _content(self, entry: Entry) -> int:
        """The entry's lines without those that part it from the next."""
        return self._entry_height(entry) - self.gap

    def _content_rows(self) -> list[VisibleRow]:
        """The visible lines that are a post's own, not those that part it from the next."""
        return [(entry, line) for entry, line in self.rows() if line < self._content(entry)]

    def _rows_from(self, top: Entry, line: int) -> list[VisibleRow]:
        rows: list[VisibleRow] = []
        for entry in self.window.downwards(top):
            last = min(self._entry_height(entry), line + self.height - len(rows))
            rows += ((entry, number) for number in range(line, last))
            line = 0
            if len(rows) >= self.height:
                break
        return rows

    def _select_at(self, entry: Entry | None, row: int) -> None:
        if entry is None:
            self.selected = self._top = None
            self._line = 0
            return
        self.selected = entry.key
        self._place(entry, row)
        self.rows()

    def _place(self, entry: Entry, row: int) -> None:
        """Puts the entry's first line on a screen row, or as near as the newest entry allows."""
        self._top, self._line = entry.key, 0
        if row > 0:
            self._scroll_up(row)
        elif row < 0:
            self._line = min(-row, self._entry_height(entry) - 1)

    def _make_visible(self) -> None:
        """The least scrolling that shows the selected entry whole, or its beginning when it is too tall."""
        selected = self._entry(self.selected)
        if selected is None:
            return
        row = self.selected_row()
        content = self._content(selected)
        if row is None:
            above = self._top is not None and selected.key > self._top
            self._place(selected, 0 if above else max(self.height - content, 0))
        elif row < 0 and row + content < min(content, self.height):
            self._place(selected, 0)
        elif row + content > self.height and row > 0:
            self._place(selected, max(self.height - content, 0))
        self.rows()

    def _step_down(self) -> bool:
        selected, row = self._entry(self.selected), self.selected_row()
        if selected is None:
            return False
        if row is not None and (hidden := row + self._content(selected) - self.height) > 0:
            self._scroll_down(min(hidden, max(self.height - 2, 1)))
            return True
        following = self.window.older(selected.key)
        if following is None:
            return False
        self.selected = following.key
        self._make_visible()
        return True

    def _step_up(self) -> bool:
        selected, row = self._entry(self.selected), self.selected_row()
        if selected is None:
            return False
        if row is not None and row < 0:
            self._scroll_up(min(-row, max(self.height - 2, 1)))
            return True
        above = self.window.newer(selected.key)
        if above is None:
            return False
        self.selected = above.key
        content = self._content(above)
        if content > self.height:
            self._place(above, self.height - content)  # come from below: its end
        else:
            self._make_visible()
        return True

    def _scroll_down(self, rows: int) -> None:
        entry = self._entry(self._top)
        while entry is not None and rows > 0:
            left = self._entry_height(entry) - self._line
            if rows < left:
                self._line += rows
                return
            following = self.window.older(entry.key)
            if following is None:
                self._line = self._entry_height(entry) - 1
                return
            rows -= left
            self._top, self._line, entry = following.key, 0, following

    def _scroll_up(self, rows: int) -> bool:
        """False if it was at the top already."""
        entry = self._entry(self._top)
        moved = False
        while entry is not None and rows > 0:
            if self._line >= rows:
                self._line -= rows
                return True
            rows -= self._line
            moved = moved or self._line > 0
            above = self.window.newer(entry.key)
            if above is None:
                self._line = 0
                return moved
            self._top, self._line, entry, moved = above.key, self._entry_height(above), above, True
        return moved
