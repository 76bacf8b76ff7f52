"""Where a text names an organisation (policy facts 9.2).

The aliases of all organisations are compiled once into dictionaries, so that a text is read in one pass whatever
their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from mbclient.policy.cleaning import Piece, Reading, clean, fold, parts, word_set
from mbclient.policy.model import Alias, Organisation

_LONG = 5  # an alias of this many letters takes every ending and closed compounds
_COMPOUND = 3  # letters that a closed compound adds at least
_ENDINGS = word_set("s 's :s en et n ens ets ns :n :en :et :ns :ens :ets")
_SHORT_ENDINGS = word_set("s :s 's :n :en :et")
_APOSTROPHES = str.maketrans("’", "'")  # as `fold` has them; a case-sensitive alias is not folded
_SPACING = str.maketrans("", "", " \t\n\r\v\f\u2028\u2029-\u2010\u2011")


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """An organisation named at `[start, end)` of the cleaned text, through an alias of `letters` letters."""

    start: int
    end: int
    name: str
    letters: int


@dataclass(frozen=True, slots=True)
class _Target:
    """What an alias stands for; a name with its number of letters and digits."""

    name: str
    letters: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    """An alias of several words; `gaps` are the signs between them, white space and hyphens left out."""

    words: tuple[str, ...]
    gaps: tuple[str, ...]
    target: _Target


@dataclass(slots=True)
class _Aliases:
    """Aliases of one kind, folded or case-sensitive."""

    words: dict[str, list[_Target]] = field(default_factory=dict)
    phrases: dict[str, list[_Phrase]] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()

    def add(self, text: str, words: Sequence[str], gaps: tuple[str, ...], name: str) -> None:
        joined = "".join(words)
        target = _Target(name, sum(character.isalnum() for character in joined))
        self.words.setdefault(joined, []).append(target)
        if len(words) > 1:
            self.phrases.setdefault(words[0], []).append(_Phrase(tuple(words), gaps, target))
        if "." in text:
            self.words.setdefault(text, []).append(target)  # `booking.com` reads as the host of an address
        self.lengths = tuple(sorted({len(word) for word in self.words}))

    def exact(self, word: str) -> Sequence[_Target]:
        return self.words.get(word, ())

    def inflected(self, word: str) -> Iterable[_Target]:
        """The aliases that a word is, with a Swedish ending or as the first part of a closed compound."""
        for target in self.exact(word):
            yield target
        for length in self.lengths:
            if length >= len(word):
                return
            targets = self.words.get(word[:length])
            if targets:
                for target in targets:
                    if _is_ending(word, length, target.letters):
                        yield target

    def begun(self, word: str) -> Iterable[_Target]:
        """The aliases that a hashtag is or, if they are long enough, begins with."""
        for length in self.lengths:
            for target in self.words.get(word[:length], ()) if length <= len(word) else ():
                if length == len(word) or target.letters >= _LONG:
                    yield target


def _is_ending(word: str, length: int, letters: int) -> bool:
    ending = word[length : length + 5]  # no ending is longer than four
    if letters < _LONG:
        return ending in _SHORT_ENDINGS
    return ending in _ENDINGS or (len(ending) >= _COMPOUND and ending[:_COMPOUND].isalpha())


class Names:
    """Organisations, compiled: `find` gives every place where a text names one of them."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._folded = _Aliases()
        self._cased = _Aliases()
        self._handles: dict[str, set[str]] = {}
        self._tags: dict[str, set[str]] = {}
        self._domains: dict[str, set[str]] = {}
        for organisation in organisations:
            self._add(organisation)

    def _add(self, organisation: Organisation) -> None:
        name = organisation.name or _any_name(organisation)
        for alias in organisation.aliases:
            self._add_alias(alias, name)
        for handle in organisation.handles:
            for key in handle_keys(fold(clean(handle)).lstrip("@")):
                self._handles.setdefault(key, set()).add(name)
        for tag in organisation.hashtags:
            self._tags.setdefault(fold(clean(tag)).lstrip("#"), set()).add(name)
        for domain in organisation.domains:
            for key in _domain_keys(fold(clean(domain)).strip(".")):
                self._domains.setdefault(key, set()).add(name)

    def _add_alias(self, alias: Alias, name: str) -> None:
        text = clean(alias.text).strip()
        pieces = parts(text)
        if not pieces:
            return
        gaps = gaps_of(text, pieces)
        if alias.case_sensitive:
            self._cased.add(_straight(text), [_straight(piece.text) for piece in pieces], gaps, name)
        else:
            self._folded.add(fold(text), [piece.folded for piece in pieces], gaps, name)

    def find(self, reading: Reading) -> list[Mention]:
        """Every mention, in the text's order; one place may name several organisations."""
        found: set[Mention] = set()
        for index, word in enumerate(reading.words):
            found.update(_mentions(word, self._folded.inflected(word.folded)))
            found.update(_mentions(word, self._cased.inflected(_straight(word.text))))
            found.update(_phrases(self._folded, reading, index, cased=False))
            found.update(_phrases(self._cased, reading, index, cased=True))
        for tag in reading.tags:
            found.update(_mentions(tag, self._folded.begun(tag.folded)))
            found.update(_mentions(tag, self._cased.begun(tag.text)))
            found.update(_named(tag, self._tags.get(tag.folded, ())))
        for handle in reading.handles:
            found.update(self._handle_mentions(handle))
        for host in reading.hosts:
            found.update(_mentions(host, self._folded.exact(host.folded)))
            found.update(_mentions(host, self._cased.exact(host.text)))
            found.update(_named(host, self._domain_names(host.folded)))
        return sorted(found)

    def _handle_mentions(self, handle: Piece) -> Iterable[Mention]:
        local, _, host = handle.folded.partition("@")
        yield from _named(handle, self._handles.get(handle.folded, ()))
        if host:
            yield from _named(handle, self._handles.get(f"{local}@*", ()))
        else:
            yield from _named(handle, self._domain_names(local))  # a domain may itself be a handle
        yield from _mentions(handle, self._folded.exact(local))
        yield from _mentions(handle, self._cased.exact(handle.text.partition("@")[0]))

    def _domain_names(self, host: str) -> set[str]:
        labels = host.rstrip(".").rsplit(".", 12)  # a domain of a policy has fewer labels
        names: set[str] = set()
        for first in range(len(labels)):
            names |= self._domains.get(".".join(labels[first:]), set())
        return names


def _any_name(organisation: Organisation) -> str:
    """What to call an organisation that has no name; the order of its aliases is no matter."""
    known = [alias.text for alias in organisation.aliases]
    known = known or [*organisation.handles, *organisation.domains, *organisation.hashtags]
    return min(known, default="")


def handle_keys(handle: str) -> tuple[str, ...]:
    """`x` is met as `@x` and as `@x@any.host`; `x@host` as `@x@host` and as `@x`."""
    local, _, host = handle.partition("@")
    return (handle, local) if host else (local, f"{local}@*")


def _domain_keys(domain: str) -> tuple[str, ...]:
    """A domain as written and as it stands in addresses (punycode)."""
    try:
        coded = domain.encode("idna").decode("ascii")
    except UnicodeError:  # not a name that DNS could hold: it is met as written only
        return (domain,)
    return (domain, coded)


def _mentions(piece: Piece, targets: Iterable[_Target]) -> Iterable[Mention]:
    for target in targets:
        yield Mention(piece.start, piece.end, target.name, target.letters)


def _named(piece: Piece, names: Iterable[str]) -> Iterable[Mention]:
    for name in names:
        yield Mention(piece.start, piece.end, name, piece.end - piece.start)


def _phrases(aliases: _Aliases, reading: Reading, index: int, *, cased: bool) -> Iterable[Mention]:
    """The aliases of several words that begin with the word at `index`; the last word may be inflected."""
    words = reading.words
    first = _straight(words[index].text) if cased else words[index].folded
    for phrase in aliases.phrases.get(first, ()):
        last = index + len(phrase.words) - 1
        if last >= len(words) or gaps_of(reading.text, words[index : last + 1]) != phrase.gaps:
            continue
        run = [_straight(word.text) if cased else word.folded for word in words[index : last + 1]]
        stem = phrase.words[-1]
        inflected = run[-1].startswith(stem) and run[-1][len(stem) :][:5] in _endings(phrase.target.letters)
        if run[:-1] == list(phrase.words[:-1]) and (run[-1] == stem or inflected):
            yield Mention(words[index].start, words[last].end, phrase.target.name, phrase.target.letters)


def _straight(text: str) -> str:
    return text.translate(_APOSTROPHES)


def _endings(letters: int) -> frozenset[str]:
    return _ENDINGS if letters >= _LONG else _SHORT_ENDINGS


def gaps_of(text: str, words: Sequence[Piece]) -> tuple[str, ...]:
    """The signs between consecutive words; white space and hyphens are all one, so they are left out."""
    return tuple(text[left.end : right.start].translate(_SPACING) for left, right in pairwise(words))


@dataclass(frozen=True, slots=True)
class Book:
    """The names of a policy: its employer's, and its competitors'."""

    employer: Names
    competitors: Names

    def competitor_mentions(self, reading: Reading) -> list[Mention]:
        """Competitors named; one inside the employer's own longer name is no mention."""
        mentions = self.competitors.find(reading)
        if not mentions:
            return []
        return list(_outside(mentions, self.employer.find(reading)))


def _outside(mentions: Iterable[Mention], longer: Sequence[Mention]) -> Iterable[Mention]:
    """The mentions that lie in no longer name; both come in the text's order, so one pass will do."""
    open_names: list[Mention] = []
    position = 0
    for mention in mentions:
        while position < len(longer) and longer[position].start <= mention.start:
            open_names.append(longer[position])
            position += 1
        open_names = [name for name in open_names if name.end > mention.start]
        if not any(name.letters > mention.letters and mention.end <= name.end for name in open_names):
            yield mention


@lru_cache(maxsize=64)
def book(employer: Organisation, competitors: tuple[Organisation, ...]) -> Book:
    """The compiled names of an employer (its name is an alias too) and of its competitors."""
    return Book(Names([with_name_as_alias(employer)]), Names(competitors))


def with_name_as_alias(employer: Organisation) -> Organisation:
    """The employer with its name among the aliases."""
    if not employer.name:
        return employer
    return Organisation(
        employer.name,
        (Alias(employer.name), *employer.aliases),
        employer.handles,
        employer.domains,
        employer.hashtags,
    )
