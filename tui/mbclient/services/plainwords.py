"""Texts without markup: links and hashtags in them, and what of them can be sent."""

from __future__ import annotations

import re

from mbclient.domain.lengths import links
from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link

MAX_LISTED = 50
_TAG = re.compile(r"(?<![\w#&/])#(\w{1,100})")


def links_in(text: str) -> tuple[Link, ...]:
    """The http(s) addresses, each once, in order."""
    return tuple(dict.fromkeys(Link(url) for start, end in links(text) if (url := web_link(text[start:end]))))


def tags_in(text: str) -> tuple[SafeText, ...]:
    """The hashtags without their sign, each once, in order."""
    return tuple(dict.fromkeys(SafeText.line(name) for name in _TAG.findall(text)[:MAX_LISTED]))


def lone_tag(query: str) -> str:
    """The tag, without its sign, of a search for one and nothing else; empty for any other search."""
    (word, *more) = query.split() or [""]
    return word.removeprefix("#") if word.startswith("#") and not more else ""


def whole_characters(text: str) -> str:
    """Lone surrogates become U+FFFD: no form carries them, and few servers keep them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
