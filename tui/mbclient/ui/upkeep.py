"""What time and events make other on the main screen: meter, accounts with their outbox, figures, the countdown."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from textual import work
from textual.timer import Timer

from mbclient.core import parts
from mbclient.core.desk import Desk
from mbclient.core.stores import OPEN_STATES, OutboxRow, SendState
from mbclient.domain.draft import Kind
from mbclient.domain.errors import MbclientError
from mbclient.texts import _, times
from mbclient.texts.meter import MeterText, meter_text
from mbclient.ui.composer import ComposerPane
from mbclient.ui.host import Hosted
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.noticeline import NoticeLine
from mbclient.ui.statspane import StatsPane
from mbclient.ui.tabs import AccountLine
from mbclient.ui.ticking import TICK_S, Minutes
from mbclient.ui.timeline import Timeline
from mbclient.ui.waiting import changes_by_the_second, waiting_words

ACCOUNTS_AFTER_S = 0.1  # they are asked side by side: what all say of it is painted once
FIGURES_AFTER_S = 0.5  # posts come in slices: meter and figures are asked again once for many of them


class Upkeep(Hosted):
    """For the main screen, which gives desk, application, composer and timeline, and counts its view (`count_anew`)."""

    desk: Desk
    _minutes: Minutes
    _skew = timedelta(0)
    _in_window = False  # of a recommended time
    _counts_today: tuple[date, int, int] | None = None  # the day, what was posted, what is planned
    _later: Timer | None = None
    _accounts_later: Timer | None = None
    _counting = False
    _figuring = False
    _reminder = _budget = ""  # what the line below the meter has to say
    _figures_are_old = False

    @property
    def composer(self) -> ComposerPane:
        raise NotImplementedError  # the main screen's

    @property
    def timeline(self) -> Timeline:
        raise NotImplementedError  # the main screen's

    def keep_reading_time(self) -> object:
        raise NotImplementedError  # the main screen's

    def count_anew(self) -> object:
        raise NotImplementedError  # the main screen's

    def tell_meter(self) -> None:
        """The meter for the accounts chosen in the composer, else the default ones."""
        draft = self.composer.draft
        accounts = draft.accounts if draft is not None else self.desk.accounts.default_names()
        status = self.desk.judge.status(accounts, text=draft.text if draft is not None else "")
        policy = self.desk.judge.policy
        self._skew, self._in_window = status.skew, status.current_slot is not None
        self._counts_today = status.now.astimezone(policy.zone).date(), status.count, status.planned
        local = self.desk.clock.now().astimezone().tzinfo
        no_symbols = self.app.console.encoding.lower() not in ("utf-8", "utf8")

        def word(width: int) -> MeterText:
            return meter_text(status, policy, tuple(accounts), width, ascii=no_symbols, local_zone=local)

        self.mb.meter_word = word
        for screen in self.app.screen_stack:
            for bar in screen.query(MeterBar):
                bar.update_status(word)
        try:
            self._reminder = self.desk.reminder.words(status)
        except MbclientError:  # not noted, so not shown: it would come with every start; the disk is told of elsewhere
            self._reminder = ""
        self._remind()

    def _remind(self) -> None:
        line = self.part(NoticeLine)
        if line is not None:
            line.say(self._reminder or self._budget)

    def put_reminders_away(self) -> None:
        """The user has read what the line says."""
        self.desk.reminder.put_away()
        self.desk.budget.put_away()
        self._reminder = self._budget = ""
        self._remind()

    def begin_seconds(self) -> None:
        """Each second from the next whole one on, just after it.

        A bare call of the loop: a timer of the toolkit costs ten times as much, all day long (speed facts G23).
        """
        self._minutes = Minutes()
        self._minutes.passed(self.desk.clock.now(), self._skew)
        self.call_after_refresh(self._wait_a_second)  # what it looks after need not be loaded before the first paint

    def _wait_a_second(self) -> None:
        rest = 1 + TICK_S - self.desk.clock.now().microsecond / 1e6
        asyncio.get_running_loop().call_later(rest, self._second)

    def _second(self) -> None:
        if not self.is_running:
            return
        self._wait_a_second()
        self.desk.watch.tick()
        if self._counting or self._minutes.due(self.desk.clock.now(), self._skew, parted=self._is_parted):
            self.call_later(self.second_passed)
        self.mb.sift_when_stale()
        self.mb.collect_at_rest()

    @property
    def _is_parted(self) -> bool:
        """Whether a minute's first second may differ from its rest: where a window may end for meter or draft."""
        return self._in_window or self.composer.draft is not None

    def second_passed(self) -> None:
        """What only time changes. A second in which nothing can be new costs nothing."""
        now = self.desk.clock.now()
        if self._minutes.passed(now, self._skew, parted=self._is_parted):
            counted = self._counts_today
            self.tell_meter()
            self.composer.check_again()
            if now.second < 1:
                self.timeline.minute_passed()
                if not self.desk.attention.is_kept:
                    self.keep_reading_time()  # and then the figures are others
                elif self._counts_today != counted:  # another day, or another program's post; the rest is told
                    self.show_figures()
        if self._counting:
            self.show_accounts()

    def soon(self) -> None:
        """Meter, counts and figures, once for all that happens in half a second."""
        if self._later is None:
            self._later = self.set_timer(FIGURES_AFTER_S, self._now_then)

    def _now_then(self) -> None:
        self._later = None
        self.tell_meter()
        self.count_anew()
        self.show_figures()

    def show_figures(self) -> None:
        """As they are now; what changes while they are counted is counted once more."""
        self._figures_are_old = True
        if not self._figuring:
            self._figuring = True
            self._count_figures()

    @work(group="figures")
    async def _count_figures(self) -> None:
        """In a thread: weeks of posts hold no key up."""
        try:
            while self._figures_are_old:
                self._figures_are_old = False
                figures = await asyncio.to_thread(self.desk.statistics.figures)
                pane = self.part(StatsPane)
                if pane is None:
                    return
                pane.show(figures, paused=self.desk.attention.paused)
                self._budget = self.desk.budget.words(figures.days[-1])
                self._remind()
        except MbclientError as error:
            self.mb.say(str(error), "error")
        finally:
            self._figuring = False

    def accounts_changed(self) -> None:
        """One of them is in another state: the line is shown anew, once for all who say so in a tenth of a second."""
        if self._accounts_later is None:
            self._accounts_later = self.set_timer(ACCOUNTS_AFTER_S, self._accounts_then)

    def _accounts_then(self) -> None:
        self._accounts_later = None
        self.show_accounts()

    def show_accounts(self) -> None:
        states = self.desk.account_states()
        now = self.desk.clock.now()
        rows = parts.folded(self.desk.outbox.rows(states=(*OPEN_STATES, SendState.FAILED)))
        # A line that counts down would be read aloud each second.
        self._counting = changes_by_the_second(rows, now) and not self.desk.preferences.plain
        zone = self.desk.judge.policy.zone
        self.query_one(AccountLine).show(
            states, sending=waiting_words(rows, now), when=lambda instant: times.when(instant, now, zone)
        )

    def _waits_behind(self, row: OutboxRow) -> bool:
        """A part of a thread, for another part: what became of that one is told already."""
        before = parts.before(self.desk.outbox, row)
        return before is not None and before.state is not SendState.SENT

    def outbox_changed(self, row: OutboxRow) -> None:
        self.show_accounts()
        self.soon()
        if row.state is SendState.SENT:
            if row.position + 1 < row.draft.segments:
                return  # the last part of a thread tells of all
            self.mb.say(_sent_words(row))
        elif row.state is SendState.FAILED:
            self.mb.say(
                _("Not sent to {account}: {reason} (O shows it)").format(account=row.account, reason=row.reason),
                "error",
            )
        elif row.state is SendState.HELD and not self._waits_behind(row):
            self.mb.say(
                _("{account} waits for you: {reason} (O shows it)").format(account=row.account, reason=row.reason),
                "warning",
            )


def _sent_words(row: OutboxRow) -> str:
    """What is out now: an edit and a boost are no new post."""
    said = {Kind.EDIT: _("The edit is out on {account}."), Kind.BOOST: _("Boosted on {account}.")}
    return said.get(row.draft.kind, _("Sent to {account}.")).format(account=row.account)
