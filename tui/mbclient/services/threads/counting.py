"""Counting as Threads does, on the safe side where it does not say (facts/threads.md 3). Pure."""

from __future__ import annotations

import re

from mbclient.domain.capabilities import Length
from mbclient.domain.lengths import links

LIMIT = 500
MAX_LINKS = 5
# What an emoji sequence is made of beyond ASCII: pictographs, joiners, variation selectors, keycaps, flags, tags.
_EMOJI = re.compile(
    "[\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\ufe0e\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)


def measure(text: str) -> Length:
    """A code point is one, an emoji as many as its UTF-8 bytes."""
    text = text.strip()
    return Length(len(text) + sum(len(sign.encode()) - 1 for sign in _EMOJI.findall(text)), LIMIT)


def distinct_links(text: str) -> int:
    """How many different addresses a text has; more than `MAX_LINKS` are refused."""
    return len({text[start:end] for start, end in links(text)})
