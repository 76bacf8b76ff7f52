"""A company's database of reports, as docs/report.md sets it up, in a real PostgreSQL: who can see what."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from mbclient import bootstrap
from mbclient.core.reportform import FIGURES, OF_SERVICE, Report, read_period, read_report, report_json, rows
from mbclient.core.reportmerge import LEAST_PEOPLE, merge
from mbclient.domain.errors import StorageError, UsageError
from mbclient.storage.reporttable import PostgresReports
from tests.core.reports import WEEK
from tests.core.truereports import doctored_reports, true_reports
from tests.servers.bluesky import postgres
from tests.servers.fixtures import or_skip
from tests.storage.company import SCHEMA, Company, a_report

ONE = {"mastodon": 5}
BOTH = {"mastodon": 5, "nostr": 5}  # four people name the second: too few
ALWAYS = ("days_with_data", "posts.total", "timeline.received")
ROWS = Jsonb([{"measure": name, "service": "", "value": 5} for name in ALWAYS])


@pytest.fixture(scope="module")
def database() -> Iterator[Company]:
    with or_skip(postgres()) as url:
        yield Company(url)


@pytest.fixture
def company(database: Company) -> Company:
    database.empty()
    return database


# ---------------------------------------------------------------- what readers get


@pytest.mark.server
def test_a_closed_period_of_five_is_told_in_sums_and_medians(company: Company) -> None:
    reports = [a_report(n, posts=5 * n + 5, services=BOTH if n < 4 else ONE) for n in range(5)]
    company.hand_in(*reports)
    company.close()
    merged = PostgresReports(company.reader).merged(WEEK)
    assert merged == merge([(str(n), report) for n, report in enumerate(reports)])
    assert merged.figures["posts.total"].sum == 75
    assert list(merged.services) == ["mastodon"]


@pytest.mark.server
def test_fewer_than_five_or_an_open_period_are_not_told(company: Company) -> None:
    reader = PostgresReports(company.reader)
    company.hand_in(*map(a_report, range(4)))
    company.hand_in(a_report(0, posts=0))  # again: still four people
    company.close()
    for period in (WEEK, "2026-W47", "2026-W49"):
        with pytest.raises(UsageError, match=r"tells nothing of .*; fewer than five people"):
            reader.merged(period)
    company.hand_in(*(a_report(n, period="2026-W49") for n in range(6)))
    with pytest.raises(UsageError, match="tells nothing of 2026-W49"):
        reader.merged("2026-W49")
    company.close("2026-W49")
    assert reader.merged("2026-W49").contributors == 6


@pytest.mark.server
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(true_reports(), min_size=LEAST_PEOPLE, max_size=8, unique_by=lambda report: report.contributor))
def test_the_view_and_the_files_give_the_same(company: Company, reports: list[Report]) -> None:
    company.empty()
    company.hand_in(*reports)
    company.close()
    assert PostgresReports(company.reader).merged(WEEK) == merge([(str(n), one) for n, one in enumerate(reports)])


@pytest.mark.server
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM mbclient.report_row",
        "SELECT contributor FROM mbclient.report_row LIMIT 1",
        "SELECT * FROM mbclient.closed",
        "COPY mbclient.report_row TO STDOUT",
        "INSERT INTO mbclient.closed VALUES ('2026-W48')",
        "SELECT mbclient.close('2026-W48')",
        "SELECT mbclient.submit('2026-W48', repeat('a', 32), '[]')",
        "DELETE FROM mbclient.report_row",
        "CREATE TABLE mbclient.mine (x integer)",
        "CREATE OR REPLACE VIEW mbclient.report_figures AS SELECT * FROM mbclient.report_row",
        "ALTER VIEW mbclient.report_figures RESET (security_barrier)",
        "SET ROLE pg",
        "SELECT * FROM pg_catalog.pg_statistic",
    ],
)
def test_a_reader_has_the_view_and_nothing_else(company: Company, statement: str) -> None:
    company.hand_in(*map(a_report, range(5)))
    with psycopg.connect(company.reader) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(statement.encode())


@pytest.mark.server
def test_no_function_of_a_readers_own_is_called_on_a_row(company: Company) -> None:
    """As cheap as can be, so that the planner would call it first: it sees groups of five, or nothing."""
    company.hand_in(*(a_report(n, services=BOTH if n < 4 else ONE) for n in range(5)))
    company.close()
    seen: list[str] = []
    with psycopg.connect(company.reader) as db:
        db.add_notice_handler(lambda notice: seen.append(notice.message_primary or ""))
        db.execute(
            "CREATE FUNCTION pg_temp.peek(word text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
            " $$ BEGIN RAISE NOTICE 'seen %', word; RETURN true; END $$"
        )
        found = db.execute("SELECT service FROM mbclient.report_figures WHERE pg_temp.peek(service)").fetchall()
    assert {service for (service,) in found} == {"", "mastodon"}
    assert set(seen) == {"seen ", "seen mastodon"}
    assert len(seen) == len(found)


@pytest.mark.server
@pytest.mark.parametrize(
    "question",
    [
        b"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM mbclient.report_figures WHERE service = 'nostr'",
        b"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM mbclient.report_figures WHERE period = '2026-W49'",
        b"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM mbclient.report_figures WHERE contributors < 5",
    ],
)
def test_no_plan_tells_how_many_were_too_few(company: Company, question: bytes) -> None:
    """One that was carried out counts the rows at each of its steps: four at Nostr, three in an open period."""
    company.hand_in(*(a_report(n, services=BOTH if n < 4 else ONE) for n in range(5)))
    company.hand_in(*(a_report(n, period="2026-W49") for n in range(3)))
    company.close()
    with psycopg.connect(company.reader) as db:
        plan = "\n".join(line for (line,) in db.execute(question).fetchall())
    assert re.findall(r"Scan on (\S+)", plan) == ["mbclient.groups_of_five"]
    assert "Aggregate" not in plan


# ---------------------------------------------------------------- what reporters can do


@pytest.mark.server
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM mbclient.report_row",
        "SELECT * FROM mbclient.report_figures",
        "SELECT * FROM mbclient.measure",
        "INSERT INTO mbclient.report_row VALUES ('2026-W48', repeat('a', 32), 'posts.total', '', 5)",
        "DELETE FROM mbclient.report_row",
        "SELECT mbclient.close('2026-W48')",
    ],
)
def test_a_reporter_hands_in_and_reads_nothing(company: Company, statement: str) -> None:
    with psycopg.connect(company.reporter) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(statement.encode())


@pytest.mark.server
def test_handing_in_again_replaces_and_closing_ends_it(company: Company) -> None:
    company.hand_in(*map(a_report, range(5)))
    company.hand_in(a_report(2, posts=5, services=BOTH), a_report(2, posts=45))
    company.close()
    assert PostgresReports(company.reader).merged(WEEK).figures["posts.total"].sum == 4 * 15 + 45
    with pytest.raises(StorageError, match="refuses: 2026-W48 is closed; ask who runs it"):
        company.hand_in(a_report(9))
    assert PostgresReports(company.reader).merged(WEEK).contributors == 5


@pytest.mark.server
@pytest.mark.parametrize(
    ("period", "contributor", "row"),
    [
        (WEEK, "a" * 32, {"measure": "reading_minutes_work_time.total", "service": "", "value": -15}),
        (WEEK, "a" * 32, {"measure": "reading_minutes_work_time.total", "service": "", "value": 7}),
        (WEEK, "a" * 32, {"measure": "reading_minutes_work_time.total", "service": "", "value": 44_655}),
        (WEEK, "a" * 32, {"measure": "reading_minutes_work_time.total", "service": "", "value": 10**12}),
        (WEEK, "a" * 32, {"measure": "posts.total", "service": "mastodon", "value": 5}),
        (WEEK, "a" * 32, {"measure": "text", "service": "", "value": 5}),
        (WEEK, "a" * 32, {"measure": "posts", "service": "Anna Ek", "value": 5}),
        (WEEK, "a" * 32, {"measure": "posts", "service": "", "value": 5}),
        (WEEK, "a" * 32, {"measure": "days_with_data", "service": "", "value": 5}),  # twice
        (WEEK, "anna", {"measure": "reading_minutes_work_time.total", "service": "", "value": 15}),
        ("2026-W60", "a" * 32, {"measure": "reading_minutes_work_time.total", "service": "", "value": 15}),
    ],
)
def test_doctored_rows_are_refused_whole(company: Company, period: str, contributor: str, row: object) -> None:
    given = Jsonb([*ROWS.obj, row])
    with psycopg.connect(company.reporter) as db, pytest.raises(psycopg.Error):
        db.execute("SELECT mbclient.submit(%s, %s, %s)", (period, contributor, given))
    with psycopg.connect(company.owner) as db:
        assert db.execute("SELECT count(*) FROM mbclient.report_row").fetchone() == (0,)


@pytest.mark.server
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doctored_reports() | true_reports())
def test_the_database_takes_what_a_merge_of_files_takes_and_nothing_else(company: Company, report: Report) -> None:
    company.empty()
    try:
        read_report(json.dumps(report_json(report)).encode())
    except UsageError:
        with pytest.raises(StorageError, match="refuses: "):
            company.hand_in(report)
        with psycopg.connect(company.owner) as db:
            assert db.execute("SELECT count(*) FROM mbclient.report_row").fetchone() == (0,)
    else:
        company.hand_in(report)


@pytest.mark.server
@pytest.mark.parametrize(
    "figures",
    [
        {"days_with_data": 10},  # a week has no ten workdays
        {"reading_minutes_work_time.total": 10_095},  # nor so many minutes
        {"posts.days_over_limit": 10},
        {"reading_minutes_work_time.work_relevant": 30},  # of nothing
        {"posts.total": 5, "posts.slot_adherence_pct": 50},
        {"timeline.received": 5, "timeline.filtered_pct": 50},
        {"timeline.received": None},
        {"posts.total": None},
        {"days_with_data": None},
        {"posts.total": -5},
    ],
)
def test_what_no_week_can_hold_is_refused_and_leaves_what_was_there(
    company: Company, figures: dict[str, int | None]
) -> None:
    true = a_report(1)
    company.hand_in(true)
    told = {name: value for name, value in {**true.figures, **figures}.items() if value is not None}
    with pytest.raises(StorageError, match="refuses: "):
        company.hand_in(replace(true, figures=told))
    with psycopg.connect(company.owner) as db:
        found = db.execute("SELECT measure, value FROM mbclient.report_row").fetchall()
    assert dict(found) == true.figures


@pytest.mark.server
@pytest.mark.parametrize(
    "services",
    [
        {"nostr": {"posts": 20}},  # of fifteen
        {"nostr": {"posts": 5, "reading_minutes_work_time": 15}},  # of none
        {"nostr": {"posts": 0}},  # too little to be told by name
        {"other": {"reading_minutes_work_time": 15}},  # always told with its posts
        {f"s{number}": {"posts": 5} for number in range(51)},
    ],
)
def test_what_no_service_can_hold_is_refused(company: Company, services: dict[str, dict[str, int]]) -> None:
    with pytest.raises(StorageError, match="refuses: this is no report that mbclient wrote"):
        company.hand_in(replace(a_report(1), services=services))


@pytest.mark.server
@given(st.integers(1960, 3010), st.integers(0, 60), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_knows_the_same_periods(company: Company, year: int, number: int, week: bool) -> None:
    name = f"{year}-W{number:02}" if week else f"{year}-{number:02}"
    try:
        period = read_period(name)
        days: int | None = (period.last - period.first).days + 1
    except UsageError:
        days = None
    with psycopg.connect(company.owner) as db:
        assert db.execute("SELECT mbclient.days_of(%s)", (name,)).fetchone() == (days,)


@pytest.mark.server
def test_a_report_of_megabytes_is_refused_unread(company: Company) -> None:
    rows = Jsonb([{"measure": "posts", "service": f"s{n}", "value": 5} for n in range(20_000)])
    with psycopg.connect(company.reporter) as db, pytest.raises(psycopg.errors.RaiseException, match="not so long"):
        db.execute("SELECT mbclient.submit(%s, %s, %s)", (WEEK, "a" * 32, rows))


# ---------------------------------------------------------------- the rest


@pytest.mark.server
def test_a_database_that_is_not_set_up(company: Company) -> None:
    elsewhere = company.owner.replace("/postgres", "/template1")
    for act in (
        lambda: PostgresReports(elsewhere).merged(WEEK),
        lambda: PostgresReports(elsewhere).submit(a_report(1)),
    ):
        with pytest.raises(StorageError, match=r"has no place for reports; set it up as docs/report\.md says"):
            act()
    with pytest.raises(StorageError, match="does not let you do that"):
        PostgresReports(company.reporter).merged(WEEK)


def test_rows_name_every_figure_once() -> None:
    found = rows(a_report(1, services=ONE))
    assert len({(row.measure, row.service) for row in found}) == len(found) == 5


def test_the_schema_knows_the_figures_of_the_form() -> None:
    stated = re.findall(r"\('([a-z_.]+)', (true|false), (\d+), (\d+), (true|false), (true|false), ", SCHEMA)
    wanted = [
        (one.name, *(str(word).lower() for word in (of_service, one.step, one.most, one.summed, one.optional)))
        for of_service, measures in ((False, FIGURES), (True, OF_SERVICE))
        for one in measures
    ]
    assert stated == wanted


def test_without_the_extra_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mbclient.storage.reporttable", None)
    with pytest.raises(UsageError, match=r"needs the extra \[postgres\]; install it"):
        bootstrap.report_table("postgresql://db.example/x")
