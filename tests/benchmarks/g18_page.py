"""A page of 40 costs the same whatever lies around it, for every filter of accounts and the work flag.

A page leaves its posts to whoever looks at them: beside the goal's figure stands what it takes with a screenful read.
"""

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
SCREENFUL = 10
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
        with collecting_at_rest():
            read = median(_p99(large, query, bench.posts, look_at=SCREENFUL) for _round in range(3)) * 1000
        detail = f"{slow:.2f} ms here, {read:.2f} with {SCREENFUL} of its posts read"
        yield Figure(f"{name}: p99 in ms of the facts' machine", bench.scaled(slow), at_most=1, detail=detail)
        ratio = median(many / few for few, many in rounds)
        yield Figure(f"{name}: p99 ÷ that of {SMALL:,} posts", ratio, at_most=3)


def _p99(archive: Archive, query: ViewQuery, posts: int, *, look_at: int = 0) -> float:
    chance = random.Random(3)
    times = []
    for _number in range(PAGES):
        before = key_at(posts, chance.random())
        begun = time.thread_time()
        for entry in archive.page(query, before=before)[:look_at]:
            assert entry.post.text
        times.append(time.thread_time() - begun)
    return percentile(times, 99)
