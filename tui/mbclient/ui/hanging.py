"""Text whose wrapped lines hang under the words they belong to, and not under the sign or column before these."""

from __future__ import annotations

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from mbclient.ui.wrap import wrap

_WORDS = 24  # cells that are enough for words: where they have these, more than half of the width may be left blank


class Hanging(Visual):
    """A line's continuation begins `hang` cells in, or where the line's own words begin, if that is further in."""

    def __init__(self, content: Content, hang: int = 2) -> None:
        self._content = content
        self._hang = hang
        self._wrapped: tuple[int, list[Content]] = (0, [])

    @property
    def plain(self) -> str:
        """All of it, unwrapped."""
        return self._content.plain

    def __str__(self) -> str:
        return self.plain

    def lines(self, width: int) -> list[Content]:
        """Wrapped to a width in cells."""
        if self._wrapped[0] != width:
            self._wrapped = (width, [part for line in self._content.split("\n") for part in self._line(line, width)])
        return self._wrapped[1]

    def _line(self, line: Content, width: int) -> list[Content]:
        text = line.plain
        ends = wrap(text, width, 2)
        if len(ends) < 2:
            return [line]
        (start, end), (rest, _) = ends
        blank = max(width // 2, width - _WORDS)
        indent = min(max(self._hang, len(text) - len(text.lstrip(" "))), blank)
        below = wrap(text[rest:], width - indent)
        hung = [Content.assemble(" " * indent, line[rest + first : rest + last]) for first, last in below]
        return [line[start:end], *hung]

    # ------------------------------------------------------------ what the toolkit asks

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        strips = [strip for line in self.lines(width) for strip in line.render_strips(width, 1, style, options)]
        return strips[:height]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self._content.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return len(self.lines(width))
