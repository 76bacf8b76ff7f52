"""Another size of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.keys import MANY, rounds

GOAL = "G10: resize"


def run(bench: Bench) -> Iterator[Figure]:
    ratio = median(median(one.many.resizes) / median(one.null.resizes) for one in rounds(bench))
    milliseconds = median(median(one.many.resizes) for one in rounds(bench)) * 1000
    yield Figure(f"at {MANY:,} posts ÷ minimal application", ratio, at_most=1.15, detail=f"{milliseconds:.0f} ms")
