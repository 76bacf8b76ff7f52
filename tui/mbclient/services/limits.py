"""Until when a server wants to be left alone, and what it says is left: every form of rate header that services send.

Retry-After (RFC 9110): seconds or an HTTP date. X-RateLimit-*, X-Rate-Limit-* and RateLimit-*: limit, remaining, and a
reset as ISO time, epoch in seconds or milliseconds, or seconds from now. RateLimit as one structured field (the IETF's
drafts, both forms). X's counters of a day. A date is the server's: where the answer says what time it has there, the
wait is counted from that, since this clock may be hours off.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.httpdate import aware, http_date, server_time
from mbclient.texts import _
from mbclient.texts.times import local_clock

MAX_WAIT = timedelta(days=1)  # no service counts by more; what says so is a slip, and asked again once a day
UNTOLD = timedelta(seconds=60)
_NUMBER = late(r"\d{1,18}(\.\d{1,9})?\Z")
_COUNT = late(r"\d{1,9}\Z")
_FAMILIES = ("x-ratelimit", "x-rate-limit", "ratelimit", "x-user-limit-24hour", "x-app-limit-24hour")
_FIELD = late(r"\b(limit|remaining|reset|r|t|q)\s*=\s*(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Budget:
    """What the server says is left: `remaining` of `limit` requests until `until` (aware UTC)."""

    limit: int
    remaining: int
    until: datetime


@dataclass(frozen=True, slots=True)
class _Counter:
    """One counter as the headers have it, None where they are silent; `reset` by the server's clock."""

    limit: int | None
    remaining: int | None
    reset: datetime | None


def wait_until(until: datetime) -> str:
    """The advice of a limit, in this computer's own time."""
    return _("wait until {time}").format(time=local_clock(until))


def limited_until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to ask again after a refusal; never before `now`, never more than a day ahead; a minute where nothing tells.

    Retry-After is the server's word on this very request; else the counter that is used up, the later one of two.
    """
    there = _time_there(headers, now)
    told = [_instant(part, there) for part in _parts(headers.get("retry-after", ""))]
    waits = [when for when in told if when is not None]
    if not waits:
        resets = [(one.reset, one.remaining) for one in _counters(headers, there) if one.reset is not None]
        waits = [when for when, remaining in resets if remaining == 0] or [when for when, _remaining in resets[:1]]
    return now + (_wait(max(waits), there) if waits else UNTOLD)


def read_budget(headers: Mapping[str, str], now: datetime) -> Budget | None:
    """The budget of the counter that is nearest its end; None where there is none, or no numbers."""
    there = _time_there(headers, now)
    whole = [
        Budget(one.limit, one.remaining, now + (_wait(one.reset, there) if one.reset else UNTOLD))
        for one in _counters(headers, there)
        if one.limit is not None and one.remaining is not None
    ]
    return min(whole, key=lambda budget: budget.remaining / max(budget.limit, 1), default=None)


def _time_there(headers: Mapping[str, str], now: datetime) -> datetime:
    """The server's own time when it answered; this clock's where it does not say."""
    return server_time(headers.get("date", "")) or now


def _wait(when: datetime, there: datetime) -> timedelta:
    return min(max(when - there, timedelta(0)), MAX_WAIT)


def _parts(value: str) -> list[str]:
    """A header that came twice arrives as one, with a comma; so does a date, which has one of its own."""
    pieces = [piece.strip() for piece in value.split(",")]
    return pieces if all(_NUMBER.match(piece) for piece in pieces) else [value.strip()]


def _counters(headers: Mapping[str, str], there: datetime) -> list[_Counter]:
    found = []
    for family in _FAMILIES:
        for name in (f"{family}-reset", f"{family}-reset-after"):
            if name in headers:
                limit, remaining = (_count(headers.get(f"{family}-{what}", "")) for what in ("limit", "remaining"))
                found.append(_Counter(limit, remaining, _instant(headers[name].strip(), there)))
    return found + _structured(headers.get("ratelimit", ""), headers.get("ratelimit-policy", ""), there)


def _count(value: str) -> int | None:
    return int(value) if _COUNT.match(value) else None


def _structured(state: str, policy: str, there: datetime) -> list[_Counter]:
    """`RateLimit: "name";r=50;t=30` with `RateLimit-Policy: "name";q=100`, or `limit=100, remaining=50, reset=30`."""
    quotas = {_named(item): dict(_FIELD.findall(item)).get("q") for item in policy.split(",")}
    counters = []
    for item in state.split(",") if '"' in state else [state]:
        said = dict(_FIELD.findall(item))
        remaining, seconds = said.get("remaining", said.get("r")), said.get("reset", said.get("t"))
        if remaining is not None and seconds is not None:
            limit = said.get("limit", quotas.get(_named(item)))
            reset = there + timedelta(seconds=int(seconds))
            counters.append(_Counter(int(limit) if limit else None, int(remaining), reset))
    return counters


def _named(item: str) -> str:
    return item.split(";")[0].strip()


def _instant(value: str, there: datetime) -> datetime | None:
    """A moment by the server's clock: `there` is what that shows now."""
    if _NUMBER.match(value):
        number = float(value)
        if number < 1e8:
            return there + timedelta(seconds=number)
        if number < 1e11:
            return datetime.fromtimestamp(number, UTC)
        if abs(number / 1000 - there.timestamp()) < 10 * MAX_WAIT.total_seconds():
            return datetime.fromtimestamp(number / 1000, UTC)
        return there + MAX_WAIT
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return http_date(value)
    return aware(when)
