"""A disk that takes no more: nothing is sent without a row, nothing is cut, reading goes on (reliability facts 4.2).

A small file system of its own where this process may mount one; everywhere a limit of the size of files.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.terminal import mbclient
from tests.faults.program import Home, Launcher, launcher
from tests.faults.test_kills import IDENTITY, post
from tests.services.mastodon_server import MastodonServer

pytestmark = pytest.mark.slow
SMALL = "size=1m,mode=0700"


@dataclass
class Disk:
    """A program whose data folder lies on a small file system of its own."""

    home: Home
    program: Launcher

    @property
    def ballast(self) -> Path:
        return self.home.data / "ballast"

    def fill(self) -> None:
        filled(self.ballast)

    def remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.home.data)], check=True)


def filled(ballast: Path) -> None:
    """Not a byte is left on its file system."""
    with ballast.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with MastodonServer() as server:
        yield Home(tmp_path / "home", "mastodon", server)


@pytest.fixture
async def disk(home: Home) -> AsyncIterator[Disk]:
    home.data.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", SMALL, "tmpfs", str(home.data)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        async with launcher(home) as program:
            assert (await program.run(home, *IDENTITY)).status == 0
            assert (await program.run(home, *post("before"))).status == 0
            yield Disk(home, program)
    finally:
        subprocess.run(["umount", "--lazy", str(home.data)], check=True)


def sizes(folder: Path) -> dict[str, int]:
    """Of the files that must not be cut: those that the program has had before."""
    return {path.name: path.stat().st_size for path in folder.rglob("*.db") if path.is_file()}


async def refused(home: Home, program: Launcher, words: str) -> None:
    """A post that cannot be kept is not sent, and that is said in one line; what is there can be read."""
    before = sizes(home.data)
    ended = await program.run(home, *post("not kept"))
    assert ended.status == 1, ended
    assert words in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert home.on_the_server("not kept") == 0
    listed = await program.run(home, "outbox", "list")
    assert (listed.status, "before" in listed.out) == (0, True), listed.err
    assert (await program.run(home, "timeline", "--offline")).status == 0
    assert sizes(home.data) == before


async def test_a_full_disk(disk: Disk) -> None:
    disk.fill()
    await refused(disk.home, disk.program, "full")
    disk.ballast.unlink()
    assert (await disk.program.run(disk.home, *post("with room"))).status == 0
    assert disk.home.on_the_server("with room") == 1


@pytest.mark.parametrize(("how", "says"), [("full", "disk is full"), ("read", "cannot be")])
async def test_the_screen_over_a_disk_that_takes_nothing(disk: Disk, how: str, says: str) -> None:
    """It starts, shows what is there, and says what it cannot do."""
    if how == "full":
        disk.fill()
    else:
        disk.remount("ro")
    with mbclient(disk.home.folder) as terminal:
        await asyncio.to_thread(terminal.until, "Posts today")
        await asyncio.to_thread(terminal.until, says)
    if how == "read":
        disk.remount("rw")


async def test_a_disk_that_may_only_be_read(disk: Disk) -> None:
    disk.remount("ro")
    ended = await disk.program.run(disk.home, *post("not kept"))
    assert (ended.status, len(ended.err.splitlines())) == (1, 2), ended  # what can still be done, and what cannot
    assert disk.home.on_the_server("not kept") == 0
    listed = await disk.program.run(disk.home, "outbox", "list")
    assert (listed.status, "before" in listed.out) == (0, True), listed.err
    disk.remount("rw")
    assert (await disk.program.run(disk.home, *post("again"))).status == 0
    assert disk.home.rows() == {"before": "sent", "again": "sent"}


async def test_a_disk_that_fills_at_any_moment_of_sending(disk: Disk) -> None:
    """However little is left: what is sent has its row, and no file is cut."""
    for left in range(0, 200_000, 16_384):
        disk.fill()
        os.truncate(disk.ballast, max(0, disk.ballast.stat().st_size - left))
        text = f"{left} left"
        await disk.program.run(disk.home, *post(text))
        disk.ballast.unlink()
        rows = disk.home.rows()
        assert disk.home.on_the_server(text) <= (text in rows)
        await disk.program.run(disk.home, "outbox", "flush")
        assert disk.home.on_the_server(text) == (text in rows)
        assert set(disk.home.rows().values()) == {"sent"}


async def export(disk: Disk, file: Path, words: str) -> None:
    """It says one clear line, and neither cuts the file that is there nor leaves half a one beside it."""
    before, beside = file.read_bytes(), sorted(file.parent.iterdir())
    ended = await disk.program.run(disk.home, "export", "--format", "atom", "--output", str(file))
    assert ended.status == 1, ended
    (line,) = [one for one in ended.err.splitlines() if str(file) in one]
    assert words in line
    assert "Traceback" not in ended.err
    assert file.read_bytes() == before
    assert sorted(file.parent.iterdir()) == beside


@pytest.mark.parametrize("beside", [True, False], ids=["the program's own disk", "another disk"])
async def test_an_export_onto_a_full_disk_leaves_the_old_file_whole(disk: Disk, beside: bool) -> None:
    """Also where the program's own folder has room: the web page lies elsewhere."""
    folder = disk.home.data / "page" if beside else disk.home.folder / "page"
    folder.mkdir()
    if not beside:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    try:
        file = folder / "posts.atom"
        words = ("export", "--format", "atom", "--output", str(file))
        assert (await disk.program.run(disk.home, *words)).status == 0
        assert b"before" in file.read_bytes()
        for number in range(2):
            assert (await disk.program.run(disk.home, *post(f"after {number} " + "ord " * 100))).status == 0
        ballast = folder / "ballast"
        filled(ballast)
        await export(disk, file, "No space left on device" if not beside else str(file))
        ballast.unlink()
        assert (await disk.program.run(disk.home, *words)).status == 0
        assert b"after 1" in file.read_bytes()
    finally:
        if not beside:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_limit_of_the_size_of_files(home: Home) -> None:
    """Of a quota, for example; where no file system can be mounted this one is the proof."""
    async with launcher(home) as program:
        await program.run(home, *IDENTITY)
        assert (await program.run(home, *post("before"))).status == 0
        ended = await program.run(home, *post("x" * 400), limit=20_000)
        assert ended.status == 1, ended
        assert "nothing was sent" in ended.err.splitlines()[-1]
        assert home.on_the_server("x" * 400) == 0
        assert home.rows() == {"before": "sent"}
        assert (await program.run(home, *post("after"))).status == 0
        assert home.on_the_server("after") == 1
