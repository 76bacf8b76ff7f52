"""Instructions from the start to ready: the one figure that is the same on every machine and at any load."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, Figure, Unavailable
from tests.benchmarks.homes import METER, home
from tests.benchmarks.terminal import mbclient, null

GOAL = "G1: instructions to ready"


def run(bench: Bench) -> Iterator[Figure]:
    folder = home(bench, bench.posts)
    bench.progress("counting instructions")
    settings = ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data")]
    with mbclient(folder) as terminal, null() as other:  # whatever had to be compiled
        terminal.until(METER)
        other.until(READY)
    ours, theirs = instructions(["mbclient", *settings]), instructions(["null"])
    yield Figure(
        f"three panes over {bench.posts:,} posts ÷ minimal application",
        ours / theirs,
        at_most=1.2,
        detail=f"{ours / 1e9:.2f} G of {theirs / 1e9:.2f} G",
    )


def instructions(arguments: Sequence[str]) -> int:
    """How many the interpreter needs for `apps.counted` with these arguments."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise Unavailable("valgrind is not installed")
    command = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", sys.executable]
    done = subprocess.run(
        [*command, "-m", "tests.benchmarks.apps.counted", *arguments],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if counted is None or done.returncode:
        raise Unavailable(f"valgrind counted nothing: {done.stderr[-300:]}")
    return int(counted[1].replace(",", ""))
