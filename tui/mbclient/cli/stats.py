"""`mbclient stats`: the employee's own figures (policy facts 14), for people, for programs, and as a table."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from mbclient.cli import instants
from mbclient.cli.output import Output
from mbclient.cli.run import Run
from mbclient.cli.spec import shown
from mbclient.core.figures import MAX_DAYS, Day, Figures, Inflow, Reading, minutes
from mbclient.core.figuretables import Hours, tables
from mbclient.core.figurewords import day_words, measures
from mbclient.domain.errors import UsageError
from mbclient.texts import _

DEFAULT_DAYS = 14
_COLUMNS = (
    "date", "workday", "posts", "received", "work", "filtered", "muted", "hidden_words", "slot_posts", "slot_posts_of",
    "reading_minutes_work_time", "reading_minutes_outside", "work_minutes_work_time", "work_minutes_outside",
    "composing_minutes",
)  # fmt: skip


def stats(run: Run) -> int:
    """Both days included."""
    desk, given = run.desk, run.given
    today = desk.statistics.today()
    last = instants.day(given.text("--to"), today)
    first = instants.day(given.text("--from"), last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last:
        raise UsageError(
            _("--from {day} lies after the last day").format(day=shown(first.isoformat())), _("turn them round")
        )
    if (last - first).days >= MAX_DAYS:
        raise UsageError(_("that is more than {n} days").format(n=MAX_DAYS), _("choose a shorter time"))
    if given.has("--csv") and run.out.json:
        raise UsageError(_("--csv and --json are two answers"), _("choose one"))
    figures = desk.statistics.between(first, last)
    if run.out.json:
        run.out.object(_figures_json(figures, desk.statistics.hours(first, last)))
    elif given.has("--csv"):
        _table(run.out, figures)
    else:
        _words(run.out, figures, desk.statistics.hours(first, last))
    return 0


def _words(out: Output, figures: Figures, hours: Hours) -> None:
    today = figures.days[-1].date
    for one in figures.days:
        day = f"{day_words(one.date, today):<11}"
        if not one.data:
            out.line(f"{day}   –")
            continue
        bar = "▇" * min(one.posts, 40)
        limit = _("of {limit}").format(limit=figures.limit) if figures.limit is not None and one.workday else ""
        out.line(f"{day} {one.posts:>3} {limit:<6} {bar}".rstrip())
    out.line()
    out.rows((measure.title, measure.value) for measure in measures(figures))
    for table in tables(figures, hours):
        if table.rows:
            out.line()
            out.text(table.title, style="bold")
            out.text(table.rule, style="dim")
            for line in table.lines(out.width):
                out.line(line)


def _table(out: Output, figures: Figures) -> None:
    """A line a day; an empty cell is not known. RFC 4180, but for the line ends, which are the system's."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for one in figures.days:
        row = _day_json(one)
        table.writerow(["" if (cell := row[name]) is None else _cell(cell) for name in _COLUMNS])
    for line in text.getvalue().splitlines():
        out.line(line)


def _cell(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _figures_json(figures: Figures, hours: Hours) -> dict[str, object]:
    known = figures.data
    inflow, reading, cost = figures.inflow, figures.reading, figures.cost
    over, workdays = figures.workdays
    counted, inside = figures.slots
    return {
        "schema": 1,
        "from": figures.days[0].date.isoformat(),
        "to": figures.days[-1].date.isoformat(),
        "limit": figures.limit,
        "posts": figures.posts if known else None,
        "received": inflow.received if known else None,
        "work": inflow.work if known else None,
        "work_percent": inflow.work_percent,
        "filtered": inflow.filtered if known else None,
        "filtered_percent": inflow.filtered_percent,
        "muted": inflow.muted if known else None,
        "words_per_minute": figures.words_per_minute,
        "saved_minutes_estimate": figures.saved_minutes if known else None,
        "days_over": over if workdays and figures.limit is not None else None,
        "workdays_with_data": workdays,
        "slot_posts": inside,
        "slot_posts_of": counted,
        "slot_percent": figures.slot_percent,
        **_reading_json(reading),
        "cost": None
        if cost is None
        else {"currency": figures.currency, "rate": figures.rate, "all": cost[0], "not_work": cost[1]},
        "days": [_day_json(one) for one in figures.days],
        "by_service": {
            service: {
                "received": one.inflow.received,
                "work": one.inflow.work,
                **_hidden_json(figures, one.inflow),
                "posts": one.posts,
                "slot_posts": one.slots[1],
                "slot_posts_of": one.slots[0],
                **_reading_json(None if reading is None else one.reading, composing=False),
            }
            for service, one in figures.by_service.items()
        },
        "by_term": {
            term: {
                "received": one.inflow.received,
                **_hidden_json(figures, one.inflow),
                "reading_minutes": None if reading is None else minutes(one.reading.total),
                "reading_minutes_work_time": None if reading is None else minutes(one.reading.in_work_time),
                "reading_minutes_outside": None if reading is None else minutes(one.reading.outside),
            }
            for term, one in figures.by_term.items()
        },
        "findings": {rule: dict(outcomes) for rule, outcomes in figures.findings.items()},
        "hours": [
            {"weekday": weekday + 1, "hour": hour, "reading_minutes": minutes(length)}
            for (weekday, hour), length in sorted(hours.items())
        ],
    }


def _hidden_json(figures: Figures, inflow: Inflow) -> dict[str, object]:
    return {
        "filtered": inflow.filtered,
        "muted": inflow.muted,
        "hidden_words": inflow.hidden_words,
        "saved_minutes_estimate": figures.saved_by(inflow),
    }


def _reading_json(reading: Reading | None, *, composing: bool = True) -> dict[str, object]:
    """Whole minutes; null where nothing was measured."""

    def of(length: timedelta) -> int | None:
        return None if reading is None else minutes(length)

    known = reading or Reading()
    found: dict[str, object] = {
        "reading_minutes_work_time": of(known.in_work_time),
        "reading_minutes_outside": of(known.outside),
        "work_minutes_work_time": of(known.related_in_work_time),
        "work_minutes_outside": of(known.related_outside),
    }
    return {**found, "composing_minutes": of(known.composing)} if composing else found


def _day_json(one: Day) -> dict[str, object]:
    """A day of which nothing is known has null, never 0."""

    def of(number: int) -> int | None:
        return number if one.data else None

    return {
        "date": one.date.isoformat(),
        "posts": of(one.posts),
        "received": of(one.received),
        "work": of(one.work),
        "workday": one.workday,
        "filtered": of(one.inflow.filtered),
        "muted": of(one.inflow.muted),
        "hidden_words": of(one.inflow.hidden_words),
        "slot_posts": of(one.slots[1]),
        "slot_posts_of": of(one.slots[0]),
        **_reading_json(one.reading),
    }
