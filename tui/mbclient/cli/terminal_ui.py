"""`mbclient` alone: the terminal UI, whose toolkit is loaded here and nowhere before."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mbclient.cli.spec import Given
from mbclient.domain.errors import UsageError
from mbclient.texts import _

if TYPE_CHECKING:
    from mbclient.bootstrap import Setup
    from mbclient.core.desk import Desk
    from mbclient.settings.themes import Theme
    from mbclient.ui.launch import ThemeChoice


def start(given: Given) -> int:
    """Starts the UI, or says why it cannot. Raises `UsageError`, `SettingsError`, `StorageError`."""
    if given.has("--json"):
        raise UsageError(_("--json goes with a command"), _("`mbclient --help` lists them"))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("the terminal UI needs a terminal"), _("give a command; `mbclient --help` lists them"))
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError(_("this terminal cannot show a screen"), _("set TERM, or give a command"))
    gc.disable()  # until the UI is ready (speed facts 1): it collects, freezes and enables then
    if given.has("--demo") or _own(given) == "demo":
        _demo()
    return 0


def _own(given: Given) -> str:
    """The user's own desk; "demo" when the welcome led there."""
    from mbclient.bootstrap import build, read_settings
    from mbclient.settings.choices import save_choice, write_first_config

    setup = read_settings(
        config=given.text("--config") or None, data_dir=given.text("--data-dir") or None, lenient=True
    )
    first = write_first_config(setup.paths)
    return _show(build(setup), setup, welcome=first, save=partial(save_choice, setup.paths))


def _demo() -> None:
    """Everything in a folder that is gone afterwards; the user's own settings are neither read nor written."""
    from mbclient.bootstrap import build_demo, read_settings

    with TemporaryDirectory(prefix="mbclient-demo-") as folder:
        setup = read_settings(config=str(Path(folder, "config.toml")), data_dir=folder)
        _show(build_demo(Path(folder)), setup, demo=True)


def _show(
    desk: Desk,
    setup: Setup,
    *,
    demo: bool = False,
    welcome: bool = False,
    save: Callable[[str, object], None] | None = None,
) -> str:
    from mbclient.settings.show import config_show
    from mbclient.settings.themes import all_themes, choose_theme
    from mbclient.texts import set_language
    from mbclient.ui.launch import Launch
    from mbclient.ui.start import run

    theme, notice = choose_theme(setup.config.preferences.theme, setup.paths)
    launch = Launch(
        theme=_choice(theme),
        themes=tuple(_choice(found.theme) for found in all_themes(setup.paths) if found.theme is not None),
        notices=(*setup.notices, *((notice,) if notice else ())),
        demo=demo,
        welcome=welcome,
        save_choice=save,
        set_language=set_language,
        locked=frozenset(setting.key for setting in config_show(setup.config) if setting.locked),
    )
    try:
        next_thing = run(desk, launch)
        if desk.preferences.statistics.summary and not demo:
            _say_farewell(desk)
        return next_thing
    finally:
        desk.world.stores.close()


def _say_farewell(desk: Desk) -> None:
    from mbclient.cli.output import Output
    from mbclient.core.budget import farewell

    figures = desk.statistics.figures(1)
    Output().text(farewell(figures.days[-1], figures.limit))


def _choice(theme: Theme) -> ThemeChoice:
    from mbclient.ui.launch import ThemeChoice

    return ThemeChoice(theme.name, theme.dark, theme.colours)
