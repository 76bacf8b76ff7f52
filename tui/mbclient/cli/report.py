"""`mbclient report`: the employee's own company report, seen before it exists; and many people's as one."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mbclient.bootstrap import report_table
from mbclient.cli import ask
from mbclient.cli.output import error_line, print_error
from mbclient.cli.run import Run
from mbclient.cli.spec import shown
from mbclient.core.jsontext import json_text
from mbclient.core.reportform import (
    FIGURES,
    MAX_BYTES,
    OF_SERVICE,
    Report,
    Row,
    nested,
    read_period,
    read_report,
    report_json,
    rows,
)
from mbclient.core.reportmerge import Merged, Total, merge
from mbclient.domain.errors import MbclientError, SettingsError, UsageError
from mbclient.settings import outputs
from mbclient.texts import N_, _
from mbclient.texts.outside import system_reason

NOT_WRITTEN = 1
_NAMES = {
    "days_with_data": N_("Workdays with data"),
    "posts.total": N_("Posts in work time"),
    "posts.days_over_limit": N_("Days over the guideline"),
    "posts.slot_adherence_pct": N_("Posts at recommended times, percent"),
    "timeline.received": N_("Posts received in work time"),
    "timeline.work_relevant_pct": N_("Work-related, percent"),
    "timeline.filtered_pct": N_("Filtered out, percent"),
    "reading_minutes_work_time.total": N_("Reading minutes in work time"),
    "reading_minutes_work_time.work_relevant": N_("of them on work"),
    "posts": N_("posts"),
    "reading_minutes_work_time": N_("reading minutes"),
}


def write(run: Run) -> int:
    """The whole file is shown, then asked about; without a yes there is no file. Status 1 when there is none."""
    period = read_period(run.given.text("--period") or _missing("--period"))
    file = run.given.word("FILE")
    report = run.desk.reports.report(period)
    text = f"{json_text(report_json(report), indent=2)}\n"
    _preview(run, text)
    path = Path(file).expanduser()
    question = (
        _("{file} is there already. Replace it by this?") if path.exists() else _("Write this, and no more, to {file}?")
    )
    written = ask.confirm(question.format(file=file))
    if written:
        outputs.put(path, text.encode())
    if run.out.json:
        told = report_json(report)
        run.out.object({"schema": 1, "period": period.name, "file": file, "written": written, "report": told})
    elif written:
        run.out.text(_("{file} is written. It stays on this computer until you hand it on.").format(file=file))
    else:
        run.out.note(_("nothing was written"))
    return 0 if written else NOT_WRITTEN


def _missing(flag: str) -> str:
    raise UsageError(_("{flag} is missing").format(flag=flag), _("such as 2026-W48 or 2026-11"))


def _preview(run: Run, text: str) -> None:
    """Beside the answer where the answer is for a program."""
    if run.out.json:
        print(text, end="", file=sys.stderr, flush=True)
        return
    for line in text.splitlines():
        run.out.line(line)
    sys.stdout.flush()  # it stands there before the question


def merge_(run: Run) -> int:
    """Every file that is no report gets a line of its own; then, as for too few, nothing is printed."""
    _settings = run.setup  # reading them sets the language
    rate = _rate(run.given.text("--rate"))
    files = run.given.words.get("FILES", [])
    if run.given.has("--database"):
        return _merge_database(run, files, rate)
    if not files:
        raise UsageError(_("{argument} is missing").format(argument="FILES"), _("name the reports, five or more"))
    read, errors = _reports(files)
    if errors:
        for error in errors:
            print_error(error_line(error))
        return 2
    period = run.given.text("--period")
    for name, report in read:
        if period and report.period != read_period(period).name:
            raise UsageError(
                _("{file} is of {period}").format(file=shown(name), period=report.period),
                _("merge one period at a time"),
            )
    _show(run, merge(read), rate)
    return 0


def _merge_database(run: Run, files: Sequence[str], rate: float | None) -> int:
    if files:
        raise UsageError(_("--database and files are two answers"), _("choose one"))
    period = read_period(run.given.text("--period") or _missing("--period"))
    table = report_table(run.given.text("--database"))
    with run.out.progress(_("asking the database")):
        merged = table.merged(period.name)
    _show(run, merged, rate)
    return 0


def submit(run: Run) -> int:
    """The very rows are shown, then asked about, every time; without a yes nothing leaves. Status 1 then."""
    period = read_period(run.given.text("--period") or _missing("--period"))
    url = run.setup.config.report_database
    if not url:
        raise UsageError(
            _("no company database is set, so nothing can be handed in"),
            _("set database under [report] in config.toml"),
        )
    table = report_table(url)
    report = run.desk.reports.report(period)
    told = rows(report)
    _preview(run, _row_lines(report, told))
    question = _("Put these {n} rows, and no more, into the database at {place}?")
    submitted = ask.confirm(question.format(n=len(told), place=table.place))
    if submitted:
        with run.out.progress(_("handing in the report")):
            table.submit(report)
    if run.out.json:
        run.out.object(
            {
                "schema": 1,
                "period": report.period,
                "contributor": report.contributor,
                "submitted": submitted,
                "rows": [{"measure": row.measure, "service": row.service, "value": row.value} for row in told],
            }
        )
    elif submitted:
        run.out.text(_("The rows are at {place}.").format(place=table.place))
    else:
        run.out.note(_("nothing was handed in"))
    return 0 if submitted else NOT_WRITTEN


def _row_lines(report: Report, told: Sequence[Row]) -> str:
    """All that is in the table: period and contributor stand in every row."""
    lines = [f"period       {report.period}", f"contributor  {report.contributor}", ""]
    lines += [f"{row.measure:<42} {row.service:<12} {row.value:>8}" for row in told]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _rate(text: str) -> float | None:
    """Money an hour. Raises `UsageError`."""
    if not text:
        return None
    whole, _point, cents = text.replace(",", ".").partition(".")
    if not (
        whole.isascii() and whole.isdecimal() and len(whole) <= 7 and (cents or "0").isdecimal() and len(cents) <= 2
    ):
        raise UsageError(_("--rate is no amount: {value}").format(value=shown(text)), _("such as --rate 400"))
    return float(f"{whole}.{cents or 0}")


def _reports(files: list[str]) -> tuple[list[tuple[str, Report]], list[MbclientError]]:
    read: list[tuple[str, Report]] = []
    errors: list[MbclientError] = []
    for name in files:
        try:
            read.append((name, read_report(_bytes(name))))
        except SettingsError as error:
            errors.append(error)
        except UsageError as error:
            errors.append(SettingsError(error.problem, error.advice, file=name))
    return read, errors


def _bytes(name: str) -> bytes:
    """One byte more than a report can have, at most. Raises `SettingsError`.

    A pipe, such as a shell's `<(…)`, is read to its end. One that nobody writes into has none: it is opened without
    waiting, and nothing is what it gives then, where one that is still written into has nothing yet.
    """
    try:
        with open(Path(name).expanduser(), "rb", opener=_without_waiting) as file:
            first: bytes | None = b""
            if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
                first = file.raw.read(1)
                if first == b"":
                    raise SettingsError(_("is a pipe that nobody writes into"), _("name a file"), file=name)
                os.set_blocking(file.fileno(), True)
            return (first or b"") + file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = _("can't be read: {reason}").format(reason=system_reason(error))
        raise SettingsError(reason, _("check the path"), file=name) from error


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # not on Windows, which has no such pipes


def _show(run: Run, merged: Merged, rate: float | None) -> None:
    cost = merged.cost(rate) if rate is not None else None
    if run.out.json:
        run.out.object(_merged_json(merged, rate, cost))
        return
    out = run.out
    out.text(
        _("{period}, reports of {n} people: sums and medians").format(period=merged.period, n=merged.contributors),
        style="bold",
    )
    out.rows(_lines(merged.figures, [measure.name for measure in FIGURES]))
    for service, totals in merged.services.items():
        out.text(service)
        out.rows(_lines(totals, [measure.name for measure in OF_SERVICE]), indent=2)
    if rate is not None:
        words = _("{all}, of it {part} on posts without a work term")
        out.rows([(_("Estimated cost"), "–" if cost is None else words.format(all=cost[0], part=cost[1]))])


def _lines(totals: Mapping[str, Total], names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        total = totals.get(name)
        if total is None:
            yield _(_NAMES[name]), "–"
        elif total.sum is None:
            yield _(_NAMES[name]), _("median {median}").format(median=f"{total.median:g}")
        else:
            yield _(_NAMES[name]), _("{sum}, median {median}").format(sum=total.sum, median=f"{total.median:g}")


def _merged_json(merged: Merged, rate: float | None, cost: tuple[int, int] | None) -> dict[str, object]:
    everything = {measure.name: _total_json(merged.figures.get(measure.name)) for measure in FIGURES}
    return {
        "schema": 1,
        "period": merged.period,
        "contributors": merged.contributors,
        **nested(everything),
        "by_service": {
            service: {measure.name: _total_json(totals.get(measure.name)) for measure in OF_SERVICE}
            for service, totals in merged.services.items()
        },
        "cost": None if cost is None else {"rate": rate, "all": cost[0], "not_work": cost[1]},
    }


def _total_json(total: Total | None) -> dict[str, object] | None:
    """A whole number is told as one."""
    if total is None:
        return None
    middle = int(total.median) if total.median == int(total.median) else total.median
    return {"median": middle} if total.sum is None else {"sum": total.sum, "median": middle}
