"""The toolkit's own list with so many posts in it."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import OptionList

from tests.benchmarks.corpus import Corpus

READY = "the first of all"


class Options(App[None]):
    """One option a post: author, text."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._texts = [f"{post.author.handle}\n{post.text}" for post in Corpus().posts(number)]

    def compose(self) -> ComposeResult:
        yield OptionList(READY, *self._texts, markup=False)


if __name__ == "__main__":
    Options(int(sys.argv[1])).run()
