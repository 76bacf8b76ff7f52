"""A page of docs/ that is partly made from the code, between two marks: how it is written, and held to be current."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True, slots=True)
class Page:
    """`name` of the page in docs/; `maker`: the file that makes a part of it, as the mark names it."""

    name: str
    maker: str
    make: Callable[[], str]

    @property
    def path(self) -> Path:
        return DOCS / self.name

    def read(self) -> str:
        return self.path.read_text("utf-8")

    def written(self) -> str:
        """The page with its made part as it is now."""
        start, end = f"<!-- made by {self.maker} -->\n", "<!-- /made -->\n"
        head, _start, rest = self.read().partition(start)
        return f"{head}{start}\n{self.make()}{end}{rest.partition(end)[2]}"

    def main(self) -> None:
        """Writes the page with `--write`, else prints the made part."""
        if "--write" in sys.argv:
            self.path.write_text(self.written(), "utf-8")
        else:
            sys.stdout.write(self.make())
