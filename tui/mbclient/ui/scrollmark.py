"""The one column beside the timeline that shows where one is in it, by number of posts."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from mbclient.ui.themes import palette_of


class ScrollMark(Widget):
    """A scroll bar that measures posts, not lines: lines are only known where one has been."""

    DEFAULT_CSS = """
    ScrollMark { width: 1; height: 1fr; background: $background; }
    """
    ALLOW_SELECT = False

    _thumb: tuple[int, int] | None = None  # rows [start, end)
    _strips: tuple[Strip, Strip] | None = None

    def show(self, first: int, visible: int, total: int) -> None:
        """`first` of `total` posts is the topmost, `visible` are on screen. Repaints only when a row changes."""
        thumb = _thumb(first, visible, total, self.size.height)
        if thumb != self._thumb:
            self._thumb = thumb
            self.refresh()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._repaint)

    def render_lines(self, crop: Region) -> list[Strip]:
        track, thumb = self._strips or self._paint()
        start, end = self._thumb or (0, 0)
        return [thumb if start <= row < end else track for row in range(crop.y, crop.bottom)]

    def _paint(self) -> tuple[Strip, Strip]:
        colours = palette_of(self.app.current_theme)
        track = Strip([Segment("│", colours.plain["rule"])], 1)
        thumb = Strip([Segment("┃", colours.plain["muted"])], 1)
        for line_filter in self.app.get_line_filters():
            track = track.apply_filter(line_filter, colours.background)
            thumb = thumb.apply_filter(line_filter, colours.background)
        self._strips = track, thumb
        return self._strips

    def _repaint(self, _theme: Theme) -> None:
        self._strips = None
        self.refresh()


def _thumb(first: int, visible: int, total: int, height: int) -> tuple[int, int] | None:
    if total <= visible or height < 2:
        return None
    size = max(1, min(height - 1, round(height * visible / total)))
    most = total - visible
    start = round((height - size) * min(first, most) / most)
    if start == 0 and first > 0:
        start = 1 if height > size else 0  # the ends are shown only at the ends
    if start == height - size and first < most:
        start = max(start - 1, 0)
    return start, start + size
