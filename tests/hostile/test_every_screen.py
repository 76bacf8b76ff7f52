"""The real program in a terminal of its own, and every command, over a data folder whose every field is hostile: the
bytes are compared with those of the same tour over a harmless one (reliability facts 4.5).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from mbclient.cli.table import COMMANDS
from tests.benchmarks.terminal import Terminal, mbclient
from tests.cli.conftest import Clock, CommandLine
from tests.hostile.corpus import POSTS
from tests.hostile.filled import home_with
from tests.hostile.test_terminal import drain, foreign, kinds, without_sequences

pytestmark = pytest.mark.slow
long = pytest.mark.timeout(600)
BATCH = 110  # a run is some forty seconds
FIRST = "openssl first"
# Each screen from the main one, how many pages of it, and what else is pressed there.
TOUR: tuple[tuple[bytes, int, tuple[bytes, ...]], ...] = (
    (b"gg", 20, (b"x", b"x")), (b"S", 0, ()), (b"S", 0, ()), (b"\r", 4, ()), (b"a", 4, ()), (b"i", 3, ()),
    (b"m", 1, ()), (b"M", 1, ()), (b"/openssl\r", 9, ()), (b"N", 14, ()), (b"O", 20, (b"\r",)), (b"D", 14, ()),
    (b"T", 1, ()), (b"H", 2, ()), (b"s", 3, (b"j", b"\r")), (b",", 2, ()), (b"?", 3, ()), (b"\x10", 1, (b"openssl",)),
    (b"r", 0, ()), (b"Q", 0, (b"\x0f",)), (b"Z", 0, ()), (b"p", 4, ()),
)  # fmt: skip


def tour(folder: Path) -> bytes:
    """All that a visit to every screen writes."""
    with mbclient(folder) as terminal:
        terminal.until(FIRST)
        terminal.press(b"w")
        for keys, pages, more in TOUR:
            terminal.press(keys)
            for _page in range(pages):
                terminal.press(b"\x1b[6~")
            for each in more:
                terminal.press(each)
            _back(terminal)
        terminal.send(b"q")
        drain(terminal)
        return terminal._shown


def _back(terminal: Terminal) -> None:
    for _level in range(3):
        terminal.press(b"\x1b")
        terminal.settle(0.12)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, bytes, bytes]]:
    texts = [FIRST, *(f"openssl nummer {number} är ute" for number in range(BATCH))]
    written = tour(home_with(tmp_path_factory.mktemp("harmless") / "home", texts))
    shown = without_sequences(written).decode("utf-8")
    assert foreign(shown, besides="\r\n\x07") == set()
    for word in ("Outbox", "Drafts", "Notifications", "Statistics", "Settings", "Mutes", "Covered.", "Everywhere"):
        assert word in shown, word  # the tour came by
    return kinds(written)


@long
@pytest.mark.parametrize("start", range(0, len(POSTS), BATCH))
def test_no_screen_writes_a_foreign_byte(tmp_path: Path, harmless: set[tuple[str, bytes, bytes]], start: int) -> None:
    written = tour(home_with(tmp_path / "home", [FIRST, *list(POSTS.values())[start : start + BATCH]]))
    assert kinds(written) <= harmless
    assert foreign(without_sequences(written).decode("utf-8"), besides="\r\n\x07") == set()
    assert written.count(b"\x1b]52;") == 0
    assert b"Traceback" not in written
    assert b"a fault in mbclient" not in written


# ---------------------------------------------------------------- commands

ARGUMENTS: dict[str, Sequence[tuple[str, ...]]] = {
    "account add": [("feed", "--url", "http://127.0.0.1:9/\x1b[2J", "--name", "x")],
    "account remove": [("nobody\x1b[2J",)],
    "account confirm": [("notes", "--employer", "no", "--real-name", "yes")],
    "timeline": [("--view", "home", "--limit", "900", "--offline"), ("--view", "work", "--limit", "900", "--offline")],
    "search": [("openssl", "--limit", "900"), ("\x1b]0;x\x07",)],
    "thread": [("notes:h1",), ("notes:h2",), ("\x9b2J",)],
    "post": [("\x1b]52;c;aGVq\x07 hej", "--yes"), ("x", "--account", "\x1b[2J")],
    "check": [("\x1b]52;c;aGVq\x07 hej \u202e",)],
    "delete": [("notes:h0",)], "like": [("notes:h1",)], "unlike": [("notes:h1",)], "boost": [("notes:h2",)],
    "unboost": [("notes:h2",)],
    "notifications": [("--limit", "900")],
    "outbox retry": [("o1",), ("\x1b[2J",)], "outbox cancel": [("o0",)],
    "drafts show": [("d1",), ("d2",), ("\x1b[2J",)], "drafts delete": [("d3",)],
    "meter": [(), ("--format", "{count}\x1b[2J")],
    "policy explain": [("P4",), ("\x1b[2J",)], "policy test": [("FILE",)], "policy validate": [("FILE",)],
    "machine declare": [("work",)],
    "report write": [("--period", "2026-W48", "OUT")], "report merge": [("FILE",)],
    "report submit": [("--period", "2026-W48")],
    "export": [
        ("--format", form, "--view", "home") for form in ("atom", "jsonfeed", "html", "csv", "jsonl")
    ] + [("--format", "csv", "--mine")],
    "filter test": [()], "config validate": [("FILE",)], "completions": [("bash",)],
}  # fmt: skip


@long
def test_no_command_prints_a_foreign_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    folder = home_with(tmp_path / "home", list(POSTS.values()))
    hostile = tmp_path / "hostile\x1b[2J.jsonl"
    hostile.write_text(json.dumps({"id": "\x1b[2J", "text": "\x1b]0;x\x07", "\u202e": 1}) + "\n\x1b[31m\n", "utf-8")
    mb = CommandLine(folder, Clock(), monkeypatch)
    given = 0
    for each in COMMANDS:
        for words in ARGUMENTS.get(each.name, [()]):
            named = [{"FILE": str(hostile), "OUT": str(tmp_path / "report.csv")}.get(word, word) for word in words]
            for form in ((), ("--json",)):
                done = mb(*each.name.split(), *named, *form)
                both = done.out + done.err
                assert foreign(both, besides="\r\n" if "csv" in words else "\n") == set(), (each.name, words, form)
                assert "Traceback" not in both
                assert "a fault in mbclient" not in both, (each.name, words, both[-300:])
                given += 1
    assert given >= 2 * len(COMMANDS)
