"""Where one types: plain text, soft wrapped, pastes cleaned on the way in."""

from __future__ import annotations

import re

from textual import events
from textual.binding import Binding
from textual.widgets import TextArea

from mbclient.domain.safetext import SafeText
from mbclient.texts import _

PICTURED = re.compile("[␀-␡\ufffd]")  # what came from the terminal has been made visible already


class DraftArea(TextArea):
    """A text area without code manners: tab leaves it, and control characters never enter it."""

    BINDINGS = [Binding("tab", "app.focus_next", show=False)]  # noqa: RUF012  # the toolkit's name

    async def _on_key(self, event: events.Key) -> None:
        """Alt with a letter is a command, not the letter: the text area would type it before any binding hears it."""
        if event.key.startswith("alt+"):
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Cleans the text; the toolkit's own handler, which follows this one, pastes it."""
        plain = event.text.replace("\r\n", "\n").replace("\r", "\n")
        event.text = str(SafeText(plain))
        if event.text != plain or PICTURED.search(plain):
            self.app.notify(_("Control characters in what you pasted were replaced."), markup=False)

    def place(self) -> int:
        """The cursor as a count of characters from the start."""
        row, column = self.cursor_location
        lines = self.text.split("\n")
        return sum(len(line) + 1 for line in lines[:row]) + column

    def go_to(self, place: int) -> None:
        """The opposite of `place`."""
        before = self.text[: max(0, place)]
        row = before.count("\n")
        self.move_cursor((row, len(before) - (before.rfind("\n") + 1)))
