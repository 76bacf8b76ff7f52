"""The figures that are tables: by service, by work term, what the policy said, and when there was reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from mbclient.core.figures import Figures, Inflow, Reading, minutes, percent
from mbclient.core.figurewords import NO_DATA
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import N_, _
from mbclient.texts.meter import cells
from mbclient.texts.times import weekday_name

_GAP = 2  # cells between two columns
LONGEST_NAME = 24
OUTCOMES = {"sent": N_("sent"), "held": N_("held"), "cancelled": N_("cancelled"), "partial": N_("partly sent")}
"""What became of a draft, as the decision log says it, in words."""

Hours = Mapping[tuple[int, int], timedelta]
"""Reading time by (weekday, local hour); 0 is Monday."""


@dataclass(frozen=True, slots=True)
class Table:
    """`id` is for programs; `rule` says what it holds. The first column is names, the others are figures.

    `summary`: on one line what there is, where the names do not say it.
    """

    id: str
    title: str
    rule: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str = ""

    @property
    def value(self) -> str:
        """On one line: what there is."""
        return self.summary or ", ".join(row[0] for row in self.rows) or NO_DATA

    def lines(self, width: int) -> list[str]:
        """The table in `width` cells. Where it is too wide, what was above stands at the left if that fits; else what
        does not fit beside it stands below, under the names again.
        """
        if not self.rows:
            return [NO_DATA]
        every = [self.head, *self.rows]
        turned = list(zip(*every, strict=True))
        fitting = next((table for table in (every, turned) if _wide(table, width) <= width), every)
        wide = _columns(fitting, width)
        blocks: list[list[int]] = [[]]
        room = width - wide[0]
        for column in range(1, len(wide)):
            if blocks[-1] and room < wide[column] + _GAP:
                blocks.append([])
                room = width - wide[0]
            blocks[-1].append(column)
            room -= wide[column] + _GAP
        lines: list[str] = []
        for block in blocks:
            lines += [""] if lines else []
            for row in fitting:
                name = _cut(row[0], wide[0])
                figures = [" " * (wide[column] - cells(row[column])) + row[column] for column in block]
                lines.append((" " * _GAP).join([name, *figures]).rstrip())
        return lines


_Cells = Sequence[Sequence[str]]
"""The rows of a table, its head first, all as long."""


def _columns(table: _Cells, width: int) -> list[int]:
    """How wide each is, in cells; the first is a name, and may be cut."""
    wide = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    return [min(wide[0], LONGEST_NAME, max(1, width // 2)), *wide[1:]]


def _wide(table: _Cells, width: int) -> int:
    columns = _columns(table, width)
    return sum(columns) + _GAP * (len(columns) - 1)


def _cut(text: str, room: int) -> str:
    """Exactly `room` cells of it."""
    kept = text
    while cells(kept) > room:
        kept = f"{kept[:-2]}…" if len(kept) > 1 else ""
    return kept + " " * (room - cells(kept))


def tables(figures: Figures, hours: Hours) -> tuple[Table, ...]:
    """All of them, in the order of policy facts 14; the hours last."""
    return by_service(figures), by_term(figures), findings(figures), by_hour(hours)


def by_service(figures: Figures) -> Table:
    """What adds up to the whole, but for posts that went to two services."""
    return Table(
        "services",
        _("By service"),
        _("Services add up; a post that went to two counts for each. Reading at work and outside, in minutes."),
        ("", _("Posts"), _("in time"), *_inflow_head(), *_reading_head(figures)),
        tuple(
            (
                name or _("no post"),
                str(one.posts),
                _part(one.slots[1], one.slots[0]),
                *_inflow(figures, one.inflow),
                *_reading(figures, one.reading),
            )
            for name, one in figures.by_service.items()
        ),
    )


def by_term(figures: Figures) -> Table:
    """What overlaps."""
    return Table(
        "terms",
        _("By work term"),
        _("Terms overlap: these do not add up. Reading at work and outside, in minutes."),
        ("", *_inflow_head(related=False), *_reading_head(figures, related=False)),
        tuple(
            (term, *_inflow(figures, one.inflow, related=False), *_reading(figures, one.reading, related=False))
            for term, one in figures.by_term.items()
        ),
    )


def findings(figures: Figures) -> Table:
    """What the policy said of drafts."""
    outcomes = sorted({outcome for found in figures.findings.values() for outcome in found})
    return Table(
        "findings",
        _("What the policy said"),
        _("For each rule how often what came of it; from the decision log, which you can delete."),
        ("", *(_(OUTCOMES[name]) if name in OUTCOMES else name for name in outcomes)),
        tuple((rule, *(str(found.get(name, 0)) for name in outcomes)) for rule, found in figures.findings.items()),
    )


def by_hour(hours: Hours) -> Table:
    """The heat map in figures."""
    known = sorted({hour for _weekday, hour in hours})
    return Table(
        "hours",
        _("When you read"),
        _("Minutes of reading by hour and weekday; kept hour by hour for 90 days."),
        ("", *(weekday_name(number) for number in range(7))),
        tuple((_hour(hour), *(_minutes(hours.get((number, hour))) for number in range(7))) for hour in known),
        _most(hours),
    )


def _most(hours: Hours) -> str:
    if not hours:
        return ""
    weekday, hour = max(hours, key=lambda key: hours[key])
    return _("most on {weekday} {hours}").format(weekday=weekday_name(weekday), hours=_hour(hour))


def _hour(hour: int) -> str:
    return f"{hour:02}–{hour + 1:02}"


# ---------------------------------------------------------------- columns


def _inflow_head(*, related: bool = True) -> Sequence[str]:
    work = (_("work"),) if related else ()
    return (_("received"), *work, _("filtered"), _("muted"), _("saved"))


def _inflow(figures: Figures, inflow: Inflow, *, related: bool = True) -> Sequence[str]:
    if not inflow.received:
        return ("0", *([NO_DATA] if related else []), NO_DATA, NO_DATA, NO_DATA)
    work = (_part(inflow.work, inflow.received),) if related else ()
    hidden = (_part(inflow.filtered, inflow.received), str(inflow.muted))
    return (str(inflow.received), *work, *hidden, str(figures.saved_by(inflow)))


def _reading_head(figures: Figures, *, related: bool = True) -> Sequence[str]:
    """Of a term all reading is on work."""
    sides = (_("at work"), _("outside"))
    parts = (sides[0], _("on work"), sides[1], _("on work")) if related else sides
    return (*parts, *([figures.currency] if figures.rate else []))


def _reading(figures: Figures, reading: Reading, *, related: bool = True) -> Sequence[str]:
    lengths = [reading.in_work_time, reading.related_in_work_time, reading.outside, reading.related_outside]
    told = [NO_DATA if figures.reading is None else str(minutes(length)) for length in lengths]
    cost = figures.cost_of(figures.reading and reading)
    money = ([NO_DATA] if cost is None else [str(cost[0])]) if figures.rate else []
    return (*(told if related else told[::2]), *money)


def _part(part: int, whole: int) -> str:
    """The percentage; the number itself where there is nothing to divide by."""
    number = percent(part, whole)
    return NO_DATA if number is None else _("{percent} %").format(percent=number)


def _minutes(length: timedelta | None) -> str:
    return "·" if not length else str(minutes(length))
