"""Doing nothing costs nothing: CPU beside the minimal application's, while nobody presses a key."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.homes import home, null, ready
from tests.benchmarks.neighbours import neighbours, visiting
from tests.benchmarks.terminal import mbclient

GOAL = "G23: idle"
WATCHED_S = 130.0  # two polls, two turns of a minute
CALM_S = 5.0  # what a start leaves for later is over
SERVICES = 5


def run(bench: Bench) -> Iterator[Figure]:
    """Beside each other, so that the machine's noise meets all."""
    folder = home(bench, 1000)
    with (
        neighbours([0.05] * SERVICES, 40) as servers,
        mbclient(folder) as alone,
        mbclient(visiting(bench, 1000, servers)) as connected,
        null() as minimal,
    ):
        minimal.until(READY)
        for each in (alone, connected):
            ready(each)
            each.settle(CALM_S)
        watched = (alone, connected, minimal)
        before = [terminal.cpu() for terminal in watched]
        begun = time.monotonic()
        while time.monotonic() - begun < WATCHED_S:
            for terminal in watched:
                terminal.settle(0.2)
        hours = (time.monotonic() - begun) / 3600
        spent = [(terminal.cpu() - cpu) / hours for terminal, cpu in zip(watched, before, strict=True)]
    *ours, theirs = spent
    for what, cpu in zip(("none reachable", f"{SERVICES} services stream"), ours, strict=True):
        detail = f"{cpu:.2f} and {theirs:.2f} s"
        yield Figure(f"s of CPU an hour beyond minimal, {what}", cpu - theirs, at_most=1, detail=detail)
