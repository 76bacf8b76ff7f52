"""A desk whose watch is running: waiting for what must come true, with no sleeps, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth
from mbclient.core.guard import Guard, bare
from mbclient.core.lasting import all_ended

PATIENCE_S = 20.0


@asynccontextmanager
async def watched(desk: Desk, guard: Guard = bare) -> AsyncIterator[None]:
    """The watch at work, as the program runs it; ended as at quitting, and no task of it is left."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(desk.watch.run(guard=guard))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await all_ended(PATIENCE_S)
    assert {left for left in asyncio.all_tasks() - before if not _of_a_server(left)} == set()


def _of_a_server(task: asyncio.Task[object]) -> bool:
    """A connection of a server of the tests."""
    return "Listener." in repr(task.get_coro())


async def until(desk: Desk, true: Callable[[], object]) -> None:
    """Waits for what must come true, looking whenever the desk tells something; the desk's clock stands meanwhile."""
    heard = asyncio.Event()
    stop = desk.bus.listen(lambda _event: heard.set())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                heard.clear()
                desk.watch.tick()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.005):
                        await heard.wait()
    finally:
        stop()


def is_live(desk: Desk, name: str) -> bool:
    """The line stands and the gap below it is filled."""
    state = desk.refresher.states.get(name)
    turn = desk.refresher._turns.get(name)
    asking = turn is not None and turn.locked()
    return state is not None and state.live and state.health is AccountHealth.OK and not asking
