"""Reports of at least five people as one: sums and medians, and nothing that is one person's (policy facts 15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from statistics import median
from typing import Protocol

from mbclient.core.figures import half_up
from mbclient.core.reportform import FIGURES, OF_SERVICE, Measure, Report
from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _

LEAST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Total:
    """One figure of several people. `sum`: None where it means nothing. `contributors`: how many told it."""

    contributors: int
    median: float
    sum: int | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """`figures` and `services` by the names of the report's form; what fewer than five told is not there."""

    period: str
    contributors: int
    figures: Mapping[str, Total]
    services: Mapping[str, Mapping[str, Total]] = field(default_factory=dict)

    def cost(self, rate: float) -> tuple[int, int] | None:
        """All reading in work time at a rate an hour, and that on posts without a work term, in whole units.

        None: too few have measured it.
        """
        every = self.figures.get("reading_minutes_work_time.total")
        related = self.figures.get("reading_minutes_work_time.work_relevant")
        if every is None or related is None or every.sum is None or related.sum is None:
            return None
        hundredths = round(rate * 100)
        return half_up(every.sum * hundredths, 6000), half_up((every.sum - related.sum) * hundredths, 6000)


class ReportTable(Protocol):
    """A company's database of reports. Blocking: it is another computer. Raises `StorageError` and `UsageError`."""

    @property
    def place(self) -> str:
        """Its host, for people."""
        ...

    def submit(self, report: Report) -> None:
        """Puts the rows of the report there, in place of those of the same contributor and period: all or none."""
        ...

    def merged(self, period: str) -> Merged:
        """What the view tells, which never tells of fewer than five."""
        ...


def merge(named: Sequence[tuple[str, Report]]) -> Merged:
    """In whatever order they come. `named`: each with the name of its file, for errors.

    Raises `UsageError`: another period, the same contributor twice, fewer than five people.
    """
    by_contributor: dict[str, str] = {}
    for name, report in named:
        if report.period != named[0][1].period:
            raise UsageError(
                _("{file} is of {period}, {other} of {other_period}").format(
                    file=name, period=report.period, other=named[0][0], other_period=named[0][1].period
                ),
                _("merge one period at a time"),
            )
        if report.contributor in by_contributor:
            raise UsageError(
                _("{file} and {other} are by the same contributor").format(
                    file=name, other=by_contributor[report.contributor]
                ),
                _("keep the newer one"),
            )
        by_contributor[report.contributor] = name
    if len(named) < LEAST_PEOPLE:
        raise too_few(len(named))
    reports = [report for _name, report in named]
    services = sorted({service for report in reports for service in report.services})
    merged = {
        service: _totals(OF_SERVICE, [report.services.get(service, {}) for report in reports]) for service in services
    }
    return Merged(
        named[0][1].period,
        len(named),
        _totals(FIGURES, [report.figures for report in reports]),
        {service: totals for service, totals in merged.items() if "posts" in totals},  # told by five or more
    )


def too_few(number: int) -> UsageError:
    """The refusal of anything that is not of a group."""
    return UsageError(
        _("reports of {n} people can't be merged: it takes at least {least}").format(n=number, least=LEAST_PEOPLE),
        _("wait for more of them"),
    )


def _totals(measures: Iterable[Measure], told: Sequence[Mapping[str, int]]) -> dict[str, Total]:
    found = {}
    for measure in measures:
        values = [figures[measure.name] for figures in told if measure.name in figures]
        if len(values) >= LEAST_PEOPLE:
            found[measure.name] = Total(len(values), median(values), sum(values) if measure.summed else None)
    return found
