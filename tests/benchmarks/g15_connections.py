"""Clients and TLS contexts are built beside the event loop, and a connection is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.neighbours import Neighbour, desk_of, neighbours, visiting
from tests.services.built import built_on

GOAL = "G15: clients, TLS contexts and connections"
SERVICES = 5
REFRESHES = 100


def run(bench: Bench) -> Iterator[Figure]:
    with neighbours((0.0,) * SERVICES) as servers:
        on_loop = asyncio.run(_refreshes(visiting(bench, 1000, servers), servers))
        most = max(server.connections() for server in servers)
    yield Figure("clients and TLS contexts built on the event loop", on_loop, at_most=0)
    yield Figure(f"connections to a service in {REFRESHES} refreshes", most, at_most=1)


async def _refreshes(folder: Path, servers: list[Neighbour]) -> int:
    """Many refreshes, the first of them without a word before; how much was built on the loop."""
    desk = desk_of(folder)
    with built_on() as threads:
        for number in range(REFRESHES):
            if number % 10 == 0:
                for server in servers:
                    await asyncio.to_thread(server.write, 1)
            await desk.refresher.refresh()
    await desk.aclose()
    return threads.on_loop
