"""A key that is held down never lags, whatever comes in meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from threading import Thread

from tests.benchmarks.frame import Bench, Figure, percentile
from tests.benchmarks.homes import METER
from tests.benchmarks.neighbours import Neighbour, neighbours, visiting
from tests.benchmarks.terminal import Terminal, mbclient

GOAL = "G12: a key held at 30 a second during a refresh of 5 × 200"
POSTS = 10_000
SERVICES, NEW = 5, 200
TIMES, EVERY_S = 90, 1 / 30
ROUNDS = 3


def run(bench: Bench) -> Iterator[Figure]:
    with neighbours((0.0,) * SERVICES, NEW) as servers, mbclient(home := visiting(bench, POSTS, servers)) as terminal:
        terminal.until(METER)
        terminal.settle(3.0)
        terminal.press(b"2")
        quiet, busy, during, came = [], [], [], []
        for _round in range(ROUNDS):
            terminal.settle(1.0)
            quiet.append(terminal.hold(b"j", TIMES, EVERY_S))
            before = _posts(home)
            busy.append(_during_a_refresh(terminal, servers))
            during.append(_posts(home) - before)
            terminal.settle(1.0)
            came.append(_posts(home) - before)
    calm, worst = (median(percentile(waits, 99) for waits in rounds) * 1000 for rounds in (quiet, busy))
    yield Figure("p99 in ms during the refresh", worst, at_most=33, detail=f"{calm:.1f} without")
    yield Figure("p99 ÷ that without a refresh", worst / calm, at_most=2.5)
    last = median(waits[-1] for waits in busy) * 1000
    meanwhile = f"{median(during) / SERVICES / NEW:.0%} while the key was held"
    yield Figure("posts that the refresh brought", min(came), at_least=SERVICES * NEW, detail=meanwhile)
    yield Figure("ms from the last key to its frame", last, at_most=33)


def _posts(home: Path) -> int:
    """How many there are in the archive."""
    with closing(sqlite3.connect(home / "data" / "mbclient.db")) as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def _during_a_refresh(terminal: Terminal, servers: list[Neighbour]) -> list[float]:
    for thread in [Thread(target=server.write, args=(NEW,)) for server in servers]:
        thread.start()
        thread.join()
    terminal.press(b"g")
    terminal.press(b"g")
    terminal.send(b".")
    return terminal.hold(b"j", TIMES, EVERY_S)
