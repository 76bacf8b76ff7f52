"""Whether a text read back is the one that was sent."""

from __future__ import annotations

import re
import unicodedata

from mbclient.services.addresses import web_link


def same(one: str, other: str) -> bool:
    """Equal but for what servers tidy: outer blanks, line ends, composed letters."""
    first, second = (unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip() for text in (one, other))
    return first == second


def same_when_shown(one: str, other: str) -> bool:
    """Equal as HTML shows them: links re-serialised, mentions without their host."""
    return _shown(one) == _shown(other)


def _shown(text: str) -> list[str]:
    return [web_link(word) or re.sub(r"(@\w[\w.-]*)@[\w.-]+", r"\1", word) for word in text.split()]
