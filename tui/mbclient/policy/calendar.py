"""Work time, workdays and holidays (policy facts 3.1 and 3.2).

Everything is decided in the policy's zone; instants come and go as aware UTC. Two aware times of one zone compare
by their wall clocks, so every comparison here is made in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from mbclient.policy.model import Interval, Policy

ONE_DAY = timedelta(days=1)
_MIDNIGHT = time(0)
_MINUTES_A_DAY = 24 * 60


def easter(year: int) -> date:
    """Easter Day by the anonymous Gregorian arithmetic."""
    golden, century, of_century = year % 19, year // 100, year % 100
    leap = century // 4
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=512)
def swedish_holidays(year: int, eves: bool) -> frozenset[date]:
    """The public holidays of Sweden; with `eves` also Midsummer Eve, Christmas Eve and New Year's Eve."""
    sunday = easter(year)
    midsummer = _saturday_from(date(year, 6, 20))
    days = {
        date(year, 1, 1),
        date(year, 1, 6),
        sunday - timedelta(days=2),
        sunday,
        sunday + timedelta(days=1),
        date(year, 5, 1),
        sunday + timedelta(days=39),  # Ascension Day
        sunday + timedelta(days=49),  # Whit Sunday
        date(year, 6, 6),
        midsummer,
        _saturday_from(date(year, 10, 31)),  # All Saints' Day
        date(year, 12, 25),
        date(year, 12, 26),
    }
    if eves:
        days |= {midsummer - ONE_DAY, date(year, 12, 24), date(year, 12, 31)}
    return frozenset(days)


def _saturday_from(first: date) -> date:
    return first + timedelta(days=(5 - first.weekday()) % 7)


def resolve(zone: tzinfo, day: date, wall: time) -> datetime:
    """The UTC instant of a wall time: the first of two, and in a spring gap by the offset from before it."""
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)


def resolve_minutes(zone: tzinfo, day: date, minutes: int) -> datetime:
    """As `resolve`, for minutes after the midnight of `day`; 1440 is the next midnight."""
    days, rest = divmod(minutes, _MINUTES_A_DAY)
    return resolve(zone, day + timedelta(days=days), time(rest // 60, rest % 60))


def local_date(policy: Policy, instant: datetime) -> date:
    """The calendar day of an instant in the policy's zone."""
    return instant.astimezone(policy.zone).date()


def day_start(zone: tzinfo, day: date) -> datetime:
    """The first instant of a local day, also where its midnight does not exist."""
    start = resolve(zone, day, _MIDNIGHT)
    local = start.astimezone(zone)
    if local.date() == day and local.time() == _MIDNIGHT:
        return start
    before, after = int(start.timestamp()) - 24 * 3600, int(start.timestamp())
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).date() < day:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)


def day_bounds(zone: tzinfo, day: date) -> tuple[datetime, datetime]:
    """A local day as `[first instant, first instant of the next day)`: 23 or 25 hours on change days."""
    return day_start(zone, day), day_start(zone, day + ONE_DAY)


def hours(policy: Policy, day: date) -> tuple[Interval, ...]:
    """The work intervals that belong to a date: absence, exception, holiday, weekday; the first that applies."""
    if absent(policy, day):
        return ()
    exception = policy.exceptions.get(day)
    if exception is not None:
        return exception
    week = policy.week[day.weekday()]
    if week and policy.holidays == "SE" and day in swedish_holidays(day.year, policy.eves_off):
        return ()
    return week


def absent(policy: Policy, day: date) -> bool:
    """Whether the user has marked the date as an absence."""
    return any(absence.first <= day <= absence.last for absence in policy.absences)


def workday(policy: Policy, day: date) -> bool:
    """Whether the date has at least one work interval."""
    return bool(hours(policy, day))


def spans(policy: Policy, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The work intervals that may hold an instant of `day`, as `[start, end)`: its own and the day before's."""
    return _spans(policy.zone, day, hours(policy, day - ONE_DAY), hours(policy, day))


@lru_cache(maxsize=4096)
def _spans(
    zone: tzinfo, day: date, before: tuple[Interval, ...], own: tuple[Interval, ...]
) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(
        (resolve_minutes(zone, owner, interval.start), resolve_minutes(zone, owner, interval.end))
        for owner, intervals in ((day - ONE_DAY, before), (day, own))
        for interval in intervals
    )


def work_time(policy: Policy, instant: datetime) -> bool:
    """Whether an instant lies in work time."""
    return work_end(policy, instant) is not None


def work_end(policy: Policy, instant: datetime) -> datetime | None:
    """The end of the work interval that holds the instant (the latest, if several do), else None."""
    near = spans(policy, local_date(policy, instant))
    return max((end for start, end in near if start <= instant < end), default=None)


def after_work(policy: Policy, instant: datetime) -> datetime | None:
    """The earliest instant from `instant` on that is not work time; None if there is none within 366 intervals."""
    for _ in range(366):
        end = work_end(policy, instant)
        if end is None:
            return instant
        instant = end
    return None


def workdays_between(policy: Policy, first: date, last: date) -> int:
    """Workdays strictly between two dates, neither end counted (rule 1's silence)."""
    return sum(workday(policy, first + timedelta(days=n)) for n in range(1, (last - first).days))
