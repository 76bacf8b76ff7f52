"""The employee's own figures: what microblogging at work costs and gives (policy facts 14).

Nothing is extrapolated: a day of which nothing is known has no figure, never zero. Everything stays on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta

from mbclient.domain.lazydataclass import dataclass

MAX_DAYS = 400  # that are counted at once
_ZERO = timedelta(0)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Reading time; `related`: on posts with a work term. `composing` is kept apart and in no sum."""

    in_work_time: timedelta = _ZERO
    outside: timedelta = _ZERO
    related_in_work_time: timedelta = _ZERO
    related_outside: timedelta = _ZERO
    composing: timedelta = _ZERO

    @property
    def total(self) -> timedelta:
        return self.in_work_time + self.outside

    @property
    def related(self) -> timedelta:
        return self.related_in_work_time + self.related_outside

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.in_work_time + other.in_work_time,
            self.outside + other.outside,
            self.related_in_work_time + other.related_in_work_time,
            self.related_outside + other.related_outside,
            self.composing + other.composing,
        )


@dataclass(frozen=True, slots=True)
class Inflow:
    """Distinct received posts. `work`: match a work term; `filtered`, `muted`: hidden, and by what."""

    received: int = 0
    work: int = 0
    filtered: int = 0
    muted: int = 0
    hidden_words: int = 0

    def __add__(self, other: Inflow) -> Inflow:
        return Inflow(
            self.received + other.received,
            self.work + other.work,
            self.filtered + other.filtered,
            self.muted + other.muted,
            self.hidden_words + other.hidden_words,
        )

    @property
    def work_percent(self) -> int | None:
        return percent(self.work, self.received)

    @property
    def filtered_percent(self) -> int | None:
        return percent(self.filtered, self.received)


@dataclass(frozen=True, slots=True)
class Day:
    """One local day. `workday` tells whether the limit applies.

    `data` False: the program did not run on it, or was not there yet: nothing is known, and its zeros mean nothing.
    `reading` None: nothing was measured on that day. `slots`: as in `Figures`.
    """

    date: date
    posts: int
    inflow: Inflow
    workday: bool
    data: bool = True
    reading: Reading | None = None
    slots: tuple[int, int] = (0, 0)

    @property
    def received(self) -> int:
        return self.inflow.received

    @property
    def work(self) -> int:
        return self.inflow.work


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service's share; a post that went to two services counts for each. `slots`: as in `Figures`."""

    posts: int = 0
    inflow: Inflow = Inflow()
    reading: Reading = Reading()
    slots: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class TermFigures:
    """One work term's; terms overlap, so each is at most the total and they do not add up."""

    inflow: Inflow = Inflow()
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Figures:
    """Oldest day first. A percentage is None without a denominator: no data is not zero.

    `slots`: groups in work time that were no replies, and of them those in a recommended time. `findings`: of each
    policy finding how often each outcome came. `rate` 0: not set, and no cost is told.
    """

    days: tuple[Day, ...]
    limit: int | None
    by_service: Mapping[str, ServiceFigures] = field(default_factory=dict)
    by_term: Mapping[str, TermFigures] = field(default_factory=dict)
    slots: tuple[int, int] = (0, 0)
    findings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    words_per_minute: int = 200
    rate: float = 0
    currency: str = ""

    @property
    def data(self) -> bool:
        return any(day.data for day in self.days)

    @property
    def posts(self) -> int:
        return sum(day.posts for day in self.days)

    @property
    def inflow(self) -> Inflow:
        return sum((day.inflow for day in self.days), Inflow())

    @property
    def received(self) -> int:
        return self.inflow.received

    @property
    def work(self) -> int:
        return self.inflow.work

    @property
    def work_percent(self) -> int | None:
        return self.inflow.work_percent

    @property
    def workdays(self) -> tuple[int, int]:
        """Workdays over the limit, and workdays of which something is known."""
        known = [day for day in self.days if day.data and day.workday]
        return sum(self.limit is not None and day.posts > self.limit for day in known), len(known)

    @property
    def slot_percent(self) -> int | None:
        return percent(self.slots[1], self.slots[0])

    @property
    def reading(self) -> Reading | None:
        """None: nothing was measured on any of the days."""
        measured = [day.reading for day in self.days if day.reading is not None]
        return sum(measured, Reading()) if measured else None

    @property
    def saved_minutes(self) -> int:
        """An estimate: the words of hidden posts at the set speed, whole minutes."""
        return self.saved_by(self.inflow)

    def saved_by(self, inflow: Inflow) -> int:
        """The same of one service, term or day."""
        return half_up(inflow.hidden_words, self.words_per_minute)

    @property
    def cost(self) -> tuple[int, int] | None:
        """Reading in work time at the set rate, all and on posts without a work term, in whole units of `currency`.

        None: no rate is set, or nothing was measured.
        """
        return self.cost_of(self.reading)

    def cost_of(self, reading: Reading | None) -> tuple[int, int] | None:
        """The same of one service, term or day."""
        if not self.rate or reading is None:
            return None
        every, other = reading.in_work_time, reading.in_work_time - reading.related_in_work_time
        return money(every, self.rate), money(other, self.rate)


def percent(part: int, whole: int) -> int | None:
    """Rounded half up to whole numbers; None where there is nothing to divide by."""
    return half_up(100 * part, whole) if whole else None


def half_up(part: int, whole: int) -> int:
    """A quotient of whole numbers, rounded half up."""
    return (2 * part + whole) // (2 * whole)


def minutes(length: timedelta) -> int:
    """Whole minutes, rounded half up."""
    return half_up(length // timedelta(microseconds=1), _MINUTE // timedelta(microseconds=1))


def money(length: timedelta, rate: float) -> int:
    """A time at a rate an hour, rounded half up to whole units."""
    return int(length / timedelta(hours=1) * rate + 0.5)
