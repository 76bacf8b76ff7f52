"""A key that moves in the timeline goes straight there, past the parts in between.

The toolkit hands a key to the focused widget, and from there up to the program, which looks for its binding: five parts
wake for each. Moves are the keys that are held down; with no other input on its way the program runs them itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from textual import events

from mbclient.core.keytable import KeyTable
from mbclient.ui.host import Host
from mbclient.ui.timeline import MOVES, Timeline


class ShortWay(Host):
    """Last before the toolkit: the cover and reading time hear of each key first."""

    keys: KeyTable

    _under_way: events.Event | None = None
    """The last input that was left to the toolkit; None once all of it is done. Until then moves are left to it too:
    what came before them may open the composer, begin a sequence or move the focus.
    """

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded:
            action = self._moves.get(event.key) if isinstance(event, events.Key) else None
            focused = self.focused
            # Without `app_focus` the toolkit first gives the focus back.
            if action and self._under_way is None and self.app_focus and isinstance(focused, Timeline):
                await self.run_action(action, focused)
                return
            self._under_way = event
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Before its binding is looked for. It has come up, so all before it is done but for what that has asked to be
        called; and it is a move, whose binding does nothing that the next key would have to wait for.
        """
        if event.key in self._moves and isinstance(self.focused, Timeline):
            self.call_later(self._is_done, event)

    def _is_done(self, event: events.Event) -> None:
        if event is self._under_way:  # nothing came after it
            self._under_way = None

    @cached_property
    def _moves(self) -> Mapping[str, str]:
        """Each key's move. None means something everywhere, since the table refuses that; a sequence is left to those
        who hear it (`KeySequences`).
        """
        return {key: action for action in MOVES for key in self.keys[action].keys if " " not in key}
