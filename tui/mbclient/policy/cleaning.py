"""The cleaned copy of a text and its tokens (policy facts 9.1). The text that is sent is never changed.

Every step takes time linear in the text, whatever its code points.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass

# Category Cf (all of Unicode 16), variation selectors and the combining grapheme joiner. Written out: asking
# `unicodedata` for every code point at start would cost a tenth of a second; a test holds the list against it.
_INVISIBLE = late(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef]+"
)
_HIDDEN_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"  # not marks themselves, but they decompose into marks
_MAX_MARKS = 30  # Unicode's stream-safe limit; normalising a longer run takes quadratic time

_LOOK_ALIKES = str.maketrans(
    # Cyrillic, then Greek
    "АВСЕНІЈКМОРЅТУХҮԚԜӀавсеіјкмнорѕтухүԛԝһԁӏѵ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳαβικνορτυχ",
    "ABCEHIJKMOPSTYXYQWIabceijkmhopstyxyqwhdlv" + "ABEZHIKMNOPTYXjabikvoptux",
)


def word_set(words: str) -> frozenset[str]:
    """The words of a string: how the lists of this room are written."""
    return frozenset(words.split())


def clean(text: str) -> str:
    """The copy that all matching works on: NFKC, nothing invisible, look-alike letters as Latin ones."""
    if text.isascii():
        return text
    bare = cap_marks(_INVISIBLE.sub("", text))
    mapped = unicodedata.normalize("NFKC", bare).translate(_LOOK_ALIKES)
    return unicodedata.normalize("NFKC", mapped)


def cap_marks(text: str) -> str:
    """The text without the combining marks beyond the thirtieth on one letter."""
    if text.isascii() or max(text) < "\u0300":
        return text
    kept = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) or character in _HIDDEN_MARKS else 0
        if run <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def fold(cleaned: str) -> str:
    """How cleaned pieces are compared: without case, with one kind of apostrophe."""
    return cleaned.casefold().replace("’", "'")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the cleaned text: a word (or hyphen-separated part of one), a tag, a handle, a host."""

    text: str
    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, cleaned and cut. `words` are the hyphen-separated parts; `hosts` those of addresses.

    Tags and handles stand without their sign; a handle may carry its host after another @.
    """

    text: str
    words: tuple[Piece, ...]
    tags: tuple[Piece, ...]
    handles: tuple[Piece, ...]
    hosts: tuple[Piece, ...]

    def whole_words(self) -> list[Piece]:
        """The words with their inner hyphens: `Blåbet-kund` as one."""
        whole: list[Piece] = []
        run: list[Piece] = []
        for word in self.words:
            if run and not (word.start == run[-1].end + 1 and self.text[run[-1].end] == "-"):
                whole.append(self._joined(run))
                run = []
            run.append(word)
        return [*whole, self._joined(run)] if run else whole

    def _joined(self, run: list[Piece]) -> Piece:
        if len(run) == 1:
            return run[0]
        start, end = run[0].start, run[-1].end
        return Piece(self.text[start:end], "-".join(part.folded for part in run), start, end)


_TOKEN = late(
    r"""
      (?P<scheme>(?i:https?|ftps?|wss?)://)
    | \#(?P<tag>\w+)
    | @(?P<handle>\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?)
    | (?P<run>[^\W_]+(?:[-.:'’][^\W_]+)*)(?:@(?P<mail>\w+(?:[.-]\w+)*))?
    """,
    re.VERBOSE,
)
_PART = late(r"[^\W_]+(?:[:'’][^\W_]+)*")
_AUTHORITY = late(r"[^\s/?#\\]*")
_HOST = late(r"[\w.-]*")
_REST = late(r"\S*")
_TOP_LEVEL = word_set(
    "com org net info biz edu gov mil int eu app dev blog news online shop site store tech cloud social media "
    "live bet casino poker games example test invalid localhost"
)


@lru_cache(maxsize=16)  # the verdict and the meter read the same draft
def read(text: str) -> Reading:
    """Clean a text and cut it into words, tags, handles and the hosts of addresses."""
    cleaned = clean(text)
    found: dict[str, list[Piece]] = {"words": [], "tags": [], "handles": [], "hosts": []}
    position = 0
    while match := _TOKEN.search(cleaned, position):
        position = match.end()
        if match["scheme"]:
            position = _take_address(cleaned, position, found["hosts"])
        elif match["tag"]:
            found["tags"].append(_piece(cleaned, *match.span("tag")))
        elif match["handle"]:
            found["handles"].append(_piece(cleaned, *match.span("handle")))
        elif match["mail"]:
            found["hosts"].append(_piece(cleaned, *match.span("mail")))
        else:
            position = _take_run(cleaned, *match.span("run"), found)
    return Reading(cleaned, tuple(found["words"]), tuple(found["tags"]), tuple(found["handles"]), tuple(found["hosts"]))


def parts(cleaned: str, start: int = 0, end: int | None = None) -> list[Piece]:
    """The words of a stretch of cleaned text, hyphens counted as spaces."""
    stop = len(cleaned) if end is None else end
    return [_piece(cleaned, *match.span()) for match in _PART.finditer(cleaned, start, stop)]


def _piece(cleaned: str, start: int, end: int) -> Piece:
    text = cleaned[start:end]
    return Piece(text, fold(text), start, end)


def _take_address(cleaned: str, start: int, hosts: list[Piece]) -> int:
    """Note the host of an address whose scheme ends at `start`; the rest of it never matches anything."""
    authority = _AUTHORITY.match(cleaned, start)
    assert authority is not None  # the pattern matches the empty string too
    begin = max(start, cleaned.rfind("@", start, authority.end()) + 1)
    host = _HOST.match(cleaned, begin)
    assert host is not None
    if host.group():
        hosts.append(_piece(cleaned, *host.span()))
    return _end(_REST, cleaned, start)


def _take_run(cleaned: str, start: int, end: int, found: dict[str, list[Piece]]) -> int:
    """A run of letters with inner signs: a word, an address without a scheme, or words that lack a space."""
    if "." in cleaned[start:end]:
        stop = cleaned.find(":", start, end)
        host = _piece(cleaned, start, end if stop < 0 else stop)
        if "." in host.text:
            found["hosts"].append(host)
            if _looks_like_host(host.text):
                return _end(_REST, cleaned, end) if cleaned[end : end + 1] in ("/", "?", "#") else end
    found["words"].extend(parts(cleaned, start, end))
    return end


def _looks_like_host(name: str) -> bool:
    """Whether `word.word` is an address rather than two sentences that lack their space."""
    top = name.rpartition(".")[2]
    if name.isupper():
        top = top.lower()
    return name.startswith("www.") or top in _TOP_LEVEL or (len(top) == 2 and top.isascii() and top.islower())


def _end(pattern: re.Pattern[str], cleaned: str, start: int) -> int:
    match = pattern.match(cleaned, start)
    return match.end() if match else start
