"""The employee's own company report: made when the employee asks, of work time alone (policy facts 15 and 16)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from mbclient.core.aggregate import Statistics
from mbclient.core.figurestores import Activity, Contributors, HiddenBy, ReadingLog, Received, Span, Tallies
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.readingsums import Told
from mbclient.core.reportform import OTHER, Period, Report, rounded
from mbclient.domain.errors import UsageError
from mbclient.policy import counting
from mbclient.policy.calendar import day_bounds, local_date, spans, work_time, workday
from mbclient.policy.counting import Group
from mbclient.policy.model import Policy
from mbclient.policy.slots import window_of
from mbclient.texts import _

LEAST_POSTS, LEAST_MINUTES = 5, 15  # a service with less of both is not told by name
LEAST_WHOLE = 10  # a percentage of fewer is not told
_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)


class Reports:
    """Makes reports from what lies on this machine."""

    def __init__(
        self,
        judge: Judge,
        statistics: Statistics,
        tallies: Tallies,
        reading: ReadingLog,
        contributors: Contributors,
        clock: Clock,
    ) -> None:
        self._judge = judge
        self._statistics = statistics
        self._tallies = tallies
        self._reading = reading
        self._contributors = contributors
        self._clock = clock

    def report(self, period: Period) -> Report:
        """Of a period that has begun and of which something is known, else `UsageError`. Call it in a thread.

        The contributor's number is new for every period and the same for the same one.
        """
        policy = self._judge.policy
        today = self._statistics.today()
        if period.first > today:
            raise UsageError(_("{period} has not begun").format(period=period.name), _("choose one that has"))
        last = min(period.last, today)
        now = self._clock.now()
        start, end = day_bounds(policy.zone, period.first)[0], day_bounds(policy.zone, last)[1]
        facts = self._judge.facts(now, since=start - timedelta(days=1))
        groups = [
            group
            for group in counting.groups(policy, facts)
            if group.sent and start <= group.at < end and work_time(policy, group.at)
        ]
        dates = [period.first + timedelta(days=ahead) for ahead in range((last - period.first).days + 1)]
        without = [name for name, one in facts.accounts.items() if one.pseudonymous or one.notebook]
        at_work = [span for day in dates for span in _work_spans(policy, day)]
        received = self._tallies.received(at_work, without=without)
        read, related = self._read(Told.of(facts.accounts, notebook=False), period.first, last)
        ran = self._reading.days(period.first, last)
        known = {*ran, *(local_date(policy, group.at) for group in groups)}
        known |= {local_date(policy, one.start) for one in received}
        days = [day for day in known if workday(policy, day)]
        if not days:
            raise UsageError(
                _("nothing is known of any workday in {period}").format(period=period.name), _("choose another one")
            )
        figures = {
            "days_with_data": rounded(len(days), 1, 5),
            **_posts(policy, groups),
            **_timeline(received),
        }
        if ran:  # else not measured, which is not zero
            figures["reading_minutes_work_time.total"] = _minutes(sum(read.values(), timedelta()))
            figures["reading_minutes_work_time.work_relevant"] = _minutes(related)
        return Report(
            period.name,
            self._contributors.of(period.name, secrets.token_hex(16)),
            self._judge.loaded.company_digest,
            figures,
            _services(groups, read, measured="reading_minutes_work_time.total" in figures),
        )

    def _read(self, told: Told, first: date, last: date) -> tuple[Mapping[str, timedelta], timedelta]:
        """Reading in work time by service, and how much of it was on posts with a work term."""
        sums: dict[str, timedelta] = {}
        related = timedelta()
        for one in self._reading.sums(first, last):
            if one.in_work_time and one.activity == Activity.READING and told(one):
                sums[one.service] = sums.get(one.service, timedelta()) + one.length
                related += one.length if one.related else timedelta()
        return sums, related


def _work_spans(policy: Policy, day: date) -> list[Span]:
    """The work time between the beginning and the end of a local day, in order, none of it twice."""
    found: list[Span] = []
    begin, end = day_bounds(policy.zone, day)
    for first, last in sorted(spans(policy, day)):
        start = max(first, begin, *(before for _start, before in found[-1:]))
        if start < min(last, end):
            found.append((start, min(last, end)))
    return found


def _posts(policy: Policy, groups: list[Group]) -> dict[str, int]:
    by_day: Counter[date] = Counter()
    for group in groups:
        by_day[local_date(policy, group.at)] += group.segments
    found = {"posts.total": rounded(by_day.total(), 1, 5)}
    limit = policy.daily_soft_limit
    if limit is not None:
        over = sum(number > limit and workday(policy, day) for day, number in by_day.items())
        found["posts.days_over_limit"] = rounded(over, 1, 5)
    own = [group for group in groups if not group.reply]
    inside = sum(window_of(policy, group.at) is not None for group in own)
    return found | _percentage("posts.slot_adherence_pct", inside, len(own))


def _timeline(received: Sequence[Received]) -> dict[str, int]:
    every = sum(one.number for one in received)
    work = sum(one.number for one in received if one.related)
    filtered = sum(one.number for one in received if one.hidden is HiddenBy.FILTER)
    return {
        "timeline.received": rounded(every, 1, 5),
        **_percentage("timeline.work_relevant_pct", work, every),
        **_percentage("timeline.filtered_pct", filtered, every),
    }


def _percentage(name: str, part: int, whole: int) -> dict[str, int]:
    return {name: rounded(100 * part, whole, 5)} if whole >= LEAST_WHOLE else {}


def _minutes(length: timedelta) -> int:
    return rounded(length // _MICROSECOND, _MINUTE // _MICROSECOND, 15)


def _services(groups: list[Group], read: Mapping[str, timedelta], *, measured: bool) -> dict[str, dict[str, int]]:
    """A post counts for every service it went to; small services are one."""
    posts: Counter[str] = Counter()
    for group in groups:
        for service in group.services:
            posts[service] += group.segments
    kept: Counter[str] = Counter()
    times: dict[str, timedelta] = {}
    for service in sorted({*posts, *read} - {""}):  # no service: no post was in front
        length = read.get(service, timedelta())
        if not posts[service] and not length:
            continue
        big = posts[service] >= LEAST_POSTS or length >= LEAST_MINUTES * _MINUTE
        name = service if big else OTHER
        kept[name] += posts[service]
        times[name] = times.get(name, timedelta()) + length
    return {
        name: {
            "posts": rounded(kept[name], 1, 5),
            **({"reading_minutes_work_time": _minutes(times[name])} if measured else {}),
        }
        for name in times
    }
