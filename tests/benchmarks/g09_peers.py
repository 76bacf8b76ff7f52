"""A key's CPU beside what else there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import median

from tests.benchmarks.apps.options import READY
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.keys import FEW, rounds
from tests.benchmarks.peers import LATE_S, tooi, toot_tui
from tests.benchmarks.terminal import Terminal

GOAL = "G9: CPU of a key beside other lists"
KEYS = 60


def run(bench: Bench) -> Iterator[Figure]:
    ours = median(one.few.cpu("j") for one in rounds(bench))
    with Terminal([sys.executable, "-m", "tests.benchmarks.apps.options", str(FEW)]) as terminal:
        terminal.until(READY)
        terminal.settle()
        stock = median(terminal.press(b"\x1b[B").cpu for _number in range(KEYS))
    yield Figure(f"j ÷ the toolkit's own list at {FEW:,}", ours / stock, at_most=0.4, detail=f"{stock * 1000:.1f} ms")
    with toot_tui(bench) as (terminal, marker):
        terminal.until(marker)
        terminal.settle()
        toot = median(terminal.press(b"j").cpu for _number in range(30))
    yield Figure("j ÷ toot tui", ours / toot, at_most=0.5, detail=f"{toot * 1000:.1f} ms")
    with tooi(bench) as (terminal, marker):
        terminal.until(marker)
        terminal.settle()
        slow = median(terminal.press(b"j", LATE_S).cpu for _number in range(15))
    yield Figure("j ÷ tooi", ours / slow, at_most=0.05, detail=f"{slow * 1000:.1f} ms")
