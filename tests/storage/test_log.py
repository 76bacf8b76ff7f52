"""The log beside the data file: what one large write took of the disk is given back, and nobody waits for that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mbclient.core.stores import Archive, SavedDraft, Stores, ViewQuery
from mbclient.domain.draft import Draft
from mbclient.storage import database
from tests.storage.posts import NOON, arrival, post

LONG = 100_000
SMALL_WRITES = 1000 * 4096  # after so much of log SQLite empties it of its own accord


@pytest.fixture
def log(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(database, "LONG_LOG", LONG)
    return data_dir / "mbclient.db-wal"


def fill(archive: Archive, numbers: range) -> None:
    archive.store([arrival(post(number, f"word{number} " * 99)) for number in numbers])


@contextmanager
def reading(data_dir: Path) -> Iterator[None]:
    with closing(sqlite3.connect(data_dir / "mbclient.db", isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM entry").fetchone()
        yield


def test_a_large_write_leaves_no_long_log(stores: Stores, log: Path, data_dir: Path) -> None:
    fill(stores.archive, range(300))
    assert log.stat().st_size == 0
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (300,)


def test_a_small_one_stays_in_the_log(stores: Stores, log: Path) -> None:
    fill(stores.archive, range(3))
    assert 0 < log.stat().st_size <= LONG


def test_a_write_that_somebody_waits_for_leaves_the_log_to_the_next_other_one(
    stores: Stores, log: Path, data_dir: Path
) -> None:
    file = data_dir / "mbclient.db"
    before = file.stat().st_size
    for _time in range(9):
        stores.drafts.save(SavedDraft("d", Draft("long words " * 50_000), 4, NOON))
    assert log.stat().st_size > SMALL_WRITES
    assert file.stat().st_size == before
    stores.archive.set_place("home", 1)
    assert log.stat().st_size == 0
    assert file.stat().st_size > before


def test_while_somebody_reads_the_log_stays_and_the_next_write_shortens_it(
    stores: Stores, log: Path, data_dir: Path
) -> None:
    with reading(data_dir):
        fill(stores.archive, range(300))
        assert log.stat().st_size > LONG
    fill(stores.archive, range(300, 303))
    assert log.stat().st_size == 0
    assert len(stores.archive.page(ViewQuery(), limit=999)) == 303
