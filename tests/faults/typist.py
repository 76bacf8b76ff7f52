"""Types into the real screen, in a terminal of its own, and kills it with SIGKILL at a random moment; many times over.

Everything is imported once and each run is a fork. One JSON object a line comes in on standard input: the program's
`argv`, the `seconds` of typing, the `first` number of its words, and the last word that must be on the screen before
the first key (`shown`; empty: the composer has to be opened). One goes out: the `words` that were painted, each with
its age in seconds when the program was killed, and how long a key took to be painted at most (`lag`).
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import select
import signal
import struct
import sys
import termios
import time
from typing import Any

import mbclient.ui.start  # noqa: F401 - what the program imports late is imported here, once for all runs
from mbclient.cli.main import main
from tests.benchmarks.terminal import _SEQUENCES

SIZE = (30, 100)
PATIENCE_S = 60.0
OPEN = "/5000"  # the length of what is written, of so many letters that the notebook takes
PAUSE_S = 0.25  # between two words, at most


class Screen:
    """What a program paints, and the keys to it."""

    def __init__(self, argv: list[str]) -> None:
        self._painted = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
            status = 70
            for number, name in enumerate(("stdin", "stdout", "stderr")):  # what they are of changed: a pipe, a file
                setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - to the end
            try:
                status = main(argv)
            finally:
                os._exit(status)

    def send(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def read(self, seconds: float) -> None:
        """What comes within this time, and no more."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self._fd], [], [], left)[0]:
            try:
                self._painted += os.read(self._fd, 1 << 16)
            except OSError as error:
                raise AssertionError(f"it ended by itself: {self._text()[-500:]}") from error

    def shows(self, word: str, seconds: float = PATIENCE_S) -> bool:
        """Waits until this has been painted."""
        end = time.monotonic() + seconds
        while word not in self._text():
            if time.monotonic() > end:
                return False
            self.read(0.01)
        return True

    def _text(self) -> str:
        return _SEQUENCES.sub(b"", self._painted).decode("utf-8", "replace")

    def forget(self) -> None:
        """Only what is painted from now on counts."""
        self._painted = b""

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def typed(order: dict[str, Any]) -> dict[str, Any]:
    """One run, up to its kill."""
    screen = Screen(order["argv"])
    painted: list[tuple[str, float]] = []
    lag, number = 0.0, int(order["first"])
    try:
        if not screen.shows("Posts today") or not screen.shows(order["shown"]):
            raise AssertionError("the screen never came")
        screen.send(" " if order["shown"] else "c")  # behind half a word
        if not screen.shows(OPEN):
            raise AssertionError("the composer never came")
        end = time.monotonic() + float(order["seconds"])
        while (begun := time.monotonic()) < end:
            word = f"w{number:06}"
            number += 1
            screen.forget()
            screen.send(f"{word} ")
            if not screen.shows(word, max(0.0, end - begun)):
                break
            now = time.monotonic()
            lag = max(lag, now - begun)
            painted.append((word, now))
            screen.read(random.uniform(0, PAUSE_S))
    finally:
        screen.kill()
    killed = time.monotonic()
    return {"words": [(word, killed - at) for word, at in painted], "lag": lag, "next": number}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(typed(json.loads(line)))}\n")
        sys.stdout.flush()
