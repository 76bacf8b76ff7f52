"""A page of 40 costs the same whatever lies around it, for every filter of accounts and the work flag."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import median

from mbclient.core.stores import Archive, ViewQuery
from tests.benchmarks.archives import key_at
from tests.benchmarks.frame import Bench, Figure, collecting_at_rest, percentile

GOAL = "G18: a page of 40 from a million posts"
SMALL = 10_000
PAGES = 200
QUERIES = {
    "everything": ViewQuery(),
    "one account of five": ViewQuery(accounts=("home",)),
    "the rarest account": ViewQuery(accounts=("gnu",)),
    "two accounts": ViewQuery(accounts=("work", "bsky")),
    "work": ViewQuery("work"),
    "work of two accounts": ViewQuery("work", ("home", "sky2")),
}


def run(bench: Bench) -> Iterator[Figure]:
    small, large = bench.archive(SMALL).archive, bench.archive(bench.posts).archive
    for name, query in QUERIES.items():
        with collecting_at_rest():
            rounds = [(_p99(small, query, SMALL), _p99(large, query, bench.posts)) for _round in range(3)]
        slow = median(many for _few, many in rounds) * 1000
        yield Figure(
            f"{name}: p99 in ms of the facts' machine", bench.scaled(slow), at_most=1, detail=f"{slow:.2f} ms here"
        )
        ratio = median(many / few for few, many in rounds)
        yield Figure(f"{name}: p99 ÷ that of {SMALL:,} posts", ratio, at_most=3)


def _p99(archive: Archive, query: ViewQuery, posts: int) -> float:
    chance = random.Random(3)
    times = []
    for _number in range(PAGES):
        before = key_at(posts, chance.random())
        begun = time.thread_time()
        archive.page(query, before=before)
        times.append(time.thread_time() - begun)
    return percentile(times, 99)
