"""A command line in the test's own process: isolated folders, no keyring, a clock that ticks from a known Tuesday."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from mbclient import bootstrap
from mbclient.cli.main import main
from mbclient.texts import set_language

TUESDAY = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)  # 11:40 in Stockholm: a recommended time
CONFIG = """
schema = 1
language = "en"

[work_filter]
terms = ["openssl", "#infosec"]
exclude = ["giveaway"]

[[views]]
name = "Security"
terms = ["cve"]

[policy.employer]
name = "Grönkvist"

[policy.person]
name = "Anna Ek"

[[policy.competitors]]
name = "Blåbet"
aliases = ["Blåbet"]
"""


class Clock:
    """Fills the `Clock` port; no two readings are the same."""

    def __init__(self) -> None:
        self.at = TUESDAY

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=2)
        return self.at

    def monotonic(self) -> float:
        return self.now().timestamp()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        (found,) = self.objects
        return found


class Stream(io.TextIOWrapper):
    """A standard stream that can be a terminal."""

    def __init__(self, terminal: bool, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", newline="")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        self.flush()
        raw = self.buffer
        assert isinstance(raw, io.BytesIO)
        return raw.getvalue().decode("utf-8")


class CommandLine:
    """`mb("post", "Hej", json=True)`: status, standard output and standard error."""

    def __init__(self, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clock = clock
        self.config = folder / "config.toml"
        self._monkeypatch = monkeypatch

    def __call__(
        self, *words: str, json: bool = False, stdin: str = "", terminal: bool = False, raw: bytes | None = None
    ) -> Answer:
        data = stdin.encode() if raw is None else raw
        streams = Stream(terminal, data), Stream(terminal), Stream(terminal)
        options = ["--config", str(self.config), "--data-dir", str(self.folder / "data")]
        with self._monkeypatch.context() as patch:
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            status = main([*options, *words, *(["--json"] if json else [])])
        return Answer(status, streams[1].text(), streams[2].text())

    def settings(self, text: str) -> None:
        self.config.write_text(text, "utf-8")

    def more_settings(self, text: str) -> None:
        self.settings(CONFIG + text)


class MemoryKeyring(KeyringBackend):
    """A keyring that keeps its secrets until the test ends."""

    priority = 0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def now_mb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """By the real clock, for servers that have one; without any settings."""
    own = ("MBCLIENT_CONFIG", "MBCLIENT_DATA_DIR", "MBCLIENT_COMPANY_POLICY", "MBCLIENT_MACHINE")
    for name in (*own, "SSH_CONNECTION", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "xdg"))
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return CommandLine(folder, Clock(), monkeypatch)


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    found = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: found)
    return found


@pytest.fixture
def bare(now_mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """At a known time, without any settings."""
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: now_mb.clock)
    return now_mb


@pytest.fixture
def mb(bare: CommandLine) -> CommandLine:
    """With a company, a person, a competitor and work terms."""
    bare.settings(CONFIG)
    return bare


@pytest.fixture(autouse=True)
def english() -> None:
    """A language that one test chose is not the next one's."""
    set_language("en")
