"""All keys, by pane, from the one table."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.core.keytable import KeyTable, Scope
from mbclient.texts import _
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar


class HelpScreen(Screen[None]):
    """Reading, composing, everywhere; the keys in force, also the user's own."""

    DEFAULT_CSS = """
    HelpScreen { background: $background; }
    HelpScreen VerticalScroll { padding: 0 2; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("back"),
        Binding("question_mark,q", "back", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, keys: KeyTable) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        yield MeterBar()
        with VerticalScroll():
            yield Static(self._words())
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _words(self) -> Content:
        titles = ((Scope.READING, _("Reading")), (Scope.COMPOSER, _("Composer")), (Scope.ANYWHERE, _("Everywhere")))
        pieces: list[tuple[str, str]] = []
        for scope, title in titles:
            pieces.append((f"\n{title}\n", "bold $primary"))
            for keys, description in _lines(self._keys, scope):
                pieces += [(f"  {keys:<16} ", "bold"), (f"{description}\n", "")]
        return Content.assemble(*pieces)

    def action_scroll(self, steps: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=steps, animate=False)

    def action_back(self) -> None:
        self.dismiss(None)


def _lines(table: KeyTable, scope: Scope) -> list[tuple[str, str]]:
    """Keys and words, a line each; actions that share their words (the nine views) share a line."""
    lines: dict[str, list[str]] = {}
    for action in table.in_scope(scope):
        lines.setdefault(action.description, []).append(action.shown_keys)
    return [(keys[0] if len(keys) == 1 else f"{keys[0]} … {keys[-1]}", words) for words, keys in lines.items()]
