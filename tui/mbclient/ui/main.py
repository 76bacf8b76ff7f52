"""The one screen: meter, views, timeline, composer, statistics. It joins the panes and hands keys on; no rule here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.events import Key
from textual.widget import Widget

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.figurestores import Activity
from mbclient.core.keynames import shown_key
from mbclient.core.keytable import KeyTable
from mbclient.core.stores import Entry
from mbclient.domain.draft import Draft, Written
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.texts import _, times
from mbclient.texts.polls import poll_words
from mbclient.ui.attending import InFront, Pausing
from mbclient.ui.composer import ComposerPane
from mbclient.ui.compositor import LeanScreen
from mbclient.ui.doors import DOORS, Doors
from mbclient.ui.host import PLAIN
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.noticeline import NoticeLine
from mbclient.ui.postkeys import ON_A_POLL, ON_A_POST, ON_AN_OWN_POST, PostKeys
from mbclient.ui.render import Words
from mbclient.ui.statspane import StatsPane
from mbclient.ui.tabs import AccountLine, ViewTabs
from mbclient.ui.timeline import Timeline
from mbclient.ui.timelinepane import TimelinePane
from mbclient.ui.upkeep import Upkeep
from mbclient.ui.viewing import Viewing


class MainScreen(PostKeys, Pausing, InFront, Doors, Viewing, Upkeep, LeanScreen):
    """Timeline, composer and statistics under the always visible meter."""

    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings(
            "thread", "compose", "toggle_work", "peek", "refresh", *DOORS, *ON_A_POST, *ON_AN_OWN_POST, *ON_A_POLL,
            "undo", "figures", "pause", "back",
        ),
        *(Binding(str(number), f"view({number})", show=False, id=f"view_{number}") for number in range(1, 10)),
        *bindings("next_pane"),
    ]  # fmt: skip

    def __init__(self, desk: Desk, keys: KeyTable) -> None:
        super().__init__(desk)
        self.key_table = keys

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield NoticeLine()
        yield ViewTabs()
        with Container(id="body"):
            yield TimelinePane(self.words, id="reading")
            yield StatsPane()
            yield ComposerPane(self.desk, self.key_table)
        yield AccountLine()
        yield KeyLine(self.key_table)

    @property
    def words(self) -> Words:
        """What every screen with posts says of them."""
        zone = self.desk.judge.policy.zone
        clock = self.desk.clock

        def day(instant: datetime) -> str:
            today = clock.now().astimezone(zone).date()
            return times.day_word(instant.astimezone(zone).date(), today)

        return Words(
            when=lambda instant: times.age(instant, clock.now(), zone),
            day=day,
            badge=lambda post: post.account if post.account == post.service else f"{post.account} · {post.service}",
            terms=lambda post: self.desk.reading.spans(post, self.view.id),
            covers=self.desk.reading.covers,
            poll=lambda poll: poll_words(poll, clock.now(), zone),
            reveal_key=shown_key(self.key_table["reveal"].keys[0]),
            plain=self.desk.preferences.plain,
            density=self.desk.preferences.density,
        )

    @cached_property
    def timeline(self) -> Timeline:
        return self.query_one("#reading", TimelinePane).timeline

    @cached_property  # asked for with every key
    def composer(self) -> ComposerPane:
        return self.query_one(ComposerPane)

    def update_node_styles(self, animate: bool = True) -> None:
        """Before the first layout every part was given its style a moment ago; the toolkit would look for all again."""
        if self.outer_size:
            super().update_node_styles(animate)

    def on_mount(self) -> None:
        self.watch(self.timeline, "unread_above", self.show_tabs, init=False)
        self.show_view(self.view)
        self.tell_meter()
        self.show_accounts()
        self.timeline.focus()
        self.begin_seconds()

    def count_first(self) -> None:
        """What the first paint is without."""
        self.count_notices()
        self.show_figures()

    def make_room(self) -> None:
        """Before something is said: it stands where one does not read (said.tcss)."""
        if timeline := self.part(Timeline):
            self.set_class(timeline.selected_row < timeline.size.height // 2, "-reading-above")

    # ------------------------------------------------------------ what the desk tells

    def hear(self, event: events.Event) -> None:
        """Each event to the pane it concerns."""
        match event:
            case events.PostsArrived(entries):
                self.arrived(entries)
                self.soon()
            case events.NotificationsArrived():
                self.count_notices()
            case events.GapsChanged():
                self.gaps_changed(event)
            case events.PostChanged(post):
                self.timeline.refresh_post(post.id)
            case events.PostsPlaced(moves):
                for before, entry in moves:
                    self.timeline.entry_placed(before, entry.key)
                self.soon()
            case events.PostRemoved(id):
                self.timeline.refresh_post(id)
                self.soon()
            case events.PlaceMoved(view):
                self.place_moved(view)
            case events.AccountChanged():
                self.accounts_answered()
                self.accounts_changed()
            case events.OutboxChanged(row):
                self.outbox_changed(row)
            case events.FilterChanged():
                self.show_view(self.view_as_now())
                self.show_figures()
            case events.FactsChanged():
                self.timeline.sit(self.desk.preferences.density)
                self.soon()
                self.show_accounts()
                self.composer.drafts_changed()
                self.composer.check_again()
                self.show_tabs()
            case _:
                pass

    @on(Timeline.ReachedEnd)
    def _reached_end(self, message: Timeline.ReachedEnd) -> None:
        if not any(worker.group == "older" and not worker.is_finished for worker in self.workers):
            self._older(message.oldest.key)

    @work(group="older")
    async def _older(self, end: int) -> None:
        await self.mb.guarded(self._fetch_older(end))

    async def _fetch_older(self, end: int) -> None:
        source = self.source
        try:
            await self.desk.refresher.older(self.view.accounts, lambda: bool(source.page(before=end, limit=1)))
        except MbclientError as error:  # a full disk
            self.mb.say(str(error), "error")

    def open_entry(self, entry: Entry) -> None:
        if entry.gap is not None:
            self.fill_gap(entry.gap)
        else:
            super().open_entry(entry)

    @on(Timeline.LinkClicked)
    def _link(self, message: Timeline.LinkClicked) -> None:
        self.deeds.open_link(message.url, message.post)

    # ------------------------------------------------------------ keys

    @property
    def is_left(self) -> bool:
        return self.composer.is_written_in or super().is_left

    def key_came_up(self, event: Key) -> None:
        super().key_came_up(event)
        if self.is_active:
            self.composer.take_late(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "search" and self.composer.has_focus_within:
            return False  # the toolkit does not know that "slash" writes text there, and would show it
        return super().check_action(action, parameters)

    def action_next_pane(self) -> None:
        self.focus_next()

    def action_back(self) -> None:
        """Out of peeking, out of the figures that cover a narrow screen, back to the timeline."""
        self.leave_peeking()
        self.remove_class("-show-stats")
        self.put_reminders_away()
        self.timeline.focus()

    @work(exclusive=True, group="refresh")
    async def action_refresh(self) -> None:
        await self.mb.refresh_services()

    def action_figures(self) -> None:
        """Shows or hides the figures; on a narrow screen they cover the timeline."""
        cover = self.has_class("-narrow") or self.app.has_class(PLAIN)
        self.toggle_class("-show-stats" if cover else "-hide-stats")

    def in_front(self, focused: Widget) -> Activity | None:
        return Activity.COMPOSING if self.composer in focused.ancestors_with_self else super().in_front(focused)

    def pause_changed(self) -> None:
        self.show_figures()

    def reading_time_kept(self) -> None:
        self.show_figures()

    # ------------------------------------------------------------ writing

    def write(self, begin: Callable[[], Draft], context: Post | None = None) -> None:
        """Opens the composer; a refusal (this service cannot quote) is said."""
        try:
            draft = begin()
        except MbclientError as error:
            self.mb.say(str(error), "warning")
            return
        self._open_composer(draft, context=context)

    def edit_post(self, post: Post) -> None:
        """Opens the composer with an own post as it was written. Where its service has to be asked for that, the
        composer waits for the answer, and has the keys meanwhile.
        """
        drafting = self.desk.drafting
        try:
            known = drafting.shown_as_written(post)
        except MbclientError as error:
            self.mb.say(str(error), "warning")
            return
        if known is not None:
            self._open_composer(drafting.edit(post, known), context=post)
            return
        waiting = drafting.edit(post, Written(""))
        if self.composer.wait(waiting, post):
            self._composing()
            self._edit_as_written(post, waiting)

    @work(exclusive=True, group="written")
    async def _edit_as_written(self, post: Post, waiting: Draft) -> None:
        await self.mb.guarded(self._ask_written(post, waiting))
        if self.composer.waits_for(waiting):  # an adapter's fault, which was told
            self.composer.waited_in_vain("")

    async def _ask_written(self, post: Post, waiting: Draft) -> None:
        drafting, composer = self.desk.drafting, self.composer
        try:
            written = await drafting.written(post)
        except MbclientError as error:
            if composer.waits_for(waiting):
                composer.waited_in_vain(str(error))
            return
        if not composer.waits_for(waiting):
            return
        if not written.exact:  # said before what was typed ahead is done: a send may be among it
            told = _("{account} does not give the post as it was written: look through names, links and formatting.")
            self.mb.say(told.format(account=post.account), "warning")
        composer.begin_waited_for(drafting.edit(post, written))

    def resume(self, draft_id: str | None) -> None:
        """A draft chosen in the list of drafts, or taken back from the outbox."""
        saved = self.desk.drafts.get(draft_id) if draft_id else None
        if saved is None:
            self.composer.drafts_changed()
            return
        context = self.desk.reading.known(saved.draft.reply_to or saved.draft.quote_of)
        self._open_composer(saved.draft, draft_id=saved.id, cursor=saved.cursor, context=context)

    def _open_composer(
        self, draft: Draft, *, draft_id: str = "", cursor: int | None = None, context: Post | None = None
    ) -> None:
        self._composing()
        self.composer.begin(draft, draft_id=draft_id, cursor=cursor, context=context)

    def _composing(self) -> None:
        self.remove_class("-show-stats")
        self.add_class("-composing")

    @on(ComposerPane.Changed)
    def _draft_changed(self) -> None:
        self.tell_meter()

    @on(ComposerPane.Closed)
    def _composer_closed(self) -> None:
        self.remove_class("-composing")
        self.tell_meter()
        self.timeline.focus()

    def keep_all(self) -> None:
        """Before leaving: what stands in the composer is on disk, and the reading place too."""
        self.keep_place()
        self.composer.keep()
        self.desk.attention.leave()
        self.desk.attention.keep_now()
