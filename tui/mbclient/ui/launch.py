"""Starts the screen: the one door from the commands into the UI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mbclient.core.desk import Desk


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme as the settings found it: colours by name, `#rrggbb`."""

    name: str
    dark: bool
    colours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Launch:
    """What the screen needs besides the desk.

    `save_choice(key, value)` keeps a setting made on the screen; `locked`: dotted keys that config.toml fixes.
    `set_language` makes another language the one in use. `welcome`: greet whoever has no account yet.
    """

    theme: ThemeChoice
    themes: tuple[ThemeChoice, ...] = ()
    notices: tuple[str, ...] = ()
    demo: bool = False
    welcome: bool = True
    save_choice: Callable[[str, object], None] | None = None
    set_language: Callable[[str], None] | None = None
    locked: frozenset[str] = frozenset()


def run(desk: Desk, launch: Launch) -> str:
    """Runs the screen until the user leaves; "demo" when they want to see the demo next, else "".

    A fault inside comes out here: the toolkit's own crash screen would print local variables (reliability facts 1.4).
    """
    from mbclient.ui.app import MbclientApp

    app = MbclientApp(desk, launch)
    next_thing = app.run() or ""
    if app.fault is not None:
        raise app.fault
    return next_thing
