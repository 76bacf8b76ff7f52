"""The dates that feeds carry: RFC 3339 and RFC 2822 as written, and as they really come.

Two-digit years, wrong weekdays, other languages' months, zone names, a missing zone (UTC), dashes in the time
(JaikuEngine), seconds since 1970. What cannot be read is None: the item is then dated by when it was first seen.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[T ]+(\d{1,2})[:-]?(\d{2})(?:[:-]?(\d{2})(?:[.,]\d+)?)?\s*(\S.*)?)?\Z",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})(?:\s+|-)([^\W\d]{3,9})\.?,?(?:\s+|-)(\d{2}|\d{4})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(\S.*)?)?\Z"
)
_AMERICAN = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?([^\W\d]{3,9})\.?\s+(\d{1,2}),?\s+"
    r"(?:(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(\S*)\s+(\d{4})|(\d{4}))\Z"
)
_EPOCH = re.compile(r"\d{9,10}\Z|\d{12,13}\Z")
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d{2})?(?:\s|\Z)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan",
            "feb",
            "mar mär mrz",
            "apr",
            "may maj mai",
            "jun",
            "jul",
            "aug",
            "sep",
            "oct okt",
            "nov",
            "dec dez des",
        ),
        1,
    )
    for name in names.split()
}
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "MET": 1, "CEST": 2, "MESZ": 2, "MEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
MAX_LENGTH = 100


def feed_date(raw: str) -> datetime | None:
    """The instant as aware UTC, between 1970 and 9998; None for what is none."""
    text = " ".join(raw.split())
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        when = _iso(text) or _mail(text) or _american(text) or _epoch(text)
        when = when.astimezone(UTC) if when else None
    except (ValueError, OverflowError):
        return None
    return when if when is not None and 1970 <= when.year < 9999 else None


def _iso(text: str) -> datetime | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    return _instant(int(year), int(month), int(day), hour, minute, second, zone)


def _mail(text: str) -> datetime | None:
    found = _MAIL.match(text)
    month = _MONTHS.get(found[2][:3].lower(), 0) if found else 0
    if not found or not month:
        return None
    day, _name, year, hour, minute, second, zone = found.groups()
    return _instant(_whole(year), month, int(day), hour, minute, second, zone)


def _american(text: str) -> datetime | None:
    """C's asctime, and "November 23, 2026"."""
    found = _AMERICAN.match(text)
    month = _MONTHS.get(found[1][:3].lower(), 0) if found else 0
    if not found or not month:
        return None
    _name, day, hour, minute, second, zone, year, lone = found.groups()
    return _instant(int(year or lone), month, int(day), hour, minute, second, zone)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.match(text):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), UTC)


def _whole(year: str) -> int:
    """RFC 2822, 4.3: below 50 is this century."""
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < 50 else 1900)


def _instant(
    year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> datetime:
    """Hour 24 is the next day's first, second 60 (a leap second) the last of its minute."""
    hours, seconds = int(hour or 0), min(int(second or 0), 59)
    midnight = hours == 24
    when = datetime(year, month, day, 0 if midnight else hours, int(minute or 0), seconds, tzinfo=_zone(zone or ""))
    return when + timedelta(days=1) if midnight else when


def _zone(name: str) -> timezone:
    offset = _OFFSET.match(name)
    if offset:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(-span if offset[1] == "-" else span)
    return timezone(timedelta(hours=_ZONES.get(name.partition(" ")[0].upper(), 0)))
