"""Outside text made fit for a terminal: one cleaning function, one type that only it makes.

The order of the steps and their properties are those of the reliability facts, section 5.
"""

from __future__ import annotations

import unicodedata
from typing import Self

from mbclient.domain.latepattern import late

MAX_CHARACTERS = 20_000
MAX_LINES = 500
MAX_MARKS = 4
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Printable ASCII, Latin-1 letters and newline need no work at all: nearly every post stops here.
_PLAIN = late(r"[\n\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2015\u2018-\u201f\u2020-\u2022\u2026\u20ac]*\Z")
_LINE_ENDS = late("\r\n|[\r\x85\u2028\u2029]")
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # embeddings, overrides, isolates
_MARKS_KEPT = late(r"[\u200c\u200d\ufe0e\ufe0f]")  # ZWNJ, ZWJ and variation selectors shape real letters and emoji
# A joiner stays where it makes one emoji of up to four (UTS 51) or a conjunct of Indic letters (beside a virama).
# Anywhere else it shows nothing, and programs that take it for a bond count what follows as no cell at all.
_TONE = "[\U0001f3fb-\U0001f3ff]?"
_EMOJI = f"[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]{_TONE}\ufe0f?"
_WIDE_EMOJI = f"(?:[\U0001f000-\U0001faff]|[\u2600-\u27bf](?=[\ufe0f\U0001f3fb-\U0001f3ff])){_TONE}\ufe0f?"
_VIRAMA = "[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]"
_JOINER = late(
    f"({_WIDE_EMOJI}(?:\u200d{_EMOJI}){{1,3}}|(?<={_VIRAMA})\u200d(?=[\u0900-\u0dff])|\u200d(?={_VIRAMA}))|\u200d"
)


class SafeText(str):
    """Text that may be shown: made by cleaning, so holding one is the proof that it was cleaned.

    `SafeText(raw)` cleans; cleaning a `SafeText` again changes nothing and costs nothing. Operations such as
    `+` or slicing give a plain `str`: clean the result again where it has to be shown.
    """

    __slots__ = ()

    def __new__(cls, raw: str = "", *, max_characters: int = MAX_CHARACTERS, max_lines: int = MAX_LINES) -> Self:
        if isinstance(raw, cls):
            return raw
        return super().__new__(cls, _clean(raw, max_characters, max_lines))

    @classmethod
    def line(cls, raw: str, *, max_characters: int = 500) -> Self:
        """For names, titles and errors: cleaned and laid on one line."""
        one_line = " ".join(cls(raw, max_characters=max_characters).split())
        return cls(one_line)


def own_text(raw: str) -> str:
    """The user's own words as they are kept and sent, which is as they were written (policy facts 9.1).

    Joiners, direction marks, soft hyphens and tabs are part of some language. Only what is none of a text goes, as
    a script or a paste may bring it unseen: lines end in one way, controls become visible marks, and what turns round
    the letters of others is left out. To be shown, the result is outside text like any other: make it `SafeText`.
    """
    text = _with_plain_ends(raw)
    return text if _PLAIN.match(text) else "".join(map(_own_character, text))


def holds_none_of_a_text(raw: str) -> bool:
    """Whether `own_text` replaces or leaves out any of it, which is then said."""
    return own_text(raw) != _with_plain_ends(raw)


def _with_plain_ends(raw: str) -> str:
    """Without the mark of their byte order, which editors and pipes put before a text and nobody sees."""
    return _LINE_ENDS.sub("\n", raw.lstrip("\ufeff"))


def _own_character(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return _control_picture(character)
    if category == "Cs" or _is_noncharacter(character):
        return REPLACEMENT
    return "" if character in _TURNING else character


def _clean(raw: str, max_characters: int, max_lines: int) -> str:
    text = raw[:max_characters]
    if not _PLAIN.match(text):
        text = _strip_unsafe(_LINE_ENDS.sub("\n", text))[:max_characters]
        if "\u200d" in text:
            text = _JOINER.sub(r"\1", text)
    if text.count("\n") >= max_lines:
        text = "\n".join(text.split("\n", max_lines)[:max_lines])
    return text


def _strip_unsafe(text: str) -> str:
    out: list[str] = []
    marks = 0
    for character in text:
        if character == "\n" or " " <= character <= "~":
            out.append(character)
            marks = 0
            continue
        category = unicodedata.category(character)
        if category in ("Mn", "Me") and not _MARKS_KEPT.match(character):
            marks += 1
            if marks <= MAX_MARKS:
                out.append(character)
            continue
        if category == "Cc":
            out.append("    " if character == "\t" else _control_picture(character))
        elif category == "Cs" or _is_noncharacter(character):
            out.append(REPLACEMENT)
        elif category == "Cf" and not _MARKS_KEPT.match(character):
            continue  # bidi controls, tags, zero-width and soft hyphen: never shown; marks go on counting
        else:
            out.append(character)
        if not _MARKS_KEPT.match(character):
            marks = 0
    return "".join(out)


def _control_picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else REPLACEMENT


def _is_noncharacter(character: str) -> bool:
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
