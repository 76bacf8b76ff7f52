"""The words of mbclient, in English and Swedish: `_("English text")` gives the set language's.

The English text is the key; `locale/sv/LC_MESSAGES/mbclient.po` holds the Swedish. Look words up where they are
shown, never at import: then a change of language at run time works. A table that must stand at import time marks its
texts with `N_` and looks them up when it shows them. Placeholders are `str.format`'s: `_("{n} left").format(n=3)`.

The `gettext` module is loaded at the first Swedish word, not before: the meter stands in shell prompts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mbclient.domain.marked import N_

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "sv")

__all__ = ["LANGUAGES", "N_", "_", "language", "ngettext", "set_language"]

_language = "en"
_catalogue: NullTranslations | None = None  # of `_language`, once a word of it was asked for


def set_language(choice: str) -> None:
    """Choose "en", "sv" or "auto": the language of LANGUAGE, LC_ALL, LC_MESSAGES or LANG, else English.

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


def _environment_language() -> str:
    """As gettext orders it: of LC_ALL, LC_MESSAGES and LANG the first that is set decides, also when it is no language
    of ours. LANGUAGE, a list such as `de:sv`, stands above all three, unless they ask for C (or are not set)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := os.environ.get(name))), "C")
    if _spoken(locale) in ("c", "posix"):
        return "en"
    wanted = os.environ.get("LANGUAGE") or locale
    return next((spoken for one in wanted.split(":") if (spoken := _spoken(one)) in LANGUAGES), "en")


def _spoken(locale: str) -> str:
    """The language of a locale's name: "sv" of `sv_SE.UTF-8` and of `sv@euro`."""
    for sign in "_.@":
        locale = locale.partition(sign)[0]
    return locale.lower()


def _swedish() -> NullTranslations:
    """The catalogue, loaded once. Without the compiled file (a checkout never installed) the words are English."""
    global _catalogue
    catalogue = _catalogue  # threads look words up too, while the language is changed
    if catalogue is None:
        from gettext import translation

        folder = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120 - what gettext takes
        catalogue = _catalogue = translation("mbclient", folder, ["sv"], fallback=True)
    return catalogue
