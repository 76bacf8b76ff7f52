"""The user's search words as an FTS5 expression in which nothing is syntax but what we put there.

To the full text a word ends at a space. Where a script has none between its words (`domain.scripts`) a whole sentence
is one, and a word inside it is looked for in the posts themselves: from the newest down, and in so many at most.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.scripts import unspaced_letter
from mbclient.storage.codec import repaired
from mbclient.storage.rows import COARSE, found

# The sign before a key leaves it to the words which entries are looked up.
_COARSE = (
    f"SELECT entry.key FROM entry_words AS words CROSS JOIN entry ON entry.key >= words.rowid << {COARSE}"
    f" AND entry.key < words.rowid + 1 << {COARSE} AND entry.coarse"
    " WHERE words.entry_words MATCH ? AND words.rowid <= ? AND +entry.key < ?{seen_by}"
    " ORDER BY words.rowid DESC LIMIT ?"
)
_BY_KEY = (
    "SELECT entry.key FROM entry_text AS words CROSS JOIN entry ON entry.key = words.rowid"
    " WHERE words.entry_text MATCH ? AND words.rowid <= ? AND +entry.key < ?{seen_by}"
    " ORDER BY words.rowid DESC LIMIT ?"
)
_ANY = "SELECT entry.key FROM entry WHERE entry.key < ?{seen_by} ORDER BY entry.key DESC LIMIT ?"
_PART = late(r'"([^"]*)"?|([^\s"]+)')
MAX_PARTS = 1000


@dataclass(frozen=True, slots=True)
class Sought:
    """What must all be there. `expression`: words, phrases and beginnings, as full text knows them; empty for none.

    `inside`: texts in scripts without spaces, folded, to be found anywhere in a post's words.
    """

    expression: str
    inside: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.expression or self.inside)

    def stands_in(self, words: str) -> bool:
        """Whether all of `inside` does."""
        folded = unicodedata.normalize("NFC", words).casefold()
        return all(text in folded for text in self.inside)


def sought(query: str) -> Sought:
    """All words and phrases must be there; `word*` is a beginning."""
    parts, inside = [], []
    for part in _PART.finditer(unicodedata.normalize("NFC", repaired(query))):
        phrase, word = part.groups()
        text = phrase if word is None else word.rstrip("*")
        if not any(character.isalnum() for character in text):
            continue
        if unspaced_letter(text):
            inside.append(text.casefold())
        else:
            parts.append(f'"{text}"' + ("*" if word is not None and word.endswith("*") else ""))
    return Sought(" AND ".join(parts[:MAX_PARTS]), tuple(inside[:MAX_PARTS]))


def newest(db: sqlite3.Connection, expression: str, accounts: Sequence[str], below: int, limit: int) -> Sequence[int]:
    """The keys of what matches below a key and some of `accounts` have seen (none: whoever), the newest first.

    Without an expression all match.
    """
    marks = ", ".join("?" for _account in accounts)
    seen_by = (
        f" AND EXISTS (SELECT 1 FROM entry_view WHERE view = 'home' AND account IN ({marks}) AND key = entry.key)"
        if accounts
        else ""
    )
    if not expression:
        return found(db, _ANY.format(seen_by=seen_by), (below, *accounts, limit))
    keys: list[int] = []
    for statement, first in ((_COARSE, below >> COARSE), (_BY_KEY, below)):
        keys += found(db, statement.format(seen_by=seen_by), (expression, first, below, *accounts, limit))
    return sorted(keys, reverse=True)[:limit]
