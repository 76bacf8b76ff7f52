"""The index behind work terms: every atom filed under what a post must hold for it to be worth a look.

Sets of words, pairs of words and beginnings of words: one pass over the post, whatever the number of terms (speed
facts 3).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from urllib.parse import urlsplit

from mbclient.domain.folding import fold, folded_with_places
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.domain.scripts import UNSPACED, unspaced_letter

_BREAK = " \0 "  # between the texts of a post, so that no phrase reaches over; cleaned text holds none
_TOKENS = late(r"[\w\0]+")  # with its spaces a break is a token of its own; an alternative costs half as much again
_BORDERING = rf"[^\W{UNSPACED}]"  # a letter of a script with spaces: beside it a word has not ended
_TOKENS_APART = late(rf"[{UNSPACED}]+|{_BORDERING}+|\0")  # a Latin word inside a Japanese sentence is one too
_WORD = late(r"\w+")
_FACTS = ("handle", "from", "domain", "lang")  # kinds of atoms that a post's words do not tell
_REMEMBERED = 20_000  # words without, and words with, that an index remembers at most: some 3 and 5 MB
_LONGEST = 24  # letters: a longer one, as in an address, hardly comes again
_MENTION = late(r"(?<![\w@])@(\w[\w.-]*)(?:@(\w[\w.-]*))?")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing to match. `text`: folded; of a phrase its words, joined by single spaces. `beginning`: had a star."""

    kind: str
    text: str
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    written: str
    atoms: frozenset[Atom]


class Document:
    """What terms look at in a post; each part is made when the first term asks for it."""

    def __init__(self, post: Post) -> None:
        self._post = post
        parts: list[str] = [post.text]
        if post.cw:
            parts.append(post.cw)
        if post.media:
            parts += [media.alt for media in post.media]
        if post.poll:
            parts += [choice.text for choice in post.poll.choices]
        if post.quoted:
            parts.append(post.quoted.text)
        self.text = fold(_BREAK.join(parts) if len(parts) > 1 else post.text)
        self.tokens = _tokens(self.text)
        self.words = set(self.tokens)
        self.has_tags = bool(post.tags)

    @cached_property
    def tags(self) -> set[str]:
        return {"#" + fold(tag).removeprefix("#") for tag in self._post.tags}

    @cached_property
    def mentioned(self) -> set[str]:
        names = set(_names(map(fold, self._post.mentions)))
        if "@" in self.text:
            names.update(_names(_mentions_in(self.text)))
        return names

    @cached_property
    def authors(self) -> set[str]:
        handles = [self._post.author.handle, *(each.author.handle for each in self._post.boosts)]
        return set(_names(map(fold, handles)))

    @cached_property
    def domains(self) -> set[str]:
        """Each link's host and every domain above it."""
        above: set[str] = set()
        for link in self._post.links:
            labels = _host(link.url).split(".")
            above.update(".".join(labels[start:]) for start in range(len(labels)))
        return above

    @cached_property
    def languages(self) -> set[str]:
        """sv-FI is sv too."""
        parts = fold(self._post.lang or "").replace("_", "-").split("-")
        return {"-".join(parts[:end]) for end in range(1, len(parts) + 1)}


def _tokens(text: str) -> list[str]:
    return (_TOKENS_APART if unspaced_letter(text) else _TOKENS).findall(text)


def _names(handles: Iterable[str]) -> Iterator[str]:
    """Each handle with and without its host."""
    for handle in handles:
        name = handle.removeprefix("@")
        yield name
        yield name.partition("@")[0]


def _mentions_in(text: str) -> Iterator[str]:
    for found in _MENTION.finditer(text):
        name, host = found[1].rstrip(".-"), found[2]
        yield f"{name}@{host.rstrip('.-')}" if host else name


def _host(url: str) -> str:
    try:
        return ascii_host((urlsplit(url).hostname or "").rstrip("."))
    except ValueError:  # an address that is none, such as http://[
        return ""


@dataclass(frozen=True, slots=True)
class _Filed:
    """What a word that a post holds tells: these atoms are in it, those may be, and of each phrase that begins with it
    the words, and the number.
    """

    settled: Sequence[int]
    looks: Sequence[int]
    phrases: Sequence[tuple[list[str], int]]


class Index:
    """The atoms of all terms, by what a post must hold for them to be worth a look.

    Atoms are filed as numbers: a post's are a set of numbers, and no atom is asked for its hash.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = terms
        numbers: dict[Atom, int] = {}
        numbered = [{numbers.setdefault(atom, len(numbers)) for atom in term.atoms} for term in terms]
        self._atoms = list(numbers)
        self._words: dict[str, list[int]] = {}  # a whole word settles these
        self._looks: dict[str, list[int]] = {}  # these need a look at the text when the word is there
        self._phrases: dict[str, list[tuple[list[str], int]]] = {}  # their words, by the first one
        self._beginnings: dict[str, list[int]] = {}
        self._bare: list[int] = []  # no letter in them: an emoji
        self._unspaced: dict[str, list[int]] = {}  # may stand anywhere; by the first letter that tells so
        self._facts: dict[str, dict[str, int]] = {}
        self._tag_beginnings: list[int] = []
        for number, atom in enumerate(self._atoms):
            self._file(number, atom)
        self._filed = frozenset((*self._words, *self._looks, *self._phrases))
        self._lengths = sorted({len(text) for text in self._beginnings})
        self._heads = frozenset(text[: self._lengths[0]] for text in self._beginnings) if self._lengths else frozenset()
        self._unknown: set[str] = set()  # words met that no atom is filed under: nearly all of a post's
        self._met: dict[str, _Filed] = {}  # and the others
        self._wanted = self._terms_by_atom(numbered)
        self._patterns: dict[tuple[Atom, str], re.Pattern[str]] = {}

    def _file(self, number: int, atom: Atom) -> None:
        if atom.kind in _FACTS:
            self._facts.setdefault(atom.kind, {})[atom.text] = number
            return
        if atom.kind == "tag":
            if atom.beginning:
                self._tag_beginnings.append(number)
            else:
                self._facts.setdefault("tag", {})[atom.text] = number
        words = _WORD.findall(atom.text)
        if letter := unspaced_letter(atom.text):
            self._unspaced.setdefault(letter, []).append(number)
        elif not words:
            self._bare.append(number)
        elif atom.beginning and atom.text.endswith(words[0]):
            self._beginnings.setdefault(words[0], []).append(number)
        elif atom.text == words[0]:
            self._words.setdefault(words[0], []).append(number)
        elif atom.text == " ".join(words):
            self._phrases.setdefault(words[0], []).append((words, number))
        else:
            self._looks.setdefault(words[0], []).append(number)

    def _terms_by_atom(self, numbered: Sequence[set[int]]) -> list[list[tuple[int, set[int]]]]:
        """Under each atom the terms whose rarest it is: their numbers, and those of the atoms they want besides.

        `numbered`: each term's atoms.
        """
        wanted: list[list[tuple[int, set[int]]]] = [[] for _atom in self._atoms]
        for number, atoms in enumerate(numbered):
            rarest = max(atoms, key=lambda atom: _rarity(self._atoms[atom])) if len(atoms) > 1 else min(atoms)
            wanted[rarest].append((number, atoms - {rarest}))
        return wanted

    def match(self, document: Document) -> tuple[str, ...]:
        if not self.terms:
            return ()
        atoms = self._in_words(document)
        if self._bare:
            atoms.update(number for number in self._bare if self._atoms[number].text in document.text)
        if self._unspaced:
            atoms.update(self._in_sentences(document.text))
        if self._facts or self._tag_beginnings:
            atoms.update(self._in_facts(document))
        if not atoms:
            return ()
        wanted = self._wanted
        found = [number for atom in atoms for number, others in wanted[atom] if atoms.issuperset(others)]
        return tuple([self.terms[number].written for number in sorted(found)])

    def _in_words(self, document: Document) -> set[int]:
        found: set[int] = set()
        for word in document.words - self._unknown:
            filed = self._met.get(word) or self._filed_under(word)
            if filed is None:
                continue
            found.update(filed.settled)
            for number in filed.looks:
                if self._stands_in(document.text, number):
                    found.add(number)
            for words, number in filed.phrases:
                if document.words.issuperset(words) and _follow(words, document.tokens):
                    found.add(number)
        return found

    def _filed_under(self, word: str) -> _Filed | None:
        """Remembered, as long as there is room; a word that is met often is hardly met late."""
        begun = self._begun(word)
        is_short = len(word) <= _LONGEST
        if not begun and word not in self._filed:
            if is_short and len(self._unknown) < _REMEMBERED:
                self._unknown.add(word)
            return None
        settled, looks = [*self._words.get(word, ())], [*self._looks.get(word, ())]
        for number in begun:
            (settled if word.startswith(self._atoms[number].text) else looks).append(number)
        filed = _Filed(settled, looks, self._phrases.get(word, ()))
        if is_short and len(self._met) < _REMEMBERED:
            self._met[word] = filed
        return filed

    def _in_sentences(self, text: str) -> Iterator[int]:
        letters = () if text.isascii() else self._unspaced.keys() & set(text)
        return (number for letter in letters for number in self._unspaced[letter] if self._stands_in(text, number))

    def _begun(self, word: str) -> Sequence[int]:
        """The atoms with a star whose word this one begins with."""
        lengths = self._lengths
        if not lengths or word[: lengths[0]] not in self._heads:
            return ()
        beginnings = self._beginnings
        return [number for length in lengths if length <= len(word) for number in beginnings.get(word[:length], ())]

    def _in_facts(self, document: Document) -> Iterator[int]:
        facts = self._facts
        if document.has_tags:
            if "tag" in facts:
                yield from _common(facts["tag"], document.tags)
            for number in self._tag_beginnings:
                if any(tag.startswith(self._atoms[number].text) for tag in document.tags):
                    yield number
        if "handle" in facts:
            yield from _common(facts["handle"], document.mentioned)
        if "from" in facts:
            yield from _common(facts["from"], document.authors)
        if "domain" in facts:
            yield from _common(facts["domain"], document.domains)
        if "lang" in facts:
            yield from _common(facts["lang"], document.languages)

    def _stands_in(self, text: str, number: int) -> bool:
        """Looks for an atom with signs in it, such as node.js or c++: a quick search first, then its borders."""
        atom = self._atoms[number]
        if atom.kind != "phrase" and atom.text not in text:
            return False
        return self._pattern(atom, text).search(text) is not None

    def _pattern(self, atom: Atom, text: str) -> re.Pattern[str]:
        """Where the text has no letter of a script without spaces, `\\w` says the same, and is compiled in a hundredth
        of the time.
        """
        letter = _BORDERING if unspaced_letter(text) else r"\w"
        pattern = self._patterns.get((atom, letter))
        if pattern is None:
            pattern = self._patterns[atom, letter] = re.compile(_expression(atom, letter))
        return pattern

    def spans(self, text: str, only: Collection[str] | None) -> list[Span]:
        folded, places = folded_with_places(text)
        words = set(_tokens(folded))
        found: list[Span] = []
        for atom in self._highlights(only):
            if atom.kind == "handle" or not _WORD.search(atom.text) or _may_stand(atom, words):
                found += [match.span() for match in self._pattern(atom, folded).finditer(folded)]
        return _joined((places[start], places[end]) for start, end in found if start < end)

    def _highlights(self, only: Collection[str] | None) -> set[Atom]:
        terms = self.terms if only is None else [term for term in self.terms if term.written in only]
        return {atom for term in terms for atom in term.atoms if atom.kind in ("word", "phrase", "tag", "handle")}


def _rarity(atom: Atom) -> tuple[bool, int]:
    """Of a term's atoms the one that the fewest posts hold, as far as one can tell: few are asked for the others."""
    return atom.kind not in _FACTS, len(atom.text)


def _common(filed: Mapping[str, int], there: set[str]) -> Iterator[int]:
    return (filed[name] for name in there if name in filed)


def _follow(words: list[str], tokens: list[str]) -> bool:
    """Whether `words`, all of them among the `tokens`, stand one after the other somewhere."""
    place = -1
    for _occurrence in range(tokens.count(words[0])):
        place = tokens.index(words[0], place + 1)
        if tokens[place : place + len(words)] == words:
            return True
    return False


def _may_stand(atom: Atom, words: set[str]) -> bool:
    first = _WORD.findall(atom.text)[0]
    return atom.beginning or first in words or bool(unspaced_letter(atom.text))


def _expression(atom: Atom, letter: str) -> str:
    """What an atom means, as a regular expression over folded text: linear, for it repeats nothing that overlaps.

    `letter`: the expression for one that a word does not end beside.
    """
    if atom.kind == "handle":
        host = "" if "@" in atom.text else r"(?:@\w[\w.-]*\w)?"
        return rf"(?<![\w@])@{re.escape(atom.text)}{host}(?![\w@])(?![.-]\w)"
    pieces = atom.text.split(" ") if atom.kind == "phrase" else [atom.text]
    body = re.escape(pieces[0])
    for left, right in pairwise(pieces):
        between = r"[^\w\0]+" if _WORD.match(left[-1]) and _WORD.match(right) else r"\s+"
        body += between + re.escape(right)
    if atom.kind == "tag":
        return rf"(?<!\w){body}" + (r"\w*" if atom.beginning else r"(?!\w)")
    before = rf"(?<!{letter})" if _needs_border(atom.text[0]) else ""
    if not _needs_border(atom.text[-1]):
        return before + body
    return before + body + (f"{letter}*" if atom.beginning else f"(?!{letter})")


def _needs_border(character: str) -> bool:
    """Whether a word that begins or ends with it is one only where no other letter stands beside it."""
    return _WORD.match(character) is not None and not unspaced_letter(character)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def ascii_host(host: str) -> str:
    """As hosts stand in addresses: räka.se is xn--rka-qla.se."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
