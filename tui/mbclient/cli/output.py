"""The only place that prints: JSON for programs, wrapped text for people, errors and progress on standard error.

Everything plain goes through `SafeText` once more, so that no control character leaves but the colours made here
(reliability facts 4.5).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

from mbclient.cli.wrapping import cells, wrap
from mbclient.core.jsontext import json_text
from mbclient.domain.errors import MbclientError, joined
from mbclient.domain.safetext import SafeText

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}


class Output:
    """How this run answers. `json`: objects; else text of `width` cells, coloured on a terminal without NO_COLOR."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.json = as_json
        self.width = terminal_width()
        self.line_width = self.width if _is_terminal(sys.stdout) or "COLUMNS" in os.environ else None
        self.colour = _is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # JSON is UTF-8 everywhere; words never fail on a narrow locale
                if as_json and stream is sys.stdout:
                    stream.reconfigure(encoding="utf-8", errors="backslashreplace")
                else:
                    stream.reconfigure(errors="replace")

    # ------------------------------------------------------------ answers

    def object(self, value: Mapping[str, object]) -> None:
        """One JSON object on one line."""
        print(json_text(value))

    def document(self, data: bytes) -> None:
        """A document as it is, byte for byte; whoever made it has cleaned what came from outside."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def line(self, text: str = "", style: str = "") -> None:
        """Text as it is, cleaned, unwrapped."""
        print(self.styled(str(SafeText(text)), style))

    def text(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Text wrapped to the width."""
        for line in wrap(str(SafeText(text)), self.width - indent):
            print(" " * indent + self.styled(line, style) if line else "")

    def rows(self, rows: Iterable[tuple[str, str]], *, indent: int = 0) -> None:
        """Names and values in two columns; a name too long for its column stands above its value."""
        listed = [(str(SafeText(name)), str(SafeText(value))) for name, value in rows]
        left = 2 + min(max((cells(name) for name, _value in listed), default=0), (self.width - indent) // 2)
        room = self.width - indent - left
        for name, value in listed:
            lines = wrap(value, room)
            if cells(name) > left - 2:
                names = wrap(name, self.width - indent)
            else:
                names = [f"{name}{' ' * (left - cells(name))}{lines.pop(0)}".rstrip()]
            for line in [*names, *(" " * left + line for line in lines)]:
                print(" " * indent + line)

    def styled(self, text: str, style: str) -> str:
        """In bold or a colour, where there may be colours."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and text and self.colour else text

    # ------------------------------------------------------------ beside the answer

    def note(self, text: str) -> None:
        """A sentence on standard error that is no failure."""
        print_error(text)

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        """Says on a terminal what is being waited for, and takes it away again."""
        live = _is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        if live:
            print(f"{SafeText.line(text)} …", end="", file=sys.stderr, flush=True)
        try:
            yield
        finally:
            if live:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def error_line(error: MbclientError) -> str:
    """What went wrong; what to do. A rule's words end in a full stop, which has no place before the semicolon."""
    return joined(error.problem.rstrip("."), error.advice)


def print_error(text: str) -> None:
    """The one line of an error: `mbclient: what went wrong; what to do`. Where nobody can be told it is dropped."""
    with suppress(OSError):
        print(f"mbclient: {SafeText.line(text, max_characters=2000)}", file=sys.stderr, flush=True)


def terminal_width() -> int:
    """Cells to write in: COLUMNS, else the terminal's, else 80."""
    import shutil

    return max(20, min(shutil.get_terminal_size((80, 24)).columns, 500))


def _is_terminal(stream: TextIO) -> bool:
    return not stream.closed and stream.isatty()


def ascii_only() -> bool:
    """Whether the terminal cannot show the meter's symbols."""
    try:
        "✓●".encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        return True
    return False
