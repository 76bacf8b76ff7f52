"""Entries that come faster than the screen is painted: a refresh brings a thousand in slices, while a key is held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from mbclient.core import pieces
from mbclient.core.stores import Entry

TOGETHER_S = 1 / 30  # two frames: as often as a held key repeats
PUT_OFF_AT_MOST = 3  # looks


class Arrivals:
    """The first that come are shown at once; those that follow wait for the next look, a thirtieth of a second away.

    Whoever looks sooner, for a key, calls `take` and shows them in the frame that the key causes anyway. While a key is
    held down its frame is left to show them, for `PUT_OFF_AT_MOST` looks: it may be one that moves nothing.
    """

    def __init__(self, show: Callable[[], None]) -> None:
        self._show = show
        self._waiting: list[Entry] = []
        self._pausing: asyncio.TimerHandle | None = None
        self._put_off = 0

    def add(self, entries: Sequence[Entry]) -> None:
        self._waiting += entries
        if self._pausing is None:
            self._look_or_put_off()

    def take(self) -> Sequence[Entry]:
        """What waits; it waits no more."""
        taken, self._waiting, self._put_off = self._waiting, [], 0
        return taken

    def _look_or_put_off(self) -> None:
        self._pausing = asyncio.get_running_loop().call_later(TOGETHER_S, self._paused)
        if self._put_off < PUT_OFF_AT_MOST and pieces.is_held_down():
            self._put_off += 1
        else:
            self._show()

    def _paused(self) -> None:
        self._pausing = None
        if self._waiting:
            self._look_or_put_off()
