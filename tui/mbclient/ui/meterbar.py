"""The policy meter on one line, in the longest words that fit its width."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from mbclient.texts.meter import MeterText
from mbclient.ui.painted import Pieces

_COLOURS = {
    "ok": "bold $success",
    "near": "bold $warning",
    "over": "bold $error",
    "identified": "bold $success",
    "anonymous": "bold $primary",
    "blocked": "bold $error",
}
"""Colour repeats what symbol and words say; a part's own state decides (policy facts 11)."""


class MeterBar(Widget):
    """Always visible. Give it how to word the meter for a width; it asks again when its width changes."""

    DEFAULT_CSS = """
    MeterBar { width: 1fr; height: 1; background: $surface; color: $foreground; padding: 0 1; }
    """
    ALLOW_SELECT = False

    _word: Callable[[int], MeterText] | None = None
    _shown: tuple[int, MeterText] | None = None

    def on_mount(self) -> None:
        """A screen that opens later shows what the meter says already."""
        word: Callable[[int], MeterText] | None = getattr(self.app, "meter_word", None)
        if word is not None:
            self.update_status(word)

    def update_status(self, word: Callable[[int], MeterText]) -> None:
        """The meter has changed. `word(width)` is `meter_text(status, policy, targets, width)`."""
        self._word = word
        before = self._shown
        if before is None or word(before[0]) != before[1]:
            self.refresh()

    def render(self) -> Pieces:
        width = self.content_size.width
        if self._word is None or width <= 0:
            return Pieces()
        meter = self._word(width)
        self._shown = (width, meter)
        pieces: list[tuple[str, str]] = []
        for part in meter.shown:
            if pieces:
                pieces.append((meter.separator, "dim"))
            pieces.append((str(part), _COLOURS.get(part.state, "")))
        return Pieces(*pieces)
