"""The names of keys, as the terminal UI's toolkit gives them: `j`, `G`, `ctrl+s`, `full_stop`, `pagedown`, `f5`.

Written out here so that the command line and the settings can check them without loading the toolkit; a test holds
the two together.
"""

from __future__ import annotations

import unicodedata

_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
# The toolkit takes a character's Unicode name; these few it calls otherwise.
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
PUNCTUATION = {
    _RENAMED.get(name, name): character
    for character in map(chr, range(0x21, 0x7F))
    if not character.isalnum()
    for name in (unicodedata.name(character).lower().replace("-", "_").replace(" ", "_"),)
}
_NAME_OF = {character: name for name, character in PUNCTUATION.items()}

_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "backspace": "Backspace",
    "delete": "Delete",
    "insert": "Ins",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "Space",
}
# The keys without a character of their own.
NAMED_KEYS = frozenset((*_SHOWN, *(f"f{number}" for number in range(1, 25))))


def normal_key(key: str) -> str:
    """A key's one name: `?` is `question_mark`, `shift+ctrl+up` is `ctrl+shift+up`; anything else stays. Sequences are
    normalised stroke by stroke.
    """
    return " ".join(_NAME_OF.get(stroke) or _in_order(stroke) for stroke in key.split())


def _in_order(stroke: str) -> str:
    """As the toolkit names it: the order of the letters."""
    *modifiers, base = stroke.split("+")
    return "+".join((*sorted(modifiers), base)) if set(modifiers) <= {*_MODIFIERS} else stroke


def is_key(stroke: str) -> bool:
    """Whether a single (normalised) stroke names a key that a terminal can send."""
    *modifiers, base = stroke.split("+")
    if len(set(modifiers)) != len(modifiers) or any(name not in _MODIFIERS for name in modifiers):
        return False
    if len(base) == 1:
        # With a modifier the toolkit always gives the small letter; alone, the letter itself.
        return base.isalnum() and (not modifiers or base == base.lower())
    return base in NAMED_KEYS or base in PUNCTUATION


def is_only_shifted(stroke: str) -> bool:
    """Whether it names a character with shift before it: what arrives is the other character alone, `G` or `?`."""
    modifier, _plus, base = stroke.partition("+")
    return modifier == "shift" and (len(base) == 1 or base in PUNCTUATION)


def types_text(stroke: str) -> bool:
    """Whether the key, pressed in a text field, would write something: it cannot be a command there."""
    return len(stroke) == 1 or stroke in PUNCTUATION or stroke in ("space", "enter", "backspace", "delete")


def known_names() -> tuple[str, ...]:
    """Every key name but the letters and digits: what a misspelt one is compared with."""
    return (*sorted(NAMED_KEYS), *PUNCTUATION)


def shown_key(key: str) -> str:
    """The key as help, footer and README write it: `Ctrl+S`, `PgDn`, `?`, `g g`."""
    return " ".join(_shown_stroke(stroke) for stroke in key.split())


def _shown_stroke(stroke: str) -> str:
    *modifiers, base = stroke.split("+")
    if base.startswith("f") and base[1:].isdigit():
        shown = base.upper()
    else:
        shown = PUNCTUATION.get(base) or _SHOWN.get(base) or (base.upper() if modifiers else base)
    return "+".join((*(modifier.capitalize() for modifier in modifiers), shown))
