"""The company report as a form: what it can hold, how it is rounded, and reading one that somebody else hands in.

Everything that a report can say stands in `FIGURES` and `OF_SERVICE`; what is not there cannot get in (policy facts
15: counts to 5, minutes to 15, percentages to 5, nothing that names anybody).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta

from mbclient.core.figures import half_up
from mbclient.core.instants import YEARS
from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _

FORMAT = "mbclient-report/1"
OTHER = "other"  # services too small to be told
MAX_BYTES = 1 << 16
_PERIOD = re.compile(r"(?P<year>\d{4})-(?:W(?P<week>\d\d)|(?P<month>\d\d))\Z", re.ASCII)
_CONTRIBUTOR = re.compile(r"[0-9a-f]{32}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_SERVICE = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_MAX_SERVICES = 50
_LONGEST = 31 * 24 * 60  # minutes in a month


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `step`: what it is rounded to; `most`: more is no truth; `optional`: left out where not known.

    `summed`: sums mean something; of percentages only the middle does.
    """

    name: str
    step: int
    most: int
    optional: bool = False
    summed: bool = True


def _count(name: str, most: int = 1_000_000, *, optional: bool = False) -> Measure:
    return Measure(name, 5, most, optional)


def _minutes(name: str) -> Measure:
    return Measure(name, 15, _LONGEST, optional=True)


def _percentage(name: str) -> Measure:
    return Measure(name, 5, 100, optional=True, summed=False)


# In the order they stand in a report; a dot is a table in a table.
FIGURES = (
    _count("days_with_data", 30),
    _count("posts.total", 10_000),
    _count("posts.days_over_limit", 30, optional=True),
    _percentage("posts.slot_adherence_pct"),
    _count("timeline.received"),
    _percentage("timeline.work_relevant_pct"),
    _percentage("timeline.filtered_pct"),
    _minutes("reading_minutes_work_time.total"),
    _minutes("reading_minutes_work_time.work_relevant"),
)
OF_SERVICE = (_count("posts", 10_000), _minutes("reading_minutes_work_time"))
# A part is never more than its whole, rounded or not.
_PARTS = (
    ("reading_minutes_work_time.work_relevant", "reading_minutes_work_time.total"),
    ("posts.days_over_limit", "days_with_data"),
)
_WHOLES = {"posts": "posts.total", "reading_minutes_work_time": "reading_minutes_work_time.total"}
LEAST_OF_A_PERCENTAGE = 10
_DENOMINATORS = {
    "posts.slot_adherence_pct": "posts.total",
    "timeline.work_relevant_pct": "timeline.received",
    "timeline.filtered_pct": "timeline.received",
}


@dataclass(frozen=True, slots=True)
class Period:
    """An ISO week (`2026-W48`) or a calendar month (`2026-11`); both days belong to it."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Report:
    """One person's figures for a period, rounded. `contributor`: 128 random bits in hex, which name nobody.

    `figures` by the names of `FIGURES`, `services` by those of `OF_SERVICE`.
    """

    period: str
    contributor: str
    policy_digest: str
    figures: Mapping[str, int]
    services: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one report, as it lies in a company's database; `service` is empty for what is of all."""

    measure: str
    service: str
    value: int


def read_period(text: str) -> Period:
    """Raises `UsageError`."""
    found = _PERIOD.match(text)
    try:
        if found is None or int(found["year"]) not in YEARS:
            raise ValueError
        year = int(found["year"])
        if found["week"]:
            first = date.fromisocalendar(year, int(found["week"]), 1)
            return Period(text, first, first + timedelta(days=6))
        first = date(year, int(found["month"]), 1)
        return Period(text, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    except ValueError:
        raise UsageError(
            _("{text!r} is no week or month").format(text=text[:40]), _("such as 2026-W48 or 2026-11")
        ) from None


def rounded(part: int, whole: int, step: int) -> int:
    """A quotient to the nearest multiple of a step, halves up, in one go: never rounded twice."""
    return half_up(part, whole * step) * step


def rows(report: Report) -> Sequence[Row]:
    """The very figures of the report, one a row."""
    found = [Row(name, "", value) for name, value in report.figures.items()]
    for service, figures in report.services.items():
        found += [Row(name, service, value) for name, value in figures.items()]
    return found


def report_json(report: Report) -> dict[str, object]:
    """The file's object, in the order of policy facts 15."""
    return {
        "format": FORMAT,
        "period": report.period,
        "contributor": report.contributor,
        "policy_digest": report.policy_digest,
        **nested(report.figures),
        "by_service": {service: dict(figures) for service, figures in report.services.items()},
    }


def nested(figures: Mapping[str, object]) -> dict[str, object]:
    """`{"posts.total": 5}` as `{"posts": {"total": 5}}`; the tables of `FIGURES` are there, empty or not."""
    tree: dict[str, object] = {}
    for measure in FIGURES:
        table, dot, leaf = measure.name.partition(".")
        inner = tree.setdefault(table, {}) if dot else tree
        if measure.name in figures and isinstance(inner, dict):
            inner[leaf or table] = figures[measure.name]
    return tree


# ---------------------------------------------------------------- reading one


def read_report(raw: bytes) -> Report:
    """Raises `UsageError` for whatever is not exactly what `report write` writes."""
    tree = _object(_parsed(raw), "")
    if tree.get("format") != FORMAT:
        raise UsageError(_("this is no report of the form {form}").format(form=FORMAT), _("leave it out"))
    tables = {measure.name.partition(".")[0] for measure in FIGURES if "." in measure.name}
    figures: dict[str, int] = {}
    for measure in FIGURES:
        table, dot, leaf = measure.name.partition(".")
        _take(figures, measure, measure.name, _object(tree.get(table), table) if dot else tree, leaf or table)
    services: dict[str, dict[str, int]] = {}
    for service, given in _object(tree.get("by_service"), "by_service").items():
        where = f"by_service.{service[:40]}"
        if not _SERVICE.match(service) or len(services) == _MAX_SERVICES:
            raise _wrong(where)
        table_of = _object(given, where)
        of_service = services[service] = {}
        for measure in OF_SERVICE:
            _take(of_service, measure, f"{where}.{measure.name}", table_of, measure.name)
        _known_only(table_of, {measure.name for measure in OF_SERVICE}, where)
    for table in tables:
        leaves = {one.name.partition(".")[2] for one in FIGURES if one.name.startswith(f"{table}.")}
        _known_only(_object(tree.get(table), table), leaves, table)
    flat = {measure.name for measure in FIGURES if "." not in measure.name}
    _known_only(tree, {*flat, *tables, "format", "period", "contributor", "policy_digest", "by_service"}, "")
    report = Report(
        read_period(_text(tree, "period", _PERIOD)).name,
        _text(tree, "contributor", _CONTRIBUTOR),
        _text(tree, "policy_digest", _DIGEST),
        figures,
        services,
    )
    _check_parts(report)
    return report


def _parsed(raw: bytes) -> object:
    if len(raw) > MAX_BYTES:
        raise UsageError(_("a report is not so long"), _("leave it out"))

    def unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) != len(pairs):
            raise ValueError
        return table

    def no_number(text: str) -> object:
        raise ValueError(text)

    try:
        return json.loads(raw.decode(), object_pairs_hook=unique, parse_constant=no_number)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a key twice, a number of a million digits, a deep nest
        raise UsageError(_("this is no report"), _("leave it out")) from None


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(where) if where else UsageError(_("this is no report"), _("leave it out"))
    return value


def _take(into: dict[str, int], measure: Measure, where: str, table: Mapping[str, object], key: str) -> None:
    value = table.get(key)
    if value is None and key not in table and measure.optional:
        return
    # bool is an int to Python, not to JSON
    if type(value) is not int or not 0 <= value <= measure.most or value % measure.step:
        raise _wrong(where)
    into[measure.name] = value


def _text(table: Mapping[str, object], key: str, form: re.Pattern[str]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not form.match(value):
        raise _wrong(key)
    return value


def _known_only(table: Mapping[str, object], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise _wrong(f"{where}.{key[:40]}".lstrip("."))


def _check_parts(report: Report) -> None:
    """What no person's period can hold, however it was made. Also where a part is told and its whole is not."""
    period = read_period(report.period)
    days = (period.last - period.first).days + 1
    if report.figures["days_with_data"] > rounded(days, 1, 5):
        raise _wrong("days_with_data")
    if report.figures.get("reading_minutes_work_time.total", 0) > rounded(days * 24 * 60, 1, 15):
        raise _wrong("reading_minutes_work_time.total")
    for percentage, whole in _DENOMINATORS.items():  # told of ten or more only
        if percentage in report.figures and report.figures[whole] < LEAST_OF_A_PERCENTAGE:
            raise _wrong(percentage)
    for part, whole in _PARTS:
        if report.figures.get(part, 0) > report.figures.get(whole, 0):
            raise _wrong(part)
    for service, figures in report.services.items():
        if service != OTHER and figures.get("posts", 0) < 5 and figures.get("reading_minutes_work_time", 0) < 15:
            raise _wrong(f"by_service.{service}")  # so little is merged into "other"
        for name, whole in _WHOLES.items():
            if service != OTHER and figures.get(name, 0) > report.figures.get(whole, 0):
                raise _wrong(f"by_service.{service}.{name}")


def _wrong(where: str) -> UsageError:
    problem = _("this is no report that mbclient wrote: {key!r} cannot be so").format(key=where)
    return UsageError(problem, _("leave it out, or ask for a new one"))
