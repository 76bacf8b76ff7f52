from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mbclient.domain.errors import SettingsError
from mbclient.settings.paths import Paths
from mbclient.settings.shipped import shipped
from mbclient.settings.themes import (
    DARK,
    LIGHT,
    METER,
    PALETTE,
    TIMELINE,
    all_themes,
    choose_theme,
    load_theme,
    theme_files,
)
from tests.settings.conftest import put

GROUNDS = ("background", "surface", "panel", "selection")
NOT_TEXT = {*GROUNDS, "rule"}


def linear(colour: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1, linear light (IEC 61966-2-1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("path", sorted(shipped("themes").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_themes_are_complete_by_themselves(path: Path) -> None:
    document = tomllib.loads(path.read_text("utf-8"))
    assert set(document["colors"]) == set(PALETTE)
    assert set(document["meter"]) == set(METER)
    assert set(document["timeline"]) == set(TIMELINE)
    theme = load_theme(path)
    assert theme.name == path.stem
    assert set(theme.colours) == {*PALETTE, *METER, *TIMELINE}
    assert len(theme.colours) == len(PALETTE) + len(METER) + len(TIMELINE)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in theme.colours.values())


def test_the_states_of_the_meter_differ(paths: Paths) -> None:
    for found in all_themes(paths):
        assert found.theme is not None
        colours = found.theme.colours
        assert len({colours[state] for state in ("ok", "near", "over")}) == 3
        assert len({colours[state] for state in ("identified", "anonymous", "blocked")}) == 3


def test_an_own_theme_takes_the_rest_from_the_shipped_one(paths: Paths) -> None:
    put(paths.own_themes / "mine.toml", 'dark = false\n[timeline]\nterm = "#AA0000"\n')
    theme, notice = choose_theme("mine", paths)
    assert notice == ""
    light = load_theme(shipped("themes") / f"{LIGHT}.toml")
    assert theme.colours == {**light.colours, "term": "#aa0000"}
    assert (theme.name, theme.title, theme.dark) == ("mine", "mine", False)


def test_an_own_theme_wins_over_a_shipped_one(paths: Paths) -> None:
    own = put(paths.own_themes / f"{DARK}.toml", "dark = true")
    assert theme_files(paths)[DARK] == own
    assert choose_theme(DARK, paths)[0].colours == load_theme(shipped("themes") / f"{DARK}.toml").colours


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('dark = true\n[timeline]\nterm = "red"', "line 3: term: 'red' is no colour; write it as #rrggbb"),
        ('dark = true\n[timeline]\nterm = "#fff"', "line 3: term: '#fff' is no colour"),
        ("dark = true\n[timeline]\nterm = 5", "line 3: term: must be a text, not a number"),
        ('dark = true\n[timeline]\ntrem = "#ffffff"', "line 3: unknown key 'trem'; did you mean 'term'"),
        ('[timeline]\nterm = "#ffffff"', "dark is missing"),
        ("dark = true\n[timeline", "line 2: not valid TOML"),
    ],
)
def test_a_bad_theme_says_what_and_the_dark_one_is_used(paths: Paths, text: str, words: str) -> None:
    path = put(paths.own_themes / "mine.toml", text)
    with pytest.raises(SettingsError) as caught:
        load_theme(path)
    assert words in str(caught.value)
    theme, notice = choose_theme("mine", paths)
    assert theme.name == DARK
    assert words in notice
    listed = {found.name: found for found in all_themes(paths)}
    assert words in listed["mine"].error
    assert listed["mine"].own
    assert listed[DARK].theme is not None


@pytest.mark.parametrize("name", ["my theme", "å", "x" * 41, "a\x1b[31m"])
def test_a_file_whose_name_is_none_for_a_theme_says_so(paths: Paths, name: str) -> None:
    """It is not passed over: whoever wrote it would look for it."""
    put(paths.own_themes / f"{name}.toml", "dark = true")
    (found,) = [found for found in all_themes(paths) if found.own]
    assert found.theme is None
    assert "rename the file" in found.error
    assert str(paths.own_themes) in found.error
    assert "\x1b" not in found.name + found.error
    theme, notice = choose_theme(name, paths)
    assert theme.name == DARK
    assert "rename the file" in notice


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mbclient-drak", "did you mean 'mbclient-dark'"),
        ("../../etc/passwd", "mbclient themes"),
        ("\x1b[31m", "no theme"),
    ],
)
def test_an_unknown_theme(paths: Paths, name: str, words: str) -> None:
    theme, notice = choose_theme(name, paths)
    assert theme.name == DARK
    assert words in notice
    assert "\x1b" not in notice
