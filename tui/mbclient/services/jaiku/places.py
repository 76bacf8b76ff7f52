"""Places in a timeline that is asked for by whole seconds, both bounds included (facts/jaiku.md 5).

A page therefore overlaps its neighbours; a cursor names entries by time and uuid, and what comes is held against it.
In which order entries of the same instant come is not told, so those at a cursor's edge are all named in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

OVERLAP = 12  # newest entries that are asked for again: delivery is a task, and one may arrive below them
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MICRO = timedelta(seconds=1), timedelta(microseconds=1)
_PLACE = re.compile(r"(\d{1,17})\.([0-9a-f]{1,64})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands: aware UTC, then its uuid."""

    at: datetime
    uuid: str


def written(places: Iterable[Place]) -> str | None:
    """A cursor; None without a place."""
    return ",".join(f"{(place.at - _EPOCH) // _MICRO}.{place.uuid}" for place in places) or None


def read(cursor: str) -> tuple[Place, ...]:
    """The places of a cursor; nothing for a foreign one."""
    found = [_PLACE.match(part) for part in cursor.split(",")]
    try:
        return tuple(Place(_EPOCH + int(place[1]) * _MICRO, place[2]) for place in found if place)
    except OverflowError:
        return ()


def second_above(at: datetime) -> datetime:
    """The whole second at or after an instant: nothing of its own second is lost when asked for what is older."""
    floor = at.replace(microsecond=0)
    return floor if floor == at else floor + _SECOND


def second_below(at: datetime) -> datetime:
    """The whole second at or before an instant."""
    return at.replace(microsecond=0)


def second_under(at: datetime) -> datetime:
    """The last whole second before an instant: the way on where one second fills more than a page."""
    floor = at.replace(microsecond=0)
    return floor if floor < at else floor - _SECOND


def edge_below(places: Iterable[Place], known: Iterable[Place] = ()) -> str | None:
    """The cursor to what is older: all of the oldest instant, `known` being those of the cursor before."""
    found = set(places)
    lowest = min(found, default=None)
    if lowest is None:
        return None
    return written(sorted(place for place in {*found, *known} if place.at == lowest.at))


def edge_above(places: Iterable[Place], known: Iterable[Place] = ()) -> str | None:
    """The cursor to what is newer: the newest known, and all that share the lowest one's instant."""
    newest = sorted({*places, *known}, reverse=True)
    if not newest:
        return None
    floor = newest[:OVERLAP][-1]
    return written(place for place in newest if place.at >= floor.at)


def under(place: Place, edge: Iterable[Place]) -> bool:
    """Whether an entry lies below a cursor's edge."""
    places = tuple(edge)
    return place.at < places[0].at or (place.at == places[0].at and place not in places)
