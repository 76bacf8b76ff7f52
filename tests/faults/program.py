"""The program over an isolated folder, run as processes; and the servers that it talks to, which outlive them all."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.gnusocial.server import TwitterServer
from tests.services.mastodon_server import MastodonServer

ROOT = Path(__file__).parents[2]
KILLED = -9
Server = MastodonServer | TwitterServer
SERVERS = {"mastodon": MastodonServer, "gnusocial": TwitterServer}  # one that honours a key, one that only shows


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. If it was not killed, `steps` are those it took, `calls` those from the first of them on, or
    from the start where it was to be killed `early`."""

    status: int
    out: str
    err: str
    calls: int = 0
    steps: Sequence[str] = ()

    @property
    def killed(self) -> bool:
        return self.status == KILLED


@dataclass
class Place:
    """Settings and data of one user."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def options(self) -> list[str]:
        return ["--config", str(self.config), "--data-dir", str(self.data)]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MBCLIENT_", "XDG_", "SSH_"))}
        return {**kept, "XDG_CONFIG_DIRS": str(self.folder / "none"), "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}


@dataclass
class Home(Place):
    """With the account "work" on `server`."""

    service: str
    server: Server
    undo_seconds: float = 0
    runs: int = field(default=0)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = {"mastodon": "anna-token", "gnusocial": "anna-password"}[self.service]
        self.config.write_text(
            f"""
schema = 1
language = "en"

[[accounts]]
name = "work"
service = "{self.service}"
url = "{self.server.url}"
handle = "anna@127.0.0.1:{self.server.wire.port}"
token_command = ["printf", "{secret}"]

[compose]
undo_seconds = {self.undo_seconds}
""",
            "utf-8",
        )

    def on_the_server(self, text: str) -> int:
        """How many posts with this text the server took."""
        return len(self.server.by(self.server.people["anna"], text))  # type: ignore[arg-type]  # each its own people

    def rows(self) -> dict[str, str]:
        """The outbox as it stands on the disk: the state of each text. The file is sound as well."""
        with closing(sqlite3.connect(self.data / "mbclient.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found = db.execute("SELECT json_extract(body, '$.draft.text'), state FROM outbox").fetchall()
        return {str(text): str(state) for text, state in found}

    def counted(self) -> list[str]:
        """The text of each post that the program has counted, as often as it has."""
        with closing(sqlite3.connect(self.data / "mbclient.db")) as db:
            return [str(text) for (text,) in db.execute("SELECT text FROM ledger WHERE status = 'sent' ORDER BY text")]

    def unsure(self) -> list[str]:
        """The ids of what the program cannot settle by itself."""
        with closing(sqlite3.connect(self.data / "mbclient.db")) as db:
            return [str(found) for (found,) in db.execute("SELECT outbox FROM outbox WHERE state = 'unknown'")]

    def kept(self) -> list[str]:
        """The texts that the program had on disk, as it said itself at that moment."""
        path = self.folder / "kept"
        return path.read_text("utf-8").splitlines() if path.exists() else []


class Launcher:
    """`await launcher.run(home, "post", "Hej")`, as often as wanted."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, home: Home, *words: str, **order: Any) -> Ended:
        """`at`, `early`: killed at this call; `step`: at this named step; `later`: its clock is so many minutes
        ahead; `limit`: no file may grow beyond so many bytes."""
        home.runs += 1
        files = {name: home.folder / f"{name}" for name in ("out", "err", "said", "kept")}
        files["said"].unlink(missing_ok=True)
        argv = [*home.options, *words]
        asked = {"argv": argv, **{name: str(path) for name, path in files.items()}, **order}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        await self._process.stdin.drain()
        status = int(await self._process.stdout.readline())
        said = json.loads(files["said"].read_text("utf-8")) if files["said"].exists() else {}
        return Ended(status, files["out"].read_text("utf-8"), files["err"].read_text("utf-8"), **said)


@asynccontextmanager
async def launcher(home: Home) -> AsyncIterator[Launcher]:
    """Ends with the block; what it started has ended by then."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.launcher",
        cwd=ROOT,
        env=home.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Launcher(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
