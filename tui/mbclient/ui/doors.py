"""The keys that lead from the main screen to another one; each is loaded when it is first opened."""

from __future__ import annotations

import asyncio

from textual import work

from mbclient.core.desk import Desk
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import KeyTable
from mbclient.core.notices import grouped
from mbclient.domain.errors import MbclientError
from mbclient.texts import ngettext
from mbclient.ui.host import Hosted
from mbclient.ui.render import Words
from mbclient.ui.tabs import AccountLine

DOORS = ("search", "notifications", "outbox", "planned", "drafts", "mutes", "settings", "stats")

NOTICES = 100  # that are looked at for new ones


class Doors(Hosted):
    """For the main screen, which gives `desk`, `key_table` and `words`, and takes a draft back with `resume`."""

    desk: Desk
    key_table: KeyTable

    @property
    def words(self) -> Words:
        raise NotImplementedError  # the main screen's

    def resume(self, draft_id: str | None) -> None:
        raise NotImplementedError  # the main screen's

    def action_search(self) -> None:
        from mbclient.ui.screens.search import SearchScreen

        self.app.push_screen(SearchScreen(self.desk, self.words, self.key_table))

    @work(exclusive=True, group="notices")
    async def count_notices(self) -> None:
        """How many notifications are new, told in the line of the accounts."""
        try:
            found = await asyncio.to_thread(self.desk.reading.notifications, limit=NOTICES)
        except MbclientError as error:
            self.mb.say(str(error), "error")
            return
        number = sum(group.unread for group in grouped(found))
        key = shown_key(self.key_table["notifications"].keys[0])
        words = ngettext("{n} notification ({key})", "{n} notifications ({key})", number)
        line = self.part(AccountLine)
        if line is not None:
            line.tell_notices(words.format(n=number, key=key) if number else "")

    def action_notifications(self) -> None:
        from mbclient.ui.screens.notifications import NotificationsScreen

        self.app.push_screen(NotificationsScreen(self.desk, self.words, self.key_table))

    def action_outbox(self) -> None:
        from mbclient.ui.screens.outbox import OutboxScreen

        self.app.push_screen(OutboxScreen(self.desk, self.key_table), self.resume)

    def action_planned(self) -> None:
        from mbclient.ui.screens.planned import PlannedScreen

        self.app.push_screen(PlannedScreen(self.desk, self.key_table), self.resume)

    def action_drafts(self) -> None:
        from mbclient.ui.screens.drafts import DraftsScreen

        self.app.push_screen(DraftsScreen(self.desk, self.key_table), self.resume)

    def action_stats(self) -> None:
        from mbclient.ui.screens.stats import StatsScreen

        self.app.push_screen(StatsScreen(self.desk, self.key_table))

    def action_mutes(self) -> None:
        self.mb.open_mutes()

    def action_settings(self) -> None:
        from mbclient.ui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self.desk, self.mb.launch))
