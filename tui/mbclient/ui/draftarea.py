"""Where one types: plain text, soft wrapped; it takes every character of a text, and paints none that steers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

from mbclient.core.completing import begun_word
from mbclient.domain.safetext import holds_none_of_a_text, own_text
from mbclient.texts import N_, _
from mbclient.ui.ownwords import in_place, typed

PICTURED = re.compile("[␀-␡\ufffd]")  # what came from the terminal has been made visible already
_UNENDED = re.compile(r"(?<!\S)[@#][\w.@-]*\Z")


class DraftArea(TextArea):
    """A text area without code manners: tab leaves it, and control characters never enter it."""

    DEFAULT_CSS = """
    DraftPane #warning { height: 1; border: none; padding: 0 1; background: $surface; display: none; }
    DraftPane #warning:focus, DraftPane DraftArea:focus { border: none; }
    DraftPane.-open.-warned #warning { display: block; }
    DraftPane DraftArea { height: auto; min-height: 5; max-height: 16; border: none; padding: 0 1;
                          background: $surface; }
    DraftPane.-aside DraftArea, DraftPane.-aside #warning { background: $background; color: $text-muted; }
    DraftPane PartsView { display: none; }
    DraftPane.-threaded PartsView { display: block; }
    DraftPane.-threaded DraftArea { max-height: 7; }
    DraftPane.-closed DraftArea, DraftPane.-closed #verdict, DraftPane.-closed Endings,
    DraftPane.-closed PartsView { display: none; }
    DraftPane.-waiting DraftArea, DraftPane.-waiting #verdict, DraftPane.-waiting Endings,
    DraftPane.-waiting PartsView { display: none; }
    """
    SCOPED_CSS = False  # the open pane's rules stand with the part that comes first then: a start has no use for them

    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        Binding("tab", "tab", N_("Take the proposed name or tag, or go to the next pane"), show=False)
    ]

    class Proposed(Message):
        """How the name or tag before the cursor could end is another matter now."""

    def __init__(self, endings: Callable[[str], Sequence[str] | None]) -> None:
        """`endings`: asked at every key how a name or tag that was begun could end; None while that is not known."""
        super().__init__(soft_wrap=True, show_line_numbers=False, compact=True)
        self._endings = endings
        self._begun: tuple[tuple[int, int], str] = ((0, 0), "")  # where the word begins, and what stands there
        self._kept = (0, 0, "")  # the place and the name or tag that Tab last stayed at
        self.proposed: tuple[str, ...] = ()
        self.taken: int | None = None  # which of those stands in the text; None while the user's own letters do

    def on_resize(self) -> None:
        """The toolkit's area wraps anew only when it hears of its size: after it was laid out and painted."""
        self.refresh(layout=True)

    def look(self) -> None:
        """After every change, and when the cursor moved: what is being written, and how it could end."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        start, stands = self._begun
        if self.taken is not None and start[0] == row and before[start[1] :] == stands:
            return
        begun = begun_word(before)
        proposed = tuple(self._endings(begun) or ()) if begun else ()
        told = (self.proposed, self.taken)
        self._begun, self.taken, self.proposed = ((row, column - len(begun)), begun), None, proposed
        if told != (proposed, None):
            self.post_message(self.Proposed())

    def take(self, place: int) -> None:
        """Puts one of those proposed in the place of what was begun; the area's own undo takes it back."""
        if place >= len(self.proposed):
            return
        (row, column), stands = self._begun
        text = f"{self.proposed[place]} "
        self.taken, self._begun = place, ((row, column), text)
        self.replace(text, (row, column), (row, column + len(stands)))
        self.move_cursor((row, column + len(text)))
        self.post_message(self.Proposed())

    def action_tab(self) -> None:
        """The first ending, then the next; where none is proposed, on to the next pane.

        A name or tag that nothing ends keeps the keys once, and it is said: whoever thinks it was ended types on, and
        among the posts each letter is a command.
        """
        row, column = self.cursor_location
        unended = _UNENDED.search(self.document.get_line(row)[:column])
        if self.proposed:
            self.take(0 if self.taken is None else (self.taken + 1) % len(self.proposed))
        elif unended and self._kept != (row, column, unended[0]):
            self._kept = (row, column, unended[0])
            self.app.notify(self._why_unended(unended[0]), markup=False)
        else:
            self.screen.focus_next()

    def _why_unended(self, begun: str) -> str:
        if self._endings(begun) is None:
            return _("The names you have read are being looked up; Tab again leaves the text.")
        return _("Nothing you have read ends it; Tab again leaves the text.")

    async def _on_key(self, event: events.Key) -> None:
        """Alt with a letter is a command, not the letter: the text area would type it before any binding hears it.

        What it takes for no text, such as the joiner inside an emoji, is typed here.
        """
        if event.key.startswith("alt+"):
            event.prevent_default()
        elif not event.is_printable and (text := typed(event)):
            event.stop()
            event.prevent_default()
            self.replace(text, *self.selection, maintain_selection_offset=False)

    def get_line(self, line_index: int) -> Text:
        """As it may be painted; the draft has what was written."""
        return Text(in_place(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        """Cleans the text; the toolkit's own handler, which follows this one, pastes it."""
        raw, event.text = event.text, own_text(event.text)
        if holds_none_of_a_text(raw) or PICTURED.search(raw):
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
