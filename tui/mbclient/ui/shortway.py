"""A key that moves in the timeline goes straight there.

The toolkit hands a key to the focused widget, and from there up to the program, which looks for its binding: five parts
wake for each. Keys that move are the ones that are held down, so once nothing else is under way they need not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from textual import events

from mbclient.core.keytable import KeyTable
from mbclient.ui.host import Host
from mbclient.ui.timeline import Timeline

MOVES = ("down", "up", "top", "bottom", "page_up", "page_down", "next_unread")
"""Actions of the timeline that do no more than move in it: none opens anything that could want the next key."""


class ShortWay(Host):
    """What of it concerns the application."""

    keys: KeyTable

    _under_way: events.Event | None = None
    """The last input that took the toolkit's way. Until a move comes up that way behind all others, each takes it: one
    before may open the composer, begin a sequence or change what is focused.
    """

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            action = self._moves.get(event.key) if isinstance(event, events.Key) else None
            focused = self.focused
            if action and self._under_way is None and self.app_focus and isinstance(focused, Timeline):
                await self.run_action(action, focused)
                return
            self._under_way = event
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """It has come up, and so has everything before it."""
        if event is self._under_way and event.key in self._moves:
            self._under_way = None

    @cached_property
    def _moves(self) -> Mapping[str, str]:
        """The action by key; a sequence is none."""
        return {key: action for action in MOVES for key in self.keys[action].keys if " " not in key}
