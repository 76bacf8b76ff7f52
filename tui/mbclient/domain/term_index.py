"""The index behind work terms: every atom filed under what a post must hold for it to be worth a look.

Sets of words, pairs of words and beginnings of words: one pass over the post, whatever the number of terms (speed
facts 3).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from urllib.parse import urlsplit

from mbclient.domain.folding import fold, folded_with_places
from mbclient.domain.post import Post

_BREAK = "\0"  # between the texts of a post, so that no phrase reaches over; cleaned text holds none
_TOKENS = re.compile(r"\w+|\0")
_WORD = re.compile(r"\w+")
_MENTION = re.compile(r"(?<![\w@])@(\w[\w.-]*)(?:@(\w[\w.-]*))?")

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
        if post.quoted:
            parts.append(post.quoted.text)
        self.text = fold(_BREAK.join(parts) if len(parts) > 1 else post.text)
        self.tokens = _TOKENS.findall(self.text)
        self.words = set(self.tokens)

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
        handles = [self._post.author.handle]
        if self._post.boosted_by:
            handles.append(self._post.boosted_by.handle)
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


class Index:
    """The atoms of all terms, by what a post must hold for them to be worth a look."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = terms
        self._words: dict[str, list[Atom]] = {}  # a whole word settles these
        self._looks: dict[str, list[Atom]] = {}  # these need a look at the text when the word is there
        self._beginnings: dict[str, list[Atom]] = {}
        self._pairs: dict[tuple[str, str], list[tuple[tuple[str, ...], Atom]]] = {}
        self._bare: list[Atom] = []  # no letter in them: an emoji
        self._facts: dict[str, dict[str, Atom]] = {}
        self._tag_beginnings: list[Atom] = []
        for atom in {atom for term in terms for atom in term.atoms}:
            self._file(atom)
        self._word_set = frozenset(self._words)
        self._look_set = frozenset(self._looks)
        self._first_words = frozenset(first for first, _second in self._pairs)
        self._lengths = sorted({len(text) for text in self._beginnings})
        self._heads = frozenset(text[: self._lengths[0]] for text in self._beginnings) if self._lengths else frozenset()
        self._single: dict[Atom, list[int]] = {}  # the numbers of the terms that are this atom alone
        for number, term in enumerate(terms):
            if len(term.atoms) == 1:
                self._single.setdefault(next(iter(term.atoms)), []).append(number)
        self._several = [(n, term.atoms) for n, term in enumerate(terms) if len(term.atoms) > 1]
        self._patterns: dict[Atom, re.Pattern[str]] = {}

    def _file(self, atom: Atom) -> None:
        if atom.kind in ("handle", "from", "domain", "lang"):
            self._facts.setdefault(atom.kind, {})[atom.text] = atom
            return
        if atom.kind == "tag":
            if atom.beginning:
                self._tag_beginnings.append(atom)
            else:
                self._facts.setdefault("tag", {})[atom.text] = atom
        words = _WORD.findall(atom.text)
        if not words:
            self._bare.append(atom)
        elif atom.beginning and atom.text.endswith(words[0]):
            self._beginnings.setdefault(words[0], []).append(atom)
        elif atom.text == words[0]:
            self._words.setdefault(words[0], []).append(atom)
        elif atom.text == " ".join(words):
            self._pairs.setdefault((words[0], words[1]), []).append((tuple(words), atom))
        else:
            self._looks.setdefault(words[0], []).append(atom)

    def match(self, document: Document) -> tuple[str, ...]:
        if not self.terms:
            return ()
        atoms = set(self._in_words(document))
        if self._pairs and not self._first_words.isdisjoint(document.words):
            atoms.update(self._in_pairs(document.tokens))
        if self._facts or self._tag_beginnings:
            atoms.update(self._in_facts(document))
        if not atoms:
            return ()
        single = self._single
        numbers = [number for atom in atoms if atom in single for number in single[atom]]
        if self._several:
            numbers += [number for number, wanted in self._several if wanted <= atoms]
        return tuple(self.terms[number].written for number in sorted(numbers))

    def _in_words(self, document: Document) -> Iterator[Atom]:
        words = document.words
        for word in words & self._word_set:
            yield from self._words[word]
        if self._heads:
            yield from self._in_beginnings(document)
        for word in words & self._look_set:
            yield from (atom for atom in self._looks[word] if self._stands_in(document.text, atom))
        yield from (atom for atom in self._bare if atom.text in document.text)

    def _in_beginnings(self, document: Document) -> Iterator[Atom]:
        shortest, heads, beginnings = self._lengths[0], self._heads, self._beginnings
        for word in document.words:
            if word[:shortest] not in heads:
                continue
            for length in self._lengths:
                if length > len(word):
                    break
                for atom in beginnings.get(word[:length], ()):
                    if atom.text == word[:length] or self._stands_in(document.text, atom):
                        yield atom

    def _in_pairs(self, tokens: Sequence[str]) -> Iterator[Atom]:
        pairs = self._pairs
        for place, pair in enumerate(pairwise(tokens)):
            if pair in pairs:
                for words, atom in pairs[pair]:
                    if len(words) == 2 or tuple(tokens[place : place + len(words)]) == words:
                        yield atom

    def _in_facts(self, document: Document) -> Iterator[Atom]:
        facts = self._facts
        if "tag" in facts:
            yield from _common(facts["tag"], document.tags)
        for atom in self._tag_beginnings:
            if any(tag.startswith(atom.text) for tag in document.tags):
                yield atom
        if "handle" in facts:
            yield from _common(facts["handle"], document.mentioned)
        if "from" in facts:
            yield from _common(facts["from"], document.authors)
        if "domain" in facts:
            yield from _common(facts["domain"], document.domains)
        if "lang" in facts:
            yield from _common(facts["lang"], document.languages)

    def _stands_in(self, text: str, atom: Atom) -> bool:
        """Looks for an atom with signs in it, such as node.js or c++: a quick search first, then its borders."""
        if atom.kind != "phrase" and atom.text not in text:
            return False
        return self._pattern(atom).search(text) is not None

    def _pattern(self, atom: Atom) -> re.Pattern[str]:
        pattern = self._patterns.get(atom)
        if pattern is None:
            pattern = self._patterns[atom] = re.compile(_expression(atom))
        return pattern

    def spans(self, text: str, only: Collection[str] | None) -> list[Span]:
        folded, places = folded_with_places(text)
        words = set(_TOKENS.findall(folded))
        found: list[Span] = []
        for atom in self._highlights(only):
            if atom.kind == "handle" or not _WORD.search(atom.text) or _may_stand(atom, words):
                found += [match.span() for match in self._pattern(atom).finditer(folded)]
        return _joined((places[start], places[end]) for start, end in found if start < end)

    def _highlights(self, only: Collection[str] | None) -> set[Atom]:
        terms = self.terms if only is None else [term for term in self.terms if term.written in only]
        return {atom for term in terms for atom in term.atoms if atom.kind in ("word", "phrase", "tag", "handle")}


def _common(atoms: Mapping[str, Atom], there: set[str]) -> Iterator[Atom]:
    return (atoms[name] for name in there if name in atoms)


def _may_stand(atom: Atom, words: set[str]) -> bool:
    first = _WORD.findall(atom.text)[0]
    return atom.beginning or first in words


def _expression(atom: Atom) -> str:
    """What an atom means, as a regular expression over folded text: linear, for it repeats nothing that overlaps."""
    if atom.kind == "handle":
        host = "" if "@" in atom.text else r"(?:@\w[\w.-]*\w)?"
        return rf"(?<![\w@])@{re.escape(atom.text)}{host}(?![\w@])(?![.-]\w)"
    pieces = atom.text.split(" ") if atom.kind == "phrase" else [atom.text]
    body = re.escape(pieces[0])
    for left, right in pairwise(pieces):
        between = r"[^\w\0]+" if _WORD.match(left[-1]) and _WORD.match(right) else r"\s+"
        body += between + re.escape(right)
    before = r"(?<!\w)" if _WORD.match(atom.text) or atom.kind == "tag" else ""
    if atom.beginning:
        return before + body + r"\w*"
    return before + body + (r"(?!\w)" if _WORD.match(atom.text[-1]) else "")


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
