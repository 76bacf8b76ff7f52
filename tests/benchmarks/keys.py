"""What keys cost in a running program, for the goals about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from tests.benchmarks.apps.null import READY
from tests.benchmarks.frame import Bench, percentile
from tests.benchmarks.homes import home, ready
from tests.benchmarks.terminal import Press, Terminal, mbclient, null

SEQUENCES = {"j": b"j", "k": b"k", "PageDown": b"\x1b[6~", "End": b"\x1b[F", "Home": b"\x1b[H"}
ACROSS = {"End": "Home", "Home": "End"}
TIMES = {"j": 120, "k": 60, "PageDown": 60, "End": 10, "Home": 10}
SIZES = ((100, 36), (120, 40), (90, 30), (120, 40))
FEW, MANY = 1000, 100_000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Costs:
    """Presses by key, and resizes, in seconds."""

    presses: dict[str, list[Press]]
    resizes: list[float]

    def paint(self, key: str, percent: float = 50) -> float:
        """Seconds from the key to its last frame; a key that painted nothing does not count."""
        return percentile([press.seconds for press in self.presses[key] if press.seconds], percent)

    def cpu(self, key: str) -> float:
        return median(press.cpu for press in self.presses[key])


@dataclass(frozen=True, slots=True)
class Round:
    """The three in turn, so that one neighbour's noise meets all."""

    null: Costs
    few: Costs
    many: Costs


def rounds(bench: Bench) -> Sequence[Round]:
    """Measured once a call, for all goals."""
    return _rounds(bench)


@cache
def _rounds(bench: Bench) -> Sequence[Round]:
    found = []
    for number in range(ROUNDS):
        bench.progress(f"keys, round {number + 1} of {ROUNDS}")
        found.append(
            Round(
                _costs(null()),
                _costs(mbclient(home(bench, FEW))),
                _costs(mbclient(home(bench, MANY))),
            )
        )
    return found


def _costs(terminal: Terminal) -> Costs:
    with terminal:
        if terminal.is_null:
            terminal.until(READY)
            terminal.settle()
        else:
            ready(terminal)
        presses = {}
        for name, keys in SEQUENCES.items():
            terminal.press(keys)
            presses[name] = [_press(terminal, name) for _number in range(TIMES[name])]
        return Costs(presses, [terminal.resize(*size).seconds for size in SIZES])


def _press(terminal: Terminal, name: str) -> Press:
    """A key; one that goes to an end comes from the other."""
    if name in ACROSS:
        terminal.press(SEQUENCES[ACROSS[name]])
    return terminal.press(SEQUENCES[name])
