"""The copy of each day: made beside the work of a program that stays open, and told once when it cannot be."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest

from mbclient.core import copies
from mbclient.core.copies import DailyCopies
from mbclient.core.events import Bus, Event, Notice
from mbclient.domain.errors import StorageError
from tests.core.fakes import Clock, Office, a_draft


async def test_the_loop_goes_on_while_a_copy_is_made() -> None:
    may_end, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def make() -> None:
        loop.call_soon_threadsafe(begun.set)
        assert may_end.wait(10)

    looking = asyncio.ensure_future(DailyCopies(make, Clock(), Bus()).look())
    await asyncio.wait_for(begun.wait(), 10)  # the loop turns
    assert not looking.done()
    may_end.set()
    await looking


async def test_what_is_in_the_way_is_told_once_a_day() -> None:
    heard: list[Event] = []
    clock, bus = Clock(), Bus()
    bus.listen(heard.append)

    def make() -> None:
        raise StorageError("no room")

    daily = DailyCopies(make, clock, bus)
    for _look in range(3):
        await daily.look()
    assert heard == [Notice("no room", "warning")]
    clock.pass_(days=1)
    await daily.look()
    assert len(heard) == 2


async def test_a_program_that_stays_open_makes_them_by_itself(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.clock.pass_(days=1)
    monkeypatch.setattr(copies, "LOOK_EVERY_S", 0.0)
    office.desk.composer.submit(a_draft())
    running = asyncio.ensure_future(office.desk.copies.run())
    folder = office.folder / "data" / "copies"
    try:
        async with asyncio.timeout(10):
            while len(list(folder.glob("2*.db"))) < 2:  # noqa: ASYNC110 - a file tells nobody that it is there
                await asyncio.sleep(0)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
