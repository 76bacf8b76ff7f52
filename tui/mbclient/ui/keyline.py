"""The last line of every screen: what the keys do here and now, as much as fits. What cannot be done is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from mbclient.core.keynames import shown_key
from mbclient.core.keytable import DEFAULT_KEYS, KeyTable
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _
from mbclient.ui.painted import Pieces

_LAST_TO_GO = (
    "help",
    "close",
    "send",
    "back",
    "compose",
    "reply",
    "thread",
    "vote",
    "quit",
    "search",
    "send_planned",
    "undo",
)
"""Where not all fit, these stay longest; what is not named goes first."""


@dataclass(frozen=True, slots=True)
class Item:
    """A key that is shown: `action` for its rank, `key` for a click on it."""

    action: str
    key: str
    words: str

    @property
    def shown(self) -> str:
        return shown_key(self.key)

    @property
    def width(self) -> int:
        """` key words `, in cells."""
        return cell_len(self.shown) + cell_len(self.words) + 3


class KeyLine(Widget):
    """Painted, where the toolkit's footer would mount a widget a key anew at each move of the selection."""

    DEFAULT_CSS = """
    KeyLine { height: 1; width: 1fr; background: $surface; color: $foreground; }
    """
    ALLOW_SELECT = False

    def __init__(self, table: KeyTable = DEFAULT_KEYS, *, besides: Sequence[str] = ()) -> None:
        """`besides`: actions that are shown here though they are in no footer elsewhere."""
        super().__init__()
        self._table = table
        self._besides = frozenset(besides)
        self._items: tuple[Item, ...] | None = None  # until it is painted
        self._places: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if self._items is None or not self.is_attached:
            return
        items = self._read()
        if items != self._items:
            self._items = items
            self.refresh()

    def _read(self) -> tuple[Item, ...]:
        found: dict[str, Item] = {}
        known = {action.id: action.label for action in self._table}
        for key, binding in self._active():
            if self._may_stand(binding) and self._offers(binding.action):
                words = known.get(binding.id or "") or _(binding.description)
                found.setdefault(binding.action, Item(binding.action, key, words))
        return tuple(found.values())

    def _active(self) -> list[tuple[str, Binding]]:
        """Of the screen's `active_bindings` those whose keys may stand here: to ask for each key of every part whether
        it could be used now takes longer than to paint the line.
        """
        chain = self.screen._modal_binding_chain
        wanted = {key for _node, bindings in chain for key, binding in bindings if self._may_stand(binding)}
        active: dict[str, tuple[Binding, bool]] = {}
        for node, bindings in chain:
            for key, binding in bindings:
                if key not in wanted or (key in active and not (binding.priority and not active[key][0].priority)):
                    continue
                state = self.app._check_action_state(binding.action, node)
                if state is not False:
                    active[key] = binding, bool(state)
        return [(key, binding) for key, (binding, enabled) in active.items() if enabled]

    def _may_stand(self, binding: Binding) -> bool:
        return binding.show or binding.action in self._besides

    def _offers(self, action: str) -> bool:
        """`offers(action)` of a screen: False for a key that would only say that there is nothing to do."""
        offers: Callable[[str], bool] | None = getattr(self.screen, "offers", None)
        return offers is None or offers(action)

    @property
    def shown(self) -> tuple[Item, ...]:
        """Those that fit, in their order."""
        if self._items is None:
            self._items = self._read()
        items, room = list(self._items), self.size.width
        while items and sum(item.width for item in items) > room:
            items.remove(max(reversed(items), key=lambda item: _rank(item.action)))
        return tuple(items)

    def render(self) -> Pieces:
        pieces: list[tuple[str, str]] = []
        self._places = []
        column = 0
        for item in self.shown:
            pieces += [(f" {item.shown}", "bold $accent"), (f" {item.words} ", "")]
            self._places.append((column, column + item.width, item.key))
            column += item.width
        return Pieces(*pieces)

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)


def _rank(action: str) -> int:
    return _LAST_TO_GO.index(action) if action in _LAST_TO_GO else len(_LAST_TO_GO)
