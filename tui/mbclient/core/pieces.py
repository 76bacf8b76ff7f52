"""Work in pieces: keys come first. Of all who have some on the event loop, one does one piece in each round.

A key goes through the loop eight times until it is painted. Five services that each did a piece in every round would
hold it up for forty pieces (speed facts G12). Work in threads holds it up too: the interpreter serves one at a time.
And whatever is begun is done to its end: while a key is held down nothing is begun shortly before the next one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Event, get_ident
from time import monotonic
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

KEY_S = 0.05  # the longest that a key is waited for: one that changes nothing is never painted
ONE_EACH_S = 0.1  # and a key that is held down stops nobody's work
WRITTEN_S = 0.0015  # a painted frame is written by a thread: work that went on at once would hold that up
FRAME_S = 1 / 60  # faster keys share frames, which leaves no time between them
HELD_DOWN_S = 0.06  # keys no further apart are of one that is held down
AROUND_S = 0.012  # before such a key is due and, should it be late, after: longer than nearly any piece takes

P = ParamSpec("P")
T = TypeVar("T")


class _Turns:
    """Of one loop. `_is_going`: the next round looks who is waiting, or `_later` does: the look that is put off until
    a key is painted or waited for no longer, or one that is expected has had its time.

    `_last`: when a piece was begun, or the first of the keys came that are waited for. `key_at`: when the last key
    came, `_beat`: how long after the one before; `_is_painted`: it is, and `_written`: when its frame will be.
    `_is_owed`: one piece, as the next key came before that.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_going = False
        self._is_painted = True
        self._is_owed = False
        self._waits_until = self._last = 0.0
        self.key_at = self._beat = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._written: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        self._waiting.append(waiting)
        if not self._is_going:
            self._is_going = True
            loop.call_soon(self._next_round)
        await waiting

    def key_came(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._is_painted or self._waits_until <= now:  # else it is one more of those that may never be painted
            _gate.close(now + KEY_S)
            if not self._waiting:  # who waits already does so since the last piece
                self._last = now
        self._waits_until, self._is_painted = now + KEY_S, False
        self._beat, self.key_at = now - self.key_at, now
        _gate.expected = self._expected()

    def key_painted(self) -> None:
        loop = asyncio.get_running_loop()
        self._waits_until, self._is_painted = loop.time() + WRITTEN_S, True
        if self._written is None:
            self._written = loop.call_later(WRITTEN_S, self._go_on)

    def is_held_down(self) -> bool:
        return max(self._beat, asyncio.get_running_loop().time() - self.key_at) <= HELD_DOWN_S

    def _expected(self) -> tuple[float, float]:
        """From when to when the next key is waited for, by the loop's clock; (0, 0) where none is held down."""
        if not FRAME_S <= self._beat <= HELD_DOWN_S:
            return 0.0, 0.0
        due, around = self.key_at + self._beat, min(AROUND_S, self._beat / 3)
        return due - around, due + around

    def _go_on(self) -> None:
        self._written = None
        if self._is_painted:
            self._waits_until = 0.0
            _gate.open()
        self._is_owed = not self._is_painted
        later, self._later = self._later, None
        if later is not None:
            later.cancel()
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._later = None
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()  # who waited there was cancelled
        loop = asyncio.get_running_loop()
        now = loop.time()
        may_go_at = min(_free_at(self._waits_until, self._expected(), now), self._last + ONE_EACH_S)
        if not self._waiting:
            self._is_going = False
        elif now < may_go_at and not self._is_owed:
            self._later = loop.call_at(may_go_at, self._next_round)
        else:
            self._last, self._is_owed = now, False
            self._waiting.popleft().set_result(None)
            loop.call_soon(self._next_round)


class _Gate:
    """Where work in threads waits for keys. One for the process: of all loops the application's alone has keys.

    `expected`: what `_Turns._expected` gave with the last key; a loop's clock is `monotonic`.
    """

    def __init__(self, changed: Event | None = None) -> None:
        self._changed = changed or Event()  # for the better: whoever waits looks again
        self._closed_until = 0.0
        self._loops_thread = 0
        self.expected = (0.0, 0.0)

    def close(self, until: float) -> None:
        self._loops_thread = get_ident()
        self._closed_until = until

    def open(self) -> None:
        self._closed_until = 0.0
        self._changed.set()

    def is_loops_thread(self) -> bool:
        return get_ident() == self._loops_thread

    def go_through(self) -> None:
        if self.is_loops_thread():
            return  # the key would wait for itself
        while self._open_in() > 0:
            self._changed.clear()
            if (seconds := self._open_in()) > 0:  # it may have been opened since
                self._changed.wait(seconds)

    def _open_in(self) -> float:
        """Seconds, at most; none or less where it is open."""
        now = monotonic()
        return _free_at(self._closed_until, self.expected, now) - now


def _free_at(waited_until: float, expected: tuple[float, float], now: float) -> float:
    """When no key is on its way, and none about to come."""
    begin, end = expected
    return max(waited_until, end if begin <= now else 0.0)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()
_gate = _Gate()


async def turn() -> None:
    """Waits until the caller may do a piece: a millisecond's work without an await. Who asked first has it first."""
    await _of_this_loop().take()


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """For work in a thread: before each item it waits for a key that has come or is about to, for `KEY_S` at most.

    On the loop's own thread it never waits.
    """
    for item in items:
        _gate.go_through()
        yield item


async def in_thread(do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for one piece: begun in a thread when no key is there, for it lets nobody else run until it is done."""

    def in_time() -> T:
        _gate.go_through()
        return do(*args, **kwargs)

    return await asyncio.to_thread(in_time)


def hurry() -> None:
    """Before the loop itself waits for what a thread may hold, a lock or the file: no thread waits for a key now."""
    if _gate.is_loops_thread():
        _gate.expected = (0.0, 0.0)
        _gate.open()


def key_came() -> None:
    """No piece is begun until `key_painted`, for `KEY_S` at most."""
    _of_this_loop().key_came()


def key_came_at() -> float:
    """When the last one did, by the loop's clock; 0 for never."""
    return _of_this_loop().key_at


def key_painted() -> None:
    """Whatever waited for the key goes on, once the frame is written."""
    _of_this_loop().key_painted()


def is_held_down() -> bool:
    """Whether keys come as fast as from one that is held down: the next is a moment away."""
    return _of_this_loop().is_held_down()


def _of_this_loop() -> _Turns:
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = _Turns()
    return turns
