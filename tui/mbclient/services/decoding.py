"""Lists of an answer, of which some items may be nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from mbclient.services.fields import Garbage

SLICE = 4  # items between two yields to the event loop (speed facts 5): several services may be at it
T = TypeVar("T")


async def understood(raw: Sequence[object], decode: Callable[[Any], T]) -> tuple[list[T], int]:
    """All that can be decoded and the number of the rest, in slices: no key waits for a long list.

    One of nonsense takes none of its neighbours along.
    """
    good: list[T] = []
    for number, item in enumerate(raw, 1):
        with suppress(Garbage):
            good.append(decode(item))
        if number % SLICE == 0:
            await asyncio.sleep(0)
    return good, len(raw) - len(good)
