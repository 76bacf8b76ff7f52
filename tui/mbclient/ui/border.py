"""The border of the work behind the screen: a fault in it is noted and said, and ends nothing else."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from mbclient.ui.host import Host
from mbclient.ui.launch import Launch

AGAIN_S = 60.0  # after a fault of our own
TELL_AGAIN_S = 3600.0


class Border(Host):
    """The program, as it awaits what may err: an adapter that does costs nobody the screen, nor the draft on it."""

    launch: Launch

    def __init__(self) -> None:
        super().__init__()
        self._faults_told: dict[tuple[str, str, int], float] = {}  # by what and where, till when

    async def lasting(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Work for as long as the program runs: after a fault it is begun again."""
        while True:
            await self.guarded(work())
            await asyncio.sleep(AGAIN_S)

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as fault:  # the worker boundary of the design; `cli.main` has the other one
            if not self.tell_fault(fault):
                raise

    def tell_fault(self, fault: Exception) -> bool:
        """Notes and says it, once an hour; False where it cannot be noted."""
        if self.launch.report is None:
            return False
        place, now = _place_of(fault), asyncio.get_running_loop().time()
        if now >= self._faults_told.get(place, 0.0):
            self._faults_told[place] = now + TELL_AGAIN_S
            self.say(self.launch.report(fault), "error")
        return True


def _place_of(fault: Exception) -> tuple[str, str, int]:
    """What it is and where it began. Of a group, the first in it."""
    inner: BaseException = fault
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    *_above, (frame, line) = traceback.walk_tb(inner.__traceback__)
    return type(inner).__name__, frame.f_code.co_filename, line
