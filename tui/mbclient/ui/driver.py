"""The toolkit's driver, over a terminal that may go away while the program runs, and asleep while nobody types.

With SIGHUP ignored nobody tells the program. The toolkit's reading thread then spins on the end of its input, and its
writing thread dies at the first write, after which the thirtieth holds the whole program for ever. And all day long it
wakes ten times a second to see whether it is to end: more than all else that an idle program costs (speed facts G23).
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, TextIO, cast

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._time import get_time
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from mbclient.ui.ending import TerminalGone
from mbclient.ui.pasting import PasteParser

if TYPE_CHECKING:
    from io import TextIOWrapper

CHUNK = 4096  # bytes of input at once
CLEARED = "\x1b[H\x1b[2J"


def in_gnu_screen() -> bool:
    """Whether this is a window of GNU screen, as 4.9 is without settings.

    While a program there has the mouse, it holds an Esc back until the next key: it might begin what a click sends. And
    it has no second screen to give back what stood there before.
    """
    return bool(os.environ.get("STY"))


class TerminalFile:
    """The terminal as a file to write to. What nobody is there to read is dropped; `gone` is told of it once."""

    def __init__(self, file: TextIO, gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone
        self._is_gone = False

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _try(self, do: Callable[[], object]) -> None:
        if not self._is_gone:
            try:
                do()
            except OSError:
                self._is_gone = True
                self._gone()


class SelectableEvent(Event):
    """An event that ends a `select` too, by a pipe to oneself. Set and cleared by one thread, seen by another."""

    def __init__(self) -> None:
        super().__init__()
        self._reading_end, self._writing_end = os.pipe()

    def fileno(self) -> int:
        return self._reading_end

    def set(self) -> None:
        if not self.is_set():
            super().set()
            os.write(self._writing_end, b"!")

    def clear(self) -> None:
        if self.is_set():
            os.read(self._reading_end, 1)
            super().clear()


class LastingDriver(LinuxDriver):
    """Tells the application `TerminalGone`, once, as soon as it is."""

    exit_event: SelectableEvent
    """Set for the reading thread to end."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse and not in_gnu_screen(), size=size)
        file = TerminalFile(cast("TextIO", self._file), self._tell_soon)
        self._file = cast("TextIOWrapper", file)  # as much of one as the toolkit's writing thread uses
        self.exit_event = SelectableEvent()
        self._told = False
        self._held: list[str] = []  # of a frame
        self._in_frame = False

    def write(self, data: str) -> None:
        """A frame in one piece: the toolkit brings its beginning, its lines and its end apart, and the writing thread
        would wake and write for each.
        """
        if data in (SYNC_START, SYNC_END):
            self._in_frame = data == SYNC_START
        self._held.append(data)
        if not self._in_frame:
            super().write("".join(self._held))
            self._held.clear()

    def stop_application_mode(self) -> None:
        self._in_frame = False  # whatever became of it
        if in_gnu_screen():
            self.write(CLEARED)
        super().stop_application_mode()

    def _tell_soon(self) -> None:
        """From another thread."""
        self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        self.exit_event.set()
        if not self._told:
            self._told = True
            self._app.post_message(TerminalGone())

    def run_input_thread(self) -> None:
        """What the toolkit's does with what is typed; what is pasted stays text. Only where more may follow, as after
        an Esc, does it look at the clock.
        """
        parser = PasteParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            keyboard = selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self.exit_event, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                until = parser._timeout_time
                ready = selector.select(max(until - get_time(), 0) if until is not None else None)
                if any(key is keyboard for key, _events in ready):
                    typed = self._typed()
                    if not typed:
                        self._tell_soon()
                        return
                    if text := decode(typed):  # else a letter's first bytes: to the parser no text is the end of all
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _typed(self) -> bytes:
        """Nothing where the terminal is gone: some systems end its input, others refuse to read it."""
        try:
            return os.read(self.fileno, CHUNK)
        except OSError:
            return b""
