"""Another list of terms: what is on screen is filtered anew within a frame."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from mbclient.domain.terms import compile_terms
from tests.benchmarks.frame import Bench, Figure
from tests.domain.test_terms import corpus

GOAL = "G17: another list of terms"
VISIBLE = 200


def run(bench: Bench) -> Iterator[Figure]:
    terms, posts = corpus(1000, VISIBLE)
    times = []
    for _round in range(bench.rounds + 1):
        begun = time.thread_time()
        compiled = compile_terms(terms)
        for post in posts:
            compiled.match(post)
        times.append(time.thread_time() - begun)
    here = median(times[1:]) * 1000
    yield Figure(
        f"ms for {VISIBLE} posts and 1,000 terms, compiled anew",
        bench.scaled(here),
        at_most=16,
        detail=f"{here:.1f} here",
    )
