"""The user's own words between the keyboard, the draft and the screen.

A draft keeps characters that the screen must not get (direction marks) and that the toolkit takes for no text (every
format character, every space but one): what is typed is told here by our own rule, what is painted stands in for it.
"""

from __future__ import annotations

from unicodedata import category

from textual.events import Key

from mbclient.domain.latepattern import late
from mbclient.domain.safetext import own_text

_UNSEEN = "\u200c"  # as wide as what it stands for, which is not at all, and steers nothing
_SOFT_HYPHEN = "\u00ad"
# Signs around numbers and verses: of the same category, but they are seen.
_SHOWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# A joiner that makes one emoji stays; elsewhere the toolkit takes what follows for no cell.
_EMOJI = "[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]"
_JOINING = late(f"(?<={_EMOJI})\u200d(?={_EMOJI})")
_PLAIN = late(r"[\x20-\x7e\xa0-\xac\xae-\u05ff]*\Z")


def typed(event: Key) -> str:
    """The text that a key is; empty for a command. `is_printable` denies joiners, direction marks and many spaces, and
    takes a letter with Alt for the letter.
    """
    character = event.character or ""
    if event.key.startswith("alt+"):
        return ""
    if event.is_printable:
        return character
    return character if len(character) == 1 and category(character) != "Cc" and own_text(character) == character else ""


def in_place(text: str) -> str:
    """One line as it may be painted, character for character and cell for cell, so that the cursor is where it seems.

    Tabs stay, for the area spreads them; what the toolkit gives no cell and terminals obey is as if it were not there.
    """
    if _PLAIN.match(text):
        return text
    joined = {found.start() for found in _JOINING.finditer(text)}
    return "".join(each if place in joined else _painted(each) for place, each in enumerate(text))


def _painted(character: str) -> str:
    if character == _SOFT_HYPHEN:
        return "-"
    kind = category(character)
    if kind == "Cc":
        return character if character == "\t" else _UNSEEN
    if kind != "Cf" or character in _SHOWN:
        return character
    return _UNSEEN
