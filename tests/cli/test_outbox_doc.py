"""docs/outbox.md tells the truth: its states are the program's, its units and its cron line can be used as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mbclient.cli.outbox import _STATES
from mbclient.core.stores import SendState
from mbclient.policy.model import Policy
from tests.cli.conftest import CommandLine
from tests.cli.names import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "outbox.md").read_text("utf-8")
POLICY = Policy(ZoneInfo("Europe/Stockholm"))  # the built-in limits
UNITS = sorted((DOCS / "systemd").glob("mbclient-outbox.*"))


def unit(path: Path) -> ConfigParser:
    """A unit file; a key or a section named twice is an error."""
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys keep their case
    parser.read_string(path.read_text("utf-8"))
    return parser


def test_every_state_is_told_with_the_word_the_commands_show() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", DOCUMENT, re.MULTILINE))
    assert told == {state.value: _STATES[state] for state in SendState}


def test_the_units_name_each_other_and_a_command_that_exists() -> None:
    service, timer = (unit(path) for path in UNITS)
    assert [path.suffix for path in UNITS] == [".service", ".timer"]
    assert UNITS[0].stem == UNITS[1].stem  # a timer starts the service of its name
    program, command = service["Service"]["ExecStart"].split(maxsplit=1)
    assert program.endswith("/mbclient")
    assert command in COMMANDS
    assert timer["Install"]["WantedBy"] == "timers.target"
    for path in UNITS:
        assert f"systemd/{path.name}" in DOCUMENT


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here to ask")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a program that is there: where the user's own lies is theirs to say."""
    for path in UNITS:
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", path.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *(tmp_path / path.name for path in UNITS)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "mbclient-outbox" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr
    when = unit(UNITS[1])["Timer"]["OnCalendar"]
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_the_timer_and_the_cron_line_are_in_time_for_what_is_planned() -> None:
    """Between two rounds nothing becomes so late that it waits for the user."""
    (cron,) = re.findall(r"^```cron\n(.+)\n```$", DOCUMENT, re.MULTILINE)
    minutes, *others, command = cron.split(maxsplit=5)
    assert others == ["*"] * 4
    assert re.fullmatch(r"\S+/mbclient outbox flush >/dev/null", command)
    every = {re.fullmatch(r"\*/(\d+)", minutes), re.fullmatch(r"\*:0/(\d+)", unit(UNITS[1])["Timer"]["OnCalendar"])}
    assert all(found and int(found[1]) * 60 * 2 < POLICY.max_late.total_seconds() for found in every)


def test_what_it_says_of_the_exit_status_is_so(mb: CommandLine) -> None:
    """0 with nothing due, 4 with something kept, which is no failure of the service."""
    assert mb("outbox", "flush").status == 0
    mb("post", "Hej", "--at", "13:30", "--yes")
    assert mb("outbox", "flush").status == 0
    mb.clock.at = mb.clock.at.replace(hour=18)
    assert mb("outbox", "flush").status == 4
    assert unit(UNITS[0])["Service"]["SuccessExitStatus"] == "4"


def test_the_limits_it_names_are_the_built_in_ones() -> None:
    words = " ".join(DOCUMENT.split())
    assert f"more than {POLICY.max_late.total_seconds() / 60:.0f} minutes past its time (`max_late_min`)" in words
    assert POLICY.max_queue == timedelta(hours=1)
    assert "more than an hour since you pressed send (`max_queue_min`)" in words
