"""HTML of posts to text, beside the standard library's parser with the same writer behind it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from mbclient.services import html
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.frame import Bench, Figure

GOAL = "G21: HTML to text"
POSTS = 500
_LINK = (
    '<a href="https://www.example.com/{word}/and/a/long/path" target="_blank" rel="nofollow noopener">'
    '<span class="invisible">https://www.</span><span class="ellipsis">example.com/{word}/and</span>'
    '<span class="invisible">/a/long/path</span></a>'
)
_TAG = '<a href="https://server.example/tags/{word}" class="mention hashtag" rel="tag">#<span>{word}</span></a>'


def run(bench: Bench) -> Iterator[Figure]:
    made = Corpus()
    sources = []
    for number in range(POSTS):
        word = quote(made.words[number])  # as a browser gives an address
        half = made.text().replace(". ", ".<br />", 1)
        sources.append(f"<p>{half} {_LINK.format(word=word)}</p><p>{made.text()} {_TAG.format(word=word)}</p>")
    unlike = sum(_by_parser(source) != html.plain_text(source) for source in sources)
    yield Figure("posts read otherwise than by html.parser", unlike, at_most=0)
    found = bench.compare(lambda: list(map(_by_parser, sources)), lambda: list(map(html.plain_text, sources)))
    rate = POSTS / found.yardstick
    yield Figure("rate ÷ that of html.parser", found.ratio, at_least=3, detail=f"{rate:,.0f} posts/s here")


def _by_parser(source: str) -> html.PlainText:
    writer = html._Writer(frozenset(), "")
    html._read_anything(source, writer)
    return writer.finish()
