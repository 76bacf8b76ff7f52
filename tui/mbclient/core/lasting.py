"""What must not be broken off half-way, though whoever waits for it may be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

END_S = 2.0  # a page is stored by then, a request answered, or the network has gone
T = TypeVar("T")
_running: set[asyncio.Task[Any]] = set()  # asyncio itself holds a task only weakly


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Awaits the work, which goes on where this is cancelled."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_ended)
    return await asyncio.shield(task)


async def all_ended(seconds: float = END_S) -> None:
    """Before the program ends: whoever can, waits a moment for what is still at work."""
    here = [task for task in _running if task.get_loop() is asyncio.get_running_loop()]
    if here:
        await asyncio.wait(here, timeout=seconds)


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # seen, also where nobody waits for it any more
