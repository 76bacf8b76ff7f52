"""The smallest application of the toolkit: one line of text that changes with every key. Nothing can be quicker."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

READY = "nothing but a line"


class Null(App[None]):
    """Paints `READY`, then the number of keys so far."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    def compose(self) -> ComposeResult:
        yield Static(READY, markup=False)

    def on_key(self, event: Key) -> None:
        self._number += 1
        self.query_one(Static).update(f"key {self._number}: {event.key}")


if __name__ == "__main__":
    Null().run()
