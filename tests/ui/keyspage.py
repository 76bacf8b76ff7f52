"""docs/keys.md, made from the table of keys and from the screens: `python -m tests.ui.keyspage --write`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence

from textual.binding import Binding
from textual.screen import Screen

import mbclient.ui.screens
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import DEFAULT_KEYS, Scope
from tests.generated import Page

SCOPES = {
    Scope.READING: "Reading",
    Scope.FIGURES: "Among the figures",
    Scope.COMPOSER: "In the composer",
    Scope.ANYWHERE: "Everywhere",
}
SCREENS = {
    "OutboxScreen": "Outbox",
    "PlannedScreen": "Recommended times and what is planned",
    "DraftsScreen": "Drafts",
    "MutesScreen": "Mutes",
    "StatsScreen": "Figures",
    "DetailsScreen": "Why, links and details",
    "AddAccountScreen": "Adding an account",
    "ConfirmProfile": "What a profile shows",
    "TargetsScreen": "Accounts to post to",
    "WhenScreen": "When a post goes",
    "Choose": "A choice",
    "AskText": "A question with a line to write",
    "AskReason": "A question for a reason",
    "Ask": "A question with yes and no",
    "LeaveScreen": "Leaving while something is on its way",
    "WelcomeScreen": "Welcome",
    "HelpScreen": "Help",
}
"""Screens with keys of their own, in the order of the page. A test tells which is missing."""


def screens() -> Iterator[tuple[str, list[Binding]]]:
    """Every screen that has keys besides the table's, with these."""
    known = {action.id for action in DEFAULT_KEYS}
    for found in pkgutil.iter_modules(mbclient.ui.screens.__path__, "mbclient.ui.screens."):
        module = importlib.import_module(found.name)
        for name, part in inspect.getmembers(module, inspect.isclass):
            if part.__module__ == found.name and issubclass(part, Screen):
                listed = [each for each in vars(part).get("BINDINGS", ()) if isinstance(each, Binding)]
                if own := [binding for binding in listed if binding.id not in known and binding.description]:
                    yield name, own


def keys_page() -> str:
    """The generated part of the page."""
    lines: list[str] = []
    for scope, title in SCOPES.items():
        lines += [f"## {title}", "", "| Keys | | Name under `[keys]` |", "|---|---|---|"]
        lines += [
            f"| {_keys(action.keys)} | {action.description} | `{action.id}` |"
            for action in DEFAULT_KEYS.in_scope(scope)
        ]
        lines.append("")
    own = dict(screens())
    lines += ["## On one screen", "", "| Screen | Keys | |", "|---|---|---|"]
    for name, title in SCREENS.items():
        shown = title
        for binding in own.get(name, ()):
            lines.append(f"| {shown} | {_keys(binding.key.split(','))} | {binding.description} |")
            shown = ""
    return "\n".join([*lines, ""])


def _keys(keys: Sequence[str]) -> str:
    return " ".join(f"`{shown_key(key)}`" for key in keys).replace("|", "\\|") or "–"


PAGE = Page("keys.md", "tests/ui/keyspage.py", keys_page)

if __name__ == "__main__":
    PAGE.main()
