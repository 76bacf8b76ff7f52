"""What the program on the screen is started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


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
