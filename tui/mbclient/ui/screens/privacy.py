"""The privacy screen: one key hides every text at once, for a shared or projected screen."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.texts import _


class PrivacyScreen(Screen[None]):
    """Covers everything, notifications included; any key or click uncovers."""

    DEFAULT_CSS = """
    PrivacyScreen { background: $background; align: center middle; }
    PrivacyScreen Static { width: auto; color: $text-muted; }
    PrivacyScreen Toast { display: none; }
    """

    def compose(self) -> ComposeResult:
        yield Static(Content(_("Covered. Press any key to go on.")))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.dismiss(None)

    def on_click(self) -> None:
        self.dismiss(None)
