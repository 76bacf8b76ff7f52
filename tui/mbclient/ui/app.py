"""The application: joins desk, themes and screens, and runs what goes on behind them. It knows no rule."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import timedelta
from inspect import isawaitable
from typing import Any

from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import Provider
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerError, WorkerFailed

from mbclient.core.desk import Desk
from mbclient.core.events import Event, Notice
from mbclient.core.keytable import DEFAULT_KEYS, KeyTable
from mbclient.core.preferences import Mute
from mbclient.core.watch import POLL_S
from mbclient.domain.draft import Draft
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Filtered, Post
from mbclient.texts import _
from mbclient.texts.meter import MeterText
from mbclient.ui.attending import Attentive
from mbclient.ui.keys import bindings, keymap
from mbclient.ui.launch import Launch
from mbclient.ui.main import MainScreen
from mbclient.ui.themes import textual_theme

DEMO_POLL_S = 5.0
VERIFY_EVERY = timedelta(days=1)


class Happened(Message):
    """Something the desk tells, on its way to the screens."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


def _commands() -> type[Provider]:
    from mbclient.ui.palette import Commands  # when the palette is first opened

    return Commands


class MbclientApp(Attentive):
    """One window. Sending and refreshing belong to it: closing a screen never cancels them."""

    TITLE = "mbclient"
    CSS_PATH = "main.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = {_commands}  # noqa: RUF012  # the toolkit's name
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (170, "-wide")]  # noqa: RUF012  # the toolkit's name
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("help", "privacy", "quit"),
        Binding("ctrl+c", "quit", show=False, system=True),
    ]

    def __init__(self, desk: Desk, launch: Launch) -> None:
        super().__init__()
        self.desk = desk
        self.launch = launch
        self.keys: KeyTable = DEFAULT_KEYS.rebound(desk.preferences.keys)
        self._stop_listening = desk.bus.listen(self._tell)
        self._long_work: Worker[None] | None = None
        self.fault: Exception | None = None
        self.meter_word: Callable[[int], MeterText] | None = None  # how every screen's meter is worded now
        for choice in {choice.name: choice for choice in (*launch.themes, launch.theme)}.values():
            self.register_theme(textual_theme(choice.name, choice.colours, dark=choice.dark))
        self.theme = launch.theme.name

    def get_default_screen(self) -> Screen[None]:
        return MainScreen(self.desk, self.keys)

    @property
    def main(self) -> MainScreen:
        """The main screen, whatever lies on top of it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    def on_mount(self) -> None:
        if self.desk.preferences.keys:
            self.set_keymap(keymap(self.keys))
        for text in (*self.launch.notices, *self.desk.notices):
            self.notify(text, severity="warning", markup=False, timeout=12)
        self.call_after_refresh(self._begin)
        if self.launch.welcome and self.desk.accounts.only_notebook and not self.launch.demo:
            from mbclient.ui.screens.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen(self.desk, self.launch))

    def _begin(self) -> None:
        """After the first paint: whatever was not needed for it."""
        gc.collect()
        gc.freeze()
        gc.enable()
        self._open_what_was_open()
        self._long_work = self.run_worker(self._work(), name="work", exit_on_error=True)
        self._sift()

    def _open_what_was_open(self) -> None:
        """The draft that stood in the composer when the program ended, however it ended, and the cursor in it."""
        left = self.desk.drafts.left_open()
        for other in left[1:]:  # two programs over one folder ended at once
            self.desk.drafts.let_go(other.id)
        if left:
            self.main.resume(left[0].id)

    async def _work(self) -> None:
        """The long life of the program: warm up, send, refresh, check the profiles."""
        await self.desk.world.services.warm([account.service for account in self.desk.accounts.all()])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.desk.sender.serve(self.desk.preferences.undo_seconds))
            tasks.create_task(self.desk.watch.run(DEMO_POLL_S if self.launch.demo else POLL_S))
            tasks.create_task(self._verify())

    async def refresh_services(self) -> None:
        """All accounts at once; each tells its own state, a full disk or damaged file is said here."""
        try:
            await self.desk.refresher.refresh()
        except MbclientError as error:
            self.say(str(error), "error")

    def sift_when_stale(self) -> None:
        """Each second: whether a mute or a filter has ended."""
        if self.desk.resifter.known_stale():
            self._sift()

    def _sift(self) -> None:
        """At the start rules may have changed while the program was off."""
        if not any(worker.group == "sift" and not worker.is_finished for worker in self.workers):
            self.run_worker(self._sift_anew(), group="sift")

    async def _sift_anew(self) -> None:
        try:
            await self.desk.resifter.freshen()
        except MbclientError as error:
            self.say(str(error), "error")

    async def _verify(self) -> None:
        while True:
            await self.desk.accounts.verify_all()
            await asyncio.sleep(VERIFY_EVERY.total_seconds())

    # ------------------------------------------------------------ what the desk tells

    def _tell(self, event: Event) -> None:
        if self.is_running:
            self.post_message(Happened(event))

    def on_happened(self, message: Happened) -> None:
        if isinstance(message.event, Notice):
            self.say(message.event.text, message.event.severity)
            return
        for screen in self.screen_stack:
            hear = getattr(screen, "hear", None)
            if hear is not None:
                hear(message.event)

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """Back to the main screen, where the composer is; refusals are said."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.main.write(begin, context)

    def resume(self, draft_id: str) -> None:
        """Back to the main screen with a kept draft in the composer."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.main.resume(draft_id)

    def say(self, text: str, severity: str = "information") -> None:
        """A sentence for the user; outside text in it stays plain text."""
        level = severity if severity in ("information", "warning", "error") else "information"
        self.notify(text, severity=level, markup=False)  # type: ignore[arg-type]  # narrowed above

    def _handle_exception(self, error: Exception) -> None:
        """The toolkit's border for whatever a handler or worker lets through: keep the words, leave, tell without
        local variables. `run` of launch.py raises it, and the commands' own border writes the one line.
        """
        while isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else RuntimeError(type(error.error).__name__)
        if self.fault is None:
            self.fault = error
            self._exception = error  # what the toolkit's test pilot re-raises
            self._exception_event.set()
            with suppress(MbclientError):
                self.main.keep_all()
            self.exit(return_code=1)

    @property
    def open_draft(self) -> str:
        return self.main.composer.draft_id

    def count_notices(self) -> None:
        self.main.count_notices()

    # ------------------------------------------------------------ screens on top

    def open_thread(self, post: Post) -> None:
        from mbclient.ui.screens.thread import ThreadScreen

        self.push_screen(ThreadScreen(self.desk, self.main.words, self.keys, post))

    def open_author(self, post: Post) -> None:
        from mbclient.ui.screens.thread import AuthorScreen

        self.push_screen(AuthorScreen(self.desk, self.main.words, self.keys, post))

    def open_details(self, post: Post, hidden_by: Mute | Filtered | None = None) -> None:
        from mbclient.ui.screens.details import DetailsScreen

        self.push_screen(DetailsScreen(self.desk, post, self.main.view, self.main.words.reveal_key, hidden_by))

    def open_mutes(self) -> None:
        from mbclient.ui.screens.mutes import MutesScreen

        self.push_screen(MutesScreen(self.desk))

    # ------------------------------------------------------------ leaving, palette

    def action_help(self) -> None:
        from mbclient.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.keys))

    def action_privacy(self) -> None:
        """Covers every text at once; any key uncovers."""
        from mbclient.ui.screens.privacy import PrivacyScreen

        self.push_screen(PrivacyScreen())

    async def action_quit(self) -> None:
        """Leaves; the composer's draft is kept first. What the disk does not take is never dropped."""
        if self.main.composer.keep():
            self.leave()

    def leave(self, next_thing: str = "") -> None:
        """Ends the screen; draft and reading place are on disk first."""
        self.main.keep_all()
        self._stop_listening()
        self.exit(next_thing)

    async def on_unmount(self) -> None:
        if self._long_work is not None:  # cancelled by now; its lines close before what they stand on does
            with suppress(WorkerError):
                await self._long_work.wait()
        await self.desk.aclose()

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
        for choice in self.launch.themes:
            title = _("Theme: {name}").format(name=choice.name)
            yield SystemCommand(title, _("Use this theme"), self._theme_chooser(choice.name))

    def _node_with(self, action: str) -> DOMNode | None:
        """Who can do it now: the main screen's panes, then the program; None when this moment has no use for it."""
        main = self.main
        panes: tuple[DOMNode, ...] = (main, main.timeline, *((main.composer,) if main.composer.is_open else ()), self)
        return next((pane for pane in panes if hasattr(pane, f"action_{action}")), None)

    def welcome_account(self, name: str) -> None:
        """A new account: its posts come in, and the user says what its profile shows."""
        from mbclient.ui.screens.confirm import ConfirmProfile

        self.run_worker(self.refresh_services(), group="refresh", exclusive=True)
        if self.desk.accounts.get(name).service != "local":
            self.push_screen(ConfirmProfile(self.desk, name))

    def keep_choice(self, key: str, value: object) -> bool:
        """Keeps a setting beside config.toml; says why when it cannot."""
        if key in self.launch.locked:
            self.say(_("{key} is fixed in config.toml; change it there.").format(key=key), "warning")
            return False
        if self.launch.save_choice is None:
            return True
        try:
            self.launch.save_choice(key, value)
        except MbclientError as error:
            self.say(str(error), "error")
            return False
        return True

    def _theme_chooser(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self.theme = name
            self.keep_choice("theme", name)

        return choose


def _runner(node: DOMNode, action: str) -> Callable[[], Coroutine[Any, Any, None]]:
    """Runs an action of a node, whatever has the focus while the palette is open."""

    async def run() -> None:
        done = getattr(node, f"action_{action}")()
        if isawaitable(done):
            await done

    return run
