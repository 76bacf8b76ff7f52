"""The figures, aggregated from what lies on this machine; the policy says what counts, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from mbclient.core.figures import Day, Figures, Inflow, Reading, ServiceFigures, TermFigures
from mbclient.core.figurestores import (
    Activity,
    HiddenBy,
    ReadingLog,
    ReadingSum,
    Received,
    Tallies,
)
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.readingsums import Key, Told, read_by, term_reading
from mbclient.core.stores import DecisionLog
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy import counting
from mbclient.policy.calendar import day_bounds, local_date, work_time, workday
from mbclient.policy.counting import Group
from mbclient.policy.model import AccountFacts, Facts, LedgerStatus, Policy
from mbclient.policy.slots import window_of

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Sent:
    """One act of composing that is out. `counted`, `inside`: for how many posts kept to the recommended times."""

    segments: int
    services: tuple[str, ...]
    day: date
    counted: bool
    inside: bool


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
        within = [
            Sent(group.segments, group.services, local_date(policy, group.at), *_timing(policy, group))
            for group in counting.groups(policy, facts)
            if group.sent and first <= group.at < last
        ]
        sent: dict[date, list[Sent]] = {}
        for one in within:
            sent.setdefault(one.day, []).append(one)
        without = [name for name, account in facts.accounts.items() if account.pseudonymous]
        days = [day_bounds(policy.zone, day) for day in dates]
        begun = {start: day for (start, _end), day in zip(days, dates, strict=True)}
        received = self._tallies.received(days, without=without)
        inflow = inflow_by(received, lambda one: begun[one.start])
        told = Told.of(facts.accounts, notebook=True)
        sums = [one for one in self._reading.sums(first_day, last_day) if told(one)]
        ran = self._reading.days(first_day, last_day)
        read = dict.fromkeys(ran, Reading()) | read_by(sums, lambda one: one.day)
        since, today = self._since(policy, facts), local_date(policy, now)

        def is_known(day: date) -> bool:
            """The program ran on it, or something of it was found later; never before the first record."""
            if day in read:
                return True
            found = day in sent or inflow.get(day, Inflow()).received
            return since is not None and since <= day <= today and bool(found or day == today)

        return Figures(
            tuple(
                Day(
                    day,
                    sum(one.segments for one in sent.get(day, ())),
                    inflow.get(day, Inflow()),
                    workday(policy, day),
                    data=is_known(day),
                    reading=read.get(day),
                    slots=_adherence(sent.get(day, ())),
                )
                for day in dates
            ),
            policy.daily_soft_limit,
            _by_service(within, received, sums),
            _by_term(
                received,
                term_reading(one for one in self._reading.term_sums(first_day, last_day) if told(one)),
            ),
            _adherence(within),
            self._findings(first, last, facts.accounts),
            policy.words_per_minute,
            policy.hourly_rate,
            policy.currency,
        )

    def hours(self, first: date, last: date) -> dict[tuple[int, int], timedelta]:
        """Reading time by (weekday, local hour); 0 is Monday. Of days that are kept in full, ninety."""
        policy, now = self._judge.policy, self._clock.now()
        told = Told.of(self._judge.account_facts(now), notebook=True)
        sums: dict[tuple[int, int], timedelta] = {}
        for piece in self._reading.pieces(first, last):
            if piece.activity is Activity.READING and told(piece):
                key = (piece.day.weekday(), piece.at.astimezone(policy.zone).hour)
                sums[key] = sums.get(key, _ZERO) + piece.length
        return sums

    def _since(self, policy: Policy, facts: Facts) -> date | None:
        """The day of the first record; before it nothing is known."""
        known = [entry.at for entry in facts.ledger if entry.status is LedgerStatus.SENT]
        oldest = self._tallies.oldest()
        known += [oldest] if oldest else []
        return local_date(policy, min(known)) if known else None

    def _findings(
        self, first: datetime, last: datetime, accounts: Mapping[str, AccountFacts]
    ) -> dict[str, dict[str, int]]:
        """Of the decision log; what was for pseudonymous accounts alone is in no statistics."""
        hidden = {name for name, account in accounts.items() if account.pseudonymous}
        found: dict[str, dict[str, int]] = {}
        for entry in self._log.entries():
            findings, outcome, whose = entry.get("findings"), entry.get("outcome"), entry.get("accounts")
            if not isinstance(findings, list) or not isinstance(outcome, str):
                continue
            if not first <= datetime.fromisoformat(str(entry["ts"])) < last:
                continue
            if isinstance(whose, list) and whose and hidden.issuperset(whose):
                continue
            for finding in findings:
                outcomes = found.setdefault(str(finding["id"]), {})
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        return dict(sorted(found.items()))


def inflow_by(received: Iterable[Received], key: Callable[[Received], Key]) -> dict[Key, Inflow]:
    """What came, in groups."""
    sums: dict[Key, Inflow] = {}
    for one in received:
        sums[key(one)] = sums.get(key(one), Inflow()) + _inflow(one)
    return sums


def _inflow(one: Received) -> Inflow:
    return Inflow(
        one.number,
        one.number if one.related else 0,
        one.number if one.hidden is HiddenBy.FILTER else 0,
        one.number if one.hidden is HiddenBy.MUTED else 0,
        one.words if one.hidden else 0,
    )


def _timing(policy: Policy, group: Group) -> tuple[bool, bool]:
    """Whether it was in work time and no reply, and whether it then lay in the window of a recommended time."""
    counted = not group.reply and work_time(policy, group.at)
    return counted, counted and window_of(policy, group.at) is not None


def _adherence(sent: Iterable[Sent]) -> tuple[int, int]:
    counted = [one for one in sent if one.counted]
    return len(counted), sum(one.inside for one in counted)


def _by_service(
    everything: Sequence[Sent], received: Sequence[Received], sums: Sequence[ReadingSum]
) -> dict[str, ServiceFigures]:
    inflow = inflow_by(received, lambda one: one.service)
    read = read_by((one for one in sums if one.activity == Activity.READING), lambda one: one.service)
    sent: dict[str, list[Sent]] = {}
    for one in everything:
        for service in one.services:
            sent.setdefault(service, []).append(one)
    posts = Counter({service: sum(one.segments for one in its) for service, its in sent.items()})
    return {
        service: ServiceFigures(
            posts[service],
            inflow.get(service, Inflow()),
            read.get(service, Reading()),
            _adherence(sent.get(service, ())),
        )
        for service in sorted({*inflow, *read, *posts})
    }


def _by_term(received: Iterable[Received], read: Mapping[str, Reading]) -> dict[str, TermFigures]:
    """Most received first."""
    inflow: dict[str, Inflow] = {}
    for one in received:
        for term in one.terms:
            inflow[term] = inflow.get(term, Inflow()) + _inflow(one)
    terms = sorted({*inflow, *read}, key=lambda term: (-inflow.get(term, Inflow()).received, term))
    return {term: TermFigures(inflow.get(term, Inflow()), read.get(term, Reading())) for term in terms}
