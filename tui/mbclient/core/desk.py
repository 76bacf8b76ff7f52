"""The ready desk: every use case, joined. What the screen and the commands are handed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from mbclient.core.accounts import Accounts
from mbclient.core.aggregate import Statistics
from mbclient.core.attention import Attention
from mbclient.core.budget import TimeBudget
from mbclient.core.events import AccountState, Bus, FactsChanged
from mbclient.core.intake import Intake
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock, PictureSource, Secrets, Services
from mbclient.core.preferences import AccountBook, MachineSource, PolicySource, Preferences
from mbclient.core.reading import Reading
from mbclient.core.refresh import Refresher
from mbclient.core.reminder import SilenceReminder
from mbclient.core.resift import Resifter
from mbclient.core.sieve import Around, Sieve
from mbclient.core.spending import Spending
from mbclient.core.stores import Drafts, Outbox, Stores
from mbclient.domain.errors import MbclientError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post

if TYPE_CHECKING:
    from mbclient.core.act import Actions
    from mbclient.core.alerts import Alerts
    from mbclient.core.attaching import Attaching
    from mbclient.core.completing import Completing
    from mbclient.core.compose import Composer
    from mbclient.core.copies import DailyCopies
    from mbclient.core.delivery import Delivery
    from mbclient.core.drafting import Drafting
    from mbclient.core.export import Exporter
    from mbclient.core.fixes import Fixes
    from mbclient.core.handover import Handover
    from mbclient.core.leaving import Leaving
    from mbclient.core.pictures import Pictures
    from mbclient.core.report import Reports
    from mbclient.core.rows import Rows
    from mbclient.core.send import Sender
    from mbclient.core.suggest import Suggestions
    from mbclient.core.takeback import TakingBack
    from mbclient.core.timetable import Timetable
    from mbclient.core.unsent import Unsent
    from mbclient.core.watch import Watch


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside, each behind its port."""

    services: Services
    stores: Stores
    secrets: Secrets
    accounts: AccountBook
    policy: PolicySource
    machine: MachineSource
    preferences: Preferences
    clock: Clock
    pictures: PictureSource | None = None  # the demonstration has no network


class Desk:
    """One program's use cases over one world. Cheap to build; `aclose` when done."""

    def __init__(self, world: World) -> None:
        stores, clock = world.stores, world.clock
        self.world = world
        self.clock = clock
        self._began = clock.now()
        self.preferences = world.preferences

        def preferences() -> Preferences:
            return self.preferences

        self.bus = Bus()
        self.sieve = Sieve(world.preferences, Around(clock.now, self.parent, self._filters_of))
        self.accounts = Accounts(
            world.accounts,
            world.services,
            world.secrets,
            world.policy,
            preferences,
            clock,
            self.bus,
            forget_posts=stores.archive.forget_account,
        )
        self.judge = Judge(
            world.policy,
            world.machine,
            self.accounts,
            stores.ledger,
            stores.outbox,
            stores.log,
            clock,
            world.services.skew_seconds,
        )
        self.resifter = Resifter(self.sieve, stores.archive, clock, self.bus, preferences, self._filters)
        self.reading = Reading(self.accounts, stores.archive, stores.gaps, self.sieve, preferences)
        self._intake = Intake(
            stores.archive,
            stores.ledger,
            self.sieve,
            self.bus,
            self.judge.server_now,
            self.resifter.keep_end,
            self.accounts.is_there,
        )
        self.refresher = Refresher(
            self.accounts,
            stores.archive,
            stores.gaps,
            self._intake,
            self.sieve,
            clock,
            self.bus,
            lambda: self.preferences.archive,
        )
        self.attention = Attention(
            lambda: self.judge.policy,
            stores.reading,
            clock,
            measured=lambda: self.preferences.statistics.reading_time,
            unmeasured=lambda: tuple(account.name for account in self.accounts.all() if account.pseudonymous),
        )
        self.statistics = Statistics(self.judge, stores.tallies, stores.reading, stores.log, clock)
        self.reminder = SilenceReminder(self.judge, stores.log)
        self.budget = TimeBudget(lambda: self.preferences.statistics)
        self.spending = Spending(stores.expenses, self.accounts.all, clock)

    # ------------------------------------------------------------ what the first paint can do without

    # Each is loaded when it is first asked for; `load_late` does it in a thread before.

    @cached_property
    def watch(self) -> Watch:
        from mbclient.core.readmarks import ReadMarks
        from mbclient.core.streams import Streams
        from mbclient.core.watch import Watch

        stores = self.world.stores
        streams = Streams(self.accounts, self.refresher, self._intake, stores.outbox, self.clock, self.bus)
        marks = ReadMarks(self.accounts, stores.archive, self.reading, self.bus)
        return Watch(self.accounts, self.refresher, streams, marks, self.clock, self.bus)

    @cached_property
    def actions(self) -> Actions:
        from mbclient.core.act import Actions

        stores = self.world.stores
        return Actions(self.accounts, stores.archive, stores.ledger, self._intake, self.bus, self.clock)

    @cached_property
    def alerts(self) -> Alerts:
        from mbclient.core.alerts import Alerts

        return Alerts(self.reading, self.judge, lambda: self.preferences, self.clock, self._began)

    @cached_property
    def attaching(self) -> Attaching:
        from mbclient.core.attaching import Attaching

        return Attaching(self.accounts)

    @cached_property
    def completing(self) -> Completing:
        from mbclient.core.completing import Completing

        return Completing(self.world.stores.archive)

    @cached_property
    def drafting(self) -> Drafting:
        from mbclient.core.drafting import Drafting

        return Drafting(self.accounts, self.world.stores.archive, lambda: self.preferences.post_language)

    @cached_property
    def composer(self) -> Composer:
        from mbclient.core.compose import Composer

        stores = self.world.stores
        return Composer(self.accounts, self.judge, stores.archive, stores.drafts, stores.outbox, self.clock, self.bus)

    @cached_property
    def _rows(self) -> Rows:
        from mbclient.core.rows import Rows

        stores = self.world.stores
        return Rows(
            stores.outbox,
            stores.archive,
            stores.ledger,
            self.accounts,
            self.judge,
            self.refresher,
            self.clock,
            self.bus,
        )

    @cached_property
    def handover(self) -> Handover:
        from mbclient.core.handover import Handover

        return Handover(self._rows, self.accounts, self.clock)

    @cached_property
    def _delivery(self) -> Delivery:
        from mbclient.core.delivery import Delivery

        return Delivery(self._rows, self.handover, self.accounts, self.clock)

    @cached_property
    def sender(self) -> Sender:
        from mbclient.core.send import Sender

        return Sender(self._rows, self._delivery, self.clock)

    @cached_property
    def unsent(self) -> Unsent:
        from mbclient.core.unsent import Unsent

        return Unsent(self._rows, self._delivery, self.handover, self.clock)

    @cached_property
    def taking_back(self) -> TakingBack:
        from mbclient.core.takeback import TakingBack

        return TakingBack(self.composer, self.unsent)

    @cached_property
    def leaving(self) -> Leaving:
        from mbclient.core.leaving import Leaving

        return Leaving(self._rows, self.sender, self.clock, self._began)

    @cached_property
    def timetable(self) -> Timetable:
        from mbclient.core.timetable import Timetable

        return Timetable(self.judge, self.world.stores.outbox)

    @cached_property
    def copies(self) -> DailyCopies:
        from mbclient.core.copies import DailyCopies

        return DailyCopies(self.world.stores.copy, self.clock, self.bus)

    @cached_property
    def pictures(self) -> Pictures:
        from mbclient.core.pictures import Pictures

        return Pictures(self.accounts, self.world.pictures)

    @cached_property
    def suggestions(self) -> Suggestions:
        from mbclient.core.suggest import Suggestions

        return Suggestions(self.accounts, self.world.stores.archive, lambda: self.preferences)

    @cached_property
    def fixes(self) -> Fixes:
        from mbclient.core.fixes import Fixes

        return Fixes(self.accounts, self.judge, self.clock)

    @cached_property
    def exporter(self) -> Exporter:
        from mbclient.core.export import Exporter

        stores = self.world.stores
        return Exporter(self.accounts, self.judge, self.reading, stores.archive, stores.ledger, self.clock)

    @cached_property
    def reports(self) -> Reports:
        from mbclient.core.report import Reports

        stores = self.world.stores
        return Reports(self.judge, self.statistics, stores.tallies, stores.reading, stores.contributors, self.clock)

    @property
    def drafts(self) -> Drafts:
        return self.world.stores.drafts

    @property
    def outbox(self) -> Outbox:
        return self.world.stores.outbox

    @property
    def notices(self) -> Sequence[str]:
        """What went wrong while everything was read: damaged files, broken policy; each says what was done."""
        return (
            *self.world.stores.notices,
            *self.judge.loaded.notices,
            *self.world.machine.current().notices,
        )

    def account_states(self) -> Sequence[AccountState]:
        """How every account stands, with what its calls have cost."""
        states = self.refresher.states
        return [
            replace(states.get(name, AccountState(name)), spent=self.spending.words(name))
            for name in (account.name for account in self.accounts.all())
        ]

    async def use(self, preferences: Preferences) -> None:
        """New settings take effect at once; new terms on the newest posts first, on the rest in slices."""
        before, self.preferences = self.preferences, preferences
        self.attention.settings_changed()
        self.bus.publish(FactsChanged())
        if _rules(before) == _rules(preferences):
            return
        self.sieve.use(preferences)
        await self.resifter.run()

    def _filters(self) -> Mapping[str, frozenset[str] | None]:
        """Of the accounts that were asked in this run; the others' services need not be opened for it."""
        return {name: self._filters_of(name) for name in tuple(self.refresher.states)}

    def parent(self, post: Post) -> Post | None:
        """The post that one answers, where it is known here."""
        return self.world.stores.archive.post(f"{post.account}:{post.in_reply_to}") if post.in_reply_to else None

    def _filters_of(self, account: str) -> frozenset[str] | None:
        """The filters that an account has at its service, as far as they are known; a removed one has none."""
        try:
            return self.accounts.service(account).capabilities.filters
        except MbclientError:
            return None

    async def aclose(self) -> None:
        """What is at work (`lasting`) comes to its end first, the storing of a page too: the services wait for it."""
        await self.world.services.aclose()
        await asyncio.to_thread(self.world.stores.close)


def load_late() -> None:
    """Imports, in a thread after the first paint, what the desk has not asked for yet: no key shall wait for it."""
    import hashlib

    from mbclient.core import (  # noqa: F401 - imported for whoever asks next
        act,
        alerts,
        attaching,
        completing,
        compose,
        copies,
        delivery,
        drafting,
        handover,
        leaving,
        pictures,
        readmarks,
        rows,
        send,
        streams,
        suggest,
        takeback,
        timetable,
        unsent,
        watch,
    )

    hashlib.sha256()  # the program's entry lets it run at its first use


def _rules(preferences: Preferences) -> object:
    """All that decides where a post is shown."""
    return preferences.work_filter, preferences.views, preferences.hide, preferences.mutes
