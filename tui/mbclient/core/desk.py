"""The ready desk: every use case, joined. What the screen and the commands are handed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mbclient.core.accounts import Accounts
from mbclient.core.act import Actions
from mbclient.core.attention import Attention
from mbclient.core.budget import TimeBudget
from mbclient.core.compose import Composer
from mbclient.core.delivery import Delivery
from mbclient.core.events import AccountState, Bus, FactsChanged
from mbclient.core.export import Exporter
from mbclient.core.figures import Statistics
from mbclient.core.fixes import Fixes
from mbclient.core.handover import Handover
from mbclient.core.intake import Intake
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock, Secrets, Services
from mbclient.core.preferences import AccountBook, MachineSource, PolicySource, Preferences
from mbclient.core.reading import Reading
from mbclient.core.readmarks import ReadMarks
from mbclient.core.refresh import Refresher
from mbclient.core.reminder import SilenceReminder
from mbclient.core.report import Reports
from mbclient.core.resift import Resifter
from mbclient.core.rows import Rows
from mbclient.core.send import Sender
from mbclient.core.sieve import Around, Sieve
from mbclient.core.spending import Spending
from mbclient.core.stores import Drafts, Outbox, Stores
from mbclient.core.streams import Streams
from mbclient.core.timetable import Timetable
from mbclient.core.watch import Watch
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post


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


class Desk:
    """One program's use cases over one world. Cheap to build; `aclose` when done."""

    def __init__(self, world: World) -> None:
        stores, clock = world.stores, world.clock
        self.world = world
        self.clock = clock
        self.preferences = world.preferences

        def preferences() -> Preferences:
            return self.preferences

        self.bus = Bus()
        self.sieve = Sieve(world.preferences, Around(clock.now, self.parent, self._filters_of))
        self.accounts = Accounts(
            world.accounts, world.services, world.secrets, world.policy, preferences, clock, self.bus
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
        intake = Intake(stores.archive, stores.ledger, self.sieve, self.bus, self.judge.server_now)
        self.refresher = Refresher(
            self.accounts,
            stores.archive,
            stores.gaps,
            intake,
            self.sieve,
            clock,
            self.bus,
            lambda: self.preferences.archive,
        )
        streams = Streams(self.accounts, self.refresher, intake, stores.outbox, clock, self.bus)
        marks = ReadMarks(self.accounts, stores.archive, self.reading, self.bus)
        self.watch = Watch(self.accounts, self.refresher, streams, marks, clock, self.bus)
        self.fixes = Fixes(self.accounts, self.judge, clock)
        self.composer = Composer(
            self.accounts, self.judge, stores.archive, stores.drafts, stores.outbox, clock, self.bus
        )
        rows = Rows(
            stores.outbox,
            stores.archive,
            stores.ledger,
            self.accounts,
            self.judge,
            self.refresher,
            clock,
            self.bus,
        )
        self.handover = Handover(rows, self.accounts, clock)
        delivery = Delivery(rows, self.handover, self.accounts, clock)
        self.sender = Sender(rows, delivery, self.handover, clock)
        self.timetable = Timetable(self.judge, stores.outbox)
        self.actions = Actions(self.accounts, stores.archive, stores.ledger, self.bus)
        self.attention = Attention(
            lambda: self.judge.policy,
            stores.reading,
            clock,
            measured=lambda: self.preferences.statistics.reading_time,
            unmeasured=lambda: tuple(account.name for account in self.accounts.all() if account.pseudonymous),
        )
        self.statistics = Statistics(self.judge, stores.tallies, stores.reading, stores.log, clock)
        self.exporter = Exporter(self.accounts, self.judge, self.reading, stores.archive, stores.ledger, clock)
        self.reports = Reports(self.judge, self.statistics, stores.tallies, stores.reading, stores.contributors, clock)
        self.reminder = SilenceReminder(self.judge, stores.log)
        self.budget = TimeBudget(lambda: self.preferences.statistics)
        self.spending = Spending(stores.expenses, self.accounts.all, clock)

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
        await self.world.services.aclose()
        await asyncio.to_thread(self.world.stores.close)


def _rules(preferences: Preferences) -> object:
    """All that decides where a post is shown."""
    return preferences.work_filter, preferences.views, preferences.hide, preferences.mutes
