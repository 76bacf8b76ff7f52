"""What it holds in memory when it is ready, and after a refresh with everything loaded."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.homes import METER, home
from tests.benchmarks.terminal import Terminal, mbclient, null

GOAL = "G5: memory"
ROUNDS = 3


def run(bench: Bench) -> Iterator[Figure]:
    folder = home(bench, 1000)
    _peak(mbclient(folder), METER, 1.0)  # whatever has to be compiled
    ours = [_peak(mbclient(folder), METER, 0) for _round in range(ROUNDS)]
    theirs = [_peak(null(), READY, 0) for _round in range(ROUNDS)]
    yield Figure(
        "peak at ready ÷ minimal application",
        median(ours) / median(theirs),
        at_most=1.35,
        detail=f"{median(ours):.0f} MB",
    )
    loaded = median(_peak(mbclient(folder), METER, 3.0) for _round in range(ROUNDS))
    yield Figure("MB after a refresh", loaded, at_most=60)


def _peak(terminal: Terminal, marker: str, silence: float) -> float:
    with terminal:
        terminal.until(marker)
        if silence:
            terminal.settle(silence)
        return terminal.peak_memory()
