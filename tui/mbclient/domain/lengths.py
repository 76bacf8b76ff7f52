"""Counting as the services count. Pure, and quick enough for every key in the composer.

The Mastodon rule is section 11 of the Mastodon facts: graphemes of warning and text, a recognised http(s) link counts
as `per_url` whatever its length, `@user@host` as `@user`. What a link is follows its twitter-text: a known top-level
domain, a path that does not end in punctuation, balanced parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mbclient.domain.latepattern import late
from mbclient.domain.tlds import TOP_LEVEL_DOMAINS

_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~")
_LABEL = rf"[^\s{_PUNCTUATION}\x00-\x1f\x7f\ufffe\ufeff\uffff]"
_SCHEME = late(r"(?<![A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff])https?://", re.IGNORECASE)
_HOST = late(rf"(?:{_LABEL}|[-_.])+")
_DOMAIN_LABEL = late(rf"{_LABEL}(?:(?:{_LABEL}|[-_])*{_LABEL})?\Z")
_ENDING = late(r"xn--[0-9a-z]+|[0-9a-z]+|[^\s\x00-\x7f]+", re.IGNORECASE)
_PATH_CHARACTER = r"[^\s<>()?]"
_BALANCED = rf"\((?:{_PATH_CHARACTER}+|{_PATH_CHARACTER}*\({_PATH_CHARACTER}+\){_PATH_CHARACTER}*)\)"
_PATH_END = r"""[^\s()?!*"'「」<>;:=,.$%\[\]~&|@]"""
_BEYOND_ASCII = "\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U0010fffd"
_TAIL = late(
    rf"(?::\d+)?"
    rf"(?:/(?:(?:{_PATH_CHARACTER}|{_BALANCED})*(?:{_PATH_END}|{_BALANCED}))?)?"
    rf"(?:\?[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{_BEYOND_ASCII}]*[a-z0-9_&=#/\-{_BEYOND_ASCII}])?",
    re.IGNORECASE,
)
_MENTION = late(r"(?<![=/\w])(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@[\w.-]*\w)?", re.IGNORECASE)
_NO_MENTION = late(r"[@＠\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]|://")  # what follows makes it none


def grapheme_length(text: str) -> int:
    """User-perceived characters (UAX 29), as Mastodon and Bluesky count."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    import grapheme  # late: its tables take a while to load, and plain ASCII needs none

    return int(grapheme.length(text))


def utf8_length(text: str) -> int:
    """Bytes on the wire; a lone surrogate counts as the replacement character it becomes."""
    return len(text.encode("utf-8", "surrogatepass"))


def links(text: str) -> Iterator[tuple[int, int]]:
    """Where Mastodon sees http(s) links: (start, end) in code points, in order, none overlapping."""
    position = 0
    while found := _SCHEME.search(text, position):
        end = _domain_end(text, found.end())
        if end is None:
            position = found.end()
            continue
        tail = _TAIL.match(text, end)
        position = tail.end() if tail else end
        yield found.start(), position


def _domain_end(text: str, start: int) -> int | None:
    """The end of the longest run of labels that closes with a known top-level domain; None: no domain."""
    run = _HOST.match(text, start)
    if run is None:
        return None
    end: int | None = None
    place = start
    before: str | None = None
    for label in run.group().split("."):
        ending = _ENDING.match(label)
        if before is not None and "_" not in before and ending and _is_top_level(label, ending.group()):
            following = text[place + ending.end() : place + ending.end() + 1]
            if following != "@":
                end = place + ending.end()
        if not _DOMAIN_LABEL.match(label):
            break
        before = label
        place += len(label) + 1
    return end


def _is_top_level(label: str, ending: str) -> bool:
    name = ending.lower()
    if name.startswith("xn--"):
        return len(ending) == len(label)
    return name in TOP_LEVEL_DOMAINS


def countable(text: str, per_url: int) -> str:
    """The text as Mastodon measures it: links replaced by `per_url` placeholders, mentions without their host."""
    parts: list[str] = []
    position = 0
    for start, end in links(text):
        parts += (_short_mentions(text[position:start]), "x" * per_url)
        position = end
    parts.append(_short_mentions(text[position:], text[position - 1 : position]))
    return "".join(parts)


def _short_mentions(text: str, before: str = "") -> str:
    if "@" not in text:
        return text

    def shortened(mention: re.Match[str]) -> str:
        return mention[0] if _NO_MENTION.match(mention.string, mention.end()) else mention[1]

    return _MENTION.sub(shortened, before + text)[len(before) :]


def mastodon_length(text: str, cw: str = "", per_url: int = 23) -> int:
    """Characters of a post and its content warning, as Mastodon validates them."""
    return grapheme_length(cw + countable(text, per_url))
