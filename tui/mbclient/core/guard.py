"""What stands around the work for one account, so that a fault in its adapter is no other's. The screen has one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

Guard = Callable[[Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]


async def bare(work: Coroutine[Any, Any, None]) -> None:
    """None: a fault goes on to whoever waits."""
    await work
