"""Commands by name and by click: the palette, and help whose lines do what their keys do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from textual.actions import SkipAction
from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from mbclient.core.keytable import KeyTable
from mbclient.texts import _
from mbclient.ui.keys import own_keys
from mbclient.ui.main import MainScreen
from mbclient.ui.plainmode import PlainMode

if TYPE_CHECKING:
    from textual.command import Provider


def _commands() -> type[Provider]:
    from mbclient.ui.palette import Commands  # when the palette is first opened

    return Commands


class Commanding(PlainMode):
    """The program, as it is told what to do other than by keys."""

    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {_commands}  # noqa: RUF012  # the toolkit's name

    keys: KeyTable

    @property
    def main(self) -> MainScreen:
        raise NotImplementedError  # the program's

    def action_help(self) -> None:
        from mbclient.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.keys, list(own_keys(self.screen))), self._clicked)

    def _clicked(self, action: str | None) -> None:
        """Does what was clicked in help, as its key would; what is written meanwhile gets no key typed into it."""
        if action is None:
            return
        node = self._node_with(action) if self.screen is self.main else None
        if node is not None:
            self.call_later(_runner(node, action))
        elif not self.main.composer.has_focus_within:
            for stroke in " ".join(self.keys[action].keys[:1]).split():
                self.simulate_key(stroke)

    def action_command_palette(self) -> None:
        """Find a command by name."""
        from mbclient.ui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every action of the table that this moment allows, every view, every theme."""
        main = self.main
        for action in self.keys:
            node = self._node_with(action.id)
            if node is not None and action.id != "palette":
                yield SystemCommand(action.label, action.description, _runner(node, action.id))
        for view in self.desk.reading.views():
            title = _("View: {title}").format(title=view.title)
            yield SystemCommand(title, _("Show this view"), main.view_chooser(view.number))
        yield SystemCommand(*self.plain_switch())
        for choice in self.theme_choices:
            title = _("Theme: {name}").format(name=choice.name)
            yield SystemCommand(title, _("Use this theme"), self._theme_chooser(choice.name))

    def _node_with(self, action: str) -> DOMNode | None:
        """Who can do it now: the main screen's panes, then the program; None when this moment has no use for it.

        The timeline first: the toolkit's screens have an action to page too, which moves nothing.
        """
        main = self.main
        panes: tuple[DOMNode, ...] = (main.timeline, main, *((main.composer,) if main.composer.is_ready else ()), self)
        return next((pane for pane in panes if hasattr(pane, f"action_{action}")), None)

    def _theme_chooser(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self.theme = name
            self.keep_choice("theme", name)

        return choose


def _runner(node: DOMNode, action: str) -> Callable[[], Coroutine[Any, Any, None]]:
    """Runs an action of a node, whatever has the focus while the palette is open."""

    async def run() -> None:
        with suppress(SkipAction):  # as the toolkit does when a key finds nothing to do
            done = getattr(node, f"action_{action}")()
            if isawaitable(done):
                await done

    return run
