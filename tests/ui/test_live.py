"""A stream under the screen: what it tells appears, moves nothing, and the state says that it is live."""

from __future__ import annotations

import asyncio
import gc
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.core.ports import Outgoing
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, running

TWO = CONFIG.replace("[work_filter]", '[[accounts]]\nname = "bo"\nservice = "local"\n\n[work_filter]')


@pytest.fixture
def two(home: Path, clock: MovableClock) -> Desk:
    """Two who write on the same board."""
    return own_desk(home, clock, TWO)


async def says(program: Program, text: str) -> None:
    """The other one writes."""
    service = program.desk.accounts.service("bo")
    prepared = await service.prepare(Outgoing(text, text, datetime.now(UTC)))
    await service.publish(prepared)


def line(program: Program) -> str:
    return str(program.main.query_one("AccountLine").render())


async def test_a_streamed_post_appears_and_moves_nothing(two: Desk, clock: MovableClock) -> None:
    async with running(two, clock, size=(100, 14)) as program:
        await program.press("2")
        await program.until(lambda: "notes live" in line(program) and "bo live" in line(program))
        for number in range(12):
            await says(program, f"Post {number}")
        await program.until(lambda: two.reading.counts(two.reading.query(program.main.view)).shown == 12)
        await program.press("end", "k", "k")
        selected, before = program.selected(), program.texts()
        await says(program, "Just now")
        await program.until(lambda: "13 posts" in program.tabs(), "some of the twelve were new too")
        assert "new ↑" in program.tabs()
        assert program.selected() == selected
        assert program.texts() == before
        await program.press("home")
        assert str(program.selected().text) == "Just now"


async def test_quitting_leaves_no_task_and_no_open_line(two: Desk, clock: MovableClock) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with running(two, clock) as program:
            await program.until(lambda: "notes live" in line(program))
            await program.press("q")
        assert asyncio.all_tasks() == {asyncio.current_task()}
        gc.collect()  # a task that is destroyed while it waits would be told of now
