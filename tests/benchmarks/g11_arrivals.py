"""News on top move nothing that the reader sees, and cost no more than a key."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.frame import Bench, Figure
from tests.ui.posts import FakeSource, make_entry
from tests.ui.test_scene import check, do_anything, scene_of
from tests.ui.test_timeline import Host

GOAL = "G11: 50 new posts on top"
SIZES = (1000, 100_000)
NEW = 50
TIMES = 20
OPERATIONS = 400


def run(bench: Bench) -> Iterator[Figure]:
    for number in SIZES:
        moved, arrival, key = asyncio.run(_arrivals(number))
        yield Figure(f"rows that move at {number:,}", moved, at_most=0)
        yield Figure(
            f"CPU of {NEW} posts ÷ j at {number:,}", arrival / key, at_most=1.5, detail=f"{arrival * 1000:.1f} ms"
        )
        yield Figure(f"faults in {OPERATIONS} random operations at {number:,}", _faults(number), at_most=0)


async def _arrivals(number: int) -> tuple[int, float, float]:
    """Rows that moved in all; seconds of CPU of an arrival and of a key, painted, the medians."""
    app = Host(FakeSource(range(1, number + 1)))
    arrivals, keys, moved, newest = [], [], 0, number
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"jjj")
        for _time in range(TIMES):
            begun = time.process_time()
            app.timeline.move_by(1)
            await pilot.pause()
            keys.append(time.process_time() - begun)
            fresh = [make_entry(place) for place in range(newest + 1, newest + NEW + 1)]
            app.source.add(fresh)
            newest += NEW
            before = app.timeline_rows()
            begun = time.process_time()
            app.timeline.entries_arrived(fresh)
            await pilot.pause()
            arrivals.append(time.process_time() - begun)
            moved += sum(row != other for row, other in zip(before, app.timeline_rows(), strict=True))
    return moved, median(arrivals), median(keys)


def _faults(number: int) -> int:
    """How many of the rules of the screen were broken: each operation is checked as in the tests."""
    source = FakeSource(range(1, number + 1))
    scene, chance, newest, faults = scene_of(source), random.Random(number + 1), number, 0
    for _operation in range(OPERATIONS):
        try:
            newest = do_anything(scene, source, chance, newest)
            check(scene, scene.frame())
        except AssertionError:
            faults += 1
    return faults
