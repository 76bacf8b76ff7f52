"""What is not broken off, whoever waited for it."""

from __future__ import annotations

import asyncio

import pytest

from mbclient.core.lasting import all_ended, to_the_end


async def test_work_goes_on_without_its_caller() -> None:
    go, done = asyncio.Event(), asyncio.Event()

    async def work() -> int:
        await go.wait()
        done.set()
        raise ValueError("nobody hears of it, and nobody is warned")

    caller = asyncio.ensure_future(to_the_end(work()))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await done.wait()
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="nobody hears"):
        await to_the_end(work())


async def test_at_the_end_one_waits_for_it_and_for_what_hangs_only_a_moment() -> None:
    go, forever, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> None:
        await go.wait()
        done.append("work")

    waiting = [asyncio.ensure_future(to_the_end(each)) for each in (work(), forever.wait())]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    go.set()
    await all_ended(0.05)
    assert done == ["work"]
    forever.set()
    await all_ended(20)
