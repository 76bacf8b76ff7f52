"""What a key costs in CPU, with meter and key line on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.keys import MANY, rounds

GOAL = "G7: CPU of a key"


def run(bench: Bench) -> Iterator[Figure]:
    for key, limit in (("j", 1.6), ("k", 1.6), ("PageDown", 2.5)):
        ratio = median(one.many.cpu(key) / one.null.cpu(key) for one in rounds(bench))
        milliseconds = median(one.many.cpu(key) for one in rounds(bench)) * 1000
        yield Figure(
            f"{key} at {MANY:,} ÷ minimal application", ratio, at_most=limit, detail=f"{milliseconds:.1f} ms of CPU"
        )
