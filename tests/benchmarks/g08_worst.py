"""The slowest keys."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.keys import MANY, Round, rounds

GOAL = "G8: the slowest keys"
KEYS = ("j", "k", "PageDown")
QUIET_MS = 9.0  # the minimal application's p99 on a machine that is quiet enough for milliseconds to mean something


def run(bench: Bench) -> Iterator[Figure]:
    found = rounds(bench)
    floor = median(_p99(one, "null") for one in found)
    slow = median(_p99(one, "many") for one in found)
    if floor < QUIET_MS:
        yield Figure(f"p99 in ms at {MANY:,}", slow, at_most=16, detail=f"minimal application {floor:.1f}")
    else:
        yield Figure(f"p99 at {MANY:,} ÷ minimal application", slow / floor, at_most=2, detail=f"{slow:.1f} ms")
    worst = median(max(one.many.paint(key, 100) for key in KEYS) * 1000 for one in found)
    yield Figure(f"the slowest of all in ms at {MANY:,}", worst, at_most=33)


def _p99(one: Round, which: str) -> float:
    costs = one.null if which == "null" else one.many
    return max(costs.paint(key, 99) for key in KEYS) * 1000
