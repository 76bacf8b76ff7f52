"""A disk that takes nothing: the file is read as it lies there, and whatever would be written is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mbclient.core.stores import SavedDraft, Stores, ViewQuery
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores, stores
from mbclient.storage.looking import refused_by_the_disk
from mbclient.storage.schema import VERSION
from tests.storage.posts import NOON, FixedClock, arrival, post
from tests.storage.test_own import entry, row

FULL = StorageError("the disk is full", "make room")


@pytest.fixture
def full(data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder used and closed in order; from now on nothing can be written in it."""
    opened = open_stores(data_dir, clock)
    opened.drafts.save(SavedDraft("d", Draft("words of mine"), 4, NOON))
    opened.outbox.add([row("queued")])
    opened.archive.store([arrival(post(1))])
    opened.close()

    def refuse(*_given: object) -> list[str]:
        raise StorageError("disk I/O error")

    monkeypatch.setattr(stores, "_make_sound", refuse)
    monkeypatch.setattr(stores, "refused_by_the_disk", lambda _path: FULL)
    return data_dir


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_there_is_read_and_nothing_is_touched(full: Path, clock: FixedClock) -> None:
    before = content(full)
    opened = open_stores(full, clock)
    assert [saved.draft.text for saved in opened.drafts.list()] == ["words of mine"]
    assert [one.outbox for one in opened.outbox.rows()] == ["queued"]
    assert opened.archive.count(ViewQuery()) == 1
    assert opened.notices == ("the disk is full: what is there can be read, and nothing is sent or kept",)
    opened.close()
    assert content(full) == before


WRITES: dict[str, Callable[[Stores], object]] = {
    "a row": lambda opened: opened.outbox.add([row("another")]),
    "a state": lambda opened: opened.outbox.update(row("queued")),
    "the right to send": lambda opened: opened.outbox.claim_sending(),
    "a post": lambda opened: opened.archive.store([arrival(post(2))]),
    "a count": lambda opened: opened.ledger.record([entry(1)]),
    "a decision": lambda opened: opened.log.append({"level": "allow"}),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_every_writing_is_refused_with_the_reason(
    full: Path, clock: FixedClock, write: Callable[[Stores], object]
) -> None:
    opened = open_stores(full, clock)
    for _time in range(2):
        with pytest.raises(StorageError, match="the disk is full") as caught:
            write(opened)
        assert caught.value.advice == "make room"
    opened.close()


@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
def test_another_schema_is_not_read_so(full: Path, clock: FixedClock, version: int) -> None:
    with closing(sqlite3.connect(full / "mbclient.db")) as db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(StorageError, match="disk I/O error"):
        open_stores(full, clock)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"Dear diary")])
def test_nor_is_what_is_no_data_file(full: Path, clock: FixedClock, spoil: Callable[[Path], object]) -> None:
    spoil(full / "mbclient.db")
    with pytest.raises(StorageError, match="disk I/O error"):
        open_stores(full, clock)


def test_a_disk_with_room_refuses_nothing(tmp_path: Path) -> None:
    assert refused_by_the_disk(tmp_path / "mbclient.db") is None
    assert list(tmp_path.iterdir()) == []
    gone = refused_by_the_disk(tmp_path / "gone" / "mbclient.db")
    assert gone is not None
    assert "cannot be written" in gone.problem
