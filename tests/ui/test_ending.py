"""The real program in a terminal of its own, ended from outside: by a signal, or by a terminal that goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mbclient.ui.ending import stop, undisturbed, when_told_to_end
from tests.benchmarks.terminal import PATIENCE_S, Broken, Terminal

CONFIG = 'schema = 1\nlanguage = "en"\n[[accounts]]\nname = "notes"\nservice = "local"\n'
# As a terminal window starts it: the terminal is the session's own, so that closing it hangs the program up.
OWN_TERMINAL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "mbclient", *sys.argv[2:]])
"""
ENDED_IN_A_STRING = """
import os, signal, sys
from mbclient.ui.ending import stop, when_told_to_end
with when_told_to_end(stop):
    try:
        exec("os.kill(os.getpid(), signal.SIGTERM); signal.pause()")
    except KeyboardInterrupt:
        sys.exit(130)
"""
INTERRUPTED = 130


class Window(Terminal):
    """A terminal that can be closed under the program."""

    def __init__(self, *words: str, deaf: bool = False, temporary: Path | None = None) -> None:
        command = [sys.executable, "-c", OWN_TERMINAL, "deaf" if deaf else "", *words]
        super().__init__(command, env={"TMPDIR": str(temporary), "XDG_STATE_HOME": os.devnull} if temporary else None)

    def close(self) -> None:
        """Its number stays taken, for the base class to close."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, self._fd)
        os.close(nowhere)

    def tell(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def status(self) -> int:
        """Waits for the end, however it comes; fails where the program goes on."""
        with suppress(Broken):
            self.settle(PATIENCE_S)
        return self._process.wait(PATIENCE_S)


@pytest.fixture
def settings(tmp_path: Path) -> list[str]:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    return ["--config", str(tmp_path / "config.toml"), "--data-dir", str(tmp_path / "data")]


def drafts(settings: list[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mbclient", *settings, "drafts", "list", "--json"],
        capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    return [json.loads(line)["text"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("how", ["closed", "closed under nohup", "SIGHUP", "SIGTERM"])
def test_it_leaves_in_good_order_with_the_last_word_that_was_typed(settings: list[str], how: str) -> None:
    with Window(*settings, deaf="nohup" in how) as window:
        window.until("Compose")
        window.press(b"c")
        window.until("Ctrl+S")
        window.send(b"sista ordet")
        window.until("ordet")  # and before the pause after which it is kept
        if how in ("SIGHUP", "SIGTERM"):
            window.tell(signal.Signals[how])
        else:
            window.close()
        assert window.status() == INTERRUPTED
        assert "Traceback" not in window.text()
    assert drafts(settings) == ["sista ordet"]


@pytest.mark.parametrize("how", ["closed", "closed under nohup", "SIGHUP", "SIGTERM"])
def test_the_demo_leaves_nothing_behind(tmp_path: Path, how: str) -> None:
    with Window("--demo", deaf="nohup" in how, temporary=tmp_path) as window:
        window.until("Compose")
        assert [each.name.startswith("mbclient-demo-") for each in tmp_path.iterdir()] == [True]
        if how in ("SIGHUP", "SIGTERM"):
            window.tell(signal.Signals[how])
        else:
            window.close()
        assert window.status() == INTERRUPTED
    assert list(tmp_path.iterdir()) == []


def test_the_demo_leaves_nothing_behind_however_early_it_is_ended(tmp_path: Path) -> None:
    with Window("--demo", temporary=tmp_path) as window:
        while not list(tmp_path.iterdir()):
            window._read(0.001)
        window.tell(signal.SIGHUP)
        assert window.status() == INTERRUPTED
    assert list(tmp_path.iterdir()) == []


def test_what_is_ignored_stays_so_and_the_old_ways_come_back() -> None:
    told: list[str] = []
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    terminated = signal.getsignal(signal.SIGTERM)
    try:
        with when_told_to_end(lambda: told.append("outer")):
            with when_told_to_end(lambda: told.append("inner")):
                signal.raise_signal(signal.SIGTERM)
                signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        assert told == ["inner", "outer"]
        assert signal.getsignal(signal.SIGTERM) == terminated
    finally:
        signal.signal(signal.SIGHUP, before)
    with pytest.raises(KeyboardInterrupt):
        stop()


def test_undisturbed_the_end_waits_where_the_system_can_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with when_told_to_end(lambda: told.append("end")):
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            assert told == []
        assert told == ["end"]
        monkeypatch.delattr(signal, "pthread_sigmask")
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            assert told == ["end", "end"]


def test_an_end_in_the_middle_of_a_definition_gives_the_same_status(tmp_path: Path) -> None:
    (tmp_path / "early.py").write_text(ENDED_IN_A_STRING, "utf-8")
    done = subprocess.run([sys.executable, "-m", "early"], cwd=tmp_path, timeout=PATIENCE_S)
    assert done.returncode == INTERRUPTED
