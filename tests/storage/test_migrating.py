"""A migration that ends half-way leaves the old schema or the new one, nothing between (reliability facts 4.2)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from mbclient.storage import database, open_stores
from mbclient.storage.database import migrate
from mbclient.storage.files import private_file
from mbclient.storage.schema import APPLICATION_ID, MIGRATIONS
from tests.storage.posts import FixedClock

NEXT = (
    "CREATE TABLE fresh (id INTEGER PRIMARY KEY, text TEXT) STRICT",
    "INSERT INTO fresh (text) SELECT body FROM draft",
    "ALTER TABLE draft ADD COLUMN colour TEXT",
    "CREATE INDEX fresh_by_text ON fresh (text)",
)
STEPS = (*MIGRATIONS, NEXT)


class PowerOff(BaseException):
    """The end of everything, at a statement."""


class Mortal(sqlite3.Connection):
    """Counts its statements; before number `last` it calls `dying`, and nothing more is done."""

    last = -1
    done = 0
    dying: Callable[[], None]

    def execute(self, *given: Any) -> sqlite3.Cursor:
        if Mortal.done == Mortal.last:
            Mortal.dying()
            self.close()
            raise PowerOff
        Mortal.done += 1
        return super().execute(*given)


def use(monkeypatch: pytest.MonkeyPatch, steps: tuple[tuple[str, ...], ...]) -> None:
    monkeypatch.setattr(database, "MIGRATIONS", steps)
    monkeypatch.setattr(database, "VERSION", len(steps))


Schema = tuple[int, int, list[tuple[str, str]]]


def schema(path: Path) -> Schema:
    """Version, owner, and every table and index as it was written."""
    with closing(sqlite3.connect(path)) as db:
        version, owner = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
        return version, owner, sorted(db.execute("SELECT name, ifnull(sql, '') FROM sqlite_master").fetchall())


def a_file_of(version: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound file of an earlier program, with a draft in it."""
    private_file(path)
    use(monkeypatch, STEPS[:version])
    migrate(path)
    if version:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT INTO draft (id, saved_at, cursor, body) VALUES ('d', 1, 0, 'words of mine')")


def whole_ones(start: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> list[Schema]:
    """The schema of `start`, and those after each whole migration from there on."""
    found = [schema(start)]
    for number in range(version, len(STEPS)):
        use(monkeypatch, STEPS[: number + 1])
        copy = start.with_name(f"whole-{number}.db")
        shutil.copy(start, copy)
        migrate(copy)
        found.append(schema(copy))
    return found


def ended_early(work: Path, left: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Migrates `work` up to statement `Mortal.last`; `left` is what the disk has then, with nothing rolled back."""
    left.parent.mkdir(mode=0o700)

    def dying() -> None:
        for end in ("", "-wal"):
            if Path(f"{work}{end}").exists():
                shutil.copy(f"{work}{end}", f"{left}{end}")

    Mortal.done, Mortal.dying = 0, dying
    real = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *given, **named: real(*given, factory=Mortal, **named))
        with suppress(PowerOff):
            migrate(work)
            return False
    return True


@pytest.mark.parametrize("version", range(len(STEPS)))
def test_ended_before_every_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    start, work = tmp_path / "start.db", tmp_path / "work.db"
    a_file_of(version, start, monkeypatch)
    expected = whole_ones(start, version, monkeypatch)
    seen = set()
    for Mortal.last in range(1000):
        for end in ("", "-wal", "-shm"):
            Path(f"{work}{end}").unlink(missing_ok=True)
        shutil.copy(start, work)
        left = tmp_path / str(Mortal.last) / "mbclient.db"
        if not ended_early(work, left, monkeypatch):
            break
        found = schema(left)
        assert found in expected, Mortal.last
        seen.add(found[0])
        migrate(left)
        assert schema(left) == expected[-1]
        with closing(sqlite3.connect(left)) as db:
            assert db.execute("SELECT body FROM draft").fetchall() == ([("words of mine",)] if version else [])
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Mortal.last > sum(map(len, STEPS[version:]))
    assert schema(work) == expected[-1]
    assert seen >= set(range(version, len(STEPS)))


KILLED = """
import os, pathlib, signal, sqlite3, sys
from mbclient.storage import database

class Killed(sqlite3.Connection):
    left = int(sys.argv[2])
    def execute(self, *given):
        if Killed.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        Killed.left -= 1
        return super().execute(*given)

real = sqlite3.connect
sqlite3.connect = lambda *given, **named: real(*given, factory=Killed, **named)
database.migrate(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_killed_before_every_statement(data_dir: Path, clock: FixedClock) -> None:
    """The same once more with a process that is really killed."""
    path = data_dir / "mbclient.db"
    for statement in range(1000):
        data_dir.mkdir(mode=0o700)
        private_file(path)
        done = subprocess.run([sys.executable, "-c", KILLED, path, str(statement)], check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -9
        version, owner, tables = schema(path)
        assert (bool(tables), owner) == (version > 0, APPLICATION_ID if version else 0)
        stores = open_stores(data_dir, clock)
        assert stores.notices == ()
        stores.close()
        assert schema(path)[0] == len(MIGRATIONS)
        shutil.rmtree(data_dir)
    assert statement > sum(map(len, MIGRATIONS))
