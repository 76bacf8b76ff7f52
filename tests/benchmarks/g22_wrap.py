"""Wrapping by cells, beside the toolkit's own."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from textual.content import Content

from mbclient.ui.wrap import wrap
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.frame import Bench, Figure

GOAL = "G22: wrapping"
POSTS = 300
WIDTH = 76
WIDE = (
    "漢字とかな混じりの文を折り返す。" * 6,
    "👩‍👩‍👧‍👦 family 🏳️‍🌈 " * 9,
    "🇸🇪🇳🇴🇩🇰 flags " * 12,
    "Ångström är på väg " * 9,
    "e\u0301te\u0301 " * 40,
)


def run(bench: Bench) -> Iterator[Figure]:
    made = Corpus()
    texts = [str(made.text()) for _number in range(POSTS)]
    contents = [Content(text) for text in texts]
    found = bench.compare(
        lambda: [content.wrap(WIDTH) for content in contents], lambda: [wrap(text, WIDTH) for text in texts]
    )
    yield Figure(
        "rate ÷ that of Content.wrap", found.ratio, at_least=4, detail=f"{POSTS / found.yardstick:,.0f} posts/s"
    )
    over = 0
    for text in (*texts, *WIDE):
        for width in (20, 40, WIDTH):
            over += sum(cell_len(text[start:end]) > width for start, end in wrap(text, width))
    yield Figure("lines wider than they may be", over, at_most=0)
