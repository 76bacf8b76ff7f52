"""Recovery that is not fooled by a seal, and that may end at any point without losing what there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from mbclient.core.stores import SavedDraft, Stores, ViewQuery
from mbclient.domain.draft import Draft
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores
from tests.storage.posts import NOON, FixedClock, arrival, post

TEXTS = [f"draft {number}" for number in range(30)]


def filled(data_dir: Path, clock: FixedClock) -> Path:
    """A sealed data file with drafts, and a copy of the day."""
    stores = open_stores(data_dir, clock)
    for number, text in enumerate(TEXTS):
        stores.drafts.save(SavedDraft(f"d{number:02}", Draft(text), 0, NOON))
    stores.archive.store([arrival(post(number, Random(number).randbytes(400).hex())) for number in range(200)])
    stores.close()
    next((data_dir / "copies").glob("*.db")).unlink()
    open_stores(data_dir, clock).close()  # makes the copy anew, with the drafts in it
    return data_dir / "mbclient.db"


def rot(path: Path, first: int = 8) -> None:
    """Every page from `first` on loses its head, and neither size nor time tells."""
    found = path.stat()
    content = bytearray(path.read_bytes())
    for page in range(first, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    path.write_bytes(content)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def drafts(stores: Stores) -> list[str]:
    return sorted(saved.draft.text for saved in stores.drafts.list())


def test_damage_under_a_valid_seal_is_met_once_and_mended_at_the_next_start(data_dir: Path, clock: FixedClock) -> None:
    path = filled(data_dir, clock)
    rot(path, path.stat().st_size // 4096 // 2)  # drafts were written first: the posts are hit
    stores = open_stores(data_dir, clock)
    with pytest.raises(StorageError, match="is damaged"):
        stores.archive.page(ViewQuery(), limit=200)
    stores.close()
    again = open_stores(data_dir, clock)
    assert any("damaged and is kept" in notice for notice in again.notices)
    assert drafts(again) == sorted(TEXTS)
    again.close()
    last = open_stores(data_dir, clock)
    assert (last.notices, drafts(last)) == ((), sorted(TEXTS))
    last.close()


CUT = """
import os, sqlite3, sys
from pathlib import Path
from mbclient.domain.errors import StorageError
from mbclient.storage import open_stores, recovery
from tests.storage.posts import FixedClock

folder, step, wanted = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
real, calls = getattr(recovery, step), []

def cut(*given, **named):
    calls.append(step)
    if len(calls) < wanted:
        return real(*given, **named)
    if step == "_copy_rows":
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error
    os._exit(9)

setattr(recovery, step, cut)
try:
    open_stores(folder, FixedClock())
except StorageError as error:
    sys.exit(str(error))
"""


def cut_short(data_dir: Path, step: str, call: int = 1) -> subprocess.CompletedProcess[str]:
    """A start in a process of its own that ends when a step of recovery is called for the `call`th time."""
    command = [sys.executable, "-c", CUT, str(data_dir), step, str(call)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=Path(__file__).parents[2]
    )


# `_finish` looks at every start first: the second call is the one that puts the new file into its place.
@pytest.mark.parametrize(("step", "call"), [("_restore", 1), ("_finish", 2), ("migrate", 1), ("_let_nothing_go", 1)])
def test_a_recovery_that_is_cut_short_is_done_again(data_dir: Path, clock: FixedClock, step: str, call: int) -> None:
    rot(filled(data_dir, clock))
    (data_dir / "mbclient.db.clean").unlink()
    assert cut_short(data_dir, step, call).returncode == 9
    stores = open_stores(data_dir, clock)
    assert drafts(stores) == sorted(TEXTS)
    stores.close()


def test_a_disk_that_fills_up_meanwhile_leaves_all_as_it_was(data_dir: Path, clock: FixedClock) -> None:
    path = filled(data_dir, clock)
    rot(path)
    (data_dir / "mbclient.db.clean").unlink()
    before = path.read_bytes()
    failed = cut_short(data_dir, "_copy_rows")
    assert (failed.returncode, "the disk is full" in failed.stderr) == (1, True), failed.stderr
    assert path.read_bytes() == before
    stores = open_stores(data_dir, clock)
    assert drafts(stores) == sorted(TEXTS)
    stores.close()
