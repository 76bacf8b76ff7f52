"""`mbclient stats`: the employee's own figures, day by day (policy facts 14)."""

from __future__ import annotations

from datetime import timedelta

from mbclient.cli import instants
from mbclient.cli.run import Run
from mbclient.cli.spec import shown
from mbclient.core.figures import Day, Figures
from mbclient.domain.errors import UsageError
from mbclient.texts import _
from mbclient.texts.times import calendar_day, weekday

MAX_DAYS = 400
DEFAULT_DAYS = 14


def stats(run: Run) -> int:
    """Both days included."""
    desk, given = run.desk, run.given
    today = desk.clock.now().astimezone(desk.judge.policy.zone).date()
    last = instants.day(given.text("--to"), today)
    first = instants.day(given.text("--from"), last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last:
        raise UsageError(
            _("--from {day} lies after the last day").format(day=shown(first.isoformat())), _("turn them round")
        )
    if (last - first).days >= MAX_DAYS:
        raise UsageError(_("that is more than {n} days").format(n=MAX_DAYS), _("choose a shorter time"))
    figures = desk.statistics.between(first, last)
    if run.out.json:
        run.out.object(_figures_json(figures))
        return 0
    for one in figures.days:
        if not one.data:
            run.out.line(f"{weekday(one.date)} {calendar_day(one.date, today):>6}   –")
            continue
        bar = "▇" * min(one.posts, 40)
        limit = _("of {limit}").format(limit=figures.limit) if figures.limit is not None and one.workday else ""
        run.out.line(f"{weekday(one.date)} {calendar_day(one.date, today):>6} {one.posts:>3} {limit:<6} {bar}".rstrip())
    run.out.text(_("posts: {n}").format(n=sum(one.posts for one in figures.days) if figures.data else "–"))
    percent = "–" if figures.work_percent is None else f"{figures.work_percent} %"
    run.out.text(
        _("received: {received}, of them work: {work} ({percent})").format(
            received=figures.received if figures.data else "–",
            work=figures.work if figures.data else "–",
            percent=percent,
        )
    )
    for service, (received, work) in figures.by_service.items():
        run.out.text(f"{service}: {work}/{received}", indent=2)
    return 0


def _figures_json(figures: Figures) -> dict[str, object]:
    return {
        "schema": 1,
        "from": figures.days[0].date.isoformat(),
        "to": figures.days[-1].date.isoformat(),
        "limit": figures.limit,
        "posts": sum(one.posts for one in figures.days) if figures.data else None,
        "received": figures.received if figures.data else None,
        "work": figures.work if figures.data else None,
        "work_percent": figures.work_percent,
        "days": [_day_json(one) for one in figures.days],
        "by_service": {
            service: {"received": received, "work": work} for service, (received, work) in figures.by_service.items()
        },
    }


def _day_json(one: Day) -> dict[str, object]:
    """A day of which nothing is known has null, never 0."""
    return {
        "date": one.date.isoformat(),
        "posts": one.posts if one.data else None,
        "received": one.received if one.data else None,
        "work": one.work if one.data else None,
        "workday": one.workday,
    }
