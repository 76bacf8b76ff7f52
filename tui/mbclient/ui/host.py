"""What panes and screens know of the program that they are in. The program knows them; they know only this."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textual.widget import Widget

from mbclient.core.desk import Desk
from mbclient.core.preferences import Mute, Preferences
from mbclient.domain.draft import Draft
from mbclient.domain.post import Filtered, Post
from mbclient.texts.meter import MeterText
from mbclient.ui.launch import Launch, ThemeChoice

if TYPE_CHECKING:
    from textual.app import App

    _Program = App[str]
    _Part = Widget
else:
    _Program = _Part = object  # each class that the toolkit makes ready for its own costs the start 2 M instructions

PLAIN = "-plain"
"""The application's class while the plain reading mode is on (plainmode.py)."""


class Host(_Program):
    """The application as its parts see it; `MbclientApp` is the one that there is."""

    desk: Desk
    launch: Launch
    meter_word: Callable[[int], MeterText] | None = None
    """How every screen's meter is worded now, for a width."""

    front_screen: Widget | None = None
    """The screen whose reading time is measured."""

    @property
    def is_covered(self) -> bool:
        """Whether the privacy screen hides everything now."""
        return False

    @cached_property
    def theme_choices(self) -> Sequence[ThemeChoice]:
        """Every theme that can be chosen; read and made known when first asked for: a start needs one of them."""
        raise NotImplementedError

    @property
    def open_draft(self) -> str:
        """The id of the draft that stands in the composer; empty when none does."""
        raise NotImplementedError

    def use_sheet(self, name: str) -> bool:
        """Reads a style sheet of this folder that few need: each rule costs every start that has it. True the first
        time: the caller then styles the nodes that it is about.
        """
        path = str(Path(__file__).with_name(name))
        if self.stylesheet.has_source(path):
            return False
        self.stylesheet.read(path)
        if self.screen_stack:  # or nothing has a style yet
            self.stylesheet.reparse()
        return True

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """In the user's browser, as it opens what comes from elsewhere; `new_tab` is the toolkit's."""
        from mbclient.ui.browsing import browse

        self.run_worker(browse(self, url, self.say), group="browser")

    def say(self, text: str, severity: str = "information") -> None:
        """A sentence for the user; outside text in it stays plain text."""
        raise NotImplementedError

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """To the composer with a new draft; refusals are said."""
        raise NotImplementedError

    def edit_post(self, post: Post) -> None:
        """To the composer with an own post as it was written, once that is known; refusals are said."""
        raise NotImplementedError

    def resume(self, draft_id: str) -> None:
        """To the composer with a kept draft."""
        raise NotImplementedError

    def leave(self, next_thing: str = "") -> None:
        """Ends the program; draft and reading place are on disk first."""
        raise NotImplementedError

    def keep_choice(self, key: str, value: object) -> bool:
        """Keeps a setting beside config.toml; says why when it cannot."""
        raise NotImplementedError

    async def use_settings(self, preferences: Preferences) -> bool:
        """New settings, in force at once; False where posts could not be marked by them, which is said."""
        raise NotImplementedError

    async def switch_plain(self) -> None:
        """The plain reading mode on or off, and kept."""
        raise NotImplementedError

    def welcome_account(self, name: str) -> None:
        """A new account: its posts come in, and the user says what its profile shows."""
        raise NotImplementedError

    def first_steps(self) -> None:
        """Asks who one is, where and when one works, and what work is about."""
        raise NotImplementedError

    def can_alert(self) -> bool:
        """Whether the desktop can be told; says what to do when it cannot."""
        raise NotImplementedError

    def sift_when_stale(self) -> None:
        """Marks posts anew when a mute or a filter has ended."""
        raise NotImplementedError

    def collect_at_rest(self) -> None:
        """Lets the garbage collector look at everything while the user does nothing."""
        raise NotImplementedError

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Awaits what asks a service; a fault in it is noted and said, and ends nothing else."""
        raise NotImplementedError

    async def refresh_services(self) -> None:
        """All accounts at once; each tells its own state."""
        raise NotImplementedError

    def count_notices(self) -> None:
        """Notifications were looked at: their number on the main screen is another."""
        raise NotImplementedError

    # ------------------------------------------------------------ screens on top

    def open_thread(self, post: Post) -> None:
        """The conversation around a post."""
        raise NotImplementedError

    def open_author(self, post: Post) -> None:
        """Who wrote it, and their posts."""
        raise NotImplementedError

    def open_details(self, post: Post, hidden_by: Mute | Filtered | None = None) -> None:
        """Why it is shown or hidden, its links. `hidden_by`: what hides it on a screen that is no view."""
        raise NotImplementedError

    def open_pictures(self, post: Post, revealed: bool = False) -> None:
        """Its pictures, fetched. `revealed`: what covers the post was opened already."""
        raise NotImplementedError

    def open_mutes(self) -> None:
        """All mutes."""
        raise NotImplementedError


Part = TypeVar("Part", bound=Widget)


class Hosted(_Part):
    """For every part that speaks with the program. Itself it is none: a part is a widget or a screen besides, and
    handlers in what builds on it are known by their names alone, bindings and styles not at all.
    """

    def part(self, kind: type[Part]) -> Part | None:
        """One of its own parts; None once the program ends and takes them down: a thread may still bring something."""
        found = self.query(kind)
        return found.first() if found else None

    @property
    def mb(self) -> Host:
        """The application, as what it is."""
        app = self.app
        assert isinstance(app, Host)
        return app
