"""`mbclient` alone: the terminal UI, whose toolkit is loaded here and nowhere before."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from mbclient.cli.spec import Given
from mbclient.domain.errors import UsageError
from mbclient.texts import _

if TYPE_CHECKING:
    from mbclient.bootstrap import Setup
    from mbclient.core.desk import Desk
    from mbclient.settings.themes import FoundTheme, Theme
    from mbclient.ui.launch import ThemeChoice, Themes


def start(given: Given) -> int:
    """Starts the UI, or says why it cannot. Raises `UsageError`, `SettingsError`, `StorageError`."""
    if given.has("--json"):
        raise UsageError(_("--json goes with a command"), _("`mbclient --help` lists them"))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("the terminal UI needs a terminal"), _("give a command; `mbclient --help` lists them"))
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError(_("this terminal cannot show a screen"), _("set TERM, or give a command"))
    gc.disable()  # until the UI is ready (speed facts 1): ui/collecting.py enables it then
    from mbclient.ui.ending import stop, when_told_to_end

    with when_told_to_end(stop):
        if given.has("--demo") or _own(given) == "demo":
            _demo(given)
    return 0


def _own(given: Given) -> str:
    """The user's own desk; "demo" when the welcome led there."""
    from mbclient.bootstrap import build, choice_keeper, read_settings
    from mbclient.settings.choices import write_first_config

    setup = read_settings(
        config=given.text("--config") or None, data_dir=given.text("--data-dir") or None, lenient=True
    )
    first = write_first_config(setup.paths)  # whoever has written it beforehand knows the way: no question stands in it
    desk = build(setup, say=_note)  # on the terminal as it was: the screen comes after
    return _show(desk, setup, given, first=first, save=choice_keeper(setup, desk))


def _note(text: str) -> None:
    from mbclient.cli.output import Output

    Output().note(text)


def _demo(given: Given) -> None:
    """Everything in a folder that is gone afterwards. Of the user's own settings it reads how they see and press, and
    writes none.
    """
    from mbclient.bootstrap import Setup, build_demo
    from mbclient.settings.config import Config, load_config
    from mbclient.settings.paths import find_paths
    from mbclient.texts import set_language
    from mbclient.ui.ending import undisturbed

    with ExitStack() as left_behind:
        with undisturbed():  # else a folder could be there that nobody knows of yet
            folder = Path(left_behind.enter_context(tempfile.TemporaryDirectory(prefix="mbclient-demo-")))
        paths = find_paths(given.text("--config") or None, given.text("--data-dir") or None)
        own = load_config(replace(paths, data_dir=folder), lenient=True).preferences
        set_language(own.language)
        desk = build_demo(folder)
        desk.preferences = replace(
            desk.preferences,
            language=own.language,
            theme=own.theme,
            plain=own.plain,
            density=own.density,
            keys=own.keys,
        )
        _show(desk, Setup(paths, Config(desk.preferences)), given, demo=True)


def _show(
    desk: Desk,
    setup: Setup,
    given: Given,
    *,
    demo: bool = False,
    first: bool = False,
    save: Callable[[str, object], None] | None = None,
) -> str:
    from mbclient.settings.themes import all_themes, choose_theme
    from mbclient.texts import set_language
    from mbclient.ui.launch import Launch
    from mbclient.ui.start import run

    theme, notice = choose_theme(setup.config.preferences.theme, setup.paths)
    launch = Launch(
        theme=_choice(theme),
        themes=lambda: _themes(all_themes(setup.paths)),
        notices=(*setup.notices, *((notice,) if notice else ())),
        demo=demo,
        first=first,
        save_choice=save,
        set_language=set_language,
        locked=cache(partial(_locked, setup)),
        report=partial(_report, given),
    )
    try:
        next_thing = run(desk, launch)
        if desk.preferences.statistics.summary and not demo:
            _say_farewell(desk)
        return next_thing
    finally:
        desk.world.stores.close()


def _locked(setup: Setup) -> frozenset[str]:
    from mbclient.settings.show import config_show

    return frozenset(setting.key for setting in config_show(setup.config) if setting.locked)


def _report(given: Given, fault: Exception) -> str:
    from mbclient.cli.crash import report

    return report(fault, given)


def _say_farewell(desk: Desk) -> None:
    from mbclient.cli.output import Output
    from mbclient.core.budget import farewell

    figures = desk.statistics.figures(1)
    Output().text(farewell(figures.days[-1], figures.limit))


def _themes(found: Sequence[FoundTheme]) -> Themes:
    from mbclient.ui.launch import Themes

    choices = [_choice(each.theme) for each in found if each.theme is not None]
    return Themes(choices, [each.error for each in found if each.error])


def _choice(theme: Theme) -> ThemeChoice:
    from mbclient.ui.launch import ThemeChoice

    return ThemeChoice(theme.name, theme.dark, theme.colours)
