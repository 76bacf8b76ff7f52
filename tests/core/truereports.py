"""Reports as a person's week can be, and such as it cannot: the two that every border of a company must tell apart."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from mbclient.core.reportform import FIGURES, OF_SERVICE, OTHER, Measure, Report
from tests.core.reports import WEEK

DIGEST = f"sha256:{0:064x}"


def _upto(step: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(0, most) // step).map(step.__mul__)


@st.composite
def true_reports(draw: st.DrawFn) -> Report:
    """What `report write` can have written of a week, by anybody."""
    days, posts, received = draw(_upto(5, 5)), draw(_upto(5, 60)), draw(_upto(5, 60))
    figures = {"days_with_data": days, "posts.total": posts, "timeline.received": received}
    if draw(st.booleans()):
        figures["posts.days_over_limit"] = draw(_upto(5, days))
    for name, whole in (
        ("posts.slot_adherence_pct", posts),
        ("timeline.work_relevant_pct", received),
        ("timeline.filtered_pct", received),
    ):
        if whole >= 10 and draw(st.booleans()):
            figures[name] = draw(_upto(5, 100))
    minutes = draw(st.none() | _upto(15, 300))
    if minutes is not None:
        figures["reading_minutes_work_time.total"] = minutes
        figures["reading_minutes_work_time.work_relevant"] = draw(_upto(15, minutes))
    services: dict[str, dict[str, int]] = {}
    for name in draw(st.sets(st.sampled_from(["mastodon", "nostr", OTHER]))):
        most_posts, most_minutes = (200, 600) if name == OTHER else (posts, minutes or 0)
        service = {"posts": draw(_upto(5, most_posts))}
        if minutes is not None:
            service["reading_minutes_work_time"] = draw(_upto(15, most_minutes))
        if name == OTHER or service["posts"] >= 5 or service.get("reading_minutes_work_time", 0) >= 15:
            services[name] = service
    return Report(WEEK, f"{draw(st.integers(0, 2**128 - 1)):032x}", DIGEST, figures, services)


def _of(measures: tuple[Measure, ...]) -> st.SearchStrategy[dict[str, int]]:
    """Now and then what cannot be: below nothing, too much, not rounded, a part without its whole."""

    def values(measure: Measure) -> st.SearchStrategy[int]:
        few = st.integers(0, 6).map(measure.step.__mul__)
        return st.one_of(few, few, st.sampled_from([-measure.step, 1, measure.most, measure.most + measure.step]))

    return st.fixed_dictionaries({}, optional={one.name: values(one) for one in measures})


@st.composite
def doctored_reports(draw: st.DrawFn) -> Report:
    """A true one with some of its figures made something else, or taken out."""
    report = draw(true_reports())
    figures = draw(_changed(report.figures, FIGURES))
    services = {
        name: draw(_changed(report.services.get(name, {}), OF_SERVICE))
        for name in {*report.services, *draw(st.sets(st.sampled_from(["mastodon", "zzz"]), max_size=1))}
    }
    told = {name: service for name, service in services.items() if service}  # one without a figure is no row
    return Report(draw(st.sampled_from([WEEK, "2026-11"])), report.contributor, DIGEST, figures, told)


@st.composite
def _changed(draw: st.DrawFn, figures: Mapping[str, int], measures: tuple[Measure, ...]) -> dict[str, int]:
    gone = draw(st.sets(st.sampled_from([one.name for one in measures]), max_size=1))
    changes = draw(st.just({}) | _of(measures))
    few = dict(list(changes.items())[: draw(st.integers(0, 2))])
    return {name: value for name, value in {**figures, **few}.items() if name not in gone}
