"""Many reports as one: of five people or more, in any order, and nothing that is one person's."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.reportform import FIGURES, OF_SERVICE, Measure, Report, read_report
from mbclient.core.reportmerge import LEAST_PEOPLE, Total, merge
from mbclient.domain.errors import UsageError
from tests.core.reports import WEEK, report_tree


def named(*trees: dict[str, Any]) -> list[tuple[str, Report]]:
    return [(f"{number}.json", read_report(json.dumps(tree).encode())) for number, tree in enumerate(trees)]


def test_sums_and_medians() -> None:
    totals = (5, 10, 10, 30, 45)
    trees = [report_tree(n, posts={"total": total}, by_service={}) for n, total in enumerate(totals)]
    merged = merge(named(*trees))
    assert (merged.period, merged.contributors) == (WEEK, 5)
    assert merged.figures["posts.total"] == Total(5, 10, 100)
    assert merged.figures["timeline.filtered_pct"] == Total(5, 55, None)
    assert "posts.slot_adherence_pct" not in merged.figures
    assert merged.services == {}
    assert merged.cost(400) == (3000, 1500)
    assert (
        merge(named(*trees, report_tree(9, posts={"total": 15}, by_service={}))).figures["posts.total"].median == 12.5
    )


def test_fewer_than_five_are_refused() -> None:
    for number in range(1, LEAST_PEOPLE):
        with pytest.raises(UsageError, match=f"reports of {number} people can't be merged: it takes at least 5"):
            merge(named(*map(report_tree, range(number))))


def test_what_fewer_than_five_told_is_left_out() -> None:
    few = {"nostr": {"posts": 10, "reading_minutes_work_time": 45}}
    many = {"mastodon": {"posts": 5}}
    trees = [report_tree(n, by_service=many | few if n < 4 else many, timeline={"received": 10}) for n in range(5)]
    trees[0]["reading_minutes_work_time"] = {}
    trees[0]["by_service"] = many
    merged = merge(named(*trees))
    assert merged.services == {"mastodon": {"posts": Total(5, 5, 25)}}
    assert "reading_minutes_work_time.total" not in merged.figures
    assert merged.cost(400) is None


def test_a_contributor_twice_and_another_period_are_refused() -> None:
    trees = [report_tree(number) for number in range(6)]
    with pytest.raises(UsageError, match=r"^5\.json and 3\.json are by the same contributor; keep the newer one$"):
        merge(named(*trees[:5], report_tree(3, days_with_data=0)))
    with pytest.raises(UsageError, match=r"^5\.json is of 2026-11, 0\.json of 2026-W48; merge one period at a time$"):
        merge(named(*trees[:5], report_tree(9, period="2026-11")))


def told(measures: tuple[Measure, ...]) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries(
        {one.name: st.integers(0, 4).map(one.step.__mul__) for one in measures if not one.optional},
        optional={one.name: st.integers(0, 4).map(one.step.__mul__) for one in measures if one.optional},
    )


services = st.dictionaries(st.sampled_from(["mastodon", "bluesky", "other"]), told(OF_SERVICE))
reports = st.lists(st.tuples(told(FIGURES), services), min_size=LEAST_PEOPLE, max_size=9).map(
    lambda several: [
        (f"{n}.json", Report(WEEK, f"{n:032x}", "", figures, by_service))
        for n, (figures, by_service) in enumerate(several)
    ]
)


@settings(max_examples=40)
@given(reports, st.data())
def test_merging_is_order_free_and_each_figure_is_of_five(
    given_: list[tuple[str, Report]], data: st.DataObject
) -> None:
    merged = merge(given_)
    assert merge(data.draw(st.permutations(given_))) == merged
    for measure in FIGURES:
        values = [report.figures[measure.name] for _name, report in given_ if measure.name in report.figures]
        total = merged.figures.get(measure.name)
        assert (total is not None) == (len(values) >= LEAST_PEOPLE)
        if total is not None:
            assert (total.contributors, total.median) == (len(values), median(values))
            assert total.sum == (sum(values) if measure.summed else None)
    for service in ("mastodon", "bluesky", "other"):
        people = sum(service in report.services for _name, report in given_)
        assert (service in merged.services) == (people >= LEAST_PEOPLE)
