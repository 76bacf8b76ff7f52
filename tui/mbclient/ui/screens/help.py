"""All keys, by pane, from the one table; a click on a line is its key."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from mbclient.core.keytable import Action, KeyTable, Scope
from mbclient.texts import N_, _
from mbclient.ui.hanging import Hanging
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar

WORDS_AT = 18  # the column of what a key does
ACTION = "mbclient-action"  # what a line carries to the click


class HelpScreen(Screen[str | None]):
    """First what the screen below has besides; then reading, composing, everywhere, with the user's own keys. Gives the
    action that was clicked.
    """

    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen VerticalScroll { padding: 0 2; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("back"),
        Binding("question_mark,q", "back", N_("Back"), show=False),
        Binding("j", "scroll(1)", N_("Down"), show=False),
        Binding("k", "scroll(-1)", N_("Up"), show=False),
    ]

    def __init__(self, keys: KeyTable, here: Sequence[tuple[str, str]] = ()) -> None:
        """`here`: the keys of the screen that help was asked on, and what they do."""
        super().__init__()
        self._keys = keys
        self._here = tuple(here)

    def compose(self) -> ComposeResult:
        yield MeterBar()
        with VerticalScroll():
            yield Static(Hanging(self._words(), WORDS_AT))
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _words(self) -> Content:
        titles = (
            (Scope.READING, _("Reading")),
            (Scope.FIGURES, _("Figures")),
            (Scope.COMPOSER, _("Composer")),
            (Scope.ANYWHERE, _("Everywhere")),
        )
        parts = [(title, _lines(self._keys, scope)) for scope, title in titles]
        if self._here:
            parts.insert(0, (_("On this screen"), [(keys, words, "") for keys, words in self._here]))
        content = Content("")
        for title, lines in parts:
            content += Content.assemble((f"\n{title}\n", "bold $primary"))
            for keys, description, action in lines:
                line = Content.assemble((f"  {keys:<{WORDS_AT - 3}} ", "bold"), description)
                content += (line.stylize(Style.from_meta({ACTION: action})) if action else line) + Content("\n")
        return content

    def on_click(self, event: events.Click) -> None:
        if action := event.style.meta.get(ACTION):
            self.dismiss(str(action))

    def action_scroll(self, steps: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=steps, animate=False)

    def action_back(self) -> None:
        self.dismiss(None)


def _lines(table: KeyTable, scope: Scope) -> list[tuple[str, str, str]]:
    """Keys, words and action, a line each; actions that share their words (the nine views) share a line, whose first
    one a click does.
    """
    lines: dict[str, list[Action]] = {}
    for action in table.in_scope(scope):
        lines.setdefault(action.description, []).append(action)
    found = []
    for words, actions in lines.items():
        keys = [action.shown_keys or table["palette"].shown_keys for action in actions]
        found.append((keys[0] if len(keys) == 1 else f"{keys[0]} … {keys[-1]}", words, actions[0].id))
    return found
