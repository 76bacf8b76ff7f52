"""`python -m tests.benchmarks`: runs goals and prints the table. What it measures: the package's docstring."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.frame import Bench, Figure, Goal, Unavailable, goals
from tests.benchmarks.terminal import Broken

MILLION = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    known = goals()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measures the speed goals.")
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"such as G18; all: {' '.join(known)}")
    parser.add_argument("--posts", type=int, default=MILLION, help="size of the large archive (default: a million)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each comparison is repeated")
    parser.add_argument("--list", action="store_true", help="only list the goals")
    parser.add_argument("--strict", action="store_true", help="a goal that cannot be measured here counts as missed")
    chosen = parser.parse_args(arguments)
    names = [name.upper() for name in chosen.goals] or list(known)
    for name in names:
        if name not in known:
            parser.error(f"there is no goal {name} here; there are {' '.join(known)}")
    if chosen.list:
        print("\n".join(known[name].GOAL for name in names))
        return 0
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its modules compiled
    with tempfile.TemporaryDirectory(prefix="mbclient-benchmarks-") as folder:
        bench = Bench(Path(folder), posts=chosen.posts, rounds=chosen.rounds)
        bench.progress = lambda text: print(f"… {text}", file=sys.stderr, flush=True)
        try:
            done = [_measured(known[name], bench) for name in names]
        finally:
            bench.close()
    return 0 if all(done if chosen.strict else [one is not False for one in done]) else 1


def _measured(goal: Goal, bench: Bench) -> bool | None:
    """Prints a goal's part of the table; whether it was met, None if that could not be measured."""
    print(goal.GOAL, flush=True)
    met = True
    try:
        for figure in goal.run(bench):
            print(line(figure), flush=True)
            met = met and figure.met
    except Unavailable as reason:
        print(f"  not measured: {reason}", flush=True)
        return None
    except Broken as reason:
        print(f"  MISSED: {reason}", flush=True)
        return False
    return met


def line(figure: Figure) -> str:
    """A figure as its line of the table."""
    verdict = "met" if figure.met else "MISSED"
    return f"  {figure.what:<58} {figure.value:>10.3g}  {figure.limit:<9} {verdict:<7} {figure.detail}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
