"""Full-text search over a million posts, until a screenful of what was found is read."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence

from mbclient.core.stores import Archive
from tests.benchmarks.corpus import vocabulary
from tests.benchmarks.frame import Bench, Figure, collecting_at_rest, percentile

GOAL = "G19: search of a million posts"
SEARCHES = 100
SCREENFUL = 10


def run(bench: Bench) -> Iterator[Figure]:
    archive = bench.archive(bench.posts).archive
    words = [word for word in vocabulary() if len(word) > 4]
    chance = random.Random(5)
    common, rare = words[:300], words[5000:50_000]
    yield _figure(bench, archive, "a common word", [chance.choice(common) for _number in range(SEARCHES)], 5)
    yield _figure(bench, archive, "a rare word", [chance.choice(rare) for _number in range(SEARCHES)], 5)
    phrases = [f'"{chance.choice(common)} {chance.choice(common)}"' for _number in range(SEARCHES)]
    yield _figure(bench, archive, "a phrase", phrases, 5)
    plain, ringed = archive.search("nat"), archive.search("nät")
    unlike = not {entry.key for entry in plain} & {entry.key for entry in ringed}
    yield Figure("a and ä are two letters", float(unlike), at_least=1)


def _figure(bench: Bench, archive: Archive, what: str, queries: Sequence[str], limit: float) -> Figure:
    times = []
    with collecting_at_rest():
        for query in queries:
            begun = time.thread_time()
            for entry in archive.search(query)[:SCREENFUL]:
                assert entry.post.text
            times.append(time.thread_time() - begun)
    slow = percentile(times, 99) * 1000
    scaled = bench.scaled(slow)
    return Figure(f"{what}: p99 in ms of the facts' machine", scaled, at_most=limit, detail=f"{slow:.1f} here")
