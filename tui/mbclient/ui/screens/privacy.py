"""The privacy screen: one key hides every text at once, for a shared or projected screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mbclient.texts import _


class PrivacyScreen(Screen[None]):
    """Covers everything, notifications included; any key or click uncovers. `is_over`: it was, before its turn came."""

    DEFAULT_CSS = """
    PrivacyScreen { background: $background; align: center middle; }
    PrivacyScreen Static { width: auto; color: $text-muted; }
    PrivacyScreen Toast { display: none; }
    """

    is_over = False

    def compose(self) -> ComposeResult:
        yield Static(Content(_("Covered. Press any key to go on.")))

    async def on_click(self) -> None:
        await self.run_action("app.uncover")

    def on_screen_resume(self) -> None:
        if self.is_over:
            self.dismiss(None)
