"""The dates of HTTP's headers (RFC 9110, 5.6.7), which a server may fill with anything."""

from __future__ import annotations

from datetime import UTC, datetime

YEARS = range(1970, 9000)  # sums with any other may leave the calendar


def http_date(value: str) -> datetime | None:
    """The instant as aware UTC, which is also meant where no zone is known; None for what is none."""
    from email.utils import parsedate_to_datetime  # late: the first paint asks no server

    try:
        return aware(parsedate_to_datetime(value))
    except (ValueError, OverflowError):  # the latter for figures that are no C integer
        return None


def server_time(date: str) -> datetime | None:
    """What the server's clock shows, by its `Date`: with this the time is reckoned. None for a year of no clock."""
    when = http_date(date)
    return when if when is not None and when.year in YEARS else None


def aware(when: datetime) -> datetime | None:
    """None for a date at the very edge of the calendar, which no other zone can write."""
    try:
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
