"""The employee's own report: of work time alone, rounded, without anything that names anybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.aggregate import Statistics
from mbclient.core.figures import Figures, Inflow, Reading
from mbclient.core.figurestores import (
    Activity,
    HiddenBy,
    ReadingLog,
    ReadingPiece,
    ReadingSum,
    Received,
    Span,
    Tallies,
)
from mbclient.core.judge import Judge
from mbclient.core.preferences import LoadedPolicy
from mbclient.core.report import Reports
from mbclient.core.reportform import FORMAT, Period, read_period, read_report, report_json, rows
from mbclient.core.stores import DecisionLog
from mbclient.domain.draft import Kind
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Visibility
from mbclient.policy.model import AccountFacts, Facts, LedgerEntry, Machine, Policy
from tests.core.fakes import TUESDAY, Clock, Office, a_post, mine
from tests.core.reports import WEEK
from tests.core.test_reportform import is_within_bounds

TODAY = date(2026, 11, 24)
POLICY = Policy(ZoneInfo("Europe/Stockholm"))
FORBIDDEN = ("sent before work", "geheim", "secret-term", "anna", "kontoett", "nattugglan", "P2-SLOT", "07:4")


def office_report(office: Office) -> dict[str, object]:
    return report_json(office.desk.reports.report(read_period(WEEK)))


async def put(office: Office, *hours: float) -> None:
    """Own posts at hours of Tuesday, Stockholm time."""
    start = datetime(2026, 11, 23, 23, tzinfo=UTC)
    account = office.desk.accounts.get("work")
    posts = [
        mine(remote_id=f"o{n}", text=f"post {n}", created_at=start + timedelta(hours=hour, seconds=n))
        for n, hour in enumerate(hours)
    ]
    office.service("work").own = posts
    await office.desk.refresher.own_posts(account, start - timedelta(days=2))


# ---------------------------------------------------------------- by hand


async def test_only_work_time_counts(office: Office) -> None:
    office.clock.at = datetime(2026, 11, 24, 21, tzinfo=UTC)
    await put(office, 7.5, *[8.7] * 6, *[10] * 6, 17, 20)
    account = office.desk.accounts.get("work")
    at_work = [a_post(remote_id=f"r{n}", text="openssl" if n < 4 else "lunch") for n in range(11)]
    evening = [a_post(remote_id=f"e{n}", created_at=TUESDAY + timedelta(hours=8)) for n in range(50)]
    await office.desk.refresher.take([*at_work, *evening], account)
    log = office.desk.world.stores.reading
    log.add(
        [
            piece(82.4, "openssl"),
            piece(300, work=False),
            piece(30, service="bluesky"),
            ReadingPiece(TUESDAY, timedelta(minutes=99), TODAY, True, Activity.COMPOSING),
        ]
    )
    found = office_report(office)
    assert found | {"contributor": "", "policy_digest": ""} == {
        "format": FORMAT,
        "period": WEEK,
        "contributor": "",
        "policy_digest": "",
        "days_with_data": 0,  # one day is not half a step
        "posts": {"total": 10, "days_over_limit": 0, "slot_adherence_pct": 50},
        "timeline": {"received": 10, "work_relevant_pct": 35, "filtered_pct": 65},
        "reading_minutes_work_time": {"total": 105, "work_relevant": 75},  # of 112.4 and 82.4
        "by_service": {
            "bluesky": {"posts": 0, "reading_minutes_work_time": 30},
            "mastodon": {"posts": 10, "reading_minutes_work_time": 75},
        },
    }
    assert found["policy_digest"] == office.desk.judge.loaded.company_digest


async def test_percentages_of_few_and_small_services_are_not_told(office: Office) -> None:
    await put(office, 8.7, 8.7, 8.7, 8.7)
    account = office.desk.accounts.get("work")
    await office.desk.refresher.take([a_post(remote_id=f"r{n}") for n in range(9)], account)
    office.desk.world.stores.reading.add([piece(14.9), piece(14, service="bluesky")])
    found = office_report(office)
    assert found["posts"] == {"total": 5, "days_over_limit": 0}
    assert found["timeline"] == {"received": 10}
    assert found["by_service"] == {"other": {"posts": 5, "reading_minutes_work_time": 30}}


async def test_not_measured_is_not_zero(office: Office) -> None:
    await put(office, *[8.7] * 5)
    found = office_report(office)
    assert found["reading_minutes_work_time"] == {}
    assert found["by_service"] == {"mastodon": {"posts": 5}}


async def test_nothing_from_pseudonymous_accounts(office: Office) -> None:
    await put(office, *[8.7] * 12)
    office.desk.world.stores.reading.add([piece(60), piece(30, service="bluesky")])
    office.desk.world.accounts.save(replace(office.desk.accounts.get("work"), pseudonymous=True))
    found = office_report(office)
    assert found["posts"] == {"total": 0, "days_over_limit": 0}
    assert found["reading_minutes_work_time"] == {"total": 30, "work_relevant": 0}
    assert found["by_service"] == {"bluesky": {"posts": 0, "reading_minutes_work_time": 30}}


async def test_the_contributor_is_new_for_every_period_and_kept_for_each(office: Office) -> None:
    await put(office, 8.7)
    week, month = read_period(WEEK), read_period("2026-11")
    first = office.desk.reports.report(week).contributor
    assert len(bytes.fromhex(first)) == 16
    assert office.desk.reports.report(month).contributor != first
    office.crash()
    assert office.desk.reports.report(week).contributor == first
    office.clock.pass_(days=500)
    assert office.desk.reports.report(week).contributor != first  # forgotten with the days it was of


async def test_periods_that_give_no_report(office: Office) -> None:
    with pytest.raises(UsageError, match="nothing is known of any workday in 2026-W48"):
        office_report(office)
    await put(office, 8.7)
    with pytest.raises(UsageError, match="2026-W49 has not begun"):
        office.desk.reports.report(read_period("2026-W49"))
    with pytest.raises(UsageError, match="nothing is known"):
        office.desk.reports.report(read_period("2026-W47"))


async def test_rows_are_the_figures_of_the_file(office: Office) -> None:
    await put(office, *[8.7] * 12)
    report = office.desk.reports.report(read_period(WEEK))
    told = {(row.service, row.measure): row.value for row in rows(report)}
    assert told["", "posts.total"] == 10
    assert told["mastodon", "posts"] == 10
    assert len(told) == len(report.figures) + 1


def piece(minutes: float, *terms: str, work: bool = True, service: str = "mastodon") -> ReadingPiece:
    return ReadingPiece(TUESDAY, timedelta(minutes=minutes), TODAY, work, Activity.READING, service, terms)


# ---------------------------------------------------------------- whatever happened


@dataclass
class Past:
    """Stands in for everything that is known; fills what a report asks."""

    facts_: Facts
    received_: Sequence[Received]
    sums_: Sequence[ReadingSum]

    @property
    def policy(self) -> Policy:
        return POLICY

    @property
    def loaded(self) -> LoadedPolicy:
        return LoadedPolicy(POLICY, company_table={})

    def facts(self, _now: datetime, *, since: datetime) -> Facts:
        return self.facts_

    def received(self, spans: Sequence[Span], *, without: Sequence[str] = ()) -> Sequence[Received]:
        """At `start` here, at the beginning of its span there."""
        return [
            replace(one, start=first) for first, last in spans for one in self.received_ if first <= one.start < last
        ]

    def oldest(self) -> datetime:
        return TUESDAY - timedelta(days=90)

    def days(self, first: date, last: date) -> Sequence[date]:
        """It ran on one day at least."""
        return sorted({TODAY, *(one.day for one in self.sums(first, last))})

    def sums(self, first: date, last: date) -> Sequence[ReadingSum]:
        return [one for one in self.sums_ if first <= one.day <= last]

    def term_sums(self, *_days: object) -> Sequence[object]:
        return ()

    def entries(self) -> Sequence[object]:
        return [{"ts": TUESDAY.isoformat(), "findings": [{"id": "P2-SLOT"}], "outcome": "sent"}]

    def of(self, _period: str, fresh: str) -> str:
        return fresh

    def _statistics(self) -> Statistics:
        judge, tallies, reading = cast("Judge", self), cast("Tallies", self), cast("ReadingLog", self)
        return Statistics(judge, tallies, reading, cast("DecisionLog", self), LATER)

    def figures(self, first: date, last: date) -> Figures:
        return self._statistics().between(first, last)

    def report(self, period: Period) -> dict[str, object]:
        judge, tallies, reading = cast("Judge", self), cast("Tallies", self), cast("ReadingLog", self)
        made = Reports(judge, self._statistics(), tallies, reading, self, LATER).report(period)
        assert is_within_bounds(made)
        return report_json(made)


LATER = Clock(TUESDAY + timedelta(days=20))
ACCOUNTS = {
    "kontoett": AccountFacts("kontoett", "mastodon"),
    "geheim": AccountFacts("geheim", "nostr"),
    "nattugglan": AccountFacts("nattugglan", "bluesky", pseudonymous=True),
}
instants = st.integers(-30, 130).flatmap(  # a few days before the week to a few after, on some quarters of an hour
    lambda hours: st.sampled_from([0, 15, 30, 45]).map(lambda late: TUESDAY + timedelta(hours=hours, minutes=late))
)
entries = st.builds(
    LedgerEntry,
    at=instants,
    account=st.sampled_from(list(ACCOUNTS)),
    kind=st.sampled_from([Kind.POST, Kind.REPLY, Kind.QUOTE, Kind.BOOST]),
    segments=st.integers(1, 4),
    group=st.sampled_from(["", "a", "b", "c", "d"]),
    visibility=st.sampled_from(list(Visibility)),
    text=st.sampled_from(["sent before work", "geheim", "anna"]),
    remote_id=st.integers(1, 99).map(str),
)
incoming = st.builds(
    Received,
    start=instants,
    service=st.sampled_from(["mastodon", "nostr"]),
    terms=st.sampled_from([(), ("secret-term",), ("geheim", "secret-term")]),
    hidden=st.sampled_from(list(HiddenBy)),
    number=st.integers(1, 900),
    words=st.integers(0, 9000),
)
read = st.builds(
    ReadingSum,
    day=st.integers(-3, 7).map(lambda ahead: TODAY + timedelta(days=ahead)),
    in_work_time=st.booleans(),
    activity=st.sampled_from([str(one) for one in Activity]),
    service=st.sampled_from(["", "mastodon", "nostr", "bluesky"]),
    related=st.booleans(),
    length=st.timedeltas(timedelta(), timedelta(hours=3)),
)


def past(ledger: Sequence[LedgerEntry], received: Sequence[Received], sums: Sequence[ReadingSum]) -> Past:
    return Past(Facts(Machine.WORK, ACCOUNTS, tuple(ledger)), received, sums)


@settings(max_examples=30)
@given(st.lists(entries, max_size=40), st.lists(incoming, max_size=20), st.lists(read, max_size=20))
def test_a_report_holds_nothing_but_the_form(
    ledger: list[LedgerEntry], received: list[Received], sums: list[ReadingSum]
) -> None:
    found = past(ledger, received, sums).report(read_period(WEEK))
    text = json.dumps(found)
    assert report_json(read_report(text.encode())) == found  # strict: an unknown field would be refused
    for word in FORBIDDEN:
        assert word not in text.replace(str(found["contributor"]), "")


@settings(max_examples=30)
@given(st.lists(entries, max_size=30), st.lists(incoming, max_size=10), st.lists(read, max_size=10), st.data())
def test_what_happens_outside_work_time_changes_nothing(
    ledger: list[LedgerEntry], received: list[Received], sums: list[ReadingSum], data: st.DataObject
) -> None:
    """Posts by night of other groups, what came in by night, reading by night, and all of a pseudonymous account."""
    night = datetime(2026, 11, 24, 19, tzinfo=UTC)
    late = [replace(one, at=night, group="night", text=f"{n}", remote_id=f"n{n}") for n, one in enumerate(ledger)]
    hidden = [
        replace(one, account="nattugglan", service="bluesky", group="x", remote_id=f"x{one.remote_id}")
        for one in ledger
    ]
    more = past(
        data.draw(st.permutations([*ledger, *late, *hidden])),
        [*received, *(replace(one, start=night) for one in received)],
        [*sums, *(replace(one, in_work_time=False) for one in sums)],
    ).report(read_period(WEEK))
    less = past(ledger, received, sums).report(read_period(WEEK))
    assert more | {"contributor": ""} == less | {"contributor": ""}


# ---------------------------------------------------------------- the figures of the same past


@settings(max_examples=30)
@given(st.lists(entries, max_size=30), st.lists(incoming, max_size=20), st.lists(read, max_size=20))
def test_figures_by_service_and_by_day_add_up_to_the_whole(
    ledger: list[LedgerEntry], received: list[Received], sums: list[ReadingSum]
) -> None:
    found = past(ledger, received, sums).figures(TODAY - timedelta(days=5), TODAY + timedelta(days=6))
    services = found.by_service.values()
    assert sum((one.inflow for one in services), Inflow()) == found.inflow
    whole = found.reading or Reading()
    assert sum((one.reading for one in services), Reading()) == replace(whole, composing=timedelta())
    assert sum(one.posts for one in services) >= found.posts  # a post to two services counts for each
    assert found.slots == (sum(day.slots[0] for day in found.days), sum(day.slots[1] for day in found.days))
    for one in found.by_term.values():
        assert one.reading.total <= whole.total
        assert one.inflow.received <= found.work
