"""The shipped themes, for the eyes they are made for: contrast by WCAG, colours as colour-blind eyes see them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest

from mbclient.settings.paths import Paths
from mbclient.settings.shipped import shipped
from mbclient.settings.themes import DARK, Theme, all_themes, load_theme
from tests.settings.test_themes import GROUNDS, NOT_TEXT, contrast, linear, luminance

Vector = tuple[float, float, float]

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# table 1, severity 1.0; they work on linear RGB.
SIMULATED: dict[str, tuple[Vector, Vector, Vector]] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
SAFE = {  # the eyes that a theme's name promises to serve
    "mbclient-redgreen-dark": ("protanopia", "deuteranopia"),
    "mbclient-redgreen-light": ("protanopia", "deuteranopia"),
    "mbclient-blueyellow-dark": ("tritanopia",),
    "mbclient-blueyellow-light": ("tritanopia",),
}
TOGETHER = (("success", "warning", "error"), ("ok", "near", "over"), ("identified", "anonymous", "blocked"))
APART = 20.0  # CIE 1976 ΔE; about 2.3 can just be told when side by side
LIGHTER = 10.0  # CIE L*, of 100
NAMES = sorted(path.stem for path in shipped("themes").glob("*.toml"))


def shipped_theme(name: str) -> Theme:
    return load_theme(shipped("themes") / f"{name}.toml")


def seen(colour: str, eyes: str) -> Vector:
    """Linear RGB as these eyes see it."""
    rows = SIMULATED[eyes]
    red, green, blue = (
        min(1.0, max(0.0, sum(part * value for part, value in zip(row, linear(colour), strict=True)))) for row in rows
    )
    return red, green, blue


def lab(rgb: Sequence[float]) -> Vector:
    """CIE L*a*b* (D65) of linear sRGB (IEC 61966-2-1)."""
    red, green, blue = rgb
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def confused(theme: Theme, eyes: str) -> dict[str, float]:
    """The pairs of states that these eyes can't well tell apart, with their ΔE."""
    pairs = [pair for roles in TOGETHER for pair in itertools.combinations(roles, 2)]
    far = {
        f"{one} and {other}": math.dist(lab(seen(theme.colours[one], eyes)), lab(seen(theme.colours[other], eyes)))
        for one, other in pairs
    }
    return {pair: round(apart, 1) for pair, apart in far.items() if apart < APART}


def test_what_is_shipped() -> None:
    """Eight at least, light and dark; a title each; nothing wrong with any."""
    themes = [shipped_theme(name) for name in NAMES]
    assert len(themes) >= 8
    assert len({theme.title for theme in themes}) == len(themes)
    assert sum(not theme.dark for theme in themes) >= 3
    assert set(SAFE) < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_readable_on_every_ground(name: str) -> None:
    theme, least = shipped_theme(name), 7.0 if "contrast" in name else 4.5
    pairs = itertools.product(sorted(set(theme.colours) - NOT_TEXT), GROUNDS)
    low = {
        f"{text} on {ground}": round(ratio, 2)
        for text, ground in pairs
        if (ratio := contrast(theme.colours[text], theme.colours[ground])) < least
    }
    assert low == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_selected_post_stands_on_a_ground_of_its_own(name: str) -> None:
    colours = shipped_theme(name).colours
    assert math.dist(lab(linear(colours["selection"])), lab(linear(colours["background"]))) >= 5


@pytest.mark.parametrize(("name", "eyes"), [(name, eyes) for name in SAFE for eyes in SAFE[name]])
def test_states_stay_apart_for_these_eyes(name: str, eyes: str) -> None:
    assert confused(shipped_theme(name), eyes) == {}


@pytest.mark.parametrize("name", SAFE)
def test_states_differ_in_lightness_too(name: str) -> None:
    colours = shipped_theme(name).colours
    for roles in TOGETHER[:2]:
        lightness = sorted(lab(linear(colours[role]))[0] for role in roles)
        assert all(above - below >= LIGHTER for below, above in itertools.pairwise(lightness)), lightness


def test_the_eyes_do_confuse_what_is_known_to_be_confused() -> None:
    """The measure can fail: a red and a green are one colour without L or M cones, greys are greys to everybody."""
    assert confused(shipped_theme(DARK), "deuteranopia")
    for eyes in SIMULATED:
        assert seen("#808080", eyes) == pytest.approx(linear("#808080"), abs=1e-3)


def test_the_measure_itself() -> None:
    assert lab(linear("#ffffff")) == pytest.approx((100, 0, 0), abs=0.1)
    assert lab(linear("#ff0000")) == pytest.approx((53.2, 80.1, 67.2), abs=0.2)


def test_the_monochrome_one_has_no_colour() -> None:
    for colour in shipped_theme("mbclient-mono").colours.values():
        assert colour[1:3] == colour[3:5] == colour[5:]


def test_dark_and_light_are_what_they_say(paths: Paths) -> None:
    for found in all_themes(paths):
        assert found.theme is not None, found.error
        assert (luminance(found.theme.colours["background"]) < 0.1) is found.theme.dark
