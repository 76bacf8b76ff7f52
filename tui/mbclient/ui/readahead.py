"""What the next key will show is read, laid out and painted while nobody waits: after the frame of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from mbclient.domain.errors import MbclientError
from mbclient.ui.scene import Scene
from mbclient.ui.viewport import VisibleRow

AFTER_THE_FRAME_S = 0.02  # that a key causes: the toolkit paints within a sixtieth of a second


class ReadAhead:
    """`scene`: what is on screen at that moment; None when nothing is any more."""

    def __init__(self, scene: Callable[[], Scene | None]) -> None:
        self._scene = scene
        self._waiting: asyncio.TimerHandle | None = None

    def moved(self, before: Sequence[VisibleRow], scene: Scene, next_rows: int) -> None:
        """From the rows `before` to the scene's. `next_rows`: how many the same key would bring next, where that is
        worth to be prepared.
        """
        if not before or not scene.rows or scene.rows is before or self._waiting is not None:
            return
        down = _stands_above(before[0], scene.rows[0])
        if next_rows or scene.runs_out(down=down):
            prepare = partial(self._prepare, next_rows, down=down)
            self._waiting = asyncio.get_running_loop().call_later(AFTER_THE_FRAME_S, prepare)

    def _prepare(self, rows: int, *, down: bool) -> None:
        self._waiting = None
        if (scene := self._scene()) is not None:
            with suppress(MbclientError):  # the key that wants it will say it
                scene.prepare(rows, down=down)


def _stands_above(one: VisibleRow, other: VisibleRow) -> bool:
    return (-one[0].key, one[1]) < (-other[0].key, other[1])
