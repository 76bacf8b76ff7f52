"""The employee's own figures: what microblogging at work costs and gives (policy facts 14).

Nothing is extrapolated: a day of which nothing is known has no figure, never zero. Everything stays on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from mbclient.core.figurestores import Activity, HiddenBy, ReadingLog, Received, Tallies
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.stores import DecisionLog
from mbclient.policy import counting
from mbclient.policy.calendar import day_bounds, local_date, work_time, workday
from mbclient.policy.counting import Group
from mbclient.policy.model import LedgerStatus, Policy
from mbclient.policy.slots import window_of

Key = TypeVar("Key", bound=Hashable)
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
    """One service's share; a post that went to two services counts for each."""

    posts: int = 0
    inflow: Inflow = Inflow()
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class TermFigures:
    """One work term's; terms overlap, so each is at most the total and they do not add up."""

    received: int = 0
    reading: timedelta = _ZERO


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
        return half_up(self.inflow.hidden_words, self.words_per_minute)

    @property
    def cost(self) -> tuple[int, int] | None:
        """Reading in work time at the set rate, all and on posts without a work term, in whole units of `currency`.

        None: no rate is set, or nothing was measured.
        """
        reading = self.reading
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


class Statistics:
    """Figures of the employee's own, from the own machine."""

    def __init__(self, judge: Judge, tallies: Tallies, reading: ReadingLog, log: DecisionLog, clock: Clock) -> None:
        self._judge = judge
        self._tallies = tallies
        self._reading = reading
        self._log = log
        self._clock = clock

    def today(self) -> date:
        """The local day."""
        return local_date(self._judge.policy, self._clock.now())

    def figures(self, days: int = 14) -> Figures:
        """The last days, today included."""
        today = self.today()
        return self.between(today - timedelta(days=days - 1), today)

    def between(self, first_day: date, last_day: date) -> Figures:
        """Local days, both included; `last_day` is not before `first_day`. May take a while: call it in a thread."""
        now, policy = self._clock.now(), self._judge.policy
        dates = [first_day + timedelta(days=ahead) for ahead in range((last_day - first_day).days + 1)]
        first, last = day_bounds(policy.zone, first_day)[0], day_bounds(policy.zone, last_day)[1]
        # A day before the first: a group that began then belongs to that day, whole.
        facts = self._judge.facts(now, since=first - timedelta(days=1))
        everything = counting.groups(policy, facts)
        hidden_accounts = [name for name, account in facts.accounts.items() if account.pseudonymous]
        received = self._tallies.received(first, last, without=hidden_accounts)
        inflow = _by(received, lambda one: local_date(policy, one.hour))
        read = self._read_by_day(first_day, last_day)
        known = [entry.at for entry in facts.ledger if entry.status is LedgerStatus.SENT]
        oldest = self._tallies.oldest()
        known += [oldest] if oldest else []
        since = local_date(policy, min(known)) if known else None
        ran, today = frozenset(self._reading.days(first_day, last_day)), local_date(policy, now)

        def is_known(day: date) -> bool:
            """The program ran on it, or something of it was found later; never before the first record."""
            if day in ran:
                return True
            found = counting.count(policy, everything, day) or inflow.get(day, Inflow()).received
            return since is not None and since <= day <= today and bool(found or day == today)

        within = [group for group in everything if group.sent and first <= group.at < last]
        return Figures(
            tuple(
                Day(
                    day,
                    counting.count(policy, everything, day),
                    inflow.get(day, Inflow()),
                    workday(policy, day),
                    data=is_known(day),
                    reading=read.get(day),
                    slots=_adherence(policy, [group for group in within if local_date(policy, group.at) == day]),
                )
                for day in dates
            ),
            policy.daily_soft_limit,
            self._by_service(within, received, first_day, last_day),
            self._by_term(first, last, hidden_accounts, first_day, last_day),
            _adherence(policy, within),
            self._findings(first, last),
            policy.words_per_minute,
            policy.hourly_rate,
            policy.currency,
        )

    def hours(self, first: date, last: date) -> dict[tuple[int, int], timedelta]:
        """Reading time by (weekday, local hour); 0 is Monday. Of days that are kept in full, ninety."""
        zone = self._judge.policy.zone
        sums: dict[tuple[int, int], timedelta] = {}
        for piece in self._reading.pieces(first, last):
            if piece.activity is Activity.READING:
                key = (piece.day.weekday(), piece.at.astimezone(zone).hour)
                sums[key] = sums.get(key, _ZERO) + piece.length
        return sums

    def _read_by_day(self, first: date, last: date) -> dict[date, Reading]:
        read = dict.fromkeys(self._reading.days(first, last), Reading())
        for one in self._reading.sums(first, last):
            read[one.day] = read.get(one.day, Reading()) + _reading(
                one.length, one.activity, in_work_time=one.in_work_time, related=one.related
            )
        return read

    def _by_service(
        self, groups: Sequence[Group], received: Sequence[Received], first: date, last: date
    ) -> dict[str, ServiceFigures]:
        inflow = _by(received, lambda one: one.service)
        read: dict[str, Reading] = {}
        for one in self._reading.sums(first, last):
            if one.activity == Activity.READING:
                read[one.service] = read.get(one.service, Reading()) + _reading(
                    one.length, one.activity, in_work_time=one.in_work_time, related=one.related
                )
        posts: dict[str, int] = {}
        for group in groups:
            for service in group.services:
                posts[service] = posts.get(service, 0) + group.segments
        return {
            service: ServiceFigures(posts.get(service, 0), inflow.get(service, Inflow()), read.get(service, Reading()))
            for service in sorted({*inflow, *read, *posts})
        }

    def _by_term(
        self, first: datetime, last: datetime, without: Sequence[str], first_day: date, last_day: date
    ) -> dict[str, TermFigures]:
        received = dict(self._tallies.received_by_term(first, last, without=without))
        read: dict[str, timedelta] = {}
        for one in self._reading.term_sums(first_day, last_day):
            read[one.term] = read.get(one.term, _ZERO) + one.length
        terms = sorted({*received, *read}, key=lambda term: (-received.get(term, 0), term))
        return {term: TermFigures(received.get(term, 0), read.get(term, _ZERO)) for term in terms}

    def _findings(self, first: datetime, last: datetime) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for entry in self._log.entries():
            findings, outcome = entry.get("findings"), entry.get("outcome")
            if not isinstance(findings, list) or not isinstance(outcome, str):
                continue
            if not first <= datetime.fromisoformat(str(entry["ts"])) < last:
                continue
            for finding in findings:
                outcomes = found.setdefault(str(finding["id"]), {})
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        return dict(sorted(found.items()))


def _by(received: Sequence[Received], key: Callable[[Received], Key]) -> dict[Key, Inflow]:
    sums: dict[Key, Inflow] = {}
    for one in received:
        sums[key(one)] = sums.get(key(one), Inflow()) + Inflow(
            one.number,
            one.number if one.related else 0,
            one.number if one.hidden is HiddenBy.FILTER else 0,
            one.number if one.hidden is HiddenBy.MUTED else 0,
            one.words if one.hidden else 0,
        )
    return sums


def _reading(length: timedelta, activity: str, *, in_work_time: bool, related: bool) -> Reading:
    if activity == Activity.COMPOSING:
        return Reading(composing=length)
    if in_work_time:
        return Reading(in_work_time=length, related_in_work_time=length if related else _ZERO)
    return Reading(outside=length, related_outside=length if related else _ZERO)


def _adherence(policy: Policy, groups: Sequence[Group]) -> tuple[int, int]:
    """Groups in work time that were no replies, and those of them in the window of a recommended time."""
    counted = [group for group in groups if not group.reply and work_time(policy, group.at)]
    return len(counted), sum(window_of(policy, group.at) is not None for group in counted)
