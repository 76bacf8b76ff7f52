"""The toolkit's style sheets, read in part: what they give is what the toolkit would give."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.css.tokenize import tokenize_values

import mbclient.ui
from mbclient.settings.shipped import shipped
from mbclient.settings.themes import load_theme
from mbclient.ui.styling import StyleSheets, VariableTokens
from mbclient.ui.themes import textual_theme

HOW = {"bold", "dim", "italic", "underline", "reverse"}
THEMES = sorted(shipped("themes").glob("*.toml"))


def words_of_styles() -> Iterator[str]:
    """Every text in the program's own parts that reads like the words of a style."""
    for path in Path(mbclient.ui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                if words and all(word in HOW or re.fullmatch(r"\$[a-z-]+", word) for word in words):
                    yield node.value


def variables(path: Path) -> dict[str, str]:
    theme = load_theme(path)
    app: App[None] = App()
    app.register_theme(textual_theme(theme.name, theme.colours, dark=theme.dark))
    app.theme = theme.name
    return app.get_css_variables()


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
def test_the_words_of_styles_mean_what_the_toolkit_takes_them_for(path: Path) -> None:
    from textual.markup import parse_style

    known = variables(path)
    ours = StyleSheets(variables=known)
    found = sorted(set(words_of_styles()))
    assert len(found) > 12
    for words in found:
        assert ours._plain_words(words) is not None, words
        assert ours.parse_style(words) == parse_style(words, known), words


def test_other_words_are_left_to_the_toolkit() -> None:
    ours = StyleSheets(variables={"accent": "#112233", "mixed": "auto 87%"})
    for words in ("bold on $accent", "$mixed", "$accent 50%", "not bold", "$unknown", "red", "$accent $accent"):
        assert ours._plain_words(words) is None, words


def test_another_theme_gives_other_colours() -> None:
    ours = StyleSheets(variables={"accent": "#112233"})
    before = ours.parse_style("bold $accent")
    ours.set_variables({"accent": "#445566"})
    assert ours.parse_style("bold $accent") != before


@pytest.mark.parametrize("path", THEMES[:2], ids=lambda path: path.stem)
def test_the_variables_are_taken_apart_as_the_toolkit_does_it(path: Path) -> None:
    known = variables(path)
    ours, theirs = VariableTokens(known), tokenize_values(known)
    assert ours.keys() == theirs.keys()
    for name in known:
        copied = ours.copy()
        assert copied[name] == theirs[name], name
        assert copied.setdefault(name, []) == theirs[name], name


def test_what_a_sheet_sets_for_itself_stays_its_own() -> None:
    sheet = "$own: $accent; Static { color: $own; background: $ground; }"
    other = "Static { color: $accent; }"
    found = []
    for kind in (StyleSheets, Stylesheet):
        sheets = kind(variables={"accent": "#112233", "ground": "#445566"})
        sheets.add_source(sheet, read_from=("one", ""))
        sheets.add_source(other, read_from=("two", ""))
        found.append([rules.css for rules in sheets.rules])
        assert "own" not in sheets._variable_tokens
    assert found[0] == found[1]
