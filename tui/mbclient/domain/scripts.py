"""Writing systems: which ones a name mixes, and which ones put no spaces between words.

`аpple` with a Cyrillic а looks like a name it is not (Unicode UTS 39).

A handle in one script is anybody's own; letters of several in one part of it are a sign to look twice. Chinese,
Japanese and Korean writing mixes scripts by its nature, with Latin beside them (UTS 39, "highly restrictive").
"""

from __future__ import annotations

from unicodedata import name

from mbclient.domain.latepattern import late

_PARTS = late(r"[@.\-_/:\s]+")
_EAST_ASIAN = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_ALIASES = {"HALFWIDTH": "", "FULLWIDTH": "", "MATHEMATICAL": "MATHEMATICAL", "KATAKANA-HIRAGANA": "", "MODIFIER": ""}


_SMALL_BLOCKS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uf900-\ufaff"
    "\uff66-\uff9d\U00020000-\U0003ffff"
)
UNSPACED = f"{_SMALL_BLOCKS}\u3400-\u4dbf\u4e00-\u9fff"
"""Inside `[]` of a pattern: the letters of scripts that write one word directly after another, so that none has an end
to be seen: Thai, Lao, Burmese, Khmer, kana, Chinese characters (UAX 14: SA and ID). Korean puts spaces.
"""
_UNSPACED = late(f"[{UNSPACED}]")
_FAR = late(r"[^\x00-\u0dff]")
_LIKELY = late(rf"[{_SMALL_BLOCKS}]|[^\W\x00-\u0dff]")
"""Any of these letters, and some others. Compiling the pattern above walks through 27,000 characters, which are 28 M
instructions: no start over posts in other scripts, or with emoji, needs it.
"""


def unspaced_letter(text: str) -> str:
    """The first letter of such a script; empty where there is none."""
    if text.isascii() or not _FAR.search(text) or not _LIKELY.search(text):
        return ""
    found = _UNSPACED.search(text)
    return found[0] if found else ""


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
