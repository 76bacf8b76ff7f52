"""One long text as the parts of a thread, each within a limit that the caller measures. Pure.

A part ends at a paragraph, else at a line, else at a sentence, as long as it is at least half as long as it may be;
else between two words. Only a word that is longer than a whole part is cut, between two user-perceived characters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass

MAX_PARTS = 40
_SPACE = late(r"\s+|(?<=[。！？])(?=[^\s。！？」』”])")
_NO_BREAK = frozenset("\u00a0\u2007\u202f")
_SENTENCE = late(r"""[.!?…。！？]["'”’»)\]]*\Z""")
_WORD, _SENTENCE_END, _LINE, _PARAGRAPH = range(4)

Fits = Callable[[str, int], bool]
"""Whether a text may be the part at this place, counted from 0."""


@dataclass(frozen=True, slots=True)
class Part:
    """`raw`: its piece of the written text, white space and all; all of them joined are that text. `text`: as sent."""

    raw: str
    text: str


def split(text: str, fits: Fits, *, numbered: bool = False) -> tuple[Part, ...]:
    """The parts in order, with "1/3" at their ends where `numbered`; none where it takes too many, or cannot be."""
    if not numbered:
        return tuple(Part(raw, raw.strip()) for raw in _pieces(text, fits, MAX_PARTS))
    for widest in (9, MAX_PARTS):  # the number of parts takes room itself

        def fits_numbered(piece: str, place: int, widest: int = widest) -> bool:
            return fits(_with_number(piece, place, widest), place)

        pieces = _pieces(text, fits_numbered, widest)
        if len(pieces) == 1:
            return (Part(text, text.strip()),)
        if pieces:
            return tuple(Part(raw, _with_number(raw.strip(), at, len(pieces))) for at, raw in enumerate(pieces))
    return ()


def _with_number(piece: str, place: int, total: int) -> str:
    return f"{piece} {place + 1}/{total}"


def _pieces(text: str, fits: Fits, most: int) -> list[str]:
    """The text cut; empty where it takes more than `most` pieces, or one character alone is too long."""
    marks = _marks(text)
    ends = [end for end, _rank in marks]
    pieces: list[str] = []
    start = 0
    while start < len(text):
        if len(pieces) == most:
            return []
        place = len(pieces)

        def may(end: int, start: int = start, place: int = place) -> bool:
            return fits(text[start:end].strip(), place)

        first = bisect_right(ends, start)
        end = _best(marks[first:], start, may) or _within_word(text, start, ends[first], may)
        if not end:
            return []
        pieces.append(text[start:end])
        start = end
    return pieces


def _marks(text: str) -> list[tuple[int, int]]:
    """Where a part may end, behind the white space there, and how good a place that is; the text's end is the last."""
    length = len(text.rstrip())
    marks = []
    for space in _SPACE.finditer(text, len(text) - len(text.lstrip()), length):
        following = text[space.end()]
        held = space[0] and _NO_BREAK.issuperset(space[0])
        if held or unicodedata.category(following)[0] == "M" or following == "\u200d":
            continue  # what follows belongs to it
        marks.append((space.end(), _rank(text, space)))
    return [*marks, (len(text), _PARAGRAPH)]


def _rank(text: str, space: re.Match[str]) -> int:
    lines = len(space[0].splitlines()) - (not space[0].endswith(("\n", "\r", "\u2028", "\u2029")))
    if lines > 0:
        return _PARAGRAPH if lines > 1 else _LINE
    return _SENTENCE_END if _SENTENCE.search(text, max(0, space.start() - 4), space.start()) else _WORD


def _best(marks: Sequence[tuple[int, int]], start: int, may: Callable[[int], bool]) -> int:
    """The best of the ends that fit; 0 if none does."""
    furthest = _last(lambda place: may(marks[place][0]), len(marks))
    if furthest < 0:
        return 0
    end = marks[furthest][0]
    if furthest == len(marks) - 1:
        return end
    good = [(rank, at) for at, rank in marks[: furthest + 1] if rank > _WORD and 2 * (at - start) >= end - start]
    return max(good)[1] if good else end


def _within_word(text: str, start: int, end: int, may: Callable[[int], bool]) -> int:
    """The furthest place in a word too long for a part; 0 if not even one character fits."""
    word = text[start:end]
    for pieces in (_clusters(word), word):
        ends: list[int] = []
        at = start
        for piece in pieces:
            at += len(piece)
            if text[start:at].strip():
                ends.append(at)
        place = _last(lambda place, ends=ends: may(ends[place]), len(ends))  # type: ignore[misc]
        if place >= 0:
            return ends[place]
    return 0


def _clusters(text: str) -> Iterable[str]:
    if text.isascii():
        return text
    import grapheme  # late, as in `lengths`

    return list(grapheme.graphemes(text))


def _last(holds: Callable[[int], bool], number: int) -> int:
    """The last place that holds, where all before it do; -1 if none. Asks little beyond it: measuring takes time."""
    low, step = -1, 1
    while low + step < number and holds(low + step):
        low += step
        step *= 2
    high = min(low + step, number)
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
