"""A program in a terminal of its own: when it paints, what a key costs until the last frame that it causes.

A frame ends where the program ends a synchronised update (`CSI ? 2026 l`); a key's time runs from the write to the last
of them before 60 ms of silence (speed facts 2).
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = (120, 40)
SILENCE_S = 0.06
PATIENCE_S = 60.0
NULL = "tests.benchmarks.apps.null"
INSTALLED = "tests.benchmarks.apps.installed"
CTRL_Q = b"\x11"
FRAME = b"\x1b[?2026l"
_ASKED = re.compile(rb"\x1b\[\?2026\$p")
_SEQUENCES = re.compile(rb"\x1b(?:\[[0-9;:?<=>$!]*[A-Za-z~@`]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")


class Broken(Exception):
    """A program ended, or never showed what it should; with the last it wrote."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a key did: seconds until its last frame (0: none came), seconds of CPU of all threads, bytes written."""

    seconds: float
    cpu: float
    written: int


class Terminal:
    """Everything waits by itself, for `PATIENCE_S` at most. `is_null`: it is the yardstick.

    `leave`: the keys that end it in order. Without them it is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = SIZE,
        leave: bytes = b"",
    ) -> None:
        self._command = command
        self._leave = leave
        self.is_null = command[-1] == NULL
        self._env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self._size = size
        self._shown = b""
        self._ended_a_frame = False  # whether the part that was read last holds the end of one
        self.begun = 0.0

    def __enter__(self) -> Self:
        self._fd, inner = pty.openpty()
        self._resize(*self._size)
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, stdin=inner, stdout=inner, stderr=inner, env=self._env, start_new_session=True
        )
        os.close(inner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._leave and kind is None:
            self._end_in_order()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._fd)

    def _end_in_order(self) -> None:
        os.write(self._fd, self._leave)
        begun = time.perf_counter()
        with suppress(Broken):  # the other end is closed: that is what was wanted
            while self._process.poll() is None and time.perf_counter() - begun < PATIENCE_S:
                self._read(0.1)

    def _resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _tell_size(self) -> None:
        os.killpg(self._process.pid, signal.SIGWINCH)  # nobody else would: it is not the program's controlling terminal

    # ------------------------------------------------------------ what it shows

    def _read(self, seconds: float) -> bytes:
        self._ended_a_frame = False
        if not select.select([self._fd], [], [], seconds)[0]:
            return b""
        try:
            part = os.read(self._fd, 1 << 16)
        except OSError as error:  # the other end is closed
            raise Broken(f"{self._command[0]} ended: {self.text()[-300:]}") from error
        for _asked in _ASKED.findall(part):
            os.write(self._fd, b"\x1b[?2026;2$y")
        self._ended_a_frame = FRAME in self._shown[1 - len(FRAME) :] + part  # the end may come in two parts
        self._shown += part
        return part

    def text(self) -> str:
        """All that was ever written, without its sequences."""
        return _SEQUENCES.sub(b"", self._shown).decode("utf-8", "replace")

    def until(self, marker: str) -> float:
        """Seconds from the start until this text has been written."""
        while marker not in self.text():
            if time.perf_counter() - self.begun > PATIENCE_S:
                raise Broken(f"{marker!r} never came: {self.text()[-300:]}")
            self._read(1)
        return time.perf_counter() - self.begun

    def settle(self, silence: float = 0.5) -> None:
        """Reads until it has been silent for so long."""
        while self._read(silence):
            pass

    # ------------------------------------------------------------ what it costs

    def send(self, keys: bytes) -> None:
        """Without waiting for anything."""
        os.write(self._fd, keys)

    def press(self, keys: bytes, silence: float = SILENCE_S) -> Press:
        """Sends a key and waits for so much silence after it."""
        cpu, written, last = self.cpu(), 0, 0.0
        begun = time.perf_counter()
        os.write(self._fd, keys)
        while part := self._read(silence):
            written += len(part)
            if self._ended_a_frame:
                last = time.perf_counter() - begun
        return Press(last, self.cpu() - cpu, written)

    def hold(self, keys: bytes, times: int, every: float) -> list[float]:
        """A key that is held down: seconds from each of its presses to the next frame that ends after it."""
        waits: list[float] = []
        pending: list[float] = []
        begun = time.perf_counter()
        sent = 0
        while sent < times or pending:
            due = begun + sent * every
            now = time.perf_counter()
            if sent < times and now >= due:
                os.write(self._fd, keys)
                pending.append(now)
                sent += 1
                continue
            part = self._read(max(due - now, 0) if sent < times else PATIENCE_S)
            if self._ended_a_frame:
                end = time.perf_counter()
                waits += [end - press for press in pending]
                pending.clear()
            elif not part and sent >= times:
                raise Broken(f"no frame after the last of {times} keys: {self.text()[-300:]}")
        return waits

    def resize(self, columns: int, rows: int) -> Press:
        """Likewise for another size."""
        cpu, written, last = self.cpu(), 0, 0.0
        begun = time.perf_counter()
        self._resize(columns, rows)
        self._tell_size()
        while part := self._read(2 * SILENCE_S):
            written += len(part)
            last = time.perf_counter() - begun
        return Press(last, self.cpu() - cpu, written)

    def cpu(self) -> float:
        """Seconds of CPU of all its threads so far."""
        total = 0
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def peak_memory(self) -> float:
        """MB: the most that it ever held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024


def null() -> Terminal:
    """The yardstick."""
    return Terminal([sys.executable, "-m", NULL])


def mbclient(folder: Path, *more: str) -> Terminal:
    """The program as installed, over a folder that `homes.home` has filled.

    It is left as users leave it: after a kill the next start looks for damage, up to half a second long.
    """
    settings = ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data")]
    return Terminal([sys.executable, "-m", INSTALLED, *settings, *more], leave=CTRL_Q)
