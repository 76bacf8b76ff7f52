"""The paper a post is laid out on: rows of plain pieces, each with the role that gives it its colour."""

from __future__ import annotations

from dataclasses import field

from rich.cells import cell_len

from mbclient.domain.lazydataclass import dataclass
from mbclient.ui.wrap import apart, fit, wrap

Piece = tuple[str, str]  # text, role
Row = list[Piece]

GUTTER = 3  # the bar of the selected post, the dot of an unread one, a space
STEP_IN = 2  # cells for each level of a conversation
LEAD_LINES = 3

# Characters that take room and show nothing: a name made of them would be invisible.
_BLANKS = str.maketrans("", "", "\u115f\u1160\u2800\u3164\uffa0\u200c\u200d\ufe0e\ufe0f\u00a0\u3000 \n")


@dataclass(frozen=True, slots=True)
class LinkArea:
    """A stretch of a row that leads somewhere: cells [start, end) of `row`, the gutter included."""

    row: int
    start: int
    end: int
    url: str


@dataclass(slots=True)
class Sheet:
    """The rows under construction."""

    width: int
    rows: list[Row] = field(default_factory=list)
    links: list[LinkArea] = field(default_factory=list)
    more_row: int | None = None

    indent: int = 0

    def add(self, *pieces: Piece) -> None:
        row = [piece for piece in pieces if piece[0]]
        self.rows.append([("┊ " * (self.indent // STEP_IN), "quote_bar"), *row] if self.indent else row)

    def link(self, start: int, cells: int, url: str) -> None:
        """Makes cells of the row that is added next lead to the address."""
        start += GUTTER + self.indent
        self.links.append(LinkArea(len(self.rows), start, start + cells, url))

    def words(self, text: str, role: str, sign: str = "") -> None:
        """Our own words in a few rows, the later ones under the first one's beginning."""
        hang = cell_len(sign)
        lines = wrap(text, self.width - hang, LEAD_LINES)
        for row, (start, end) in enumerate(lines):
            shown = fit(text[start:], self.width - hang) if row == LEAD_LINES - 1 else text[start:end]
            self.add((sign if row == 0 else " " * hang, role), (shown, role))


def one_line(text: str) -> str:
    """Outside text for a place with one row."""
    return " ".join(apart(text).split())


def is_blank(text: str) -> bool:
    return not text.translate(_BLANKS)
