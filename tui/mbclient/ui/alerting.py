"""Tells the desktop when somebody writes to the user; off until the user wants it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work

from mbclient.domain.errors import MbclientError
from mbclient.ui.host import Host

if TYPE_CHECKING:
    from mbclient.ui.desktop import Desktop


class Alerting(Host):
    """The program, as it calls. Without the library it says so once, and goes on."""

    _desktop: Desktop | None = None
    _cannot = False

    def alert(self) -> None:
        """Notifications have come. While the screen is covered they wait for the next time."""
        if not self._cannot and not self.is_covered:
            self._alert()

    def can_alert(self) -> bool:
        """Whether the library is there; says what to do when it is not."""
        from mbclient.ui.desktop import Desktop

        try:
            self._desktop = self._desktop or Desktop()
        except MbclientError as error:
            self._cannot = True
            self.say(str(error), "warning")
            return False
        return True

    @work(group="alerts")
    async def _alert(self) -> None:
        """Never begun, if the program ends just then."""
        try:
            due = await asyncio.to_thread(self.desk.alerts.due)
        except MbclientError as error:
            self.say(str(error), "error")
            return
        if due and self.can_alert() and self._desktop is not None:
            for each in due:
                await self._desktop.show(each.title, each.body)
