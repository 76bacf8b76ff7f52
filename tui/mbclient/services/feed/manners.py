"""How often a feed may be asked: never more than every quarter of an hour, less often where it says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from mbclient.services.feed.items import MAX_CACHE, Document

EVERY = timedelta(minutes=15)
NEVER = timedelta(days=36500)  # a feed that says it has ended
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?([0-9]{1,9})")


def next_try(now: datetime) -> datetime:
    """The earliest next request after one that failed."""
    return now + EVERY


def next_ask(document: Document, headers: Mapping[str, str], now: datetime) -> datetime:
    """The earliest next request: Cache-Control's max-age, RSS's ttl and sy:updatePeriod, skipHours and skipDays.

    At most a day ahead of the quiet hours: a feed that asks for more is taken for mistaken.
    """
    if document.expired:
        return now + NEVER
    age = _MAX_AGE.search(headers.get("cache-control", ""))
    wanted = timedelta(seconds=int(age[1])) if age else timedelta()
    due = now + min(max(EVERY, document.ttl, wanted), MAX_CACHE)
    for _hour in range(7 * 24):
        if due.hour not in document.skip_hours and due.weekday() not in document.skip_days:
            return due
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return now + MAX_CACHE  # a feed that never wants to be asked
