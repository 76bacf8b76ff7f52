"""Nothing that a refresh does holds the event loop for longer than a frame."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from mbclient.ui import collecting
from mbclient.ui.app import THREADS_YIELD_S
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.neighbours import Neighbour, desk_of, neighbours, visiting

GOAL = "G13: the longest gap of the event loop in a refresh of 5 × 200"
POSTS = 10_000
SERVICES, NEW = 5, 200
ROUNDS = 3
IDLE_S = 2.0


def run(bench: Bench) -> Iterator[Figure]:
    with neighbours((0.0,) * SERVICES, NEW) as servers:
        first, later, idle = asyncio.run(_gaps(visiting(bench, POSTS, servers), servers))
    at_rest = f"{idle * 1000:.1f} ms at rest"
    yield Figure("ms in the first refresh after a start", first * 1000, at_most=16, detail=at_rest)
    yield Figure("ms in a later one", later * 1000, at_most=16, detail=at_rest)


async def _gaps(folder: Path, servers: list[Neighbour]) -> tuple[float, float, float]:
    """The longest of the first refresh, of later ones (the median round), and of none."""
    desk = desk_of(folder)
    collecting.begin()  # as the program does when it is ready
    sys.setswitchinterval(THREADS_YIELD_S)
    await desk.world.services.warm([account.service for account in desk.accounts.all()])
    collecting.set_aside()
    ticker = asyncio.create_task(_ticks(found := [0.0]))
    await asyncio.sleep(IDLE_S)
    idle, found[0] = found[0], 0.0
    await desk.refresher.refresh()
    first, later = found[0], []
    for _round in range(ROUNDS):
        for server in servers:
            await asyncio.to_thread(server.write, NEW)
        found[0] = 0.0
        await desk.refresher.refresh()
        later.append(found[0])
    ticker.cancel()
    await desk.aclose()
    return first, median(later), idle


async def _ticks(longest: list[float]) -> None:
    """Keeps the longest time that a wait of a millisecond took beyond it."""
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest[0] = max(longest[0], now - last - 0.001)
        last = now
