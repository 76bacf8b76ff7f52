"""The figures drawn: posts a day, the hours of reading, and each measure on a line with its course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time

from textual.content import Content

from mbclient.core.figures import Day, Figures, minutes
from mbclient.core.figuretables import Hours, Table
from mbclient.core.figurewords import NO_DATA, Measure
from mbclient.texts import _, times
from mbclient.ui.plots import MARK, bars, heat, spark
from mbclient.ui.wrap import fit

PLOT_ROWS = 9
TITLE = 32  # cells of the column of titles: the longest in either language, and a gap
LEAST_IN_A_SPARK, MOST_IN_A_SPARK = 7, 28  # days


def posts_a_day(figures: Figures, width: int) -> Content:
    """A bar a day against the guideline; one day alone as a row of squares."""
    days = figures.days
    title = _("Posts a day") if figures.limit is None else _("Posts a day, the line is the guideline")
    if len(days) == 1:
        return Content.assemble((f"{title}\n", "bold"), _one_day(days[0], figures.limit))
    together = -(-len(days) // max(1, width - 6))  # more days than there is room for: the highest of several
    if together > 1:
        title = f"{title}; {_('of {n} days each the highest').format(n=together)}"
    parts = [days[start : start + together] for start in range(0, len(days), together)]
    values = [max((day.posts for day in part if day.data), default=None) for part in parts]
    names = [times.weekday(part[0].date)[:2] if len(days) <= 7 else str(part[0].date.day) for part in parts]
    lines = bars(names, values, figures.limit, width, PLOT_ROWS)
    return Content.assemble((f"{title}\n", "bold"), "\n".join(lines))


def _one_day(day: Day, limit: int | None) -> str:
    if not day.data or limit is None:
        return "█ " * day.posts if day.data else NO_DATA
    within, over = min(day.posts, limit), max(0, day.posts - limit)
    return f"{'█ ' * within}{'░ ' * (limit - within)}┃ {'█ ' * over}".rstrip()


def when_read(figures: Figures, hours: Hours, slots: Sequence[time]) -> Content:
    """Reading time by weekday and hour, the recommended times marked."""
    if not hours:
        words = _("When you read: nothing was measured in these days.")
        return Content.assemble((f"{words}\n", "$text-muted"))
    every = [hour for _weekday, hour in hours]
    lines = heat(
        {key: length.total_seconds() for key, length in hours.items()},
        [times.weekday_name(number) for number in range(7)],
        {day.date.weekday() for day in figures.days if day.reading is not None},
        [slot.hour + slot.minute / 60 for slot in slots],
        (min(7, *every), max(18, *every)),
    )
    title = _("When you read")
    if slots:
        title = f"{title} ({MARK} {', '.join(times.clock(slot) for slot in slots)})"
    return Content.assemble((f"{title}\n", "bold"), "\n".join(lines))


def days_in_words(figures: Figures) -> Content:
    """The bars as figures, for plain reading; so many that nobody follows them are left to the list."""
    if len(figures.days) > MOST_IN_A_SPARK:
        return Content("")
    told = [f"{times.weekday(day.date)} {day.posts}" if day.data else NO_DATA for day in reversed(figures.days)]
    return Content(_("Posts a day, the newest first: {days}").format(days=", ".join(told)))


def figure_line(row: Measure | Table, figures: Figures, width: int, *, plain: bool = False) -> Content:
    """Title, value, and the course of the days where there is room for it. `plain`: nothing drawn, no columns."""
    if plain:
        return Content.assemble((f"{row.title}: ", "bold"), row.value)
    space = width - TITLE - 5
    course = _course(row.id, figures)[-MOST_IN_A_SPARK:]
    course = course[max(0, len(course) - max(0, space - len(row.value) - 2)) :]  # the figure itself comes first
    drawn = spark(course) if len(course) >= min(LEAST_IN_A_SPARK, len(figures.days)) > 1 else ""
    pieces: list[tuple[str, str]] = [(f"{fit(row.title, TITLE - 1):<{TITLE}}", "bold"), (row.value, "")]
    if drawn:
        gap = min(60, space - len(drawn) - 2) - len(row.value) + 2
        pieces.append((f"{'':<{max(2, gap)}}{drawn}", "$text-muted"))
    return Content.assemble(*pieces)


def _course(measure: str, figures: Figures) -> list[float | None]:
    """Day by day, for a spark."""

    def read(value: Callable[[Day], float | None]) -> list[float | None]:
        return [value(day) if day.data else None for day in figures.days]

    match measure:
        case "posts":
            return read(lambda day: day.posts)
        case "work":
            return read(lambda day: day.inflow.work_percent)
        case "filtered":
            return read(lambda day: day.inflow.filtered)
        case "reading_work_time":
            return [None if day.reading is None else minutes(day.reading.in_work_time) for day in figures.days]
        case "reading_outside":
            return [None if day.reading is None else minutes(day.reading.outside) for day in figures.days]
        case _:
            return []
