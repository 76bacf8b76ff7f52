from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mbclient.domain.errors import SettingsError
from mbclient.settings import files
from mbclient.settings.files import locked, make_folder, open_private, read_bounded, tighten_file, write_atomically
from tests.settings.modes import mode, umask

UMASKS = pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])


@UMASKS
def test_files_and_folders_are_private_from_the_start(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "a" / "b" / "file.toml"
    with umask(mask):
        write_atomically(path, b"x = 1\n")
        with locked(path):
            pass
        with open(tmp_path / "a" / "log", "w", opener=open_private) as log:
            log.write("line\n")
    assert mode(tmp_path / "a") == mode(path.parent) == 0o700
    assert mode(path) == mode(path.with_name(".file.toml.lock")) == mode(tmp_path / "a" / "log") == 0o600
    assert path.read_bytes() == b"x = 1\n"


@UMASKS
def test_replacing_a_wide_file_makes_it_private(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o666)
    with umask(mask):
        write_atomically(path, b"new")
    assert mode(path) == 0o600
    assert path.read_bytes() == b"new"


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    link = tmp_path / "file.toml"
    link.symlink_to(victim)
    with pytest.raises(SettingsError, match="link"):
        write_atomically(link, b"spoilt")
    dangling = tmp_path / "dangling.toml"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match="link"):
        write_atomically(dangling, b"spoilt")
    with pytest.raises(OSError, match="symbolic"):
        open_private(str(link), os.O_WRONLY | os.O_CREAT)
    (tmp_path / ".x.lock").symlink_to(victim)
    with pytest.raises(SettingsError), locked(tmp_path / "x"):
        pytest.fail("the lock was taken through a link")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_no_temporary_file_stays_behind(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"1")
    write_atomically(tmp_path / "file", b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


class _Crash(BaseException):
    """Stands for the power going at that call."""


@pytest.mark.parametrize("step", ["open", "fsync", "rename"])
@pytest.mark.parametrize("fault", [_Crash(), OSError(28, "No space left on device")])
def test_whatever_step_fails_the_file_is_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: BaseException
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old and whole")
    real = getattr(os, step)
    calls = 0
    while True:
        calls += 1
        left = calls

        def failing(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise fault
            return real(*arguments, **named)

        with monkeypatch.context() as patch:
            patch.setattr(os, step, failing)
            try:
                write_atomically(path, b"new and whole")
            except (_Crash, SettingsError):
                assert path.read_bytes() in (b"old and whole", b"new and whole")
                continue
        break
    assert calls > 1
    assert path.read_bytes() == b"new and whole"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_the_order_of_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    for name in ("fsync", "rename"):
        real = getattr(os, name)

        def noted(*arguments: object, _name: str = name, _real: object = real, **named: object) -> object:
            steps.append(_name)
            assert callable(_real)
            return _real(*arguments, **named)

        monkeypatch.setattr(os, name, noted)
    write_atomically(tmp_path / "file", b"x")
    assert steps == ["fsync", "rename", "fsync"]


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder that is another user's")
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(SettingsError, match="belongs to another user"):
        make_folder(folder)
    with pytest.raises(SettingsError, match="belongs to another user"):
        write_atomically(folder / "file", b"x")
    assert list(folder.iterdir()) == []


def test_another_users_folder_is_told_by_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SettingsError, match="belongs to another user"):
        make_folder(tmp_path)


def test_a_strangers_link_to_an_own_folder_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a link that is another user's")
    (tmp_path / "mine").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "mine")
    make_folder(link)  # an own link, to an own folder, is what people with dotfiles have
    os.lchown(link, 12345, 12345)
    with pytest.raises(SettingsError, match="belongs to another user"):
        make_folder(link)


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="not a folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(SettingsError):
        make_folder(tmp_path / "file" / "below")


def test_reading_is_bounded_and_never_hangs(tmp_path: Path) -> None:
    assert read_bounded(tmp_path / "missing") is None
    assert read_bounded(tmp_path / "missing" / "below") is None
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(SettingsError, match="larger than 1024 kB"):
        read_bounded(big)
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SettingsError):
            read_bounded(odd)


def test_wide_files_are_tightened_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    assert tighten_file(path) == []
    path.write_text("")
    path.chmod(0o644)
    assert len(tighten_file(path)) == 1
    assert mode(path) == 0o600
    assert tighten_file(path) == []


def test_the_lock_makes_others_wait(tmp_path: Path) -> None:
    path = tmp_path / "file"
    order: list[str] = []
    waiting = threading.Event()

    def other() -> None:
        waiting.set()
        with locked(path):
            order.append("second")

    with locked(path):
        thread = threading.Thread(target=other)
        thread.start()
        waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
