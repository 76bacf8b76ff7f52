"""The plain reading mode on the screen: one column without frames, nothing that moves by itself, a cursor to follow.

A screen reader or a braille line follows the terminal's own cursor, which the toolkit hides. Here it is shown, and the
parts put it where the user is: on the selected post (`Timeline`), the highlighted line (`Choices`), in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual import constants, events
from textual.widget import Widget

from mbclient.texts import _
from mbclient.ui.host import PLAIN, Host
from mbclient.ui.statspane import StatsPane
from mbclient.ui.tabs import ViewTabs
from mbclient.ui.timeline import Timeline

SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"  # DECTCEM


class PlainMode(Host):
    """What of it concerns the whole program; the style sheet does the rest by the class that is set here."""

    def on_mount(self) -> None:
        if self.desk.preferences.plain:
            self.call_after_refresh(self.use_plain)
        self.app_resume_signal.subscribe(self, lambda _app: self.use_plain())  # an editor ran: the cursor is hidden

    def use_plain(self) -> None:
        """As the setting says now."""
        plain = self.desk.preferences.plain
        if plain:
            self.use_sheet("plain.tcss")
        self.set_class(plain, PLAIN)
        self.animation_level = "none" if plain else constants.TEXTUAL_ANIMATIONS
        if self._driver is not None:
            self._driver.write(SHOW_CURSOR if plain else HIDE_CURSOR)
            self._driver.flush()
        for screen in self.screen_stack:
            speak: Callable[[bool], None] | None = getattr(screen, "speak_plainly", None)
            if speak is not None:
                speak(plain)
            for timeline in screen.query(Timeline):
                timeline.speak_plainly(plain)
            for part in (*screen.query(ViewTabs), *screen.query(StatsPane)):
                part.refresh()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.call_after_refresh(self._follow, event.widget)  # before that it may have no place yet

    def _follow(self, widget: Widget) -> None:
        """The terminal's cursor to whatever has the keys now; the parts themselves move it on from there."""
        if not widget.is_attached:  # its screen was left meanwhile
            return
        if (place_cursor := getattr(widget, "place_cursor", None)) is not None:
            place_cursor()
        elif (place := getattr(widget, "cursor_screen_offset", None)) is not None:  # the toolkit's fields of text
            self.cursor_position = place
        if self.desk.preferences.plain:
            widget.refresh()  # the terminal's cursor goes there with a paint, and the first of a question is over

    def plain_switch(self) -> tuple[str, str, Callable[[], object]]:
        """For the palette: title, help, and what switches it on or off."""
        plain = self.desk.preferences.plain
        title = _("Plain reading: off") if plain else _("Plain reading: on")
        return title, _("One column of sentences without frames, for screen readers"), self.switch_plain

    async def switch_plain(self) -> None:
        """On or off, kept beside config.toml."""
        plain = not self.desk.preferences.plain
        if self.keep_choice("plain", plain):
            await self.use_settings(replace(self.desk.preferences, plain=plain))
            self.use_plain()
