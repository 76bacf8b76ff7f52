"""The daily copy while the program runs: whole, of one moment, in nobody's way; and what is said of what it gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.stores import OutboxRow, SavedDraft, SendState
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores, recovery
from mbclient.storage.codec_own import encode_row
from tests.storage.posts import NOON, FixedClock
from tests.storage.test_own import row


def copies(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "copies").glob("2*.db"))


def texts(copy: Path, table: str = "draft") -> int:
    with closing(sqlite3.connect(copy)) as db:
        return len(db.execute(f"SELECT 1 FROM {table}").fetchall())  # noqa: S608 - our own names


def test_a_program_that_stays_open_makes_a_copy_each_day(data_dir: Path, clock: FixedClock) -> None:
    stores = open_stores(data_dir, clock)
    for day in range(9):
        stores.drafts.save(SavedDraft(str(day), Draft("words"), 0, clock.now()))
        clock.time += timedelta(days=1)
        stores.copy()
        stores.copy()  # once a day is enough
    assert copies(data_dir) == [
        f"2026-{day}.db" for day in ("11-27", "11-28", "11-29", "11-30", "12-01", "12-02", "12-03")
    ]
    assert texts(data_dir / "copies" / "2026-12-03.db") == 9
    stores.close()


def test_who_writes_meanwhile_does_not_wait_and_the_copy_is_of_one_moment(
    data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of it a post is taken for sending, on the connection that sends."""
    stores = open_stores(data_dir, clock)
    stores.outbox.add([row("before")])
    clock.time += timedelta(days=1)
    copied: list[str] = []
    really = recovery._copy_rows

    def copying(source: sqlite3.Connection, copy: sqlite3.Connection, table: str) -> None:
        copied.append(table)
        if len(copied) == 2:
            stores.outbox.add([row("meanwhile")])
            assert stores.outbox.advance(row("meanwhile", state=SendState.SENDING), (SendState.QUEUED,))
        really(source, copy, table)

    monkeypatch.setattr(recovery, "_copy_rows", copying)
    stores.copy()
    assert copied.index("outbox") >= 1
    assert [one.outbox for one in stores.outbox.rows()] == ["before", "meanwhile"]
    assert texts(data_dir / "copies" / "2026-11-25.db", "outbox") == 1
    stores.close()


def test_two_programs_make_one(data_dir: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    stores, other = open_stores(data_dir, clock), open_stores(data_dir, clock)
    clock.time += timedelta(days=1)
    begun: list[str] = []
    really = recovery._copy_rows

    def copying(source: sqlite3.Connection, copy: sqlite3.Connection, table: str) -> None:
        if not begun:
            begun.append(table)
            other.copy()  # does not take the half file away from under this one
        really(source, copy, table)

    monkeypatch.setattr(recovery, "_copy_rows", copying)
    stores.copy()
    assert copies(data_dir) == ["2026-11-24.db", "2026-11-25.db"]
    assert not (data_dir / "copies" / "half.db").exists()
    other.close()
    stores.close()


def test_a_damaged_file_never_takes_the_place_of_a_whole_copy(data_dir: Path, clock: FixedClock) -> None:
    stores = open_stores(data_dir, clock)
    stores.drafts.save(SavedDraft("d", Draft("words " * 4000), 0, NOON))
    stores.close()
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'draft'").fetchone()[0]
    stores = open_stores(data_dir, clock)
    with (data_dir / "mbclient.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xee" * 4096)
    clock.time += timedelta(days=1)
    with pytest.raises(StorageError, match="could not be made"):
        stores.copy()
    assert copies(data_dir) == ["2026-11-24.db"]
    stores.close()


@pytest.fixture
def restored(data_dir: Path, clock: FixedClock) -> Iterator[dict[str, OutboxRow]]:
    """What a copy gives back of every state, by its name."""
    stores = open_stores(data_dir, clock)
    stores.outbox.add([row(state.value, state=state, prepared={"a": 1}) for state in SendState])
    stores.outbox.add(
        [
            row("never begun"),
            row("refused", state=SendState.FAILED, reason="too long"),
            row("unread"),
            row("with the server", scheduled_id="9", prepared={"a": 1}),
        ]
    )
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db, db:
        db.execute("UPDATE outbox SET body = '[]' WHERE outbox = 'unread'")
    clock.time += timedelta(days=1, hours=1)
    stores.copy()
    stores.close()
    (data_dir / "mbclient.db").write_bytes(b"gone" * 5000)
    again = open_stores(data_dir, clock)
    with closing(sqlite3.connect(data_dir / "mbclient.db")) as db, db:
        db.execute("DELETE FROM outbox WHERE outbox = 'unread'")
    local = clock.time.astimezone()
    assert any(f"as of {local:%Y-%m-%d %H:%M}" in notice for notice in again.notices), again.notices
    yield {one.outbox: one for one in again.outbox.rows()}
    again.close()


def test_what_comes_back_waits_with_its_reason_and_may_be_out_since_it_was_written(
    restored: dict[str, OutboxRow],
) -> None:
    for name in ("queued", "sending", "unknown", "held", "never begun"):
        found = restored[name]
        assert (found.state, found.first_sent_at) == (SendState.HELD, NOON), name
        assert "may have been sent since" in found.reason
    for name in ("failed", "refused"):
        assert (restored[name].state, restored[name].first_sent_at) == (SendState.FAILED, NOON)
        assert "may have been sent since" in restored[name].reason
    assert restored["refused"].reason.startswith("too long; ")


def test_what_is_done_or_with_a_server_is_as_it_was(restored: dict[str, OutboxRow]) -> None:
    for name, state in (("sent", SendState.SENT), ("cancelled", SendState.CANCELLED)):
        assert restored[name] == row(name, state=state, prepared={"a": 1})
    kept = row("with the server", scheduled_id="9", prepared={"a": 1})
    assert encode_row(restored["with the server"]) == encode_row(replace(kept))
    assert restored["with the server"].state is SendState.QUEUED


def test_a_clock_that_was_years_ahead_makes_no_copy_the_newest_for_ever(data_dir: Path, clock: FixedClock) -> None:
    clock.time += timedelta(days=3650)
    open_stores(data_dir, clock).close()
    clock.time = NOON
    for day in range(8):
        stores = open_stores(data_dir, clock)
        stores.drafts.save(SavedDraft("d", Draft(f"day {day}"), 0, clock.now()))
        clock.time += timedelta(days=1)
        stores.copy()
        stores.close()
        if day == 2:
            assert "2036-11-21.db" in copies(data_dir)
            (data_dir / "mbclient.db").unlink()
            for file in (data_dir / "drafts").iterdir():
                file.unlink()
            again = open_stores(data_dir, clock)
            assert [saved.draft.text for saved in again.drafts.list()] == ["day 2"]
            again.close()
    assert "2036-11-21.db" not in copies(data_dir)
    assert len(copies(data_dir)) == 7


def test_the_copys_time_is_the_desks(data_dir: Path, clock: FixedClock) -> None:
    open_stores(data_dir, clock).close()
    (copy,) = (data_dir / "copies").glob("*.db")
    assert datetime.fromtimestamp(copy.stat().st_mtime, NOON.tzinfo) == NOON
