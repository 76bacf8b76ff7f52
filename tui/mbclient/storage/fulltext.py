"""The user's search words as an FTS5 expression in which nothing is syntax but what we put there."""

from __future__ import annotations

import re
import unicodedata

from mbclient.storage.codec import repaired

_PART = re.compile(r'"([^"]*)"?|([^\s"]+)')
MAX_PARTS = 1000


def match_expression(query: str) -> str:
    """All words and phrases must be there; `word*` is a beginning. Empty when there is nothing to look for."""
    parts = []
    for found in _PART.finditer(unicodedata.normalize("NFC", repaired(query))):
        phrase, word = found.groups()
        text = phrase if word is None else word.rstrip("*")
        if not any(character.isalnum() for character in text):
            continue
        parts.append(f'"{text}"' + ("*" if word is not None and word.endswith("*") else ""))
    return " AND ".join(parts[:MAX_PARTS])
