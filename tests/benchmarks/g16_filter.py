"""The work filter: as fast with ten thousand terms as the tokens allow, and never another verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mbclient.domain.folding import fold
from mbclient.domain.terms import compile_terms
from tests.benchmarks.frame import Bench, Figure
from tests.domain.term_reference import expression
from tests.domain.test_terms import best_rate, corpus

GOAL = "G16: the work filter"
POSTS = 3000
COMPARED = 400  # an alternation of a thousand terms is slow


def run(bench: Bench) -> Iterator[Figure]:
    terms, posts = corpus(1000, POSTS)
    compiled, alternation = compile_terms(terms), re.compile("|".join(map(expression, terms)))
    some = posts[:COMPARED]
    unlike = sum(bool(compiled.match(one)) != bool(alternation.search(fold(one.text))) for one in some)
    yield Figure(f"verdicts unlike the reference, of {COMPARED}", unlike, at_most=0)
    ours = best_rate(compiled.match, posts)
    theirs = best_rate(lambda one: alternation.search(fold(one.text)), some, rounds=2)
    yield Figure("1,000 terms ÷ one alternation", ours / theirs, at_least=150, detail=f"{ours:,.0f} posts/s here")
    tokens = re.compile(r"\w+")
    alone = best_rate(lambda one: tokens.findall(fold(one.text)), posts)
    yield Figure("1,000 terms ÷ tokenising alone", ours / alone, at_least=0.4)
    many = compile_terms(corpus(10_000, 1)[0])
    yield Figure("10,000 terms ÷ 1,000 terms", best_rate(many.match, posts) / ours, at_least=0.6)
