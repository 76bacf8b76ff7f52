"""Themes: what is left out follows, every role has a style, any theme of the toolkit works."""

from __future__ import annotations

import pytest
from textual.theme import BUILTIN_THEMES

from mbclient.ui.themes import COLOURS, DARK, REQUIRED_COLOURS, complete, palette, palette_of, textual_theme


def test_missing_colours_follow_others_and_required_ones_must_be_there() -> None:
    least = {name: DARK[name] for name in REQUIRED_COLOURS}
    full = complete(least)
    assert set(full) == set(COLOURS)
    assert full["mention"] == least["primary"]
    assert full["selection"] == least["background"]
    for name in REQUIRED_COLOURS:
        with pytest.raises(KeyError):
            complete({other: value for other, value in least.items() if other != name})


def test_a_theme_comes_back_as_the_same_palette() -> None:
    theme = textual_theme("x", DARK, dark=True)
    assert palette_of(theme).colours == complete(DARK)


def test_muted_text_has_the_themes_own_colour() -> None:
    """Whose contrast is checked, not the toolkit's share of black or white."""
    theme = textual_theme("x", {**DARK, "muted": "#c0c0c0"}, dark=True)
    assert theme.to_color_system().generate()["text-muted"].lower() == "#c0c0c0"


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_of_the_toolkit_gives_a_palette(name: str) -> None:
    made = palette_of(BUILTIN_THEMES[name])
    assert made.plain.keys() == made.selected.keys() == palette(DARK).plain.keys()
    assert all(style.color is not None and style.bgcolor is not None for style in made.plain.values())
