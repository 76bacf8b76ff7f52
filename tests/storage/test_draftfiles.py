"""Drafts in files of their own: they outlive the data file, and say which one a program had open when it ended."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.stores import OutboxRow, SavedDraft, SendState, Stores
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores
from mbclient.storage.draftfiles import DraftFiles
from mbclient.storage.locks import FileLock
from tests.storage.posts import NOON, FixedClock, raw

A = SavedDraft("01ABC", Draft("påbörjad", ("work",)), 3, NOON)


@pytest.fixture
def folder(data_dir: Path) -> Path:
    return data_dir / "drafts"


def without_the_data_file(data_dir: Path) -> None:
    """The worst damage: it is gone, and so are its copies."""
    for path in data_dir.glob("mbclient.db*"):
        path.unlink()
    shutil.rmtree(data_dir / "copies")


def test_a_draft_outlives_the_data_file(data_dir: Path, clock: FixedClock) -> None:
    stores = open_stores(data_dir, clock)
    stores.drafts.save(A)
    stores.close()
    without_the_data_file(data_dir)
    again = open_stores(data_dir, clock)
    assert again.drafts.list() == [A]
    assert any("1 draft came back" in notice for notice in again.notices)
    again.close()


@pytest.mark.parametrize(("later", "kept"), [(1, "the file's"), (0, "the data file's"), (-1, "the data file's")])
def test_the_newer_one_counts(data_dir: Path, clock: FixedClock, folder: Path, later: int, kept: str) -> None:
    stores = open_stores(data_dir, clock)
    stores.drafts.save(replace(A, draft=Draft("the data file's")))
    stores.close()
    DraftFiles(folder).write(replace(A, draft=Draft("the file's"), saved_at=NOON + timedelta(seconds=later)))
    again = open_stores(data_dir, clock)
    assert [saved.draft.text for saved in again.drafts.list()] == [kept]
    assert not any("came back" in notice for notice in again.notices)
    again.close()


def test_what_was_sent_off_does_not_come_back_as_a_draft(data_dir: Path, clock: FixedClock, folder: Path) -> None:
    stores = open_stores(data_dir, clock)
    stores.drafts.save(A)
    row = OutboxRow(A.id, "work", "key", A.draft, SendState.QUEUED, NOON, NOON)
    stores.outbox.add([row])  # and killed before the file is gone
    stores.close()
    assert list(folder.glob("*.json"))
    again = open_stores(data_dir, clock)
    assert again.drafts.list() == []
    assert list(folder.glob("*.json")) == []
    again.close()


def test_a_deleted_draft_stays_deleted(data_dir: Path, clock: FixedClock, folder: Path) -> None:
    stores = open_stores(data_dir, clock)
    stores.drafts.save(A)
    stores.drafts.delete(A.id)
    stores.close()
    again = open_stores(data_dir, clock)
    assert again.drafts.list() == []
    assert list(folder.iterdir()) == []
    again.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"v":1}',
        b"\xff\xfe",
        b'{"id":"x","saved_at":"y","cursor":0,"draft":{}}',
        b"[" * 9999,
    ],
)
def test_a_file_that_is_no_draft_is_left_alone(data_dir: Path, clock: FixedClock, folder: Path, content: bytes) -> None:
    open_stores(data_dir, clock).close()
    (folder / "01XYZ.json").write_bytes(content)
    again = open_stores(data_dir, clock)
    assert again.drafts.list() == []
    assert (folder / "01XYZ.json").read_bytes() == content
    again.close()


def test_a_link_is_not_read(data_dir: Path, clock: FixedClock, folder: Path, tmp_path: Path) -> None:
    open_stores(data_dir, clock).close()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    DraftFiles(elsewhere).write(A)
    (folder / "01ABC.json").symlink_to(elsewhere / "01ABC.json")
    again = open_stores(data_dir, clock)
    assert again.drafts.list() == []
    again.close()


def test_private_from_the_start(stores: Stores, folder: Path) -> None:
    stores.drafts.save(A)
    stores.drafts.hold(A.id)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_full_disk_leaves_the_old_text(stores: Stores, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = DraftFiles(folder)
    files.write(A)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        files.write(replace(A, draft=Draft("new")))
    assert list(files.all()) == [A]
    assert [path.name for path in folder.iterdir()] == ["01ABC.json"]


@given(text=raw, id=raw.filter(bool), cursor=st.integers(0, 10**6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_draft_under_any_name_comes_back(tmp_path: Path, text: str, id: str, cursor: int) -> None:
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    DraftFiles(folder).write(SavedDraft(id, Draft(text), cursor, NOON))
    (found,) = DraftFiles(folder).all()
    again = tmp_path / "again"
    shutil.rmtree(again, ignore_errors=True)
    again.mkdir()
    DraftFiles(again).write(found)
    assert list(DraftFiles(again).all()) == [found]
    assert found.cursor == cursor


# ---------------------------------------------------------------- open in a composer


def test_one_program_holds_a_draft_and_the_next_start_finds_it(
    data_dir: Path, stores: Stores, clock: FixedClock
) -> None:
    stores.drafts.save(A)
    assert stores.drafts.hold(A.id)
    assert stores.drafts.hold(A.id)
    other = open_stores(data_dir, clock)
    assert not other.drafts.hold(A.id)
    assert other.drafts.left_open() == []
    stores.close()
    assert other.drafts.left_open() == [A]
    assert other.drafts.left_open() == []  # it is held here now
    other.drafts.let_go(A.id)
    other.close()
    third = open_stores(data_dir, clock)
    assert third.drafts.left_open() == []
    third.close()


def test_the_newest_first_and_a_mark_without_a_draft_is_nothing(
    data_dir: Path, stores: Stores, clock: FixedClock, folder: Path
) -> None:
    newer = SavedDraft("odd/name", Draft("newer"), 0, NOON + timedelta(hours=1))
    for saved in (A, newer):
        stores.drafts.save(saved)
        stores.drafts.hold(saved.id)
    (folder / "gone.open").touch()
    stores.close()
    again = open_stores(data_dir, clock)
    assert again.drafts.left_open() == [newer, A]
    assert not (folder / "gone.open").exists()
    again.close()


def test_a_disk_that_takes_no_mark_hinders_nobody(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(lock: FileLock) -> bool:
        raise StorageError("the disk is full", "make room")

    stores.drafts.save(A)
    monkeypatch.setattr(FileLock, "take", full)
    assert stores.drafts.hold(A.id)
    stores.drafts.let_go(A.id)


WRITING = """
import sys
from pathlib import Path
from mbclient.core.clock import SystemClock
from mbclient.core.stores import SavedDraft
from mbclient.domain.draft import Draft
from mbclient.storage import open_stores
stores = open_stores(Path(sys.argv[1]), SystemClock())
number = 0
while True:
    number += 1
    stores.drafts.save(SavedDraft("01ABC", Draft(f"{number} " * 200), number, SystemClock().now()))
    stores.drafts.hold("01ABC")
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 7, 20])
def test_killed_while_writing_leaves_a_whole_draft_and_its_mark(
    data_dir: Path, clock: FixedClock, folder: Path, after: int
) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITING, str(data_dir)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _line in range(after):
            writer.stdout.readline()
        writer.kill()
        said = [int(line) for line in writer.stdout.read().split()]
    told = max([after, *said])
    stores = open_stores(data_dir, clock)
    (left,) = stores.drafts.left_open()
    assert told <= left.cursor <= told + 1
    assert left.draft.text == f"{left.cursor} " * 200
    assert list(folder.glob("*.half")) == []
    stores.close()
