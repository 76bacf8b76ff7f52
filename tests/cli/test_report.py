"""report write and merge: seen before it exists, of many people or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mbclient.core.reportform import read_report, report_json
from tests.cli.conftest import Answer, CommandLine
from tests.core.reports import WEEK, files, five_reports, report_tree

DOCUMENT = (Path(__file__).parents[2] / "docs" / "report.md").read_text("utf-8")


@pytest.mark.parametrize("terminal", [True, False])
def test_the_file_is_shown_whole_before_it_is_written(mb: CommandLine, tmp_path: Path, terminal: bool) -> None:
    mb("post", "OpenSSL")
    file = tmp_path / "report.json"
    written = mb("report", "write", "--period", WEEK, str(file), stdin="y\n", terminal=terminal)
    assert written.status == 0
    assert f"Write this, and no more, to {file}? [y/N]" in written.err
    text = file.read_text("utf-8")
    assert written.out.startswith(text)
    assert file.stat().st_mode & 0o077 == 0
    assert report_json(read_report(file.read_bytes())) == json.loads(text)
    assert "OpenSSL" not in text
    again = mb("report", "write", "--period", WEEK, str(file), stdin="yes\n", terminal=terminal)
    assert again.out.startswith(text)  # the same contributor
    assert "is there already. Replace it by this?" in again.err


@pytest.mark.parametrize("said", ["n\n", "", "\n", "maybe\n"])
def test_without_a_yes_there_is_no_file(mb: CommandLine, tmp_path: Path, said: str) -> None:
    mb("post", "OpenSSL")
    file = tmp_path / "report.json"
    answer = mb("report", "write", "--period", WEEK, str(file), stdin=said)
    assert answer.status == 1
    assert answer.err.endswith("mbclient: nothing was written\n")
    assert not file.exists()
    told = mb("report", "write", "--period", WEEK, str(file), stdin=said, json=True)
    assert not told.object["written"]
    assert json.dumps(told.object["report"], indent=2) in told.err
    assert not file.exists()


def refused(answer: Answer, problem: str) -> None:
    assert (answer.status, answer.out) == (2, "")
    assert problem in answer.err
    assert answer.err.count("\n") == 1


def test_no_report_of_a_period_that_cannot_be(mb: CommandLine, tmp_path: Path) -> None:
    file = str(tmp_path / "report.json")
    refused(mb("report", "write", "--period", "2026-W54", file), "'2026-W54' is no week or month")
    refused(mb("report", "write", "--period", "2026-W49", file), "2026-W49 has not begun")
    refused(mb("report", "write", "--period", WEEK, file), "nothing is known of any workday in 2026-W48")
    refused(mb("report", "write", file), "--period is missing; such as 2026-W48 or 2026-11")
    refused(mb("report", "write", "--period", WEEK), "FILE is missing")
    mb("post", "Hej")
    nowhere = mb("report", "write", "--period", WEEK, str(tmp_path / "no" / "x"), stdin="y\n")
    assert nowhere.status == 2
    assert "there is no such folder" in nowhere.err


def test_five_are_merged(mb: CommandLine, tmp_path: Path) -> None:
    paths = five_reports(tmp_path)
    found = mb("report", "merge", *paths, json=True).object
    assert found["contributors"] == 5
    assert found["posts"]["total"] == {"sum": 75, "median": 15}
    assert found["posts"]["slot_adherence_pct"] == {"median": 60}
    assert found["cost"] is None
    assert mb("report", "merge", *reversed(paths), "--rate", "400,50", json=True).object == found | {
        "cost": {"rate": 400.5, "all": 3004, "not_work": 1502}
    }
    words = mb("report", "merge", *paths, "--rate", "400", "--period", WEEK).out
    assert "2026-W48, reports of 5 people: sums and medians" in words
    assert "3000, of it 1500 on posts without a work term" in words
    assert "min" not in words.replace("minutes", "")


def test_less_than_five_is_refused_and_nothing_printed(mb: CommandLine, tmp_path: Path) -> None:
    paths = five_reports(tmp_path)
    refused(mb("report", "merge", *paths[:4]), "reports of 4 people can't be merged: it takes at least 5")
    refused(mb("report", "merge", *paths[:4], paths[0]), "are by the same contributor; keep the newer one")
    refused(mb("report", "merge"), "FILES is missing")
    refused(mb("report", "merge", *paths, "--rate", "-5"), "--rate is no amount")
    refused(mb("report", "merge", *paths, "--rate", "1e9"), "--rate is no amount")
    refused(mb("report", "merge", *paths, "--period", "2026-W47"), "is of 2026-W48; merge one period at a time")


def test_every_doctored_file_is_named_on_a_line_of_its_own(mb: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    bad = files(
        tmp_path / "bad",
        report_tree(10, days_with_data=-5),
        report_tree(11, format="mbclient-report/9"),
        report_tree(12, posts={"total": 10**40}),
    )
    answer = mb("report", "merge", *five_reports(tmp_path), *bad, str(tmp_path / "none"), str(tmp_path))
    assert (answer.status, answer.out) == (2, "")
    lines = answer.err.splitlines()
    assert len(lines) == 5
    for line, name in zip(lines, [*bad, str(tmp_path / "none"), str(tmp_path)], strict=True):
        assert line.startswith(f"mbclient: {name}: ")
        assert "; " in line


@pytest.mark.parametrize("late", [False, True])
def test_a_pipe_is_read_to_its_end(
    mb: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """As `report merge <(…)` of a shell gives one. `late`: the report comes while it is waited for."""
    first, *others = five_reports(tmp_path)
    reading, writing = os.pipe()
    wait = os.set_blocking

    def write() -> None:
        os.write(writing, Path(first).read_bytes())
        os.close(writing)

    def waited_for(handle: int, blocking: bool) -> None:
        wait(handle, blocking)
        write()

    if late:
        monkeypatch.setattr(os, "set_blocking", waited_for)
    else:
        write()
    assert mb("report", "merge", f"/dev/fd/{reading}", *others, json=True).object["contributors"] == 5
    os.close(reading)


def test_a_pipe_that_nobody_writes_into_is_refused(mb: CommandLine, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(mb("report", "merge", *five_reports(tmp_path)[1:], str(pipe)), f"{pipe}: is a pipe that nobody writes into")


def test_the_document_shows_a_report_as_it_is_and_names_every_figure() -> None:
    shown = DOCUMENT.split("```json\n")[1].split("```")[0]
    assert report_json(read_report(shown.encode())) == json.loads(shown)
    for word in ("total", "days_over_limit", "received", "work_relevant", "by_service", "policy_digest", "other"):
        assert f"`{word}" in DOCUMENT or f".{word}`" in DOCUMENT, word
