"""Themes: what is left out follows, every role has a style, any theme of the toolkit works."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.theme import BUILTIN_THEMES

from mbclient.settings.shipped import shipped
from mbclient.settings.themes import Theme as OwnTheme
from mbclient.settings.themes import load_theme
from mbclient.ui.choices import Choices
from mbclient.ui.themes import COLOURS, DARK, REQUIRED_COLOURS, complete, palette, palette_of, textual_theme
from tests.settings.test_themes import contrast


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


class ListApp(App[None]):
    """A list of choices, the first one highlighted, with every style that the screens' lines have."""

    STYLES = ("", "$text-muted", "$primary", "$secondary", "$accent", "$success", "$warning", "$error")

    def __init__(self, theme: OwnTheme) -> None:
        super().__init__()
        self.register_theme(textual_theme(theme.name, theme.colours, dark=theme.dark))
        self.theme = theme.name

    def compose(self) -> ComposeResult:
        yield Choices()

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.put([Content.assemble(*(("word ", style) for style in self.STYLES))] * 2)
        choices.highlighted = 0
        choices.focus()


@pytest.mark.parametrize("path", sorted(shipped("themes").glob("*.toml")), ids=lambda path: path.stem)
async def test_a_list_keeps_the_contrast_that_the_theme_promises(path: Path) -> None:
    """Highlighted or not: what the toolkit mixes itself is taken from the theme."""
    async with ListApp(load_theme(path)).run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        choices = pilot.app.query_one(Choices)
        lines = [choices.render_line(row) for row in (0, 1)]
        styles = [[part.style for part in line if part.style and part.text.strip()] for line in lines]
        grounds = [{style.bgcolor for style in line} for line in styles]
        assert [len(ground) for ground in grounds] == [1, 1]
        assert grounds[0] != grounds[1]
        assert all(style.bold for style in styles[0])  # which tells it without colour
        for style in (style for line in styles for style in line):
            assert style.color is not None
            assert style.bgcolor is not None
            ratio = contrast(style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex)
            assert ratio >= (7 if "contrast" in path.stem else 4.5), style


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_of_the_toolkit_gives_a_palette(name: str) -> None:
    made = palette_of(BUILTIN_THEMES[name])
    assert made.plain.keys() == made.selected.keys() == palette(DARK).plain.keys()
    assert all(style.color is not None and style.bgcolor is not None for style in made.plain.values())
