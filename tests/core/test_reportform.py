"""The form of a report: rounding, periods, and refusing what mbclient never wrote."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.reportform import (
    FIGURES,
    MAX_BYTES,
    OF_SERVICE,
    Report,
    read_period,
    read_report,
    report_json,
    rounded,
)
from mbclient.domain.errors import UsageError
from tests.core.reports import report_tree


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W48", date(2026, 11, 23), date(2026, 11, 29)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_periods(text: str, first: date, last: date) -> None:
    period = read_period(text)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-W00", "2025-W53", "2026-W54", "2026-w48", "26-W48", "2026-W4",
             "2026-W48\n", "٢٠٢٦-W48", "0000-01", "2026-11-01", "9999-12"]
)  # fmt: skip
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(UsageError, match="no week or month"):
        read_period(text)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.sampled_from([5, 15]))
def test_rounding_is_to_the_nearest_step(part: int, whole: int, step: int) -> None:
    found = rounded(part, whole, step)
    assert found % step == 0
    assert abs(2 * (found * whole - part)) <= step * whole
    assert rounded(step, 2, step) == step  # a half goes up


def test_a_report_is_read_as_it_was_written() -> None:
    tree = report_tree()
    report = read_report(json.dumps(tree).encode())
    assert report_json(report) == tree
    assert list(report_json(report)) == list(tree)
    assert report.figures["posts.slot_adherence_pct"] == 60
    assert report.services == {"mastodon": {"posts": 10, "reading_minutes_work_time": 60}}


def test_what_is_not_known_is_left_out() -> None:
    tree = report_tree(posts={"total": 0}, timeline={"received": 5}, reading_minutes_work_time={}, by_service={})
    assert report_json(read_report(json.dumps(tree).encode())) == tree


DOCTORED: list[tuple[dict[str, Any], str]] = [
    ({"days_with_data": -5}, "days_with_data"),
    ({"days_with_data": 4}, "days_with_data"),
    ({"days_with_data": True}, "days_with_data"),
    ({"days_with_data": 5.0}, "days_with_data"),
    ({"days_with_data": "5"}, "days_with_data"),
    ({"days_with_data": None}, "days_with_data"),
    ({"days_with_data": 35}, "days_with_data"),
    ({"posts": {"total": 10**30}}, "posts.total"),
    ({"posts": {"total": 10_005}}, "posts.total"),
    ({"posts": {"total": 15, "author": "anna"}}, "posts.author"),
    ({"posts": []}, "posts"),
    ({"posts": {}}, "posts.total"),
    ({"posts": {"total": 5, "days_over_limit": 10}}, "posts.days_over_limit"),
    ({"posts": {"total": 5, "slot_adherence_pct": 105}, "by_service": {}}, "posts.slot_adherence_pct"),
    ({"timeline": {"received": 1250, "filtered_pct": None}}, "timeline.filtered_pct"),
    ({"reading_minutes_work_time": {"total": 10}}, "reading_minutes_work_time.total"),
    ({"reading_minutes_work_time": {"total": 15, "work_relevant": 30}}, "reading_minutes_work_time.work_relevant"),
    ({"reading_minutes_work_time": {"work_relevant": 30}}, "reading_minutes_work_time.work_relevant"),
    ({"reading_minutes_work_time": {"total": 44655}}, "reading_minutes_work_time.total"),
    ({"by_service": {"mastodon": {"posts": 20}}}, "by_service.mastodon.posts"),
    ({"by_service": {"mastodon": {"posts": 5, "handle": 5}}}, "by_service.mastodon.handle"),
    ({"by_service": {"anna@mastodon.example": {"posts": 5}}}, "by_service.anna@mastodon.example"),
    ({"by_service": {"mastodon": 5}}, "by_service.mastodon"),
    ({"by_service": {f"s{n}": {"posts": 5} for n in range(51)}}, "by_service.s50"),
    ({"contributor": "5"}, "contributor"),
    ({"contributor": 5}, "contributor"),
    ({"contributor": "A" * 32}, "contributor"),
    ({"policy_digest": ""}, "policy_digest"),
    ({"period": 202648}, "period"),
    ({"name": "Anna Ek"}, "name"),
    ({"days_with_data": 10}, "days_with_data"),  # a week has no ten workdays
    ({"reading_minutes_work_time": {"total": 44640, "work_relevant": 0}}, "reading_minutes_work_time.total"),
    ({"timeline": {"received": 5, "work_relevant_pct": 50}}, "timeline.work_relevant_pct"),
    ({"timeline": {"received": 0, "filtered_pct": 55}}, "timeline.filtered_pct"),
    ({"by_service": {"zzz": {"posts": 0, "reading_minutes_work_time": 0}}}, "by_service.zzz"),
]


@pytest.mark.parametrize(("changes", "where"), DOCTORED)
def test_doctored_reports_are_refused_by_the_field(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(UsageError, match="no report that mbclient wrote") as caught:
        read_report(json.dumps(report_tree(**changes)).encode())
    assert repr(where) in caught.value.problem


def test_another_format_or_period_is_named() -> None:
    with pytest.raises(UsageError, match="of the form mbclient-report/1"):
        read_report(json.dumps(report_tree(format="mbclient-report/2")).encode())
    with pytest.raises(UsageError, match="no week or month"):
        read_report(json.dumps(report_tree(period="2026-W54")).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe{}",
        b'{"format": "mbclient-report/1", "format": "mbclient-report/1"}',
        b"[" * 60_000,
        b'{"posts": ' + b"9" * 60_000 + b"}",
        b'{"days_with_data": NaN}',
        b" " * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_report_at_all(raw: bytes) -> None:
    with pytest.raises(UsageError, match=r"this is no report;|not so long"):
        read_report(raw)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*report_tree(), "more"]), values)
def test_whatever_a_field_is_made_it_is_refused_or_stays_what_was_written(key: str, value: object) -> None:
    tree = report_tree() | {key: value}
    try:
        report = read_report(json.dumps(tree).encode())
    except UsageError:
        return
    assert report_json(report) == tree
    assert is_within_bounds(report)


def is_within_bounds(report: Report) -> bool:
    """Every figure is one of the form, and a multiple of its step up to its most."""
    told = [(FIGURES, report.figures), *((OF_SERVICE, figures) for figures in report.services.values())]
    for measures, figures in told:
        by_name = {measure.name: measure for measure in measures}
        for name, value in figures.items():
            if value % by_name[name].step or not 0 <= value <= by_name[name].most:
                return False
    return True


def test_a_month_has_all_its_days() -> None:
    for month in range(1, 13):
        period = read_period(f"2027-{month:02}")
        assert (period.last + timedelta(days=1)).day == 1
