"""One line of the user's own words: a warning, a description, a reason."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Input

from mbclient.domain.safetext import own_text
from mbclient.ui.ownwords import in_place, typed


class WordsInput(Input):
    """An input that takes every character of a text, and paints it safely."""

    async def _on_key(self, event: events.Key) -> None:
        """What the toolkit's own handler, which follows this one, would pass over."""
        if not event.is_printable and (text := typed(event)):
            event.stop()
            event.prevent_default()
            self.replace(text, *self.selection)

    def _on_paste(self, event: events.Paste) -> None:
        """Lines one behind the other: the toolkit's own handler, which follows, keeps the first alone."""
        event.text = own_text(event.text).replace("\t", " ").replace("\n", " ")

    @property
    def _value(self) -> Text:
        return Text(in_place(self.value).replace("\t", "\u200c"), no_wrap=True, overflow="ignore", end="")
