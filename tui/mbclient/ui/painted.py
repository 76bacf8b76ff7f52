"""Words in styles, painted as they are: what the lines around the timeline are made of."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual


class Pieces(Visual):
    """Lines of pieces, each a text and the words for its style. What does not fit wraps as the toolkit wraps it.

    The toolkit's `Content` notes in every piece where it begins, for text that is selected; a line where nothing is
    selected is painted in a third of the time without that, and most of them are painted with every key.
    """

    def __init__(self, *pieces: tuple[str, str]) -> None:
        self._pieces = [(text, style) for text, style in pieces if text]
        self._is_printable = all(text.replace("\n", "").isprintable() for text, _style in self._pieces)
        if not self._is_printable:
            # Control characters go, and a piece of nothing else with them: the toolkit fails on one.
            cleaned = ((Content(text).plain, style) for text, style in self._pieces)
            self._pieces = [(text, style) for text, style in cleaned if text]
        self._lines: list[list[tuple[str, str]]] = [[]]
        for text, style in self._pieces:
            first, *others = text.split("\n")
            _add(self._lines[-1], first, style)
            self._lines += [[(line, style)] for line in others]
        self._widths = [sum(cell_len(text) for text, _style in line) for line in self._lines]

    def __str__(self) -> str:
        return self.plain

    @property
    def plain(self) -> str:
        return self._wrapping.plain

    def _fit(self, width: int) -> bool:
        """Whether there is nothing to wrap, and no tab or control character to be made something else of."""
        return self._is_printable and max(self._widths) <= width

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        if not self._fit(width):
            return self._wrapping.render_strips(width, height, style, replace(options, selection=None))

        def segment(text: str, words: str) -> Segment:
            own = style + options.get_style(words) if words else style
            return Segment(text, (style + own).rich_style)

        shown = zip(self._lines[:height], self._widths, strict=False)
        return [Strip([segment(*piece) for piece in line if piece[0]], cells) for line, cells in shown]

    @property
    def _wrapping(self) -> Content:
        return Content.assemble(*self._pieces)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return max(self._widths) if self._is_printable else self._wrapping.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:
        return self._wrapping.get_minimal_width(rules)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return len(self._lines) if self._fit(width) else self._wrapping.get_height(rules, width)


def _add(line: list[tuple[str, str]], text: str, style: str) -> None:
    """Neighbours in one style are one piece: each costs the painting of one."""
    if line and line[-1][1] == style:
        line[-1] = (line[-1][0] + text, style)
    else:
        line.append((text, style))
