"""Work in pieces: keys come first. Of all who have some on the event loop, one does one piece in each round.

A key goes through the loop eight times until it is painted. Five services that each did a piece in every round would
hold it up for forty pieces (speed facts G12). Work in threads holds it up too: the interpreter serves one at a time.
And whatever is begun is done to its end: while a key is held down nothing is begun shortly before the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from threading import Event, get_ident
from time import monotonic
from typing import TypeVar
from weakref import WeakKeyDictionary

KEY_S = 0.05  # the longest that a key is waited for: one that changes nothing is never painted
ONE_EACH_S = 0.1  # and a key that is held down stops nobody's work
WRITTEN_S = 0.0015  # a painted frame is written in a thread, which work that went on at once would hold up
HELD_S = 0.06  # keys that come as soon after one another: one is held down
CLEAR_S = 0.012  # before the next of those and, should it be late, after: more than nearly any piece takes

T = TypeVar("T")


class _Turns:
    """Of one loop. `_is_going`: the next round looks who is waiting, or does when a key is painted.

    `_last`: when a piece was begun, or the first of the keys came that are waited for. `_beat`: from the last key but
    one to the last, `key_at`: when that came.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_going = False
        self._is_painted = True
        self._held_until = self._last = 0.0
        self.key_at = 0.0
        self._beat = HELD_S + 1
        self._later: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

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
        if self._is_painted or self._held_until <= now:  # else it is one more of those that may never be painted
            _gate.close()
            if not self._waiting:  # who waits already does so since the last piece
                self._last = now
        self._held_until, self._is_painted = now + KEY_S, False
        self._beat, self.key_at = now - self.key_at, now
        _gate.clear = self._clear()

    def painted(self) -> None:
        loop = asyncio.get_running_loop()
        self._held_until, self._is_painted = loop.time() + WRITTEN_S, True
        if self._writing is None:
            self._writing = loop.call_later(WRITTEN_S, self._go_on)

    def is_held_down(self) -> bool:
        return max(self._beat, asyncio.get_running_loop().time() - self.key_at) <= HELD_S

    def _clear(self) -> tuple[float, float]:
        """From when to when the next key of one that is held down is waited for; never, where none is."""
        if self._beat > HELD_S:
            return 0.0, 0.0
        due, around = self.key_at + self._beat, min(CLEAR_S, self._beat / 3)
        return due - around, due + around

    def _go_on(self) -> None:
        self._writing = None
        if not self._is_painted:
            return  # the next key is here
        self._held_until = 0.0
        _gate.open()
        later, self._later = self._later, None
        if later is not None:
            later.cancel()
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._later = None
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()  # who waited there was cancelled
        loop = asyncio.get_running_loop()
        now, (begin, end) = loop.time(), self._clear()
        free_at = max(self._held_until, end if begin <= now else 0.0)
        may_go_at = min(free_at, self._last + ONE_EACH_S)
        if not self._waiting:
            self._is_going = False
        elif now < may_go_at:
            self._later = loop.call_at(may_go_at, self._next_round)
        else:
            self._last = now
            self._waiting.popleft().set_result(None)
            loop.call_soon(self._next_round)


class _Gate:
    """Of all threads but the loop's own. `clear`: as `_Turns._clear`; the loops' clock is `monotonic`."""

    def __init__(self) -> None:
        self._is_open = Event()
        self._is_open.set()
        self._loops_thread = 0
        self.clear = (0.0, 0.0)

    def close(self) -> None:
        self._loops_thread = get_ident()
        self._is_open.clear()

    def open(self) -> None:
        self._is_open.set()

    def is_here(self) -> bool:
        return get_ident() == self._loops_thread

    def go_through(self) -> None:
        patience = KEY_S
        if self._is_open.is_set():
            (begin, end), now = self.clear, monotonic()
            if not begin <= now < end or self.is_here():
                return
            self._is_open.clear()
            patience = end - now
        elif self.is_here():
            return  # the key would wait for itself
        if not self._is_open.wait(patience):
            self._is_open.set()


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()
_gate = _Gate()


async def turn() -> None:
    """Waits until the caller may do a piece: a millisecond's work without an await. Who asked first has it first."""
    await _of_this_loop().take()


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """For work in a thread: before each of these it waits, as `turn` does, for `KEY_S` at most."""
    for item in items:
        give_way()
        yield item


def give_way() -> None:
    """Likewise, before a single piece."""
    _gate.go_through()


def hurry() -> None:
    """Before the loop itself waits for what a thread may have: what gives way to a key goes on."""
    if _gate.is_here():
        _gate.open()


def key_came() -> None:
    """No piece is begun until `key_painted`, for `KEY_S` at most."""
    _of_this_loop().hold()


def key_came_at() -> float:
    """When the last one did, by the loop's clock; 0 for never."""
    return _of_this_loop().key_at


def key_painted() -> None:
    """Whatever waited for it goes on, once that is written."""
    _of_this_loop().painted()


def is_held_down() -> bool:
    """Whether a key is: the next one comes in a moment."""
    return _of_this_loop().is_held_down()


def _of_this_loop() -> _Turns:
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = _Turns()
    return turns
