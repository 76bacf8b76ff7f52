"""What is pasted is text, never keys, and holds no control characters (reliability facts 4.5).

The toolkit reads an escape character inside a bracketed paste as the start of a key: pasting `ESC Ctrl+S` would send
the draft. Most terminals take escapes out of a paste; tmux and old ones hand them on.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.message import Message

from mbclient.domain.safetext import SafeText

BEGIN, END = "\x1b[200~", "\x1b[201~"
_CONTROLS = {*range(32), *range(0x7F, 0xA0)} - set(map(ord, "\t\n\r\x85"))
PICTURES = {code: str(SafeText(chr(code))) for code in _CONTROLS}


class PasteParser(XTermParser):
    """The toolkit's parser, with control characters inside a paste made visible before it sees them."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasting = False
        self._tail = ""  # the last characters handed on: a mark may be cut between two reads
        self._held = ""  # what may be the start of the end mark

    def feed(self, data: str) -> Iterable[Message]:
        kept = self._without_controls(data)
        return super().feed(kept) if kept or not data else ()  # an empty string would be the end of all input

    def _without_controls(self, data: str) -> str:
        parts: list[str] = []
        while data:
            if not self._pasting:
                before, data = self._to_begin(data)
                parts.append(before)
                continue
            data = self._held + data
            inside, end, rest = data.partition(END)
            self._held = "" if end else _possible_start(inside)
            parts += (inside.removesuffix(self._held).translate(PICTURES), end)
            self._pasting = not end
            data = rest
        return "".join(parts)

    def _to_begin(self, data: str) -> tuple[str, str]:
        """Up to the mark that begins a paste, and what follows it."""
        seen = self._tail + data
        at = seen.find(BEGIN)
        if at < 0:
            self._tail = seen[-len(BEGIN) + 1 :]
            return data, ""
        self._tail, self._pasting = "", True
        cut = at + len(BEGIN) - (len(seen) - len(data))
        return data[:cut], data[cut:]


def _possible_start(text: str) -> str:
    """The longest end of the text that the end mark begins with."""
    return next((END[:size] for size in range(len(END) - 1, 0, -1) if text.endswith(END[:size])), "")
