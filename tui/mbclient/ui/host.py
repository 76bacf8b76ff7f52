"""What panes and screens know of the program that they are in. The program knows them; they know only this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.app import App
from textual.widget import Widget

from mbclient.core.desk import Desk
from mbclient.core.preferences import Mute
from mbclient.domain.draft import Draft
from mbclient.domain.post import Filtered, Post
from mbclient.texts.meter import MeterText
from mbclient.ui.launch import Launch


class Host(App[str]):
    """The application as its parts see it; `MbclientApp` is the one that there is."""

    desk: Desk
    launch: Launch
    meter_word: Callable[[int], MeterText] | None = None
    """How every screen's meter is worded now, for a width."""

    front_screen: Widget | None = None
    """The screen whose reading time is measured."""

    @property
    def open_draft(self) -> str:
        """The id of the draft that stands in the composer; empty when none does."""
        raise NotImplementedError

    def say(self, text: str, severity: str = "information") -> None:
        """A sentence for the user; outside text in it stays plain text."""
        raise NotImplementedError

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """To the composer with a new draft; refusals are said."""
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

    def welcome_account(self, name: str) -> None:
        """A new account: its posts come in, and the user says what its profile shows."""
        raise NotImplementedError

    def sift_when_stale(self) -> None:
        """Marks posts anew when a mute or a filter has ended."""
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

    def open_mutes(self) -> None:
        """All mutes."""
        raise NotImplementedError


Part = TypeVar("Part", bound=Widget)


class Hosted(Widget):
    """For every part that speaks with the program."""

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
