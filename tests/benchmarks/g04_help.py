"""`--help` and `--version` before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.peers import toot

GOAL = "G4: --help and --version"
HEAVY = ("textual", "httpx", "keyring", "sqlite3")


def run(bench: Bench) -> Iterator[Figure]:
    theirs = _runs([str(toot(bench)), "--help"])
    for option in ("--help", "--version"):
        found = bench.compare(_runs([sys.executable, "-m", "mbclient", option]), theirs, clock=time.perf_counter)
        yield Figure(
            f"{option} ÷ toot --help", found.ratio, at_most=0.25, detail=f"{found.subject:.3f} s, {found.yardstick:.2f}"
        )
        trace = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "mbclient", option], capture_output=True, text=True, check=True
        ).stderr
        loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in trace.splitlines()}
        yield Figure(f"heavy modules imported by {option}", len(loaded & set(HEAVY)), at_most=0)


def _runs(command: Sequence[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, capture_output=True, check=True)
