"""policy test and validate: files that a company tries before it rolls them out (contract 5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mbclient.cli.output import error_line, print_error
from mbclient.cli.run import Run
from mbclient.core.clock import SystemClock
from mbclient.domain.errors import SettingsError
from mbclient.policy.model import Policy, Status
from mbclient.policy.scenario import parse_scenario, run_scenario
from mbclient.policy.values import Wrong
from mbclient.settings.policytable import all_problems, find_zone
from mbclient.settings.toml import load
from mbclient.texts import _, ngettext
from mbclient.texts.faults import problem_text
from mbclient.texts.findings import finding_text
from mbclient.texts.meter import meter_text
from mbclient.texts.outside import system_reason
from mbclient.texts.places import settings_error

MAX_LINE = 1_000_000  # bytes; a scenario has a few hundred


def test(run: Run) -> int:
    """One answer a scenario, as they come; status 1 if an `expect` was not met.

    Raises `SettingsError` for a bad line, named by its number.
    """
    _settings = run.setup  # reading them sets the language of the sentences in the answers
    name, now = run.given.word("FILE"), SystemClock().now()
    met = missed = 0
    for number, line in _lines(name):
        try:
            scenario = parse_scenario(line, find_zone, now=now)
        except Wrong as wrong:
            raise _bad_line(name, number, problem_text(wrong.problem), key=wrong.problem.key) from None
        result = run_scenario(scenario, finding_text, _meter_words)
        met += result["ok"] is True
        missed += result["ok"] is False
        run.out.object(result)
    words = ngettext("{met} as expected, {n} not", "{met} as expected, {n} not", missed)
    run.out.note(words.format(met=met, n=missed))
    return 1 if missed else 0


def _bad_line(file: str, number: int, problem: str, key: str = "") -> SettingsError:
    return settings_error(problem, _("mend the scenario"), file=file, line=number, key=key)


def _meter_words(status: Status, policy: Policy) -> str:
    return meter_text(status, policy, tuple(status.modes)).text


def _lines(name: str) -> Iterator[tuple[int, str]]:
    """Numbered lines that hold something; a file of any length is read one line at a time."""
    with _opened(name) as file:
        number = 0
        while raw := file.readline(MAX_LINE + 1):
            number += 1
            if len(raw) > MAX_LINE:
                raise _bad_line(name, number, _("the line is too long"))
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise settings_error(_("not UTF-8 text"), _("save it as UTF-8"), file=name, line=number) from None
            if line.strip():
                yield number, line


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        reason = _("can't be read: {reason}").format(reason=system_reason(error))
        raise SettingsError(reason, _("check the path"), file=name) from error


def validate(run: Run) -> int:
    """0 when the file could be rolled out, warnings said; 2 with a line for every error: file, line and key."""
    path = Path(run.given.word("FILE")).expanduser()
    document = load(path)
    if document is None:
        raise SettingsError(_("there is no such file"), _("check the path"), file=str(path))
    errors, warnings = all_problems(document, document.values)
    for error in errors:
        print_error(error_line(error))
    if errors:
        return 2
    if run.out.json:
        run.out.object({"schema": 1, "file": str(path), "ok": True, "warnings": warnings})
        return 0
    for warning in warnings:
        run.out.text(f"! {warning}", style="yellow")
    run.out.text(_("{file} is in order").format(file=path))
    return 0
