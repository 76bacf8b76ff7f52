"""The application: joins desk, themes and screens, and runs what goes on behind them. It knows no rule."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property

from textual import on, work
from textual.app import App
from textual.binding import Binding
from textual.events import Key
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerError, WorkerFailed, WorkerState

from mbclient.core.desk import Desk, load_late
from mbclient.core.events import Event, Notice, NotificationsArrived, OutboxChanged
from mbclient.core.keytable import DEFAULT_KEYS, KeyTable
from mbclient.core.preferences import Mute, Preferences
from mbclient.core.stores import OutboxRow
from mbclient.domain.draft import Draft
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Filtered, Post
from mbclient.texts import _, ngettext
from mbclient.texts.meter import MeterText
from mbclient.ui import collecting
from mbclient.ui.alerting import Alerting
from mbclient.ui.attending import Attentive
from mbclient.ui.border import Border
from mbclient.ui.bosskey import Coverable
from mbclient.ui.commanding import Commanding
from mbclient.ui.ending import TerminalGone, stop
from mbclient.ui.inorder import InOrder
from mbclient.ui.keys import bindings, keymap
from mbclient.ui.launch import Launch, ThemeChoice
from mbclient.ui.main import MainScreen
from mbclient.ui.nocolour import NoColour
from mbclient.ui.postkeys import PostKeys
from mbclient.ui.saying import Saying
from mbclient.ui.shortway import ShortWay
from mbclient.ui.styling import StyleSheets
from mbclient.ui.themes import textual_theme
from mbclient.ui.welcoming import Welcoming

DEMO_POLL_S = 5.0
THREADS_YIELD_S = 0.0005  # what comes in is read and stored in threads: a key waits so long for them, some eight times
FIRST_KEYS_S = 0.05  # a key that was waiting for the first paint shares the processor with nothing
VERIFY_EVERY = timedelta(days=1)


class Happened(Message):
    """Something the desk tells, on its way to the screens."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class MbclientApp(
    Border, Coverable, Welcoming, Commanding, Saying, NoColour, Alerting, Attentive, InOrder, ShortWay, App[str]
):
    """One window. Sending and refreshing belong to it: closing a screen never cancels them."""

    TITLE = "mbclient"
    CSS_PATH = "main.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (170, "-wide")]  # noqa: RUF012  # the toolkit's name
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("help", "privacy", "quit"),
        Binding("ctrl+c", "quit", show=False, system=True),
        Binding(DEFAULT_KEYS["palette"].keys[0], "command_palette", show=False, priority=True, id="palette"),
    ]

    _is_themed = False

    def __init__(self, desk: Desk, launch: Launch) -> None:
        super().__init__()
        self.stylesheet = StyleSheets()
        self._disable_tooltips = True  # nothing here has one
        self.desk = desk
        self.launch = launch
        self.keys: KeyTable = DEFAULT_KEYS.rebound(desk.preferences.keys)
        self._stop_listening = desk.bus.listen(self._tell)
        self._long_work: Worker[None] | None = None
        self.fault: Exception | None = None
        self.was_ended = False  # from outside
        self.meter_word: Callable[[int], MeterText] | None = None  # how every screen's meter is worded now
        self._take_theme(launch.theme)
        self._is_themed = True
        self.theme = launch.theme.name

    def _take_theme(self, choice: ThemeChoice) -> None:
        self.register_theme(textual_theme(choice.name, choice.colours, dark=choice.dark))

    @cached_property
    def theme_choices(self) -> Sequence[ThemeChoice]:
        themes = self.launch.themes()
        for choice in themes.choices:
            if choice.name != self.launch.theme.name:
                self._take_theme(choice)
        if themes.faults:
            self.say(_left_out(themes.faults), "warning")
        return themes.choices

    def get_css_variables(self) -> dict[str, str]:
        """None for the toolkit's constructor, which asks for a theme that nothing is painted in."""
        return super().get_css_variables() if self._is_themed else {}

    def refresh_css(self, animate: bool = True) -> None:
        """Before there is a screen nothing has a style; the toolkit would read all sheets, and again for the screen."""
        if self._screen_stacks.get(self.current_mode):
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """With the class of its width from the start: the toolkit would lay out and paint it once without."""
        screen = MainScreen(self.desk, self.keys)
        width = max(point for point in self.HORIZONTAL_BREAKPOINTS if point[0] <= self.size.width)[1]
        screen.add_class(width, update=False)
        return screen

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
        self.greet()

    def on_ready(self) -> None:
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint: whatever was not needed for it."""
        self._open_what_was_open()
        self._long_work = self.run_worker(self._work, name="work", exit_on_error=True)

    def _open_what_was_open(self) -> None:
        """The draft that stood in the composer when the program ended, however it ended, and the cursor in it."""
        left = self.desk.drafts.left_open()
        for other in left[1:]:  # two programs over one folder ended at once
            self.desk.drafts.let_go(other.id)
        if left:
            self.main.resume(left[0].id)

    async def _work(self) -> None:
        """The long life of the program: warm up, send, refresh, check the profiles."""
        await asyncio.sleep(FIRST_KEYS_S)
        collecting.begin()
        sys.setswitchinterval(THREADS_YIELD_S)
        self._sift()
        self.main.count_first()
        await asyncio.to_thread(load_late)
        await self.desk.world.services.warm([account.service for account in self.desk.accounts.all()])
        collecting.set_aside()  # the modules that this loaded
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                self.lasting(lambda: self.desk.sender.serve(self.desk.preferences.undo_seconds, self.guarded))
            )
            tasks.create_task(self.lasting(self._watch))
            tasks.create_task(self.lasting(self._verify))
            tasks.create_task(self.lasting(self.desk.copies.run))

    async def _watch(self) -> None:
        watch = self.desk.watch
        await (watch.run(DEMO_POLL_S, self.guarded) if self.launch.demo else watch.run(guard=self.guarded))

    async def refresh_services(self) -> None:
        """All accounts at once; each tells its own state, a full disk or damaged file is said here."""
        await self.guarded(self._refresh())

    async def _refresh(self) -> None:
        try:
            await self.desk.refresher.refresh()
        except MbclientError as error:
            self.say(str(error), "error")

    def sift_when_stale(self) -> None:
        """Each second: whether a mute or a filter has ended."""
        if self.desk.resifter.known_stale():
            self._sift()

    def collect_at_rest(self) -> None:
        """Each second: whether this is one for the garbage collector."""
        collecting.collect_at_rest(asyncio.get_running_loop().time() - self.last_deed)

    def _sift(self) -> None:
        """At the start rules may have changed while the program was off."""
        if not any(worker.group == "sift" and not worker.is_finished for worker in self.workers):
            self._sift_anew()

    @work(group="sift")
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
        if isinstance(message.event, NotificationsArrived):
            self.alert()
        elif isinstance(message.event, OutboxChanged):
            self.screen.refresh_bindings()  # there may be something to undo now
        for screen in self.screen_stack:
            hear = getattr(screen, "hear", None)
            if hear is not None:
                hear(message.event)

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """Back to the main screen, where the composer is; refusals are said."""
        self.back_to_main()
        self.main.write(begin, context)

    def edit_post(self, post: Post) -> None:
        self.back_to_main()
        self.main.edit_post(post)

    def resume(self, draft_id: str) -> None:
        """Back to the main screen with a kept draft in the composer."""
        self.back_to_main()
        self.main.resume(draft_id)

    def _handle_exception(self, error: Exception) -> None:
        """The toolkit's border for whatever a handler or worker lets through: keep the words, leave, tell without
        local variables. `run` of launch.py raises it, and the commands' own border writes the one line.

        What a worker beside the screen lets through, such as a search, ends that work alone.
        """
        beside = error.error if isinstance(error, WorkerFailed) else None
        if isinstance(beside, Exception) and not self._has_stopped_working and self.tell_fault(beside):
            return
        while isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else RuntimeError(type(error.error).__name__)
        if self.fault is None:
            self.fault = error
            self._exception = error  # what the toolkit's test pilot re-raises
            self._exception_event.set()
            if self.screen_stack:  # or nothing has been written yet
                with suppress(MbclientError):
                    self.main.keep_all()
            self.exit(return_code=1)

    @property
    def _has_stopped_working(self) -> bool:
        """Nothing is sent or refreshed any more."""
        return self._long_work is not None and self._long_work.state is WorkerState.ERROR

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

    def open_pictures(self, post: Post, revealed: bool = False) -> None:
        from mbclient.ui.covering import picture_cover
        from mbclient.ui.screens.pictures import PicturesScreen

        covered = "" if revealed else picture_cover(post, self.desk.reading.covers(post), self.main.words.reveal_key)
        self.push_screen(PicturesScreen(self.desk, post, covered))

    def open_mutes(self) -> None:
        from mbclient.ui.screens.mutes import MutesScreen

        self.push_screen(MutesScreen(self.desk))

    # ------------------------------------------------------------ leaving

    def on_key(self, event: Key) -> None:
        """Before its binding is looked for. It may have been on its way up when another screen was opened over it."""
        for screen in self.screen_stack:
            if isinstance(screen, PostKeys):
                screen.key_came_up(event)

    async def action_quit(self) -> None:
        """Leaves; the composer's draft is kept first. What the disk does not take is never dropped.

        What has not gone yet is asked about once: the second press leaves.
        """
        from mbclient.ui.screens.leave import LeaveScreen

        if not self.main.composer.keep():
            return
        behind: Sequence[OutboxRow] = ()
        if not self.launch.demo and not isinstance(self.screen, LeaveScreen):
            with suppress(MbclientError):  # what cannot be read keeps nobody here
                behind = self.desk.leaving.behind()
        if behind:
            self.push_screen(LeaveScreen(self.desk, self.keys, behind))
        else:
            self.leave()

    def leave(self, next_thing: str = "") -> None:
        """Ends the screen; draft and reading place are on disk first."""
        self.main.keep_all()
        self._stop_listening()
        self.exit(next_thing)

    def end_soon(self) -> None:
        """Somebody outside wants the program to end. Called between any two steps of the main thread."""
        if self._loop is None or not self.is_running:
            stop()
        else:
            self._loop.call_soon_threadsafe(self.end)

    def end(self) -> None:
        """Leaves without a question, since there is nobody to answer; whatever the disk still takes is kept."""
        if self.was_ended:
            return
        self.was_ended = True
        for keep in (self.main.composer.keep, self.main.keep_all):  # the draft, whatever becomes of the reading place
            with suppress(MbclientError):
                keep()
        self._stop_listening()
        self.exit()

    @on(TerminalGone)
    def _terminal_gone(self) -> None:
        self.end()

    async def on_unmount(self) -> None:
        if self._long_work is not None:  # its lines close before what they stand on does
            self._long_work.cancel()  # one that began when the others were being cancelled already
            with suppress(WorkerError):
                await self._long_work.wait()
        await self.desk.aclose()

    def keep_choice(self, key: str, value: object) -> bool:
        """Keeps a setting beside config.toml; says why when it cannot."""
        if key in self.launch.locked():
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

    async def use_settings(self, preferences: Preferences) -> bool:
        """Marks posts anew where the settings ask for it; a disk that takes no marks ends nothing."""
        try:
            await self.desk.use(preferences)
        except MbclientError as error:  # they are tried again when anything happens (`sift_when_stale`)
            self.say(str(error), "error")
            return False
        return True


def _left_out(faults: Sequence[str]) -> str:
    """Why a theme of the user's own is not among those to choose from; of several the first."""
    words = _("{error} (this theme is left out)").format(error=faults[0])
    others = len(faults) - 1
    more = ngettext("{n} more: `mbclient themes` says why", "{n} more: `mbclient themes` says why", others)
    return f"{words} · {more.format(n=others)}" if others else words
