"""Places in a timeline that is asked for by whole seconds: a cursor names the posts known near its bound.

Several posts share a second, several lists share a page, and whether a bound includes its second is not said (facts 2):
so every question overlaps by a second, and what is known is told apart by its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mbclient.services.fields import identity, instant

MAX_KEPT = 100
OVERLAP_S = 120  # a mention may turn up a little late
_PLACE = re.compile(r"([!-+\--?A-~]{1,64})@(\d{1,11})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a post stands: seconds since 1970, then its id, a number whose `length` counts first."""

    at: int
    length: int
    id: str


def place_of(raw: Mapping[str, object]) -> Place | None:
    """None for nonsense."""
    name, when = identity(raw), instant(raw.get("timestamp"))
    return Place(int(when.timestamp()), len(name), name) if name and when and when.timestamp() >= 0 else None


def read(cursor: str) -> tuple[Place, ...]:
    """The places of a cursor; nothing for a foreign one."""
    found = (_PLACE.match(part) for part in cursor.split(","))
    return tuple(Place(int(place[2]), len(place[1]), place[1]) for place in found if place)


def _written(places: Iterable[Place]) -> str | None:
    return ",".join(f"{place.id}@{place.at}" for place in places) or None


def below(taken: Sequence[Place], known: Sequence[Place] = ()) -> str | None:
    """The cursor to what is older than the posts taken: all that are known of the last second."""
    if not taken:
        return None
    last = min(taken).at
    return _written(sorted({place for place in (*taken, *known) if place.at == last})[:MAX_KEPT])


def above(taken: Sequence[Place], known: Sequence[Place] = ()) -> str | None:
    """The cursor to what is newer: the newest known and those shortly before."""
    newest = sorted({*taken, *known}, reverse=True)
    return _written(place for place in newest[:MAX_KEPT] if place.at >= newest[0].at - OVERLAP_S)
