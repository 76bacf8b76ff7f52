"""From rows of pieces to the strips that the toolkit's compositor takes, each painted once and handed out again.

The same `Strip` in every frame is what makes a key cheap: the compositor's own caches live in it (speed facts 2).
Line filters (NO_COLOR, dim) are applied here, once and to the styles, because overriding `render_lines` goes past the
toolkit's own pass.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from mbclient.core.stores import Entry
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Filtered, Post
from mbclient.ui.plainly import SELECTED, lay_out_plainly
from mbclient.ui.render import Layout, Look, Words, content_width, lay_out
from mbclient.ui.sheet import GUTTER, Row
from mbclient.ui.themes import Palette
from mbclient.ui.wrap import fit

KEPT = 400  # posts whose painted lines are kept: as many as a window holds, and some in two looks
GAPS = {"compact": 0, "normal": 1, "airy": 3}  # lines between two posts, by density


Told = tuple[str, Sequence[str], Sequence[Filtered]]  # its time, what its poll says of itself, what covers it


@dataclass(slots=True)
class Card:
    """A post laid out, and its strips once they were asked for. `told`: what of it time makes another."""

    post: Post
    layout: Layout
    unread: bool
    told: Told
    gap: int = 1
    plain: list[Strip] = field(default_factory=list)
    selected: list[Strip] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Lines with those that part it from the next."""
        return len(self.layout.rows) + self.gap


class Painter:
    """Paints posts for one width, theme and set of words; make another when one of these changes.

    `laid_out` counts the posts that had to be wrapped: what a key costs beyond handing out strips.
    """

    def __init__(self, width: int, palette: Palette, words: Words, filters: Sequence[LineFilter] = ()) -> None:
        self.width = width
        self.laid_out = 0
        self._plain = _filtered(palette.plain, filters, palette.background)
        self._selected = _filtered(palette.selected, filters, palette.background)
        self.words = words
        self.gap = 1 if words.plain else GAPS[words.density]
        self._cards: OrderedDict[tuple[int, Look], Card] = OrderedDict()
        self._in_question: set[tuple[int, Look]] = set()  # cards of an earlier minute
        self._rules: dict[tuple[str, str], Strip] = {}

    def card(self, entry: Entry, look: Look) -> Card:
        """The post laid out with this look; from the cache as long as the post is the same."""
        key = (entry.key, look)
        card = self._cards.get(key)
        if card is not None and (card.post is entry.post or card.post == entry.post) and self._still_holds(key, card):
            card.post = entry.post
            self._cards.move_to_end(key)
            return card
        self.laid_out += 1
        told = self._told(entry.post)
        timed = replace(look, time=told[0])
        laid_out = (lay_out_plainly if self.words.plain else lay_out)(entry.post, self.width, timed, self.words)
        card = Card(entry.post, laid_out, look.unread, told, self.gap)
        self._cards[key] = card
        if len(self._cards) > KEPT:
            self._cards.popitem(last=False)
        return card

    def time_passed(self) -> None:
        """What is said of a post by the clock may be another: each card is asked again when it is next shown."""
        self._in_question = set(self._cards)

    def _still_holds(self, key: tuple[int, Look], card: Card) -> bool:
        if key in self._in_question:
            self._in_question.remove(key)
            return card.told == self._told(card.post)
        return True

    def _told(self, post: Post) -> Told:
        words = self.words
        return words.when(post.sorted_at), words.poll(post.poll) if post.poll is not None else (), words.covers(post)

    def lines(self, card: Card, *, selected: bool) -> list[Strip]:
        """The post's strips, without the rule."""
        strips = card.selected if selected else card.plain
        if not strips:
            styles = self._selected if selected else self._plain
            strips += (
                self._line(row, styles, selected=selected, dot=card.unread and number == 0)
                for number, row in enumerate(card.layout.rows)
            )
        return strips

    def rule(self, role: str = "rule", label: str = "") -> Strip:
        """The line below a post; with a label where a day or the unread posts begin."""
        strip = self._rules.get((role, label))
        if strip is None:
            styles = self._plain
            room = content_width(self.width)
            row: Row = [("─" * room, "rule")]
            if self.words.plain:
                row = [(fit(label, room), role)]
            elif label:
                words = fit(label, room - 6)
                row = [("── ", "rule"), (words, role), (f" {'─' * (room - 4 - cell_len(words))}", "rule")]
            strip = self._rules[role, label] = self._line(row, styles)
        return strip

    def notice(self, text: str) -> Strip:
        """A line of our own words, centred: for a timeline with nothing in it."""
        shown = fit(text, self.width)
        before = (self.width - cell_len(shown)) // 2
        after = self.width - cell_len(shown) - before
        style = self._plain["empty"]
        return self._strip([Segment(f"{' ' * before}{shown}{' ' * after}", style)])

    def blank(self) -> Strip:
        strip = self._rules.get(("blank", ""))
        if strip is None:
            strip = self._strip([Segment(" " * self.width, self._plain["text"])])
            self._rules["blank", ""] = strip
        return strip

    def _line(self, row: Row, styles: Mapping[str, Style], *, selected: bool = False, dot: bool = False) -> Strip:
        text = styles["text"]
        # Blank cells have the plain style, and pieces of one style become one segment: each costs bytes and time.
        bar, dot = (SELECTED, False) if self.words.plain else ("▌", dot)
        pieces: list[tuple[str, Style]] = [(bar, styles["bar"]) if selected else (" ", text)]
        pieces += (("•", styles["dot"]) if dot else (" ", text), (" ", text))
        pieces += ((piece, styles[role] if piece.strip() else text) for piece, role in row)
        pieces.append((" " * (self.width - GUTTER - sum(cell_len(piece) for piece, _role in row)), text))
        return self._strip(
            [
                Segment("".join(piece for piece, _style in run), style)
                for style, run in groupby(pieces, key=itemgetter(1))
            ]
        )

    def _strip(self, segments: list[Segment]) -> Strip:
        """Cut rather than run into the neighbour, where a window is narrower than a post can be."""
        strip = Strip(segments)
        return strip if strip.cell_length == self.width else strip.adjust_cell_length(self.width)


def _filtered(styles: Mapping[str, Style], filters: Sequence[LineFilter], background: Color) -> dict[str, Style]:
    """The styles as the filters leave them: what a filter does to a segment it does to its style alone."""
    filtered = {}
    for role, style in styles.items():
        segments = [Segment(" ", style)]
        for line_filter in filters:
            segments = line_filter.apply(segments, background)
        filtered[role] = segments[0].style or Style.null()
    return filtered
