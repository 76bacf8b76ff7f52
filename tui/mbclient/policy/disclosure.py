"""Where a text says who writes and for whom (policy facts 9.3), and the lines that say it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.cleaning import Piece, Reading, clean, fold, parts, read, word_set
from mbclient.policy.model import Disclosed, Organisation, Policy
from mbclient.policy.names import gaps_of, handle_keys, with_name_as_alias

SIGN_OFF_LENGTH = 80
NEGATIONS = word_set("inte icke ej aldrig knappast ingen inga not never no isn't aren't don't doesn't didn't")

# `E` is preceded by one of the particles, and they by one of the words; the optional word may stand between them.
_VERBS: tuple[tuple[frozenset[str], str, frozenset[str]], ...] = (
    (word_set("jobbar arbetar"), "själv", word_set("på hos för åt")),
    (word_set("anställd anställda"), "", word_set("på hos av i")),
    (word_set("work working"), "", word_set("at for")),
)
_GROUPS: tuple[tuple[frozenset[str], str, frozenset[str]], ...] = (
    (word_set("vi oss här kollega kollegor kollegorna"), "här", word_set("på hos")),
    (word_set("we us here colleagues"), "", word_set("at")),
    (frozenset(["min"]), "", frozenset(["arbetsgivare"])),
    (frozenset(["my"]), "", frozenset(["employer"])),
)
_PAST = word_set("jobbade arbetade worked")
_EMPLOYED = re.compile(r"-(?:anställd|medarbetare)(?![\w-])", re.IGNORECASE)
_SIGN_OFF = re.compile(r"(?:^|(?<=\s))(?:[–—/^(]|- )")
_BLANK = " \t\n\r\v\f\u2028\u2029\"'“”„»«*_"
_BEFORE_NAME = (("jag", "heter"), ("my", "name", "is"), ("hälsar",), ("mvh",))


class _Alias(NamedTuple):
    words: tuple[str, ...]
    gaps: tuple[str, ...]
    cased: bool


@dataclass(frozen=True, slots=True)
class _Sought:
    """The employer's aliases by their first word and its handles, and the person's name, cut into words."""

    aliases: Mapping[str, tuple[_Alias, ...]]
    handles: frozenset[str]
    name: tuple[str, ...]


@lru_cache(maxsize=64)
def _sought(employer: Organisation, person_name: str) -> _Sought:
    aliases: dict[str, tuple[_Alias, ...]] = {}
    for alias in with_name_as_alias(employer).aliases:
        text = clean(alias.text)
        pieces = parts(text)
        words = tuple(piece.text if alias.case_sensitive else piece.folded for piece in pieces)
        if words:
            found = _Alias(words, gaps_of(text, pieces), alias.case_sensitive)
            aliases[fold(words[0])] = (*aliases.get(fold(words[0]), ()), found)
    handles = frozenset(key for handle in employer.handles for key in handle_keys(fold(clean(handle)).lstrip("@")))
    return _Sought(aliases, handles, tuple(piece.folded for piece in parts(clean(person_name))))


def disclosed(policy: Policy, reading: Reading) -> Disclosed:
    """Whether a text shows the employer and the person's name."""
    return _disclosed(policy.employer, policy.person_name, reading)


def _disclosed(employer: Organisation, person_name: str, reading: Reading) -> Disclosed:
    sought = _sought(employer, person_name)
    sign_off = _sign_off_start(reading.text)
    whole = _Words(reading, reading.whole_words())
    return Disclosed(
        any(_shows_employer(whole, start, end, sign_off) for start, end in _employer_spans(sought, reading)),
        any(_shows_name(reading, index, sign_off) for index in _name_places(sought.name, reading)),
    )


def _sign_off_start(text: str) -> int:
    """Where the sign-off begins, or the text's length: the longest fit within the last line's last 80 characters."""
    end = len(text.rstrip())
    line = max(text.rfind(mark, 0, end) for mark in "\n\r\v\f\u2028\u2029") + 1
    match = _SIGN_OFF.search(text, max(line, end - SIGN_OFF_LENGTH), end)
    return match.start() if match else len(text)


def _employer_spans(sought: _Sought, reading: Reading) -> Iterable[tuple[int, int]]:
    """Every place where the employer stands as a whole word of its own."""
    words = reading.words
    for index, word in enumerate(words):
        for alias in sought.aliases.get(word.folded, ()):
            run = words[index : index + len(alias.words)]
            met = tuple(piece.text if alias.cased else piece.folded for piece in run)
            start, end = run[0].start, run[-1].end
            if met == alias.words and gaps_of(reading.text, run) == alias.gaps and _is_whole(reading.text, start, end):
                yield start, end
    for handle in reading.handles:
        local, _, host = handle.folded.partition("@")
        if handle.folded in sought.handles or (host and f"{local}@*" in sought.handles):
            yield handle.start - 1, handle.end


def _is_whole(text: str, start: int, end: int) -> bool:
    """Not a part of a longer hyphenated word, other than `E-anställd`."""
    glued_left = start > 1 and text[start - 1] == "-" and text[start - 2].isalnum()
    glued_right = text[end : end + 1] == "-" and text[end + 1 : end + 2].isalnum()
    return not glued_left and (not glued_right or _EMPLOYED.match(text, end) is not None)


class _Words:
    """The whole words of a text, looked at from a place backwards."""

    def __init__(self, reading: Reading, words: Sequence[Piece]) -> None:
        self.text = reading.text
        self.words = words
        self._ends = [word.end for word in words]

    def before(self, place: int, most: int) -> list[str]:
        """At most `most` words that end at `place` or before, nearest first, with nothing but blanks between."""
        found: list[str] = []
        index = bisect_right(self._ends, place) - 1
        while index >= 0 and len(found) < most and not self.text[self.words[index].end : place].strip(_BLANK):
            found.append(self.words[index].folded)
            place = self.words[index].start
            index -= 1
        return found


def _shows_employer(words: _Words, start: int, end: int, sign_off: int) -> bool:
    before = words.before(start, 5)
    if start >= sign_off:
        nearby = words.before(start, 3)
        return not (NEGATIONS | _PAST).intersection(nearby)
    if _EMPLOYED.match(words.text, end):
        return not NEGATIONS.intersection(before[:1])
    for frames, reach in ((_VERBS, 2), (_GROUPS, 1)):
        for heads, between, particles in frames:
            rest = _after_frame(before, heads, between, particles)
            if rest is not None:
                past = rest[:2] == ["to", "used"]
                return not past and not NEGATIONS.intersection(rest[:reach])
    return False


def _after_frame(
    before: Sequence[str], heads: frozenset[str], between: str, particles: frozenset[str]
) -> list[str] | None:
    """The words before `head [between] particle E`, nearest first, if that is what stands before E."""
    if not before or before[0] not in particles:
        return None
    rest = list(before[1:])
    if between and len(rest) > 1 and rest[0] == between and rest[1] in heads:
        return rest[2:]
    return rest[1:] if rest and rest[0] in heads else None


def _name_places(name: tuple[str, ...], reading: Reading) -> Iterable[int]:
    """The indexes of the words where the person's name begins."""
    words = reading.words
    if not name:
        return
    for index, word in enumerate(words):
        if word.folded == name[0]:
            run = words[index : index + len(name)]
            met = tuple(piece.folded for piece in run) == name
            close = not any(gap.strip(".") for gap in gaps_of(reading.text, run))
            if met and close and _is_whole(reading.text, run[0].start, run[-1].end):
                yield index


def _shows_name(reading: Reading, index: int, sign_off: int) -> bool:
    words = reading.words
    if words[index].start >= sign_off:
        return True
    for frame in _BEFORE_NAME:
        first = index - len(frame)
        if first < 0 or tuple(word.folded for word in words[first:index]) != frame:
            continue
        gap = reading.text[words[index - 1].end : words[index].start]
        if not gap.strip(_BLANK + ",:/–—-"):
            return True
    return False


def signature(policy: Policy) -> str:
    """The line of `insert-signature`, or "" if no line could show both: a name is missing or too long."""
    return _signature(policy.employer, policy.person_name)


@lru_cache(maxsize=64)
def _signature(employer: Organisation, person_name: str) -> str:
    line = f"– {person_name}, {employer.name}"
    if not person_name or not employer.name:
        return ""
    shown = _disclosed(employer, person_name, read(line))
    return line if shown.employer and shown.name else ""


def employer_line(policy: Policy, lang: str = "sv") -> str:
    """The line of `insert-employer` in the draft's language, or "" if no line could show the employer."""
    return _employer_line(policy.employer, lang.partition("-")[0].lower() == "en")


@lru_cache(maxsize=64)
def _employer_line(employer: Organisation, english: bool) -> str:
    line = f"– I work at {employer.name}" if english else f"– jobbar på {employer.name}"
    return line if employer.name and _disclosed(employer, "", read(line)).employer else ""


def with_line(text: str, line: str) -> str:
    """The text with a line added at its end."""
    return f"{text.rstrip()}\n{line}" if text.strip() else line
