"""Exports and reports on the disk: whole or not at all, untouched when they say the same, never through a link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbclient.domain.errors import StorageError, UsageError
from mbclient.settings import outputs


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mode", [outputs.OWN, outputs.FOR_ALL])
def test_a_new_file_has_the_mode_and_a_standing_one_keeps_its_own(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "feed"
    assert outputs.put(file, b"one", mode=mode)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"one", mode)
    file.chmod(0o666)
    assert outputs.put(file, b"two", mode=mode)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o666)


def test_what_says_the_same_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "feed"
    outputs.put(file, b"same")
    before = file.stat()
    assert not outputs.put(file, b"same")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert outputs.put(file, b"some")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "feed"
    outputs.put(file, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device; free some space"):
        outputs.put(file, b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("feed", b"old")]


@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_only_a_plain_file_is_replaced(tmp_path: Path, what: str) -> None:
    path, other = tmp_path / "feed", tmp_path / "other"
    other.write_bytes(b"mine")
    if what == "link":
        path.symlink_to(other)
    elif what == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(UsageError, match="name the file"):
        outputs.put(path, b"new")
    assert other.read_bytes() == b"mine"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        outputs.put(tmp_path / "no" / "feed", b"new")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="there is no such folder"):
        outputs.put(tmp_path / "file" / "feed", b"new")
