"""The first figures of the stats pane: posts a day against the guideline, and how much of what came was work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.stores import Archive
from mbclient.policy import counting
from mbclient.policy.calendar import day_bounds, workday
from mbclient.policy.model import LedgerStatus


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: own posts, received posts, of them work-related; `workday` tells whether the limit applies.

    `data` False: it lies before all that was ever recorded, so nothing is known of it and its zeros mean nothing.
    """

    date: date
    posts: int
    received: int
    work: int
    workday: bool
    data: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """Oldest day first, today last. Percent is None without a denominator: no data is not zero."""

    days: tuple[Day, ...]
    limit: int | None
    by_service: Mapping[str, tuple[int, int]]

    @property
    def data(self) -> bool:
        return any(day.data for day in self.days)

    @property
    def received(self) -> int:
        return sum(day.received for day in self.days)

    @property
    def work(self) -> int:
        return sum(day.work for day in self.days)

    @property
    def work_percent(self) -> int | None:
        return percent(self.work, self.received)


def percent(part: int, whole: int) -> int | None:
    """Rounded half up to whole numbers; None where there is nothing to divide by."""
    return (200 * part + whole) // (2 * whole) if whole else None


class Statistics:
    """Figures of the employee's own, from the own machine."""

    def __init__(self, judge: Judge, archive: Archive, clock: Clock) -> None:
        self._judge = judge
        self._archive = archive
        self._clock = clock

    def figures(self, days: int = 14, now: datetime | None = None) -> Figures:
        """The last days, today included."""
        today = (now or self._clock.now()).astimezone(self._judge.policy.zone).date()
        return self.between(today - timedelta(days=days - 1), today, now)

    def between(self, first_day: date, last_day: date, now: datetime | None = None) -> Figures:
        """Local days, both included; `last_day` is not before `first_day`."""
        now = now or self._clock.now()
        policy = self._judge.policy
        dates = [first_day + timedelta(days=ahead) for ahead in range((last_day - first_day).days + 1)]
        first, _end = day_bounds(policy.zone, first_day)
        _start, last = day_bounds(policy.zone, last_day)
        # A day before the first: a group that began then belongs to that day, whole.
        facts = self._judge.facts(now, since=first - timedelta(days=1))
        groups = counting.groups(policy, facts)
        received: dict[date, list[int]] = {day: [0, 0] for day in dates}
        by_service: dict[str, list[int]] = {}
        for hour, service, work, number in self._archive.day_counts(first, last):
            day = hour.astimezone(policy.zone).date()
            for cell in (received.get(day), by_service.setdefault(service, [0, 0])):
                if cell is not None:
                    cell[0] += number
                    cell[1] += number if work else 0
        known = [entry.at for entry in facts.ledger if entry.status is LedgerStatus.SENT]
        oldest = self._archive.oldest()
        known += [oldest] if oldest else []
        since = min(known).astimezone(policy.zone).date() if known else None
        return Figures(
            tuple(
                Day(
                    day,
                    counting.count(policy, groups, day),
                    received[day][0],
                    received[day][1],
                    workday(policy, day),
                    data=since is not None and day >= since,
                )
                for day in dates
            ),
            policy.daily_soft_limit,
            {service: (total, work) for service, (total, work) in sorted(by_service.items())},
        )
