"""One quiet line below the meter for what the policy only reminds of; without anything to say it is not there."""

from __future__ import annotations

from textual.widget import Widget

from mbclient.ui.painted import Pieces


class NoticeLine(Widget):
    """Never a dialog, never in the way (policy facts 6, P1): it wraps, and `say("")` takes it away."""

    DEFAULT_CSS = """
    NoticeLine { height: auto; max-height: 3; width: 1fr; background: $surface; color: $text-muted; padding: 0 1;
                 display: none; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="notice")
        self.words = ""

    def say(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.display = bool(words)
            self.refresh(layout=True)

    def render(self) -> Pieces:
        return Pieces(("→ ", "$accent"), (self.words, "")) if self.words else Pieces()
