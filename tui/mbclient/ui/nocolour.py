"""NO_COLOR on the screen: the terminal's own two colours, and no other.

The toolkit would paint greys, on a ground of its own, which is dark on a light terminal and costs as many bytes as
colours do. What a state is, signs and words tell; what is chosen is reversed, underlined or has a bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor

from mbclient.ui.host import Host


class Colourless(LineFilter):
    """Takes the colours out of every style; bold, underlined and reversed stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, style and _without(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without(style: Style) -> Style:
    bare = style.without_color
    return bare + Style.from_meta(style.meta) if style.meta else bare  # where the mouse is, stands there


class NoColour(Host):
    """The application: with NO_COLOR in the environment its filters are these."""

    def on_load(self) -> None:
        if self.no_color:
            self.use_sheet("nocolour.tcss")

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        if not self.no_color:
            return filters
        return [*(each for each in filters if not isinstance(each, Monochrome | NoColor)), _COLOURLESS]


_COLOURLESS = Colourless()
