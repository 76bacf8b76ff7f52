"""What the program on the screen is started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mbclient.domain.lazydataclass import dataclass


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme as the settings found it: colours by name, `#rrggbb`."""

    name: str
    dark: bool
    colours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Themes:
    """`choices`: every theme that can be chosen. `faults`: why each other one of the user's own cannot be, with file,
    line and what to do.
    """

    choices: Sequence[ThemeChoice] = ()
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Launch:
    """What the screen needs besides the desk.

    `report(fault)` notes a fault of our own and gives the words for it; without it a fault ends the program.
    `themes()` reads them all. `save_choice(key, value)` keeps a setting made on the screen; `locked()`: dotted keys
    that config.toml fixes. `set_language` makes another language the one in use. `first`: nobody has set anything up
    here yet; whoever has no account either is greeted.
    """

    theme: ThemeChoice
    themes: Callable[[], Themes] = Themes
    notices: tuple[str, ...] = ()
    demo: bool = False
    first: bool = False
    save_choice: Callable[[str, object], None] | None = None
    set_language: Callable[[str], None] | None = None
    locked: Callable[[], frozenset[str]] = frozenset
    report: Callable[[Exception], str] | None = None
