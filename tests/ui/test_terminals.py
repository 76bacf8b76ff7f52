"""In real terminals: what a key costs over a slow line, and how the program does in tmux and in screen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.terminal import Terminal
from tests.servers.installation import installed

PROGRAM = [sys.executable, "-m", "mbclient"]
PATIENCE_S = 30.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("env", "moving", "paging", "letter"),
    [({}, 3_000, 8_000, 1_400), ({"COLORTERM": ""}, 2_300, 6_500, 1_200), ({"NO_COLOR": "1"}, 1_200, 4_000, 800)],
    ids=["truecolor", "256 colours", "no colour"],
)
def test_a_key_writes_few_bytes(
    env: dict[str, str], moving: int, paging: int, letter: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 80×24. On a line of 9,600 bits a second, 1,000 bytes take one: paging there is for the patient."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    with Terminal([*PROGRAM, "--demo"], size=(80, 24), env={"HOME": str(home), **env}) as terminal:
        terminal.until("Quit")
        terminal.settle()
        within = min(terminal.press(key).written or paging for key in (b"j", b"k", b"j", b"k"))
        pages = median(terminal.press(b"\x1b[6~").written for _ in range(5))
        terminal.press(b"c")
        terminal.settle()
        letters = median(terminal.press(b"a").written for _ in range(9))
        terminal.press(b"\x1b")
    assert within < moving
    assert pages < paging
    assert letters < letter


@dataclass(frozen=True, slots=True)
class Tmux:
    """A server of its own with one session."""

    socket: Path

    def __call__(self, *words: str) -> str:
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=PATIENCE_S).stdout

    def start(self, *command: str, home: Path, **env: str) -> None:
        wanted = {"HOME": str(home), "LANG": "C.UTF-8", **env}
        told = [word for name, value in wanted.items() for word in ("-e", f"{name}={value}")]
        self("new-session", "-d", "-x", "80", "-y", "24", *told, *command)

    def rows(self) -> list[str]:
        return self("capture-pane", "-p").splitlines()

    def state(self, of: str) -> str:
        return self("display-message", "-p", f"#{{{of}}}").strip()

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, "\n".join(self.rows())
            time.sleep(0.1)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    installed("tmux")
    server = Tmux(tmp_path / "tmux")
    yield server
    subprocess.run(["tmux", "-S", str(server.socket), "kill-server"], capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "sv"])
def test_in_tmux_all_is_drawn_and_the_screen_given_back(tmux: Tmux, home: Path, language: str) -> None:
    lang = {"en": "en_US.UTF-8", "sv": "sv_SE.UTF-8"}[language]
    quit_word, work = {"en": ("q Quit", "1 Work"), "sv": ("q Avsluta", "1 Arbete")}[language]
    path = os.environ.get("PYTHONPATH", "")
    command = f"{' '.join(PROGRAM)} --demo; echo given back; exec sleep 60"
    tmux.start("sh", "-c", command, home=home, PYTHONPATH=path, LANG=lang, LC_ALL="")
    tmux.until(lambda: quit_word in tmux.rows()[-1])
    assert tmux.state("alternate_on") == "1"
    rows = tmux.rows()
    assert work in rows[1]
    assert rows[2].startswith("▌")
    assert all(len(row) <= 80 for row in rows)
    tmux("send-keys", "j")
    tmux.until(lambda: not tmux.rows()[2].startswith("▌"))
    tmux("send-keys", "q")
    tmux.until(lambda: tmux.state("alternate_on") == "0")
    tmux.until(lambda: tmux.rows()[0] == "given back")
    assert tmux.state("cursor_flag") == "1"


@pytest.mark.slow
def test_the_demo_reads_as_its_user_does_and_leads_the_cursor_into_a_question(tmux: Tmux, home: Path) -> None:
    own = home / "own"
    own.mkdir()
    config = own / "config.toml"
    config.write_text('schema = 1\nlanguage = "sv"\nplain = true\n[keys]\nquit = "X"\n', "utf-8")
    options = ("--config", str(config), "--data-dir", str(own / "data"))
    path = os.environ.get("PYTHONPATH", "")
    tmux.start(*PROGRAM, "--demo", *options, home=home, PYTHONPATH=path)
    tmux.until(lambda: "X Avsluta" in tmux.rows()[-1])
    tmux.until(lambda: "[1 Arbete]" in tmux.rows()[1])  # the frame after the first
    assert list(own.iterdir()) == [config]
    tmux("send-keys", "M")
    tmux.until(lambda: any("Vad ska döljas?" in row for row in tmux.rows()))
    first = next(place for place, row in enumerate(tmux.rows()) if "Allt av @" in row)
    tmux.until(lambda: tmux.state("cursor_y") == str(first))
    assert tmux.state("cursor_flag") == "1"


@pytest.fixture
def gnu_screen(tmux: Tmux, tmp_path: Path, home: Path) -> Iterator[Tmux]:
    """The demo in GNU screen, which is shown in tmux as in any other terminal."""
    program = installed("screen")
    sessions = tmp_path / "screen"
    sessions.mkdir(mode=0o700)
    env = {"SCREENDIR": str(sessions), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    demo = f"{' '.join(PROGRAM)} --demo; echo given back; exec cat"
    command = ["env", "TERM=xterm-256color", program, "-c", "/dev/null", "-U", "-S", "demo", "sh", "-c", demo]
    tmux.start(*command, home=home, LC_ALL="C.UTF-8", **env)
    yield tmux
    leave = [program, "-S", "demo", "-X", "quit"]
    subprocess.run(leave, env={**os.environ, **env}, capture_output=True, check=False, timeout=PATIENCE_S)


@pytest.mark.slow
def test_in_gnu_screen_keys_and_sizes_arrive_and_the_screen_is_given_back(gnu_screen: Tmux) -> None:
    tmux = gnu_screen

    def shows(words: str) -> bool:
        return any(words in row for row in tmux.rows())

    def presses(*keys: str, until: str) -> None:
        tmux("send-keys", *keys)
        tmux.until(lambda: shows(until))

    tmux.until(lambda: shows("q Quit"))
    coloured = tmux("capture-pane", "-p", "-e")
    assert "38;5;" in coloured  # not the sixteen of old
    presses("c", until="Ctrl+S Send")
    tmux("set-buffer", "rad ett\nrad två")
    tmux("paste-buffer", "-p")
    tmux.until(lambda: shows("rad två"))
    presses("Escape", until="q Quit")  # at once: nothing is pressed after it
    presses("D", until="rad ett rad två")
    presses("Escape", until="1 Work")
    presses("s", until="Posts a day")
    presses("Escape", until="1 Work")
    tmux("resize-window", "-x", "120", "-y", "36")
    tmux.until(lambda: shows("Statistics: yours alone") and tmux.rows()[-1].strip().endswith("q Quit"))
    tmux("resize-window", "-x", "80", "-y", "24")
    tmux.until(lambda: not shows("Statistics: yours alone") and tmux.rows()[-1].strip().endswith("q Quit"))
    tmux("send-keys", "q")
    tmux.until(lambda: tmux.rows()[0] == "given back")
    assert not shows("mastodon")
    assert tmux.state("cursor_flag") == "1"


@pytest.mark.slow
def test_in_plain_reading_the_terminals_cursor_is_on_the_selected_post(tmux: Tmux, home: Path) -> None:
    config = home / "config.toml"
    config.write_text(
        'schema = 1\nlanguage = "en"\nplain = true\n\n[[accounts]]\nname = "notes"\nservice = "local"\n', "utf-8"
    )
    options = ["--config", str(config), "--data-dir", str(home / "data")]
    env = {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    for text in ("One", "Two"):
        subprocess.run([*PROGRAM, *options, "post", text, "--yes"], env=env, check=True, capture_output=True)
    tmux.start(*PROGRAM, *options, home=home, PYTHONPATH=os.environ.get("PYTHONPATH", ""), LC_ALL="C.UTF-8")
    tmux.until(lambda: any(row.startswith(">") for row in tmux.rows()) and tmux.state("cursor_flag") == "1")

    def row_below(down: int) -> str:
        return tmux.rows()[int(tmux.state("cursor_y")) + down]

    tmux("send-keys", "j")
    tmux.until(lambda: "One" in row_below(1))
    assert row_below(0).startswith(">")
    tmux("send-keys", "k")
    tmux.until(lambda: "Two" in row_below(1))
    assert row_below(0).startswith(">")
