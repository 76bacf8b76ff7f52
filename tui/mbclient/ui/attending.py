"""What is in front of the user, and that they do something: all that reading time needs to know (policy facts 14)."""

from __future__ import annotations

import asyncio

from textual import events, work
from textual.widget import Widget

from mbclient.core import pieces
from mbclient.core.desk import Desk
from mbclient.core.figurestores import Activity
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.texts import _
from mbclient.ui.host import Host, Hosted
from mbclient.ui.timeline import Timeline

_DEEDS = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste)


class Attentive(Host):
    """The application sees every deed first, before it is acted upon."""

    desk: Desk

    last_deed = 0.0
    """When the user last did something, by the event loop's clock."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, _DEEDS) and not event.is_forwarded:
            self.last_deed = asyncio.get_running_loop().time()
            self.desk.attention.interact()
            pieces.key_came()
        await super().on_event(event)


class InFront(Hosted):
    """For a screen with a timeline: tells when it is in front, and when its composer is, or neither."""

    desk: Desk

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._tell_front, init=True)
        self.app.app_suspend_signal.subscribe(self, lambda _app: self._leave_front())
        self.app.app_resume_signal.subscribe(self, lambda _app: self._tell_front(self.screen.focused))

    def in_front(self, focused: Widget) -> Activity | None:
        """What the focused widget means."""
        return Activity.READING if isinstance(focused, Timeline) else None

    def on_screen_resume(self) -> None:
        self._tell_front(self.screen.focused)

    def on_screen_suspend(self) -> None:
        self._leave_front()

    def _tell_front(self, focused: Widget | None) -> None:
        if not self.screen.is_current:
            return  # covered: the screen above tells
        activity = self.in_front(focused) if focused is not None else None
        if activity is None:
            self._leave_front()
        else:
            timeline = focused if isinstance(focused, Timeline) else None
            self.desk.attention.front(activity, lambda: under_cursor(timeline))
            self.mb.front_screen = self

    def _leave_front(self) -> None:
        if self.mb.front_screen is self:  # the next screen may have told before this one heard that it is covered
            self.desk.attention.leave()
            self.mb.front_screen = None

    @work(group="reading-time")
    async def keep_reading_time(self) -> None:
        """Writes what was measured, beside the event loop."""
        try:
            await self.desk.attention.keep()
        except MbclientError as error:
            self.mb.say(str(error), "error")
        else:
            self.reading_time_kept()

    def reading_time_kept(self) -> None:
        """For whoever shows it."""


class Pausing(Hosted):
    """For a screen with the key that pauses reading time."""

    desk: Desk

    def action_pause(self) -> None:
        """Stops measuring reading time, and goes on with it."""
        attention = self.desk.attention
        if not self.desk.preferences.statistics.reading_time:
            self.mb.say(_("Reading time is not measured: it is off in the settings."))
            return
        attention.pause(on=not attention.paused)
        self.mb.say(_("Reading time is paused.") if attention.paused else _("Reading time is measured again."))
        self.pause_changed()

    def pause_changed(self) -> None:
        """To say so where the screen says it."""
        raise NotImplementedError  # the screen's


def under_cursor(timeline: Timeline | None) -> Post | None:
    """The post that the user stands on."""
    entry = timeline.selected if timeline is not None else None
    return entry.post if entry is not None and entry.gap is None else None
