"""`mbclient themes`: shipped and own themes, and what is wrong with those that can't be used."""

from __future__ import annotations

from mbclient.cli.run import Run
from mbclient.settings.themes import all_themes
from mbclient.texts import _


def themes(run: Run) -> int:
    chosen = run.setup.config.preferences.theme
    for found in all_themes(run.setup.paths):
        theme = found.theme
        if run.out.json:
            run.out.object(
                {
                    "schema": 1,
                    "name": found.name,
                    "title": theme.title if theme else None,
                    "dark": theme.dark if theme else None,
                    "own": found.own,
                    "chosen": found.name == chosen,
                    "error": found.error or None,
                }
            )
            continue
        words = [found.name, _("dark") if theme and theme.dark else _("light") if theme else found.error]
        words += [_("your own")] if found.own else []
        words += [_("in use")] if found.name == chosen else []
        run.out.text(" · ".join(words), style="bold" if found.name == chosen else "")
    return 0
