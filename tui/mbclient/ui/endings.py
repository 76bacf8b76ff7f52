"""The line below the text that proposes how a name or a tag could end: tab takes the first, tab again the next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from mbclient.texts import _


class Endings(Widget):
    """Painted, and gone when there is nothing to propose. A click takes what it hits."""

    DEFAULT_CSS = """
    Endings { height: 1; width: 1fr; padding: 0 1; background: $panel; display: none; }
    Endings.-some { display: block; }
    """
    ALLOW_SELECT = False

    class Chosen(Message):
        """One was clicked: its place among those shown."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self) -> None:
        super().__init__(id="endings")
        self._shown: tuple[str, ...] = ()
        self._taken: int | None = None
        self._places: list[tuple[int, int]] = []

    def show(self, endings: Sequence[str], taken: int | None = None) -> None:
        """`taken`: the one that stands in the text now."""
        if (tuple(endings), taken) != (self._shown, self._taken):
            self._shown, self._taken = tuple(endings), taken
            self.set_class(bool(endings), "-some")
            self.refresh()

    def render(self) -> Content:
        """As many as fit whole."""
        key = _("Tab")
        pieces: list[tuple[str, str]] = [(f"{key} ", "bold $accent")]
        used, self._places = cell_len(key) + 1, []
        for place, ending in enumerate(self._shown):
            if place and used + cell_len(ending) > self.content_size.width:
                break
            pieces += [(ending, "reverse" if place == self._taken else ""), ("  ", "")]
            self._places.append((used, used + cell_len(ending)))
            used += cell_len(ending) + 2
        return Content.assemble(*pieces)

    def on_click(self, event: events.Click) -> None:
        x = event.x - self.styles.padding.left
        for place, (start, end) in enumerate(self._places):
            if start <= x < end:
                self.post_message(self.Chosen(place))
