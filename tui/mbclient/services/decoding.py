"""Lists of an answer, of which some items may be nonsense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from mbclient.core.pieces import turn
from mbclient.services.fields import Garbage

SLICE = 4  # items to a piece (speed facts 5)
T = TypeVar("T")


async def understood(raw: Sequence[object], decode: Callable[[Any], T]) -> tuple[list[T], int]:
    """All that can be decoded and the number of the rest, in pieces: no key waits for a long list.

    One of nonsense takes none of its neighbours along.
    """
    good: list[T] = []
    for start in range(0, len(raw), SLICE):
        await turn()
        for item in raw[start : start + SLICE]:
            with suppress(Garbage):
                good.append(decode(item))
    return good, len(raw) - len(good)
