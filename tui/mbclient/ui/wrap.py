"""Wrapping by terminal cells: greedy, quick, and never a line over the width (speed facts 2).

Lines are given as offsets into the text, so that what is known of the text (links, matched terms) can be found again
in each line. Words repeat and measured widths are cached; scripts without spaces are cut between characters, and
nothing is ever cut inside one: not in a joined emoji, a flag or a letter with its marks.
"""

from __future__ import annotations

from unicodedata import category, combining

from rich.cells import cell_len, split_graphemes

from mbclient.domain.latepattern import late

ELLIPSIS = "…"
NO_BREAK = "\u00a0"

Line = tuple[int, int]  # [start, end) in the text
_Unit = tuple[int, int, int]  # [start, end) in a word, and its cells

# Characters that take exactly one cell, whatever stands beside them: there a length is a width.
_SINGLE = late(r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u0391-\u0482\u2010-\u2027\u2030-\u203a\u20ac]*\Z")
_WORDS = late(r"[^ ]+")
_REGIONAL = late("[\U0001f1e6-\U0001f1ff]\\Z")
_PARTED = late("[\U0001f1e6-\U0001f1ff\u0900-\u0d7f]")  # where the toolkit's split may fall inside a character
_LETTERS_JOINED = late("(?<=[\u0900-\u0dff])\u200d")
_JOINERS = "\u200c\u200d"
_MOST_JOINED = 8  # cells: longer chains of consonants are made to break lines, not to be read
_VIRAMA = 9  # the canonical combining class of those signs


def apart(text: str) -> str:
    """The text for the screen, of the same length: joiners of letters no longer join, those of emoji do.

    The toolkit counts what follows a joiner as no cell at all; terminals draw letters beside each other.
    """
    return text if "\u200d" not in text else _LETTERS_JOINED.sub("\u200c", text)


def wrap(text: str, width: int, max_lines: int | None = None) -> list[Line]:
    """The lines of a text at most `width` cells wide (at least 2: a wide character must fit).

    Breaks at spaces, which are dropped at the break, and at every newline. With `max_lines` it stops after so many:
    the last offset tells how far it came.
    """
    width = max(width, 2)
    lines: list[Line] = []
    start = 0
    while True:
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        if end - start <= width and _SINGLE.match(text, start, end):
            lines.append((start, _rstrip(text, start, end)))
        elif _SINGLE.match(text, start, end):
            _wrap_single(text, start, end, width, lines, max_lines)
        else:
            _wrap_mixed(text, start, end, width, lines, max_lines)
        if max_lines is not None and len(lines) >= max_lines:
            return lines[:max_lines]
        start = end + 1
        if start > len(text):
            return lines


def fit(text: str, width: int) -> str:
    """The text if it fits `width` cells, else its beginning with an ellipsis; never over the width."""
    if len(text) <= width and _SINGLE.match(text):
        return text
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    room = width - 1
    kept = 0
    for start, _end, size in _clusters(text):
        if size > room:
            kept = start
            break
        room -= size
    return text[:kept].rstrip() + ELLIPSIS


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] == " ":
        end -= 1
    return end


def _wrap_single(text: str, start: int, end: int, width: int, lines: list[Line], max_lines: int | None) -> None:
    """A paragraph where characters are cells: the break is the last space within reach."""
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        stop = _rstrip(text, start, cut) if cut > start else start
        if stop == start:  # a word longer than a line, or only spaces so far
            stop = cut = start + width
        lines.append((start, _rstrip(text, start, stop)))
        if max_lines is not None and len(lines) >= max_lines:
            return
        start = cut
        while start < end and text[start] == " ":
            start += 1
    if start < end or not lines:
        lines.append((start, _rstrip(text, start, end)))


def _wrap_mixed(text: str, start: int, end: int, width: int, lines: list[Line], max_lines: int | None) -> None:
    """Any paragraph: words are measured; a word that must be cut is cut between its units."""
    line_start, line_end, used = start, start, 0  # the line so far, and its cells
    for word in _WORDS.finditer(text, start, end):
        first, last = word.span()
        size = cell_len(word.group())
        gap = first - line_end
        if used + gap + size <= width:
            line_end, used = last, used + gap + size
            continue
        for unit_start, unit_end, unit_size in _units(word.group(), size, width):
            here = first + unit_start
            gap = here - line_end
            if used + gap + unit_size > width and line_end > line_start:
                lines.append((line_start, line_end))
                if max_lines is not None and len(lines) >= max_lines:
                    return
                line_start, used, gap = here, 0, 0
            elif used + gap + unit_size > width:  # leading spaces alone fill the line
                line_start, used, gap = here, 0, 0
            line_end, used = first + unit_end, used + gap + unit_size
    lines.append((line_start, line_end))


def _units(word: str, size: int, width: int) -> list[_Unit]:
    """Where a word may be cut: between wide characters, and anywhere in a run that is wider than a line."""
    if size <= width and size == len(word):
        return [(0, len(word), size)]
    units: list[_Unit] = []
    run: list[_Unit] = []

    def close_run() -> None:
        if run and sum(unit[2] for unit in run) <= width:
            units.append((run[0][0], run[-1][1], sum(unit[2] for unit in run)))
        else:
            units.extend(run)
        run.clear()

    for cluster in _clusters(word, min(width, _MOST_JOINED)):
        if cluster[2] > 1:
            close_run()
            units.append(cluster)
        else:
            run.append(cluster)
    close_run()
    return units


def _clusters(text: str, most: int = _MOST_JOINED) -> list[_Unit]:
    """Whole characters as a reader sees them: the toolkit's split, with two things kept together that it parts.

    These are the two letters of a flag, and the consonants that a virama joins into one sign (Unicode UAX 29, GB9c),
    as far as they fit into `most` cells.
    """
    spans = split_graphemes(text)[0]
    if _PARTED.search(text) is None:
        return spans
    merged: list[_Unit] = []
    half = False  # the last span is the first letter of a flag
    for start, end, size in spans:
        letter = bool(_REGIONAL.match(text, start, start + 1))
        fits = bool(merged) and merged[-1][2] + size <= most
        if fits and ((letter and half) or _is_joined(text, start)):
            before = merged.pop()
            merged.append((before[0], end, before[2] + size))
            half = False
        else:
            merged.append((start, end, size))
            half = letter
    return merged


def _is_joined(text: str, start: int) -> bool:
    """Whether a virama before it binds this letter to the one before."""
    before = start - 1
    while before > 0 and text[before] in _JOINERS:
        before -= 1
    return before > 0 and combining(text[before]) == _VIRAMA and category(text[start]) == "Lo"
