"""The key that hides everything at once, whatever is on the screen, and keeps it hidden until the next key.

The toolkit's own bindings do not reach it from a question, a list or the palette, which take all keys for themselves.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events
from textual._context import active_message_pump
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from mbclient.core.keynames import types_text
from mbclient.core.keytable import KeyTable
from mbclient.ui.host import Host
from mbclient.ui.postkeys import PostKeys


def _nobody_answers() -> asyncio.Future[Any]:
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    answer.cancel()
    return answer


class Coverable(Host):
    """What of it concerns the whole program."""

    keys: KeyTable

    @property
    def cover(self) -> Screen[None] | None:
        """The screen that covers all others now."""
        from mbclient.ui.screens.privacy import PrivacyScreen

        top = self.screen_stack[-1] if self.screen_stack else None
        return top if isinstance(top, PrivacyScreen) else None

    @property
    def is_covered(self) -> bool:
        return self.cover is not None

    async def on_event(self, event: events.Event) -> None:
        """Before any other part of the program hears of a key: while it is covered every key uncovers, and no more."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self.cover is not None:
                self.action_uncover()
                return
            if self._is_meant(event):
                self.action_privacy()
                return
            screen = self.screen
            if isinstance(screen, PostKeys) and screen.opens(event) and not self._writes("a", "a"):
                screen.to_open = event
        await super().on_event(event)

    def _is_meant(self, event: events.Key) -> bool:
        if event.key not in self.keys["privacy"].keys:
            return False
        return not (types_text(event.key) and self._writes(event.key, event.character))

    def _writes(self, key: str, character: str | None) -> bool:
        """Whether it is a letter of what is being written, or of what is about to be: if nothing opens in the end, the
        key comes up, and covers then.
        """
        screen = self.screen
        return (isinstance(screen, PostKeys) and screen.is_opening) or any(
            node.check_consume_key(key, character)
            for node in (self.focused or screen).ancestors_with_self
            if hasattr(node, "check_consume_key")
        )

    def action_privacy(self) -> None:
        """Covers every text at once; any key uncovers."""
        from mbclient.ui.screens.privacy import PrivacyScreen

        super().push_screen(PrivacyScreen())

    def action_uncover(self) -> None:
        """Takes the cover away, and those that lie under screens which came up meanwhile when their turn comes."""
        from mbclient.ui.screens.privacy import PrivacyScreen

        for screen in self.screen_stack:
            if isinstance(screen, PrivacyScreen):
                screen.is_over = True
        if self.cover is not None:
            self.pop_screen()

    def push_screen(self, screen: Any, *given: Any, **named: Any) -> Any:
        """What comes up by itself while the program is covered comes up under the cover. A question is not asked over
        itself: clicks that come faster than it are one click, and who waits for the second answer is let go.
        """
        if isinstance(screen, ModalScreen) and type(screen) is type(self.screen):
            return _nobody_answers() if named.get("wait_for_dismiss") else AwaitComplete()
        covered = self.cover is not None
        pushed = super().push_screen(screen, *given, **named)
        if covered:
            self.action_privacy()
        return pushed

    def pop_screen(self) -> AwaitComplete:
        """A screen closes once. The toolkit closes whatever is on top when a gone one hears a second click or key."""
        asking = active_message_pump.get(None)
        is_gone = isinstance(asking, Screen) and asking not in self.screen_stack
        return AwaitComplete() if is_gone or len(self.screen_stack) < 2 else super().pop_screen()

    def back_to_main(self) -> None:
        """Closes what lies on the main screen; a cover stays."""
        covered = self.cover is not None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if covered:
            self.action_privacy()
