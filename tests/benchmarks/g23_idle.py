"""Doing nothing costs nothing: CPU beside the minimal application's, while nobody presses a key."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.homes import home, null, ready
from tests.benchmarks.terminal import Terminal, mbclient

GOAL = "G23: idle"
WATCHED_S = 130.0  # two polls, two turns of a minute


def run(bench: Bench) -> Iterator[Figure]:
    with mbclient(home(bench, 1000)) as ours, null() as theirs:
        theirs.until(READY)
        ready(ours)
        spent = _cpu(ours), _cpu(theirs)
        begun = time.monotonic()
        while time.monotonic() - begun < WATCHED_S:
            ours.settle(0.2)
            theirs.settle(0.2)
        hours = (time.monotonic() - begun) / 3600
        more = (_cpu(ours) - spent[0] - _cpu(theirs) + spent[1]) / hours
    yield Figure(
        "s of CPU an hour beyond the minimal application's", more, at_most=1, detail="5 services polled, none reachable"
    )


def _cpu(terminal: Terminal) -> float:
    return terminal.cpu()
