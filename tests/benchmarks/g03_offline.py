"""Posts at once, with the network down and a million of them on disk."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.corpus import ACCOUNTS
from tests.benchmarks.frame import Bench, Figure
from tests.benchmarks.homes import METER, home
from tests.benchmarks.terminal import mbclient

GOAL = "G3: the first paint has real posts, whatever is on disk and however the network is"
POSTS = tuple(f" · {service} · " for _name, service in ACCOUNTS)  # every post says where it is from


def run(bench: Bench) -> Iterator[Figure]:
    empty, full = home(bench, 0), home(bench, bench.posts)
    pairs, posts = [], []
    for number in range(bench.rounds + 1):
        with mbclient(empty) as terminal:
            bare = terminal.until(METER)
        with mbclient(full) as terminal:
            painted = terminal.until(METER)
            terminal.settle(0.05)
            posts.append(any(mark in terminal.text() for mark in POSTS))
        if number:
            pairs.append(painted / bare)
    yield Figure(f"first paint with {bench.posts:,} posts ÷ with none", median(pairs), at_most=1.05)
    yield Figure("starts whose first frames had posts, of all", sum(posts) / len(posts), at_least=1)
