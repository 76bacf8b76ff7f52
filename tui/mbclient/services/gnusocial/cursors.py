"""Places in a timeline that is sorted by creation time, then id, and asked for by id (facts/gnusocial.md 5).

`max_id` is inclusive, both bounds are turned into the named notice's time, and a bound whose notice is gone vanishes:
the newest page comes back. So a cursor names several notices with their times; what comes is held against those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mbclient.services.fields import identity

ANCHORS = 3  # notices that may bound a page downward: one may be deleted meanwhile
OVERLAP = 12  # newest notices that are asked for again: a federated one may come late, below them
_PLACE = re.compile(r"(\d{1,20})@(\d{1,11})\Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CREATED = re.compile(
    r"(?:[A-Z][a-z]{2},? +)(?:([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d):(\d\d) +([+-]\d{4}) +(\d{4})"
    r"|(\d{1,2}) +([A-Z][a-z]{2}) +(\d{4}) +(\d\d):(\d\d):(\d\d) +([+-]\d{4}|GMT|UTC))\Z"
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a notice stands: seconds since 1970, then its number."""

    at: int
    id: int


Places = tuple[Place, ...]


def created_at(value: object) -> datetime | None:
    """`Mon Nov 23 18:31:59 +0000 2026` or the searches' `Mon, 23 Nov 2026 18:31:59 +0000`, as aware UTC.

    English names whatever the locale; written by hand, for `strptime` follows the locale.
    """
    found = _CREATED.match(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    month, day, hour, minute, second, zone, year = found.groups()[:7]
    if month is None:
        day, month, year, hour, minute, second, zone = found.groups()[7:]
    offset = "+0000" if zone in ("GMT", "UTC") else zone
    try:
        number = _MONTHS.index(month) + 1
        when = f"{year}-{number:02}-{int(day):02}T{hour}:{minute}:{second}{offset[:3]}:{offset[3:]}"
        return datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def place_of(raw: Mapping[str, object]) -> Place | None:
    """The place of a status as it came, a repeat's own; None for nonsense."""
    name, when = identity(raw), created_at(raw.get("created_at"))
    return Place(int(when.timestamp()), int(name)) if when and name.isdecimal() and len(name) <= 20 else None


def places_of(raw: Iterable[Mapping[str, object]]) -> Places:
    """The places of a page, newest first."""
    return tuple(sorted({place for status in raw if (place := place_of(status)) is not None}, reverse=True))


def written(places: Sequence[Place]) -> str | None:
    """A cursor; None without a place."""
    return ",".join(f"{place.id}@{place.at}" for place in places) or None


def read(cursor: str) -> Places:
    """The places of a cursor in their order; nothing for a foreign one."""
    found = (_PLACE.match(part) for part in cursor.split(","))
    return tuple(Place(int(place[2]), int(place[1])) for place in found if place)


def below(places: Places) -> str | None:
    """The cursor to what is older than a page: its oldest notices, the very oldest first."""
    return written(places[::-1][:ANCHORS])


def above(new: Places, known: Places = ()) -> str | None:
    """The cursor to what is newer: the newest notices known after a page."""
    return written(sorted({*new, *known}, reverse=True)[:OVERLAP])
