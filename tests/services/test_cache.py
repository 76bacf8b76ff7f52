"""What an adapter may lose."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mbclient.services.cache import JsonCache


def test_what_is_written_is_read(tmp_path: Path) -> None:
    cache = JsonCache(tmp_path / "cache")
    cache.write("Mastodon-127.0.0.1:80", {"a": "å"})
    assert cache.read("mastodon-127.0.0.1:80") == {"a": "å"}
    cache.forget("mastodon-127.0.0.1:80")
    cache.forget("mastodon-127.0.0.1:80")
    assert cache.read("mastodon-127.0.0.1:80") == {}


def test_folder_and_file_are_private(tmp_path: Path) -> None:
    JsonCache(tmp_path / "cache").write("x", {})
    (file,) = (tmp_path / "cache").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_damaged_file_reads_as_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert JsonCache(tmp_path).read("x") == {}


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "C:\\x", "x\x00y", "å" * 500])
def test_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    cache = JsonCache(tmp_path / "cache")
    cache.write(name, {"a": 1})
    assert cache.read(name) == {"a": 1}
    assert [file.parent for file in tmp_path.rglob("*.json")] == [tmp_path / "cache"]


def test_a_folder_that_cannot_be_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    cache = JsonCache(tmp_path / "file" / "cache")
    cache.write("x", {"a": 1})
    assert cache.read("x") == {}
