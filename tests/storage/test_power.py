"""The power goes: whatever of the last writes reached the disk, the file opens as the last commit left it.

A disk writes sectors of 512 bytes: each is as it was or as it shall be, or anything where nothing stood before. The
folder is copied as it would stand with the last transaction cut at each of them, with each of them lost alone, and with
a checkpoint broken off at each of them (reliability facts 4.2).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.stores import SavedDraft, SendState, Stores
from mbclient.domain.draft import Draft
from mbclient.storage import open_stores
from tests.storage.posts import NOON, FixedClock, arrival, post
from tests.storage.test_own import entry, row

SECTOR = 512
LOG = "mbclient.db-wal"


def before(stores: Stores) -> None:
    """What was acknowledged before the last transaction."""
    stores.drafts.save(SavedDraft("d", Draft("words of mine"), 4, NOON))
    stores.outbox.add([row("sent", state=SendState.SENDING)])
    stores.ledger.record([entry(1, group="g")])


def a_draft(stores: Stores) -> None:
    stores.drafts.save(SavedDraft("last", Draft("the last words " * 500), 4, NOON))


def three_rows(stores: Stores) -> None:
    one = replace(row("last"), draft=Draft("x" * 2000, ("work",)))
    stores.outbox.add([replace(one, account=name, key=f"key-{name}") for name in ("a", "b", "c")])


def a_row_sent(stores: Stores) -> None:
    (known,) = stores.outbox.rows(outbox="sent")
    stores.outbox.update(replace(known, state=SendState.SENT, remote_id="7"))


def state(stores: Stores) -> tuple[object, ...]:
    """Everything that matters, to be compared."""
    span = (NOON - timedelta(days=1), NOON + timedelta(days=1))
    return (
        [(saved.id, saved.draft) for saved in stores.drafts.list()],
        [(one.outbox, one.account, one.state, one.remote_id) for one in stores.outbox.rows()],
        stores.ledger.entries(*span),
    )


LAST: dict[str, Callable[[Stores], None]] = {"draft": a_draft, "rows": three_rows, "sent": a_row_sent}


class Folder:
    """A data folder in use; `left(log)` is a copy as a power cut leaves it, with this content of the log."""

    def __init__(self, path: Path, copies: Path, clock: FixedClock) -> None:
        self.path, self.copies, self.clock = path, copies, clock
        self.number = 0

    @property
    def log(self) -> bytes:
        return (self.path / LOG).read_bytes()

    @property
    def file(self) -> bytes:
        return (self.path / "mbclient.db").read_bytes()

    def left(self, log: bytes, file: bytes | None = None) -> Path:
        self.number += 1
        copy = self.copies / str(self.number)
        copy.mkdir(mode=0o700, parents=True)
        shutil.copytree(self.path / "copies", copy / "copies")
        (copy / "mbclient.db").write_bytes(self.file if file is None else file)
        (copy / LOG).write_bytes(log)
        return copy

    def opened(self, left: Path) -> tuple[object, ...]:
        stores = open_stores(left, self.clock)
        try:
            assert not [notice for notice in stores.notices if "damaged" in notice]
            with closing(sqlite3.connect(left / "mbclient.db")) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return state(stores)
        finally:
            stores.close()
            shutil.rmtree(left)


def changed(before: bytes, after: bytes) -> list[int]:
    """Where the sectors lie that the second has and the first has not."""
    before = before.ljust(len(after), b"\0")
    return [at for at in range(0, len(after), SECTOR) if before[at : at + SECTOR] != after[at : at + SECTOR]]


@pytest.fixture
def folder(data_dir: Path, tmp_path: Path, clock: FixedClock) -> Folder:
    return Folder(data_dir, tmp_path / "left", clock)


@pytest.fixture(params=["a young log", "a log begun anew"])
def stores(request: pytest.FixtureRequest, data_dir: Path, clock: FixedClock) -> Iterator[Stores]:
    opened = open_stores(data_dir, clock)
    before(opened)
    if request.param == "a log begun anew":  # frames of an earlier round lie behind those that count
        opened.archive.store([arrival(post(number, "x" * 900)) for number in range(30)])
        with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
            assert db.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] == 0
    yield opened
    opened.close()


@pytest.mark.parametrize("last", LAST.values(), ids=LAST.keys())
def test_cut_at_every_sector_of_the_last_transaction(
    stores: Stores, folder: Folder, last: Callable[[Stores], None]
) -> None:
    old, log = state(stores), folder.log
    last(stores)
    new, full = state(stores), folder.log
    written = changed(log, full)
    ends = [*range(written[0], written[-1] + SECTOR, SECTOR), len(full)]
    assert len(ends) > 8
    found = []
    for cut in ends:
        unwritten = log[cut : len(full)]  # what stood there from an earlier round, where there was one
        found.append(folder.opened(folder.left(full[:cut] + unwritten)))
    assert old != new
    assert set(map(repr, found)) == {repr(old), repr(new)}
    assert found == sorted(found, key=lambda one: one == new)  # from one cut on it is there, before that it is not
    assert found[-1] == new


def test_each_sector_of_the_last_transaction_lost_alone(stores: Stores, folder: Folder) -> None:
    old, log = state(stores), folder.log
    a_draft(stores)
    full, new = folder.log, state(stores)
    found = []
    shared = len(log) // SECTOR * SECTOR if len(full) > len(log) else -1  # holds the end of the one before, too
    for at in changed(log, full):
        losses = [log[at : at + SECTOR].ljust(SECTOR, b"\0")]
        losses += [] if at == shared else [bytes(SECTOR), b"\xa5" * SECTOR]
        found += [folder.opened(folder.left(full[:at] + lost + full[at + SECTOR :])) for lost in losses]
    assert old in found
    assert all(one in (old, new) for one in found)


def test_a_checkpoint_broken_off_at_every_sector(stores: Stores, folder: Folder) -> None:
    three_rows(stores)
    expected, log, old = state(stores), folder.log, folder.file
    with closing(sqlite3.connect(folder.path / "mbclient.db")) as db:
        assert db.execute("PRAGMA wal_checkpoint(FULL)").fetchone()[0] == 0
    new = folder.file
    old = old.ljust(len(new), b"\0")
    written = changed(old, new)
    assert len(written) > 8
    for at in written:
        assert folder.opened(folder.left(log, new[:at] + old[at:])) == expected
