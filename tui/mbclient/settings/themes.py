"""Themes: one TOML file each, shipped ones in `themes/`, the user's own beside the settings.

A theme is checked colour by colour before the UI hears of it. What an own theme leaves out it takes from the
shipped theme of the same darkness.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mbclient.domain.errors import SettingsError
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.settings import checks
from mbclient.settings.checks import BadValue, Spec, read_table
from mbclient.settings.paths import Paths
from mbclient.settings.shipped import shipped
from mbclient.settings.toml import load, nearest
from mbclient.texts import _

DARK, LIGHT = "mbclient-dark", "mbclient-light"
_NAME = late(r"[A-Za-z0-9_-]{1,40}\Z")
_COLOUR = late(r"#[0-9A-Fa-f]{6}\Z")


def colour(value: Any) -> str:
    """`#rrggbb`, and nothing else: what every terminal and every reader understands."""
    if not _COLOUR.match(checks.text(value)):
        raise BadValue(
            _("{value} is no colour").format(value=checks.shown(value)), _("write it as #rrggbb, such as #8ab4f0")
        )
    return str(value).lower()


PALETTE = (
    *("primary", "secondary", "accent", "foreground", "muted", "background", "surface", "panel"),
    *("success", "warning", "error"),
)
METER = ("ok", "near", "over", "identified", "anonymous", "blocked")
TIMELINE = (
    *("name", "handle", "time", "tag", "mention", "link", "term", "boost", "cw", "unread"),
    *("selection", "rule"),  # grounds and lines: no text has these
)
_SPEC: Spec = {
    "schema": checks.schema,
    "title": checks.filled,
    "dark": checks.flag,
    "colors": dict.fromkeys(PALETTE, colour),
    "meter": dict.fromkeys(METER, colour),
    "timeline": dict.fromkeys(TIMELINE, colour),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Complete. `colours`: `#rrggbb` by name, of the palette, the meter's states and the timeline's parts alike."""

    name: str
    title: str
    dark: bool
    colours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """One that can be chosen, or why it can't be."""

    name: str
    own: bool
    theme: Theme | None
    error: str = ""


def theme_files(paths: Paths) -> dict[str, Path]:
    """Every theme's file by name; an own theme wins over a shipped one of the same name."""
    files = {path.stem: path for path in sorted(shipped("themes").glob("*.toml"))}
    try:
        own = sorted(paths.own_themes.glob("*.toml"))
    except OSError:  # a folder that can't be read has no themes to offer
        own = []
    return files | {path.stem: path for path in own}


def load_theme(path: Path) -> Theme:
    """The theme of a file, whole. Raises SettingsError."""
    if not _NAME.match(path.stem):
        raise SettingsError(
            _("{name} is no name for a theme").format(name=repr(str(SafeText.line(path.stem, max_characters=40)))),
            _("rename the file: letters, digits, - and _, at most 40"),
            file=str(SafeText.line(str(path))),
        )
    document = load(path)
    if document is None:
        raise SettingsError(_("there is no such file"), _("check the path"), file=str(path))
    values = read_table(document, _SPEC)
    if "dark" not in values:
        raise document.error((), _("dark is missing"), _("write dark = true or dark = false"))
    base = shipped("themes") / f"{DARK if values['dark'] else LIGHT}.toml"
    if path != base:
        below = load(base)
        values = {**(read_table(below, _SPEC) if below else {}), "title": path.stem, **values}
    return Theme(
        name=path.stem,
        title=values.get("title", path.stem),
        dark=values["dark"],
        colours={
            name: values[f"{table}.{name}"]
            for table, names in (("colors", PALETTE), ("meter", METER), ("timeline", TIMELINE))
            for name in names
        },
    )


def all_themes(paths: Paths) -> list[FoundTheme]:
    """For the settings screen and `mbclient themes`: also those that are not in order, with the reason."""
    found = []
    for name, path in theme_files(paths).items():
        own = path.parent == paths.own_themes
        try:
            found.append(FoundTheme(name, own, load_theme(path)))
        except SettingsError as error:
            found.append(FoundTheme(str(SafeText.line(name)), own, None, str(error)))
    return found


def choose_theme(name: str, paths: Paths) -> tuple[Theme, str]:
    """The theme, with an empty notice; or the dark one with a notice that says what is wrong with the wanted one."""
    files = theme_files(paths)
    try:
        if name not in files:
            meant = nearest(name, files)
            advice = _("did you mean {key!r}?").format(key=meant) if meant else _("see `mbclient themes`")
            raise SettingsError(
                _("there is no theme {name}").format(name=repr(str(SafeText.line(name, max_characters=40)))), advice
            )
        return load_theme(files[name]), ""
    except SettingsError as error:
        fallback = load_theme(shipped("themes") / f"{DARK}.toml")
        return fallback, _("{error} ({theme} is used)").format(error=error, theme=DARK)
