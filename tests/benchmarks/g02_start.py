"""From the start to the first paint, and to the effect of a key that is sent at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from statistics import median

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.homes import METER, home
from tests.benchmarks.peers import tooi, toot_tui
from tests.benchmarks.terminal import Terminal, mbclient, null

GOAL = "G2: first paint and first key"
SMALL = 1000


def run(bench: Bench) -> Iterator[Figure]:
    folder = home(bench, SMALL)
    ours, theirs = [], []
    for number in range(bench.rounds + 1):
        pair = _times(mbclient(folder), METER, b"2", " posts"), _times(null(), READY, b"j", "key 1")
        if number:  # the first one fills the file cache
            ours.append(pair[0])
            theirs.append(pair[1])
    paint, ready = (median(one[place] for one in ours) for place in (0, 1))
    null_paint, null_ready = (median(one[place] for one in theirs) for place in (0, 1))
    yield Figure("first paint ÷ minimal application", paint / null_paint, at_most=1.3, detail=f"{paint:.2f} s")
    yield Figure("ready ÷ minimal application", ready / null_ready, at_most=1.4, detail=f"{ready:.2f} s")
    for name, limit, peer in (("toot tui", 0.7, toot_tui), ("tooi", 0.2, tooi)):
        pairs = [(_times(mbclient(folder), METER, b"2", " posts")[0], _peer(peer(bench))) for _round in range(3)]
        ratio, theirs_paint = median(ours / theirs for ours, theirs in pairs), median(theirs for _ours, theirs in pairs)
        yield Figure(f"first paint ÷ {name}", ratio, at_most=limit, detail=f"{theirs_paint:.2f} s")


def _times(terminal: Terminal, marker: str, key: bytes, effect: str) -> tuple[float, float]:
    with terminal:
        paint = terminal.until(marker)
        terminal.send(key)
        return paint, terminal.until(effect)


def _peer(running: AbstractContextManager[tuple[Terminal, str]]) -> float:
    with running as (terminal, marker):
        return terminal.until(marker)
