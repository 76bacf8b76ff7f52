"""The toolkit's bindings, made from the one table of commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from mbclient.core.keynames import shown_key
from mbclient.core.keytable import DEFAULT_KEYS, KeyTable, Scope
from mbclient.texts import _

if TYPE_CHECKING:
    _Part = Widget
else:
    _Part = object  # as for `Hosted`

NO_KEY = "no key: "
"""Before the name of an action without a key: the toolkit wants one for a binding, and no terminal sends this."""


def bindings(*ids: str, table: KeyTable = DEFAULT_KEYS, priority: bool = False) -> list[BindingType]:
    """Bindings for these actions, each calling `action_<id>` of the node that has them.

    `priority`: heard before the focused widget's own keys. A sequence ("g g") stands in the bindings too, so that help
    and footer know it; `KeySequences` hears it.
    """
    return [
        Binding(
            ",".join(action.keys) or f"{NO_KEY}{action.id}",
            action.id,
            action.label,
            show=action.footer,
            tooltip=action.description,
            id=action.id,
            priority=priority,
        )
        for action in map(table.__getitem__, ids)
    ]


def keymap(table: KeyTable) -> dict[str, str]:
    """What `App.set_keymap` takes for the keys in force."""
    return {action.id: ",".join(action.keys) for action in table if action.keys}


def own_keys(screen: Screen[object]) -> Iterator[tuple[str, str]]:
    """Keys that this screen has besides the table's, several for one thing together, and what they do; for help."""
    known = {action.id for action in DEFAULT_KEYS}
    lines: dict[str, list[str]] = {}
    for kind in type(screen).__mro__:
        if kind.__module__.startswith("mbclient."):  # the toolkit's own are those of every terminal program
            for binding in vars(kind).get("BINDINGS", ()):
                if binding.id not in known:
                    lines.setdefault(binding.description, []).extend(map(shown_key, binding.key.split(",")))
    for words, keys in lines.items():
        yield "  ".join(keys), _(words)


class KeySequences(_Part):
    """For a screen or a widget: hears sequences of keys and runs their action on the nearest node that has it.

    On a screen it serves everything in it; a widget's own ear is for where its screen has none.
    """

    key_table: KeyTable = DEFAULT_KEYS
    """The keys in force; set it when the user has others."""

    key_scopes: Sequence[Scope] = (Scope.READING, Scope.ANYWHERE)
    """Whose sequences are heard here."""

    _typed: tuple[str, ...] = ()

    async def on_key(self, event: events.Key) -> None:
        screen: Widget = self.screen
        if self is not screen and isinstance(screen, KeySequences):
            return
        typed = (*self._typed, event.key)
        self._typed = ()
        for action_id, strokes in self._sequences():
            if strokes[: len(typed)] == typed:
                event.stop()
                event.prevent_default()
                if strokes == typed:
                    await self._run(action_id)
                else:
                    self._typed = typed
                return

    def _sequences(self) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (action.id, tuple(key.split()))
            for action in self.key_table.in_scope(*self.key_scopes)
            for key in action.keys
            if " " in key
        ]

    async def _run(self, action_id: str) -> None:
        for node in (self.app.focused or self).ancestors_with_self:
            if isinstance(node, Widget) and hasattr(node, f"action_{action_id}"):
                await node.run_action(action_id)
                return
        await self.app.run_action(action_id)
