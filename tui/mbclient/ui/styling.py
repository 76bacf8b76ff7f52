"""The toolkit's style sheets, of which only what is used is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.css.tokenize import tokenize_value
from textual.css.tokenizer import Token
from textual.style import Style

from mbclient.domain.latepattern import late

_HOW = frozenset({"bold", "dim", "italic", "underline", "reverse"})
_COLOUR = late("#[0-9A-Fa-f]{6}")
_UNREAD: list[Token] = []


class StyleSheets(Stylesheet):
    """`App.stylesheet`.

    The words that the parts style their pieces with, such as `bold $accent`, are read without the toolkit's markup,
    which is 15 M instructions of a start; what is not of these few words is left to it. And of a theme's 190 variables
    those are taken apart that a rule names, once for each sheet.
    """

    _tokens: dict[str, list[Token]] | None = None

    def set_variables(self, variables: dict[str, str]) -> None:
        super().set_variables(variables)
        self._tokens = None

    @property
    def _variable_tokens(self) -> dict[str, list[Token]]:
        if self._tokens is None:
            self._tokens = VariableTokens(self._variables)
        return self._tokens

    def parse_style(self, style_text: str | Style) -> Style:
        if isinstance(style_text, str) and style_text not in self._style_parse_cache:
            style = self._plain_words(style_text)
            if style is not None:
                self._style_parse_cache[style_text] = style
        return super().parse_style(style_text)

    def _plain_words(self, text: str) -> Style | None:
        """A colour of the theme and how it is written; None for anything else."""
        how: dict[str, Any] = {}  # fields of a style
        colour: Color | None = None
        for word in text.split():
            value = self._variables.get(word[1:], "") if word.startswith("$") else ""
            if word in _HOW:
                how[word] = True
            elif colour is None and _COLOUR.fullmatch(value):
                colour = Color.parse(value)
            else:
                return None
        return Style(None, colour, **how)


class VariableTokens(dict[str, list[Token]]):
    """Variables by name with their tokens, each taken apart when it is first asked for. What a sheet sets for itself
    stands in its own copy.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(dict.fromkeys(variables, _UNREAD))
        self._variables = variables

    def __getitem__(self, name: str) -> list[Token]:
        found = super().__getitem__(name)
        if found is _UNREAD:
            found = self[name] = list(tokenize_value(self._variables[name], ("__name__", "")))
        return found

    def setdefault(self, name: str, default: list[Token], /) -> list[Token]:
        return self[name] if name in self else super().setdefault(name, default)

    def copy(self) -> VariableTokens:
        own = VariableTokens(self._variables)
        own |= self
        return own
