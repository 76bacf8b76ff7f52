"""One at a time, among programs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mbclient.services import turns
from mbclient.services.turns import turn


async def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    order: list[str] = []
    inside = asyncio.Event()

    async def first() -> None:
        async with turn(tmp_path / "cache", "x-anna"):
            inside.set()
            for _number in range(5):
                await asyncio.sleep(0)
            order.append("first")

    async def second() -> None:
        await inside.wait()
        async with turn(tmp_path / "cache", "x-anna"):
            order.append("second")

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def test_one_that_hangs_holds_nobody_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_S", 0.1)
    async with turn(tmp_path, "x"), turn(tmp_path, "x"):
        pass
    async with turn(tmp_path, "x"), turn(tmp_path, "y"):
        pass


async def test_where_no_file_can_be_made_nobody_waits(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    async with turn(file, "x"):
        pass
