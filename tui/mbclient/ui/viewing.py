"""Which view is on the main screen, where its reader stands in it, what the filter hid, and what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Lock

from textual import work
from textual.timer import Timer

from mbclient.core import events
from mbclient.core.criteria import HOME, MINE, WORK
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth
from mbclient.core.reading import ViewCounts, ViewInfo
from mbclient.core.stores import Entry, Gap, ViewQuery
from mbclient.domain.errors import MbclientError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _, ngettext, times
from mbclient.ui.host import Hosted
from mbclient.ui.render import PLAIN, Dress
from mbclient.ui.sources import ViewSource, gap_entry
from mbclient.ui.tabs import ViewTabs
from mbclient.ui.timeline import Timeline

KEEP_AFTER_S = 0.7  # a held key writes the place once for many posts; a program that is killed loses no more than this
GAP_PAGES = 5  # fetched for one press
LONG_AGO = timedelta(days=300)  # the lower edge of a gap that nobody knows


@dataclass(frozen=True, slots=True)
class Place:
    """Where a view was left: the selected key, its row on the screen, the newest key that has been on screen."""

    key: int
    row: int = 0
    seen: int | None = None


class Viewing(Hosted):
    """For the main screen, which gives `desk`, the application and the timeline."""

    desk: Desk
    _source: ViewSource
    _later_place: Timer | None = None
    _was_empty = False  # when it was shown, and the accounts have not all answered yet

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._view = desk.reading.view(WORK)
        self._last_other = desk.reading.view(HOME)
        self._counts: ViewCounts | None = None
        self._peeking = False
        self._places: dict[str, Place] = {}
        self._writing = Lock()
        self._filling: dict[Gap, str] = {}  # gaps that are being filled, and how far it is
        self._unfilled: dict[Gap, str] = {}  # and those that could not be, and why

    @property
    def timeline(self) -> Timeline:
        raise NotImplementedError  # the main screen's

    @property
    def view(self) -> ViewInfo:
        """The view on screen."""
        return self._view

    @property
    def source(self) -> ViewSource:
        """Where its posts come from."""
        return self._source

    @property
    def peeking(self) -> bool:
        return self._peeking

    # ------------------------------------------------------------ showing

    def show_view(self, view: ViewInfo) -> None:
        """Shows a view at the place where it was left."""
        here = self._here()
        if here is not None and not self._peeking:
            self._leave_at(self._view.id, here)
        same = view.id == self._view.id
        self._view = view
        self._show(here if same and self._peeking else self._place_of(view.id), again=same)

    def _show(self, place: Place | None, *, again: bool = False) -> None:
        self._source = ViewSource(self.desk.reading, self._query())
        empty = not self._source.page(limit=1)
        self._was_empty = empty and self._awaits_first_answer()
        self.timeline.show(
            self._source,
            place=place.key if place is not None else None,
            read_to=place.seen if place is not None else None,
            row=place.row if place is not None else 0,
            empty=self._empty_words(empty),
            dress=self._dress,
            again=again,
        )
        self.count()

    def _query(self) -> ViewQuery:
        view = self._view
        if self._peeking and view.id == WORK:
            return ViewQuery(HOME, view.accounts, peek=True)
        return replace(self.desk.reading.query(view), peek=self._peeking)

    def _dress(self, entry: Entry) -> Dress:
        if entry.gap is not None:
            return Dress(note=self._gap_words(entry.gap))
        if self._peeking and not entry.shown_in(self._view.id):
            return Dress(hidden=True)
        return PLAIN

    def _empty_words(self, empty: bool) -> str:
        counts = self.desk.reading.counts(self.desk.reading.query(self._view)) if empty else None
        if counts is not None and counts.muted and not self._peeking:
            return _("All of it is hidden here.\nPress p to peek at it.")
        nothing_came = counts is not None and not counts.received
        if nothing_came and self.desk.accounts.only_notebook:
            return _("This is your local notebook.\nPress c to write the first post, or , to add an account.")
        if self._view.id == WORK and self.desk.sieve.has_terms and not nothing_came:
            if empty and self.desk.reading.size(ViewQuery(MINE, self._view.accounts)):
                return _(
                    "Your posts have none of your work terms, so the filter hides them here.\n"
                    "Press p to peek at what is hidden, w for everything."
                )
            return _("Nothing here matches your work terms yet.\nPress p to peek at what is hidden, w for everything.")
        return _("Nothing here yet.\nPress . to ask the services.")

    def count(self) -> None:
        """What is in the view is looked up; of several accounts together it must be counted (`count_anew`)."""
        together = len(self._view.accounts) > 1
        self._counts = None if together else self.desk.reading.counts(self.desk.reading.query(self._view))
        self.show_tabs()
        if together:
            self.count_anew()

    @work(group="counts", exclusive=True)
    async def count_anew(self) -> None:
        """Likewise beside the event loop: what is counted grows with the archive, and a key may be held."""
        view = self._view
        try:
            counts = await asyncio.to_thread(self.desk.reading.counts, self.desk.reading.query(view))
        except MbclientError as error:
            self.mb.say(str(error), "error")
            return
        if view is self._view:
            changed, self._counts = counts != self._counts, counts
            self.show_tabs()
            timeline = self.part(Timeline)
            if changed and timeline is not None and timeline.selected is None:
                self._show(None)  # there may be another reason now why there is nothing here

    def show_tabs(self) -> None:
        tabs, timeline = self.part(ViewTabs), self.part(Timeline)
        if tabs is not None and timeline is not None:
            tabs.show(
                self.desk.reading.views(),
                self._view.number,
                self._counts,
                peeking=self._peeking,
                unread=timeline.unread_above,
            )

    def view_as_now(self) -> ViewInfo:
        """The view on screen as the settings have it now; Work when it is gone."""
        views = self.desk.reading.views()
        return next((view for view in views if view.id == self._view.id), views[0])

    def arrived(self, entries: tuple[Entry, ...]) -> None:
        """New posts, of which some may belong here."""
        query = self._query()
        fitting = [
            entry
            for entry in entries
            if (query.view == HOME or query.view in entry.views)
            and (query.peek or entry.shown_in(query.view))
            and (not query.accounts or entry.post.account in query.accounts)
        ]
        if fitting and self._was_empty and self.timeline.untouched:
            self.timeline.begin_anew()
        elif fitting:
            self.timeline.entries_arrived(fitting)

    def accounts_answered(self) -> None:
        """All have, or have failed: whoever came to an empty view has something to read, and no more of it moves.

        Until then each account's first posts come in any order, and there is no place among them to be kept.
        """
        if all(state.health is not AccountHealth.REFRESHING for state in self.desk.account_states()):
            self._was_empty = False

    def _awaits_first_answer(self) -> bool:
        """Of an account that has not been asked before in this run."""
        first = (AccountHealth.IDLE, AccountHealth.REFRESHING)
        return any(state.as_of is None and state.health in first for state in self.desk.account_states())

    # ------------------------------------------------------------ the reading place

    def _here(self) -> Place | None:
        timeline = self.timeline
        key = timeline.selected_key
        return None if key is None else Place(key, timeline.selected_row, timeline.seen_key)

    def _place_of(self, view: str) -> Place | None:
        known = self._places.get(view)
        if known is None and (key := self.desk.reading.place(view)) is not None:
            known = self._places[view] = Place(key, 0, self.desk.reading.seen(view))
        return known

    def place_moved(self, view: str) -> None:
        """Read further in another client: that is where one comes back to; who stands in the view is not moved.

        Nor one who has read further still here: that place may be waiting for the disk.
        """
        known, key = self._places.get(view), self.desk.reading.place(view)
        if view != self._view.id and known is not None and key is not None and key > known.key:
            del self._places[view]

    def _leave_at(self, view: str, place: Place) -> None:
        """Keeps a place; the disk is written beside the event loop."""
        if self._places.get(view) != place:
            self._places[view] = place
            self._keep_beside(view)

    @work(group="places")
    async def _keep_beside(self, view: str) -> None:
        try:
            await asyncio.to_thread(self._write, view)
        except MbclientError as error:
            self.mb.say(str(error), "error")

    def _write(self, view: str) -> None:
        """The place as it is when its turn comes: those who wait for the disk are served in any order."""
        with self._writing:
            place = self._places.get(view)
            if place is not None:
                self.desk.reading.keep_place(view, place.key, place.seen)

    def keep_place(self) -> None:
        """At once, on the disk: before the program ends."""
        here = self._here()
        if here is not None and not self._peeking:
            self._places[self._view.id] = here
            self._write(self._view.id)

    def on_timeline_selected(self, message: Timeline.Selected) -> None:
        if self._later_place is None:
            self._later_place = self.set_timer(KEEP_AFTER_S, self._keep_soon)

    def _keep_soon(self) -> None:
        self._later_place = None
        here = self._here()
        if here is not None and not self._peeking:
            self._leave_at(self._view.id, here)

    # ------------------------------------------------------------ keys

    def on_view_tabs_chosen(self, message: ViewTabs.Chosen) -> None:
        self.action_view(message.number)

    def action_view(self, number: int) -> None:
        """Keys 1 to 9."""
        view = next((view for view in self.desk.reading.views() if view.number == number), None)
        if view is None:
            self.mb.say(_("There is no view {n}.").format(n=number), "warning")
            return
        self.leave_peeking()
        self.show_view(view)

    def view_chooser(self, number: int) -> Callable[[], None]:
        """For the palette: a function that shows one view."""

        def choose() -> None:
            self.action_view(number)

        return choose

    def action_toggle_work(self) -> None:
        """Work, and back to where one was."""
        target = self._last_other if self._view.id == WORK else self.desk.reading.view(WORK)
        if self._view.id != WORK:
            self._last_other = self._view
        self.leave_peeking()
        self.show_view(target)

    def action_peek(self) -> None:
        """Hidden posts in their places, marked as hidden; again to hide them."""
        counted = self._counts
        if self._view.id != WORK and not self._peeking and counted is not None and not counted.muted:
            self.mb.say(_("Nothing is hidden in this view."))
            return
        here = self._here()
        self._peeking = not self._peeking
        self._show(here, again=True)

    def leave_peeking(self) -> None:
        if self._peeking:
            self.action_peek()

    # ------------------------------------------------------------ what is missing

    def _gap_words(self, gap: Gap) -> str:
        said = self._filling.get(gap) or self._unfilled.get(gap)
        if said is not None:
            return said
        now, zone = self.desk.clock.now(), self.desk.judge.policy.zone
        upper = times.when(gap.below, now, zone)
        if now - gap.since > LONG_AGO:
            words = _("{account}: posts from before {upper} are missing here · Enter loads them")
            return words.format(account=gap.account, upper=upper)
        words = _("{account}: posts between {lower} and {upper} are missing here · Enter loads them")
        return words.format(account=gap.account, lower=times.when(gap.since, now, zone), upper=upper)

    def gaps_changed(self, event: events.GapsChanged) -> None:
        """Holes that opened, moved or closed: each painted where it is now, the selection left on what was loaded."""
        self._source.read_gaps()
        query = self._query()
        shown = [gap_entry(gap) for gap in self.desk.reading.gaps(query) if gap in event.new]
        if shown:
            self.timeline.entries_arrived(shown)
        for gap in event.closed:
            self.timeline.refresh_entry(gap.key)

    @work(group="gaps")
    async def fill_gap(self, gap: Gap) -> None:
        """Fetches a few pages of what is missing, telling how it goes in the gap's own line."""
        if any(known.account == gap.account for known in self._filling):
            return
        total = 0
        left: Gap | None = gap
        for _page in range(GAP_PAGES):
            if left is None:
                break
            here = left
            self._filling[here] = _("{account}: loading … {n} so far").format(account=gap.account, n=total)
            self._unfilled.pop(here, None)
            self.timeline.refresh_entry(here.key)
            got: list[tuple[Gap | None, int]] = []
            try:
                await self.mb.guarded(self._fill_page(here, got))
            finally:
                del self._filling[here]
            if not got:
                break
            left, new = got[0]
            total += new
        if left is not None:
            self.timeline.refresh_entry(left.key)
        if total:
            words = ngettext("{account}: {n} missing post loaded", "{account}: {n} missing posts loaded", total)
            self.mb.say(words.format(account=gap.account, n=total))

    async def _fill_page(self, gap: Gap, got: list[tuple[Gap | None, int]]) -> None:
        """What a page left of the gap and brought, into `got`; else why there is none stands in the gap's line."""
        failed = _("{account}: could not be loaded: {reason} · Enter tries again")
        reason = _("a fault in mbclient itself")  # where the adapter errs; whoever guards us notes it
        try:
            got.append(await self.desk.refresher.fill_gap(gap))
        except MbclientError as error:
            reason = error.problem
        finally:
            if not got:
                self._unfilled[gap] = failed.format(account=gap.account, reason=reason)
