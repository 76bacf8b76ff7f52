"""A short list to choose from, with the timeline's keys besides the arrows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.content import Content
from textual.geometry import Offset
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mbclient.ui.hanging import Hanging
from mbclient.ui.keys import bindings


class Choices(OptionList):
    """The stock list, right for a few dozen lines; enter or a click chooses. Every line is `Content`, never markup."""

    DEFAULT_CSS = """
    Choices, Choices:focus { border: none; background: transparent; }
    Choices > .option-list--option-highlighted { background: $block-cursor-blurred-background; color: $foreground;
                                                 text-style: none; }
    Choices:focus > .option-list--option-highlighted { background: $block-cursor-blurred-background;
                                                       color: $foreground; text-style: bold; }
    """
    BINDINGS = bindings("down", "up", "bottom", "page_up", "page_down")

    def __init__(self, *lines: Option) -> None:
        super().__init__(*lines, markup=False)

    def put(self, lines: Sequence[Content], hang: int = 2) -> None:
        """Other lines; the place in the list stays. `hang`: where a line that is too long goes on, in cells."""
        place = self.highlighted or 0
        self.clear_options()
        self.add_options([Option(Hanging(line, hang)) for line in lines])
        self.highlighted = min(place, len(lines) - 1) if lines else None

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.place_cursor()

    def place_cursor(self) -> None:
        """The terminal's own cursor to the highlighted line: screen readers and magnifiers follow it."""
        if not self.has_focus or not self.is_attached or self.highlighted is None:
            return
        if self.app.screen is self.screen:
            row = self._index_to_line.get(self.highlighted, 0) - self.scroll_offset.y
            self.app.cursor_position = self.content_region.offset + Offset(0, max(row, 0))

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        """The toolkit's own fails on a list that has not been laid out since its lines came."""
        self._update_lines()
        if self._lines:
            super()._move_page(direction)

    def action_down(self) -> None:
        self.action_cursor_down()

    def action_up(self) -> None:
        self.action_cursor_up()

    def action_bottom(self) -> None:
        self.action_last()
