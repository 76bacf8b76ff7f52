"""The words of mbclient, in English and Swedish: `_("English text")` gives the set language's.

The English text is the key; `locale/sv/LC_MESSAGES/mbclient.po` holds the Swedish. Look words up where they are
shown, never at import: then a change of language at run time works. A table that must stand at import time marks its
texts with `N_` and looks them up when it shows them. Placeholders are `str.format`'s: `_("{n} left").format(n=3)`.

The `gettext` module is loaded at the first Swedish word, not before: the meter stands in shell prompts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "sv")

_language = "en"
_catalogue: NullTranslations | None = None  # of `_language`, once a word of it was asked for


def set_language(choice: str) -> None:
    """Choose "en", "sv" or "auto": the language of LC_ALL, LC_MESSAGES or LANG, English when it is another.

    Raises ValueError for anything else: settings have checked it before.
    """
    global _language, _catalogue
    if choice not in ("auto", *LANGUAGES):
        raise ValueError(f"language must be auto, en or sv, not {choice!r}")
    _language = _environment_language() if choice == "auto" else choice
    _catalogue = None


def language() -> str:
    """The language in use: "en" or "sv"."""
    return _language


def _(message: str) -> str:
    """The message in the language in use."""
    return message if _language == "en" else _swedish().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the message that goes with `n`, in the language in use."""
    if _language == "en":
        return singular if n == 1 else plural
    return _swedish().ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark a text for the catalogue without looking it up: for tables that stand at import time."""
    return message


def _environment_language() -> str:
    """As POSIX orders it: the first of the three that is set decides, also when it is no language of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "sv" if value.lower().partition("_")[0].partition(".")[0] == "sv" else "en"
    return "en"


def _swedish() -> NullTranslations:
    """The catalogue, loaded once. Without the compiled file (a checkout never installed) the words are English."""
    global _catalogue
    if _catalogue is None:
        from gettext import translation

        folder = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120 - what gettext takes
        _catalogue = translation("mbclient", folder, ["sv"], fallback=True)
    return _catalogue
