"""Which writing systems a name mixes: `аpple` with a Cyrillic а looks like a name it is not (Unicode UTS 39).

A handle in one script is anybody's own; letters of several in one part of it are a sign to look twice. Chinese,
Japanese and Korean writing mixes scripts by its nature, with Latin beside them (UTS 39, "highly restrictive").
"""

from __future__ import annotations

import re
from unicodedata import name

_PARTS = re.compile(r"[@.\-_/:\s]+")
_EAST_ASIAN = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_ALIASES = {"HALFWIDTH": "", "FULLWIDTH": "", "MATHEMATICAL": "MATHEMATICAL", "KATAKANA-HIRAGANA": "", "MODIFIER": ""}


def mixes_scripts(handle: str) -> bool:
    """Whether a part of a handle (between dots, dashes, @) has letters of scripts that do not belong together."""
    return not handle.isascii() and any(_is_mixed(part) for part in _PARTS.split(handle))


def _is_mixed(part: str) -> bool:
    found = {script for character in part if character.isalpha() and (script := _script(character))}
    return len(found) > 1 and not any(found <= allowed for allowed in _EAST_ASIAN)


def _script(letter: str) -> str:
    """The first word of the letter's Unicode name is its script's; empty where it says nothing of the script."""
    first = name(letter, "").partition(" ")[0]
    return _ALIASES.get(first, first)
