"""Disparaging words near a competitor's name (policy facts 9.4).

The list is the project's own; ready-made lists flag harmless Swedish words. Only ever a nudge.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.cleaning import Piece, Reading, read, word_set
from mbclient.policy.disclosure import NEGATIONS
from mbclient.policy.model import Policy
from mbclient.policy.names import Mention

INSULTS = word_set(
    "idiot idioten idioter idioterna clown clownen clowner clownerna amatör amatörer amatörerna "
    "nolla nollor nollorna idiots clowns loser losers moron morons scumbag scumbags"
)
DISHONESTY = word_set(
    "lurar lurade bluff bluffar bluffare bluffbolag fuskar fuskare bedragare bedragarna bedrar "
    "skojare skurk skurkar ljuger ljög lögnare scam scams scammer scammers fraud fraudster "
    "fraudsters crook crooks liar liars lying cheat cheats cheaters"
)
CONTEMPT = word_set(
    "suger värdelös värdelöst värdelösa usel uselt usla urusel uruselt urusla skräp skit "
    "pinsam pinsamt pinsamma patetisk patetiskt patetiska suck sucks pathetic garbage trash "
    "worthless useless crap"
)
PROFANITY = word_set("jävla jävlar förbannad förbannat förbannade fucking damn bloody")
POSITIVE = word_set("bra snygg snyggt snygga grym grymt kul fin fint fina good great nice")
TERMS = INSULTS | DISHONESTY | CONTEMPT | PROFANITY

_NEGATION_REACH = 3
_POSITIVE_REACH = 2
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|\Z)|[\n\r\v\f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Disrespect:
    """The terms found, as written and each once, and the competitors they stand near."""

    terms: tuple[str, ...]
    competitors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is looked for: runs of words, by the first of each."""

    runs: dict[str, tuple[tuple[str, ...], ...]]


@lru_cache(maxsize=64)
def _terms(extra: tuple[str, ...], allowed: tuple[str, ...]) -> _Terms:
    spared = {_words(term) for term in allowed}
    runs: dict[str, tuple[tuple[str, ...], ...]] = {}
    for run in sorted({(term,) for term in TERMS} | {_words(term) for term in extra}):
        if run and run not in spared:
            runs[run[0]] = (*runs.get(run[0], ()), run)
    return _Terms(runs)


def _words(term: str) -> tuple[str, ...]:
    return tuple(piece.folded for piece in read(term).whole_words())


def disrespect(policy: Policy, reading: Reading, mentions: Sequence[Mention]) -> Disrespect | None:
    """The disparaging terms in sentences that name a competitor; None if there are none."""
    if not mentions:
        return None
    sought = _terms(policy.respect_extra_terms, policy.respect_allow_terms)
    words = reading.whole_words()
    starts = [word.start for word in words]
    terms: dict[str, None] = {}
    competitors: set[str] = set()
    for first, last, named in _sentences(reading.text, mentions):
        sentence = words[bisect_left(starts, first) : bisect_left(starts, last)]
        hits = list(_hits(sought, sentence, named))
        if hits:
            terms.update(dict.fromkeys(hits))
            competitors.update(mention.name for mention in named)
    return Disrespect(tuple(terms), tuple(sorted(competitors))) if terms else None


def _sentences(text: str, mentions: Sequence[Mention]) -> Iterable[tuple[int, int, list[Mention]]]:
    """Each sentence that holds a mention, with its mentions; both come in the text's order."""
    borders = [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]
    first = at = 0
    open_mentions: list[Mention] = []
    for last in borders:
        while at < len(mentions) and mentions[at].start < last:
            open_mentions.append(mentions[at])
            at += 1
        open_mentions = [mention for mention in open_mentions if mention.end > first]
        if open_mentions:
            yield first, last, open_mentions
        first = last


def _hits(sought: _Terms, words: Sequence[Piece], named: Sequence[Mention]) -> Iterable[str]:
    folded = [word.folded for word in words]
    inside = _inside(words, named)
    for index, word in enumerate(folded):
        for run in sought.runs.get(word, ()):
            span = range(index, index + len(run))
            if tuple(folded[index : index + len(run)]) != run or not inside.isdisjoint(span):
                continue
            if NEGATIONS.intersection(folded[max(0, index - _NEGATION_REACH) : index]):
                continue
            after = folded[index + 1 : index + 1 + _POSITIVE_REACH]
            if word in PROFANITY and len(run) == 1 and POSITIVE.intersection(after):
                continue
            yield " ".join(piece.text for piece in words[index : index + len(run)])


def _inside(words: Sequence[Piece], named: Sequence[Mention]) -> set[int]:
    """The indexes of the words that belong to a mention."""
    starts = [word.start for word in words]
    inside: set[int] = set()
    for mention in named:
        index = max(0, bisect_left(starts, mention.start + 1) - 1)
        while index < len(words) and words[index].start < mention.end:
            if words[index].end > mention.start:
                inside.add(index)
            index += 1
    return inside
