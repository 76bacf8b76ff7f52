"""Work on the event loop in pieces: keys come first, and of all who have some, one does one piece in each round.

A key goes through the loop ten times until it is painted. Five services that each did a piece in every round would hold
it up for fifty pieces (speed facts G12).
"""

from __future__ import annotations

import asyncio
from collections import deque
from weakref import WeakKeyDictionary

KEY_S = 0.05  # the longest that a key is waited for: one that changes nothing is never painted
ONE_EACH_S = 0.1  # and a key that is held down stops nobody's work


class _Turns:
    """Of one loop. `_is_going`: the next round looks who is waiting, or does when a key is painted.

    `_last`: when a piece was begun, or the first of the keys came that are waited for.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_going = False
        self._held_until = self._last = 0.0
        self._later: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        self._waiting.append(waiting)
        if not self._is_going:
            self._is_going = True
            loop.call_soon(self._next_round)
        await waiting

    def hold(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._held_until <= now and not self._waiting:  # who waits already does so since the last piece
            self._last = now
        self._held_until = now + KEY_S

    def go_on(self) -> None:
        self._held_until = 0.0
        later, self._later = self._later, None
        if later is not None:
            later.cancel()
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._later = None
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()  # who waited there was cancelled
        loop = asyncio.get_running_loop()
        now, may_go_at = loop.time(), min(self._held_until, self._last + ONE_EACH_S)
        if not self._waiting:
            self._is_going = False
        elif now < may_go_at:
            self._later = loop.call_at(may_go_at, self._next_round)
        else:
            self._last = now
            self._waiting.popleft().set_result(None)
            loop.call_soon(self._next_round)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


async def turn() -> None:
    """Waits until the caller may do a piece: a millisecond's work without an await. Who asked first has it first."""
    await _of_this_loop().take()


def key_came() -> None:
    """No piece is begun until `key_painted`, for `KEY_S` at most."""
    _of_this_loop().hold()


def key_painted() -> None:
    """Whatever waited for it goes on."""
    _of_this_loop().go_on()


def _of_this_loop() -> _Turns:
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = _Turns()
    return turns
