"""A refresh takes as long as its slowest service, and one that hangs delays nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from mbclient.core.events import Event, PostsArrived
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.neighbours import Neighbour, desk_of, neighbours, visiting

GOAL = "G14: refresh of several services"
LATENCIES = (0.05, 0.12, 0.2, 0.35, 0.5)  # speed facts 5
NEVER = 3600.0
PAGE = 40
ROUNDS = 3


def run(bench: Bench) -> Iterator[Figure]:
    for number in (5, 10):
        with neighbours((LATENCIES * 2)[:number]) as servers:
            slowest = servers[len(LATENCIES) - 1]
            everyone = asyncio.run(_walls(visiting(bench, 1000, servers), servers))
            alone = asyncio.run(_walls(visiting(bench, 1000, [slowest]), [slowest]))
        yield Figure(
            f"{number} services ÷ the slowest alone",
            median(everyone) / median(alone),
            at_most=1.1,
            detail=f"{median(everyone):.2f} s",
        )
    with neighbours(LATENCIES[:3]) as servers:
        before = asyncio.run(_arrival(visiting(bench, 1000, servers), servers))
    with neighbours((*LATENCIES[:3], NEVER)) as servers:
        after = asyncio.run(_arrival(visiting(bench, 1000, servers), servers))
    yield Figure("ms that a hung one delays the others' posts", (after - before) * 1000, at_most=50)


async def _walls(folder: Path, servers: Sequence[Neighbour]) -> list[float]:
    """Seconds of each refresh that brings a page from everyone."""
    desk = desk_of(folder)
    await desk.world.services.warm()
    await desk.refresher.refresh()
    found = []
    for _round in range(ROUNDS):
        for server in servers:
            server.write(PAGE)
        begun = time.perf_counter()
        await desk.refresher.refresh()
        found.append(time.perf_counter() - begun)
    await desk.aclose()
    return found


async def _arrival(folder: Path, servers: Sequence[Neighbour]) -> float:
    """Seconds until the posts of all that answer are there: the median of the rounds."""
    answering = servers[:3]
    desk = desk_of(folder)
    await desk.world.services.warm()
    await desk.refresher.refresh([f"at{n}" for n in range(len(answering))])
    found = []
    for _round in range(ROUNDS):
        for server in answering:
            server.write(PAGE)
        here, left = asyncio.Event(), {f"at{n}": PAGE for n in range(len(answering))}

        def heard(event: Event, left: dict[str, int] = left, here: asyncio.Event = here) -> None:
            if isinstance(event, PostsArrived):
                for entry in event.entries:
                    left[entry.post.account] -= 1
            if not any(left.values()):
                here.set()

        stop = desk.bus.listen(heard)
        begun = time.perf_counter()
        refresh = asyncio.create_task(desk.refresher.refresh())
        await here.wait()
        found.append(time.perf_counter() - begun)
        stop()
        refresh.cancel()
        await asyncio.gather(refresh, return_exceptions=True)
    await desk.aclose()
    return median(found)
