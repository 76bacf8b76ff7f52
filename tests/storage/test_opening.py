"""Opening the data folder: private, mended, never freer with what was kept (reliability facts 4.2)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.stores import SavedDraft, SendState, Stores, ViewQuery
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores, recovery
from mbclient.storage.schema import MIGRATIONS, VERSION
from tests.storage.posts import NOON, FixedClock, arrival, post
from tests.storage.test_own import FULL, entry, row

PAGE = 4096


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    return {**found, ".": stat.S_IMODE(folder.stat().st_mode)}


class TestPrivate:
    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277])
    def test_from_the_start_under_any_umask(self, tmp_path: Path, clock: FixedClock, mask: int) -> None:
        folder = tmp_path / "above" / "data"
        with umask(mask):
            stores = open_stores(folder, clock)
            stores.archive.store([arrival(post(1))])
            stores.outbox.claim_sending()
            found = modes(folder)
            stores.close()
        assert {"mbclient.db", "mbclient.db-wal", "mbclient.db-shm", "sender.lock"} <= set(found)
        for name, mode in {**found, **modes(folder)}.items():
            assert mode == (0o700 if name in (".", "copies", "drafts") else 0o600), name
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert stores.notices == ()

    def test_wider_ones_are_tightened_and_told(self, data_dir: Path, clock: FixedClock) -> None:
        open_stores(data_dir, clock).close()
        data_dir.chmod(0o755)
        (data_dir / "mbclient.db").chmod(0o644)
        stores = open_stores(data_dir, clock)
        stores.close()
        assert len(stores.notices) == 2
        assert (modes(data_dir)["."], modes(data_dir)["mbclient.db"]) == (0o700, 0o600)

    def test_a_link_is_not_written_through(self, data_dir: Path, tmp_path: Path, clock: FixedClock) -> None:
        data_dir.mkdir()
        (tmp_path / "elsewhere").touch()
        (data_dir / "mbclient.db").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StorageError, match=r"mbclient\.db cannot be used"):
            open_stores(data_dir, clock)
        assert (tmp_path / "elsewhere").read_bytes() == b""

    def test_what_is_no_folder_is_said(self, tmp_path: Path, clock: FixedClock) -> None:
        (tmp_path / "file").touch()
        for folder in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(StorageError):
                open_stores(folder, clock)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
    def test_anothers_folder_is_refused(self, data_dir: Path, clock: FixedClock) -> None:
        data_dir.mkdir()
        os.chown(data_dir, 12345, -1)
        with pytest.raises(StorageError, match="another user"):
            open_stores(data_dir, clock)


class TestSchema:
    def test_a_newer_file_is_left_alone(self, data_dir: Path, clock: FixedClock) -> None:
        open_stores(data_dir, clock).close()
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
            db.execute(f"PRAGMA user_version = {VERSION + 1}")
        before = (data_dir / "mbclient.db").read_bytes()
        with pytest.raises(StorageError, match="newer mbclient") as caught:
            open_stores(data_dir, clock)
        assert "update mbclient" in caught.value.advice
        assert (data_dir / "mbclient.db").read_bytes() == before
        assert not list(data_dir.glob("*damaged*"))

    def test_a_migration_that_fails_leaves_the_old_schema(
        self, data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_stores(data_dir, clock).close()
        steps = (*MIGRATIONS, ("CREATE TABLE fresh (x)", "CREATE TABLE entry (x)"))
        monkeypatch.setattr("mbclient.storage.database.MIGRATIONS", steps)
        monkeypatch.setattr("mbclient.storage.database.VERSION", len(steps))
        with pytest.raises(StorageError):
            open_stores(data_dir, clock)
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
            assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'fresh'").fetchall()

    def test_the_local_services_tables_may_be_there_first(self, data_dir: Path, clock: FixedClock) -> None:
        data_dir.mkdir(mode=0o700)
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db, db:
            db.execute("CREATE TABLE local_item (id INTEGER PRIMARY KEY, text TEXT)")
            db.execute("INSERT INTO local_item VALUES (1, 'note')")
        open_stores(data_dir, clock).close()
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
            assert db.execute("SELECT * FROM local_item").fetchall() == [(1, "note")]


# ---------------------------------------------------------------- damage


def fill(stores: Stores) -> None:
    stores.drafts.save(SavedDraft("d", Draft("words of mine"), 4, NOON))
    stores.outbox.add([row("queued"), row("sending", prepared={"a": 1}, state=SendState.SENDING)])
    stores.outbox.add([replace(FULL, outbox="sent", key="k", state=SendState.SENT)])
    stores.ledger.record([entry(1, group="g")])
    stores.log.append({"level": "allow"})
    stores.archive.store([arrival(post(number, "x" * 500), "work") for number in range(60)])


def overwrite(at: int, what: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(what)

    return damage


def cut(length: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, length)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE somebody_elses (x)")


def replaced(content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(content)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "header zeroed": overwrite(0, bytes(100)),
    "magic lost": overwrite(0, b"not a database!!"),
    "page size wrong": overwrite(16, b"\x00\x07"),
    "schema page zeroed": overwrite(100, bytes(PAGE - 100)),
    "schema page noise": overwrite(100, b"\xa5" * (PAGE - 100)),
    **{f"page {number} zeroed": overwrite(number * PAGE, bytes(PAGE)) for number in (1, 2, 5, 9, 14)},
    **{f"page {number} noise": overwrite(number * PAGE, b"\xff\x13" * (PAGE // 2)) for number in (3, 7, 20, 30)},
    "cut in the schema": cut(700),
    "cut at a page": cut(5 * PAGE),
    "cut in a page": cut(20 * PAGE + 11),
    "another program's": foreign,
    "a text file": replaced(b"Dear diary\n" * 999),
    "one byte": replaced(b"x"),
}


class TestDamage:
    @pytest.fixture
    def yesterday(self, data_dir: Path, clock: FixedClock) -> Path:
        """A folder used yesterday and today, closed in order; today's copy has what yesterday left."""
        stores = open_stores(data_dir, clock)
        fill(stores)
        stores.close()
        clock.time += timedelta(days=1)
        open_stores(data_dir, clock).close()
        return data_dir

    @pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
    def test_it_starts_keeps_the_file_and_gives_back_what_is_precious(
        self, yesterday: Path, clock: FixedClock, damage: Callable[[Path], None]
    ) -> None:
        path = yesterday / "mbclient.db"
        damage(path)
        broken = path.read_bytes()
        stores = open_stores(yesterday, clock)
        assert [saved.draft.text for saved in stores.drafts.list()] == ["words of mine"]
        states = {one.outbox: one.state for one in stores.outbox.rows()}
        assert states["sent"] is SendState.SENT
        assert len(stores.ledger.entries(NOON - timedelta(days=1), NOON + timedelta(days=1))) == 1
        stores.archive.store([arrival(post(1))])
        if stores.notices:  # moved aside
            (aside,) = yesterday.glob("mbclient.db.damaged-*Z")
            assert aside.read_bytes() == broken
            assert any(aside.name in notice for notice in stores.notices)
            assert stat.S_IMODE(aside.stat().st_mode) == 0o600
            assert states == {"queued": SendState.HELD, "sending": SendState.HELD, "sent": SendState.SENT}
        else:  # it was a page that nothing needs: everything is there
            assert stores.archive.count(ViewQuery()) == 60
        stores.close()
        again = open_stores(yesterday, clock)
        assert not [notice for notice in again.notices if "damaged" in notice]
        again.close()

    def test_most_of_these_damages_are_found(self, yesterday: Path, clock: FixedClock, tmp_path: Path) -> None:
        """The suite above would prove nothing if files were sound after all."""
        found = 0
        for name, damage in DAMAGES.items():
            folder = tmp_path / name.replace("'", "")
            shutil.copytree(yesterday, folder)
            damage(folder / "mbclient.db")
            stores = open_stores(folder, clock)
            found += bool(stores.notices)
            stores.close()
        assert found >= len(DAMAGES) - 2

    def test_the_newest_copy_that_can_be_read_is_taken(self, yesterday: Path, clock: FixedClock) -> None:
        copies = sorted((yesterday / "copies").iterdir())
        assert [copy.name for copy in copies] == ["2026-11-24.db", "2026-11-25.db"]
        copies[0].write_bytes(copies[1].read_bytes())
        copies[1].write_bytes(b"broken too")
        (yesterday / "mbclient.db").write_bytes(b"gone" * 5000)
        stores = open_stores(yesterday, clock)
        assert [saved.draft.text for saved in stores.drafts.list()] == ["words of mine"]
        assert "2026-11-24" in stores.notices[1]
        stores.close()

    def test_seven_copies_are_kept_of_what_cannot_be_fetched_again(self, data_dir: Path, clock: FixedClock) -> None:
        for _day in range(9):
            stores = open_stores(data_dir, clock)
            stores.archive.store([arrival(post(1))])
            stores.close()
            clock.time += timedelta(days=1)
        names = sorted(path.name for path in (data_dir / "copies").iterdir())
        assert names == [
            f"2026-{month}.db" for month in ("11-26", "11-27", "11-28", "11-29", "11-30", "12-01", "12-02")
        ]
        with closing(sqlite3.connect(data_dir / "copies" / names[-1])) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {"draft", "outbox", "ledger", "decision"} <= tables
        assert not {"entry", "sight", "entry_text", "entry_text_data"} & tables

    @pytest.mark.parametrize("lose", [Path.unlink, cut(0)], ids=["gone", "empty"])
    def test_a_file_that_is_gone_is_restored_as_well(
        self, yesterday: Path, clock: FixedClock, lose: Callable[[Path], None]
    ) -> None:
        lose(yesterday / "mbclient.db")
        stores = open_stores(yesterday, clock)
        assert [saved.draft.text for saved in stores.drafts.list()] == ["words of mine"]
        assert not list(yesterday.glob("*damaged*"))
        stores.close()

    def test_the_local_services_posts_come_back_too(self, data_dir: Path, clock: FixedClock) -> None:
        open_stores(data_dir, clock).close()
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db, db:
            db.execute("CREATE TABLE local_item (id INTEGER PRIMARY KEY, text TEXT)")
            db.execute("INSERT INTO local_item VALUES (1, 'note')")
        clock.time += timedelta(days=1)
        open_stores(data_dir, clock).close()
        (data_dir / "mbclient.db").write_bytes(b"gone" * 5000)
        open_stores(data_dir, clock).close()
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
            assert db.execute("SELECT * FROM local_item").fetchall() == [(1, "note")]

    def test_a_file_in_use_is_never_moved_aside(self, stores: Stores, data_dir: Path, clock: FixedClock) -> None:
        stores.drafts.save(SavedDraft("d", Draft("words"), 0, NOON))
        other = open_stores(data_dir, clock)
        assert other.drafts.get("d") is not None
        assert other.notices == ()
        other.close()
        assert not list(data_dir.glob("*.clean"))  # the first one still has it open

    def test_an_orderly_end_spares_the_check(
        self, data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checks: list[Path] = []
        monkeypatch.setattr(recovery, "check", checks.append)
        open_stores(data_dir, clock).close()
        open_stores(data_dir, clock).close()
        assert len(checks) == 1  # the first start, of a file that was not there
        with (data_dir / "mbclient.db").open("r+b") as file:
            file.write(b"SQLite")  # the same bytes at another time
        open_stores(data_dir, clock).close()
        assert len(checks) == 2


KILLED = """
import os, sys, pathlib
from mbclient.core.clock import SystemClock
from mbclient.core.stores import SavedDraft
from mbclient.domain.draft import Draft
from mbclient.storage import open_stores
stores = open_stores(pathlib.Path(sys.argv[1]), SystemClock())
for number in range(100_000):
    stores.drafts.save(SavedDraft(str(number), Draft(str(number)), 0, SystemClock().now()))
    print(number, flush=True)
"""


@pytest.mark.slow
def test_killed_while_writing_loses_nothing_that_was_acknowledged(data_dir: Path, clock: FixedClock) -> None:
    for _cycle in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, data_dir], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        last = -1
        for line in process.stdout:
            last = int(line)
            if last >= 20:
                process.kill()
        process.wait()
        process.stdout.close()
        stores = open_stores(data_dir, clock)
        assert len({saved.id for saved in stores.drafts.list()}) >= last + 1
        damage = [notice for notice in stores.notices if "from its own file" not in notice]  # killed on the way there
        assert damage == []
        stores.close()


class TestFullDisk:
    def test_a_row_that_cannot_be_written_is_an_error_and_reading_goes_on(self, data_dir: Path) -> None:
        """A file size limit stands for the full disk; it needs a process of its own."""
        script = """
import pathlib, resource, sys
from mbclient.core.clock import SystemClock
from mbclient.core.stores import SavedDraft
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores
clock = SystemClock()
stores = open_stores(pathlib.Path(sys.argv[1]), clock)
stores.drafts.save(SavedDraft("before", Draft("safe"), 0, clock.now()))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for number in range(100):
        stores.drafts.save(SavedDraft(str(number), Draft("x" * 50_000), 0, clock.now()))
except StorageError as error:
    print("refused:", bool(error.advice))
print(stores.drafts.get("before").draft.text, stores.archive.page.__name__)
"""
        done = subprocess.run([sys.executable, "-c", script, data_dir], capture_output=True, text=True, check=True)
        assert done.stdout == "refused: True\nsafe page\n"
        stores = open_stores(data_dir, FixedClock())
        saved = stores.drafts.get("before")
        assert saved is not None
        assert saved.draft.text == "safe"
        stores.close()
