"""From a theme's colours to the toolkit's theme and to the styles that the timeline paints with.

A theme is plain data: names of colours (`COLOURS`) with `#rrggbb`, and whether it is dark. Seven must be given; the
rest follow from them. Colour is never the only sign: names are bold, links underlined, the selected post has a bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import Theme

# Colour name → the one it follows when a theme leaves it out; None: it must be given.
COLOURS: Mapping[str, str | None] = {
    "background": None,
    "foreground": None,
    "muted": None,
    "primary": None,
    "success": None,
    "warning": None,
    "error": None,
    "surface": "background",
    "panel": "surface",
    "selection": "panel",
    "rule": "panel",
    "secondary": "primary",
    "accent": "primary",
    "name": "foreground",
    "link": "primary",
    "tag": "accent",
    "mention": "secondary",
    "term": "warning",
    "unread": "accent",
}
REQUIRED_COLOURS = tuple(name for name, follows in COLOURS.items() if follows is None)

DARK: Mapping[str, str] = {
    "background": "#12151c",
    "surface": "#171b24",
    "panel": "#1f2531",
    "selection": "#1e2736",
    "rule": "#262d3a",
    "foreground": "#d5dae4",
    "muted": "#7f8a9e",
    "name": "#f2f4f8",
    "primary": "#7aa7ff",
    "secondary": "#9db4d8",
    "accent": "#6fd0c0",
    "success": "#7fcf8a",
    "warning": "#f0bf6b",
    "error": "#f2857f",
    "link": "#7aa7ff",
    "tag": "#6fd0c0",
    "mention": "#b6a3f5",
    "term": "#f0bf6b",
    "unread": "#f0bf6b",
}
"""The colours when no theme has been loaded: those of `mbclient-dark`."""


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The styles to paint with, by role; on the selected post every role has the selection's background."""

    colours: Mapping[str, str]
    plain: Mapping[str, Style] = field(default_factory=dict)
    selected: Mapping[str, Style] = field(default_factory=dict)

    @property
    def background(self) -> Color:
        return Color.parse(self.colours["background"])

    def state(self, state: str) -> Style:
        """The style of a meter part (its state id): green, yellow, red; green, blue, red for the identities."""
        return self.plain.get(f"state-{state}", self.plain["muted"])


def complete(colours: Mapping[str, str]) -> dict[str, str]:
    """Every colour of `COLOURS`, the missing ones from those they follow. KeyError when a required one is missing."""
    found: dict[str, str] = {}
    for name, follows in COLOURS.items():
        given = colours.get(name)
        found[name] = given if given is not None else found[follows] if follows else colours[name]
    return found


def palette(colours: Mapping[str, str]) -> Palette:
    """The styles of a theme. Widgets ask once per change of theme."""
    full = complete(colours)
    return Palette(full, _styles(full, full["background"]), _styles(full, full["selection"]))


def palette_of(theme: Theme) -> Palette:
    """The styles for a theme of the toolkit: our own by its `mb-` colours, any other by its usual ones."""
    if "mb-background" in theme.variables:
        return palette({name: theme.variables[f"mb-{name}"] for name in COLOURS})
    system = theme.to_color_system().generate()
    colours = {name: _solid(system, name) for name in COLOURS if name in system}
    foreground, background = Color.parse(colours["foreground"]), Color.parse(colours["background"])
    return palette({**colours, "muted": foreground.blend(background, 0.4).hex6})


def _solid(system: Mapping[str, str], name: str) -> str:
    """A colour of the toolkit's as `#rrggbb`; what it leaves to the terminal becomes black or white."""
    try:
        return Color.parse(system[name]).hex6
    except ColorParseError:
        return "#ffffff" if name == "foreground" else "#000000"


def textual_theme(name: str, colours: Mapping[str, str], *, dark: bool) -> Theme:
    """What `App.register_theme` takes; our own colours besides stand as `$mb-…` in the style sheets."""
    full = complete(colours)
    return Theme(
        name=name,
        primary=full["primary"],
        secondary=full["secondary"],
        warning=full["warning"],
        error=full["error"],
        success=full["success"],
        accent=full["accent"],
        foreground=full["foreground"],
        background=full["background"],
        surface=full["surface"],
        panel=full["panel"],
        dark=dark,
        # The toolkit would mix these two itself, with less contrast than a theme may have promised.
        variables={
            "text-muted": full["muted"],
            "block-cursor-blurred-background": full["selection"],
            **{f"mb-{key}": value for key, value in full.items()},
        },
    )


def _styles(colours: Mapping[str, str], background: str) -> dict[str, Style]:
    def style(colour: str, *, bold: bool = False, italic: bool = False, underline: bool = False) -> Style:
        # None, not False: a style that switches nothing off keeps what the terminal writes short.
        return Style(
            color=colours[colour],
            bgcolor=background,
            bold=bold or None,
            italic=italic or None,
            underline=underline or None,
        )

    muted = style("muted")
    return {
        "text": style("foreground"),
        "name": style("name", bold=True),
        "handle": muted,
        "badge": style("secondary"),
        "time": muted,
        "muted": muted,
        "bar": style("primary", bold=True),
        "dot": style("unread", bold=True),
        "link": style("link", underline=True),
        "tag": style("tag"),
        "mention": style("mention"),
        "term": style("term", bold=True),
        "warning": style("warning", bold=True),
        "quote": style("secondary"),
        "quote_bar": muted,
        "quote_name": style("name"),
        "media": style("secondary", italic=True),
        "counts": muted,
        "mine": style("accent", bold=True),
        "boosted": style("success"),
        "more": style("primary"),
        "hidden": muted,
        "rule": style("rule"),
        "day": style("muted", bold=True),
        "unread": style("unread", bold=True),
        "empty": muted,
        "state-ok": style("success", bold=True),
        "state-near": style("warning", bold=True),
        "state-over": style("error", bold=True),
        "state-identified": style("success", bold=True),
        "state-anonymous": style("primary", bold=True),
        "state-blocked": style("error", bold=True),
        "state-note": style("secondary"),
    }
