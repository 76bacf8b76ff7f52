"""Work on the event loop in pieces: of all who have some, one does one piece in each of the loop's rounds.

A key goes through the loop ten times until it is painted. Five services that each did a piece in every round would hold
it up for fifty pieces (speed facts G12).
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary


class _Turns:
    """Of one loop. `_is_taken`: somebody has had this round's turn, or may have it still."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_taken = False

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._is_taken:
            self._is_taken = True
            loop.call_soon(self._next_round)
            return
        waiting = loop.create_future()
        self._waiting.append(waiting)
        await waiting

    def _next_round(self) -> None:
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # else nobody waits any more
                first.set_result(None)
                first.get_loop().call_soon(self._next_round)
                return
        self._is_taken = False


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


async def turn() -> None:
    """Waits until the caller may do a piece: a millisecond's work without an await. Who asked first has it first."""
    await _turns.setdefault(asyncio.get_running_loop(), _Turns()).take()
