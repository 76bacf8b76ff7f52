"""Work terms: what makes a post work-related. Compiled once into sets of words, run once on every post.

A term is one or several of these, separated by spaces, and all of them have to match:

    word        a whole word; å, ä and ö are letters of their own, upper and lower case are the same
    "a phrase"  these words, one after the other
    word*       a word that begins so
    #tag        a hashtag (#tag* a beginning of one)
    @handle     somebody mentioned; without a host any host will do
    from:handle written or boosted by
    domain:host a link to that host or below it
    lang:sv     the post's language

A word of a script that puts no spaces between words (Japanese, Chinese, Thai, Burmese, Khmer, Lao) may stand anywhere,
for there no end of a word is to be seen.

Words and phrases are looked for in the text, the content warning, descriptions of media and the quoted text. Work
grows with the post, not with the number of terms (speed facts 3); the meaning of each kind is the slow reference in
the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from mbclient.domain.errors import UsageError
from mbclient.domain.folding import fold
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.domain.term_index import Atom, Document, Index, Span, Term, ascii_host

MAX_TERM = 200
_CONTROL = late("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_WORD = late(r"\w+")
_PART = late(r'"[^"]*"|[^\s"]+|"')
_HANDLE = late(r"@?\w[\w.-]*(?:@\w[\w.-]*)?\Z")
_AUTHOR = late(r"@?\w[\w.-]*(?::\d+)?(?:@\w[\w.-]*(?::\d+)?)?\Z")  # a server may stand at a port of its own
_HOST = late(r"\w(?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*\Z")
_FACTS = ("from", "domain", "lang")
_LANG = late(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*\Z")


class Fault(StrEnum):
    """What can be wrong with a term, in the words that follow it."""

    CONTROL = "holds a control character"
    LONG = "is longer than 200 characters"
    EMPTY = "is empty"
    MENTION = "has no handle after the @; write @name or @name@host"
    STAR_INSIDE = "has a * inside; it can only end a word"
    TAG = "has no tag after the #; write #tag, of letters, digits and _"
    STAR_ALONE = "has nothing before its *; write at least one letter"
    QUOTE = 'has a " without its other one'
    EMPTY_PHRASE = "has nothing between its quotation marks"
    FROM = "has no handle after from:; write from:name or from:name@host"
    DOMAIN = "has no host after domain:; write the host alone, as in domain:example.org"
    LANG = "has no language after lang:; write its short name, as in lang:sv"


class TermError(UsageError):
    """A term that cannot be read: `term` as written (cut where very long), and what is wrong with it."""

    def __init__(self, term: str, fault: Fault) -> None:
        super().__init__(f"the term {term!r} {fault}")
        self.term = term
        self.fault = fault


@dataclass(frozen=True, slots=True)
class TermVerdict:
    """What the terms say of a post: which matched, and the first excluding one, if any."""

    matched: tuple[str, ...] = ()
    excluded_by: str = ""


class Terms:
    """Compiled terms. True if there are any besides the excluding ones."""

    def __init__(self, terms: Sequence[Term], exclude: Sequence[Term]) -> None:
        self._include = Index(terms)
        self._exclude = Index(exclude)

    def __bool__(self) -> bool:
        return bool(self._include.terms)

    def match(self, post: Post) -> tuple[str, ...]:
        """The terms that match, as they were written, in the order given. Excluding ones play no part."""
        return self._include.match(Document(post))

    def verdict(self, post: Post) -> TermVerdict:
        """The terms that match, and the first excluding one that does."""
        document = Document(post)
        excluding = self._exclude.match(document) if self._exclude.terms else ()
        return TermVerdict(self._include.match(document), excluding[0] if excluding else "")

    def spans(self, text: str, only: Collection[str] | None = None) -> list[Span]:
        """Where to highlight `text`: (start, end) of words, phrases, tags and mentions, in order, none overlapping.

        `only`: the terms that matched the post, so that half of a two-word term is not lit up elsewhere.
        """
        return self._include.spans(text, only)


def compile_terms(terms: Iterable[str], exclude: Iterable[str] = ()) -> Terms:
    """Reads the terms. Raises `TermError` that names the first bad one."""
    return Terms(_read_all(terms), _read_all(exclude))


def searchable(written: str) -> str:
    """What of a good term a service can look for: its words, phrases and tags; empty where it has none.

    A beginning is looked for as a word of its own, and who wrote, where a link leads or the language is not said:
    the rest is for the terms to judge.
    """
    parts = (found[0] for found in _PART.finditer(written))
    return " ".join(part.removesuffix("*") for part in parts if part.startswith('"') or not _is_fact(part))


# ---------------------------------------------------------------- reading


def _read_all(terms: Iterable[str]) -> tuple[Term, ...]:
    return tuple({written: _read(written) for written in terms}.values())


def _read(written: str) -> Term:
    if not written.isprintable() and _CONTROL.search(written):
        raise _bad(written[:40], Fault.CONTROL)
    if len(written) > MAX_TERM:
        raise _bad(written[:40] + "…", Fault.LONG)
    atoms = frozenset(_read_atom(found[0], written) for found in _PART.finditer(written))
    if not atoms:
        raise _bad(written, Fault.EMPTY)
    return Term(written, atoms)


def _read_atom(part: str, written: str) -> Atom:
    if part.startswith('"'):
        return _read_phrase(part, written)
    text = fold(part)
    kind, colon, value = text.partition(":")
    if colon and kind in _FACTS:
        return _read_fact(kind, value, written)
    if text.startswith("@"):
        if not _HANDLE.match(text):
            raise _bad(written, Fault.MENTION)
        return Atom("handle", text[1:])
    beginning = text.endswith("*")
    text = text.removesuffix("*")
    if "*" in text:
        raise _bad(written, Fault.STAR_INSIDE)
    if text.startswith("#"):
        if not _WORD.fullmatch(text[1:]):
            raise _bad(written, Fault.TAG)
        return Atom("tag", text, beginning)
    if not text:
        raise _bad(written, Fault.STAR_ALONE)
    return Atom("word", text, beginning)


def _is_fact(part: str) -> bool:
    kind, colon, _value = fold(part).partition(":")
    return part.startswith("@") or bool(colon and kind in _FACTS)


def _read_phrase(part: str, written: str) -> Atom:
    if len(part) < 2 or not part.endswith('"'):
        raise _bad(written, Fault.QUOTE)
    words = fold(part[1:-1]).split()
    if not words:
        raise _bad(written, Fault.EMPTY_PHRASE)
    return Atom("word", words[0]) if len(words) == 1 else Atom("phrase", " ".join(words))


def _read_fact(kind: str, value: str, written: str) -> Atom:
    if kind == "from":
        if not _AUTHOR.match(value):
            raise _bad(written, Fault.FROM)
        return Atom("from", value.removeprefix("@"))
    if kind == "domain":
        host = value.rstrip(".")
        if not _HOST.match(host):
            raise _bad(written, Fault.DOMAIN)
        return Atom("domain", ascii_host(host))
    if not _LANG.match(value):
        raise _bad(written, Fault.LANG)
    return Atom("lang", value)


def _bad(written: str, fault: Fault) -> TermError:
    return TermError(written, fault)
