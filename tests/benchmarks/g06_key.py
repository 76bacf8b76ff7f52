"""A key is answered as fast among a hundred thousand posts as among a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.keys import FEW, MANY, rounds

GOAL = "G6: key to paint does not depend on the number of posts"


def run(bench: Bench) -> Iterator[Figure]:
    for key in ("j", "k", "PageDown", "End"):
        ratio = median(one.many.paint(key) / one.few.paint(key) for one in rounds(bench))
        milliseconds = median(one.many.paint(key) for one in rounds(bench)) * 1000
        limit = 1.25 if key == "PageDown" else 1.15
        yield Figure(
            f"{key} at {MANY:,} ÷ at {FEW:,}", ratio, at_most=limit, detail=f"{milliseconds:.1f} ms at {MANY:,}"
        )
