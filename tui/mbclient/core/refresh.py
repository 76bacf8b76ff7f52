"""Refresh: every account side by side, each with its own state; one that hangs delays nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from mbclient.core.accounts import READ_ONLY, Accounts
from mbclient.core.events import (
    AccountChanged,
    AccountHealth,
    AccountState,
    Bus,
    GapsChanged,
)
from mbclient.core.intake import Intake
from mbclient.core.ports import HOME, Clock, Page, Service
from mbclient.core.preferences import Bounds
from mbclient.core.searches import Searches
from mbclient.core.sieve import Sieve
from mbclient.core.stores import Archive, FeedState, Gap, Gaps, Stored
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    RejectedError,
    StorageError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.texts import _

T = TypeVar("T")
MAX_PAGES = 10  # of catching up in one refresh; what is still missing stays a marked gap
OLDER_PAGES = 5  # for one key at the end of a timeline
TIMEOUT_S = 30.0
AS_OF_MARGIN = timedelta(minutes=10)  # between this clock and the servers'
OWN_POSTS_BACK = timedelta(hours=36)  # the local day, wherever its midnight is
OWN_POSTS_LIMIT = timedelta(days=30)
PORTIONS = 20  # of pruning after one refresh: a second's work at most; what is left goes after the next ones


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one account's refresh brought: number of new posts, or the error."""

    account: str
    new: int = 0
    error: MbclientError | None = None


class Refresher:
    """Fetches what is new and hands it to the intake; knows each account's state.

    `asked`: when each account was last asked, in seconds of the steady clock. `behind`: those whose last refresh broke
    off below the newest posts, having fetched as much as one may.
    """

    def __init__(
        self,
        accounts: Accounts,
        archive: Archive,
        gaps: Gaps,
        intake: Intake,
        sieve: Sieve,
        clock: Clock,
        bus: Bus,
        bounds: Callable[[], Bounds],
    ) -> None:
        self._accounts = accounts
        self._archive = archive
        self._gaps = gaps
        self._intake = intake
        self._searches = Searches(archive, intake, sieve, clock)
        self._clock = clock
        self._bus = bus
        self._bounds = bounds
        self._pruned: tuple[date, Bounds] | None = None
        self._pruning = asyncio.Lock()
        self._turns: dict[str, asyncio.Lock] = {}  # of one account: each writes all that is known of its feed
        self._live: set[str] = set()
        self.asked: dict[str, float] = {}
        self.behind: set[str] = set()
        self.states: dict[str, AccountState] = {}

    async def refresh(self, names: Sequence[str] = ()) -> Sequence[Refreshed]:
        """All accounts (or these) at once; the wall time is that of the slowest. Errors are results, not raised."""
        chosen = [self._accounts.get(name) for name in names] if names else self._accounts.all()
        done = await _all(map(self._one, chosen))
        await self._prune()
        return done

    async def _prune(self) -> None:
        """Once a day, after refreshes: the archive keeps to its bounds, a portion at a time. Raises `StorageError`."""
        now, bounds = self._clock.now(), self._bounds()
        if self._pruned == (now.date(), bounds) or self._pruning.locked():
            return
        oldest = now - timedelta(days=bounds.keep_days)
        async with self._pruning:
            for _portion in range(PORTIONS):
                if not await asyncio.to_thread(self._archive.prune, keep=bounds.keep_posts, before=oldest):
                    self._pruned = (now.date(), bounds)
                    return

    async def _one(self, account: Account) -> Refreshed:
        async with self._turn(account):
            self.asked[account.name] = self._clock.monotonic()
            return await self._ask(account)

    def _turn(self, account: Account) -> asyncio.Lock:
        return self._turns.setdefault(account.name, asyncio.Lock())

    async def _ask(self, account: Account) -> Refreshed:
        state = self.states.get(account.name, AccountState(account.name))
        if state.until is not None and state.until > self._clock.now():
            until = RateLimitedError(state.reason, account=account.name, until=state.until)
            return Refreshed(account.name, error=until)
        self._set(replace(state, health=AccountHealth.REFRESHING))
        try:
            async with asyncio.timeout(TIMEOUT_S):
                new, skipped, refused = await self._fetch(account)
        except (StorageError, asyncio.CancelledError):  # no account's fault: nothing can be kept, or nobody waits
            self._set(state)
            raise
        except MbclientError as error:
            self._set(_after(error, state))
            return Refreshed(account.name, error=error)
        except TimeoutError:
            late = _late(account)
            self._set(_after(late, state))
            return Refreshed(account.name, error=late)
        else:
            now = self._clock.now()
            self._set(AccountState(account.name, AccountHealth.OK, as_of=now, reason=refused, skipped=skipped))
            return Refreshed(account.name, new)
        finally:
            if self.states[account.name].health is AccountHealth.REFRESHING:  # the adapter errs; our guard notes where
                self._set(replace(state, health=AccountHealth.STALE, reason=_("a fault in mbclient itself")))

    def _set(self, state: AccountState) -> None:
        state = replace(state, live=state.account in self._live)
        self.states[state.account] = state
        self._bus.publish(AccountChanged(state))

    def set_live(self, account: str, live: bool) -> None:
        """Whether a stream tells of this account's news at once."""
        if live is not (account in self._live):
            (self._live.add if live else self._live.discard)(account)
            self._set(self.states.get(account, AccountState(account)))

    async def _fetch(self, account: Account) -> tuple[int, int, str]:
        """New posts, garbage, and what the server refused besides the timeline (which needs no less to be shown)."""
        service = self._accounts.service(account.name)
        state = await asyncio.to_thread(self._archive.feed_state, account.name, HOME)
        refused = ""
        if account.service not in READ_ONLY:  # first: the count must be right before anything is written
            try:
                await self.own_posts(account, self._since(state))
            except (RejectedError, UnsupportedError) as error:
                refused = error.problem
        new, skipped = await self._home(service, account, state)
        if service.capabilities.notifications:
            try:
                new += await self._notifications(service, account)
            except RejectedError as error:
                refused = refused or error.problem
        self._accounts.get(account.name)
        new += await self._searches.run(service, account)
        return new, skipped, refused

    def _since(self, state: FeedState) -> datetime:
        """Own posts of the day before, and of all the days that no refresh has seen."""
        now = self._clock.now()
        usual = now - OWN_POSTS_BACK
        return max(min(usual, state.as_of or usual), now - OWN_POSTS_LIMIT)

    async def _home(self, service: Service, account: Account, state: FeedState) -> tuple[int, int]:
        new = skipped = 0
        self.behind.discard(account.name)
        if state.newest is None:
            page = await service.page()
            state = FeedState(page.newer, page.older)
            new, skipped = len((await self._intake.take(page.posts, account)).new), page.skipped
        else:
            page = Page()
            for _number in range(MAX_PAGES):
                page = await service.page(after=state.newest)
                new += len((await self._intake.take(page.posts, account)).new)
                skipped += page.skipped
                filled = await self._fill(service, account, page, state.as_of)
                new, skipped = new + filled[0], skipped + filled[1]
                if page.newer in (None, state.newest):
                    break
                state = replace(state, newest=page.newer)
                await self._keep(account, state)
            else:
                self.behind.add(account.name)
        await self._keep(account, replace(state, as_of=self._clock.now()))
        return new, skipped

    async def _fill(self, service: Service, account: Account, page: Page, as_of: datetime | None) -> tuple[int, int]:
        """Closes the gap below a page that did not reach what is known; how many were new, how many garbage.

        A known post is not the gap's end: a search, a send or a fill that broke off may have brought it. The end is
        where the adapter says; where it cannot, what is older than the last whole refresh, or wholly known.
        """
        new = skipped = 0
        gap = not page.complete
        reached = as_of - AS_OF_MARGIN if as_of else datetime.min.replace(tzinfo=UTC)
        lowest = page.posts[-1].sorted_at if page.posts else self._intake.server_now()
        for _number in range(MAX_PAGES):
            if not gap or page.older is None:
                break
            page = await service.page(before=page.older)
            stored = await self._intake.take(page.posts, account)
            new, skipped = new + len(stored.new), skipped + page.skipped
            lowest = page.posts[-1].sorted_at if page.posts else lowest
            gap = not page.complete or (bool(stored.new or stored.touched) and lowest > reached)
        if gap and page.older is not None:
            self._accounts.get(account.name)
            hole = await asyncio.to_thread(self._gaps.mark, account.name, lowest, reached, page.older)
            self._bus.publish(GapsChanged(new=(hole,)))
        return new, skipped

    async def fill_gap(self, gap: Gap) -> tuple[Gap | None, int]:
        """One page of what is missing: what is left of the gap, None when it is closed; how many posts were new.

        Raises `ServiceError`; the gap stays then.
        """
        account = self._accounts.get(gap.account)
        page = await self._accounts.service(account.name).page(before=gap.cursor)
        stored = await self._intake.take(page.posts, account)
        left: Gap | None = None
        if page.older is not None and page.posts:
            lowest = page.posts[-1].sorted_at
            if not page.complete or (bool(stored.new or stored.touched) and lowest > gap.since):
                self._accounts.get(account.name)
                left = await asyncio.to_thread(self._gaps.mark, account.name, lowest, gap.since, page.older)
        if left is None or left.key != gap.key:
            await asyncio.to_thread(self._gaps.close, gap)
        self._bus.publish(GapsChanged(closed=(gap,), new=(left,) if left is not None else ()))
        return left, len(stored.new)

    async def _keep(self, account: Account, state: FeedState) -> None:
        """Raises `UsageError` for an account that was removed meanwhile: one that gets its name begins anew."""
        self._accounts.get(account.name)
        await asyncio.to_thread(self._archive.set_feed_state, account.name, HOME, state)

    async def older(self, names: Sequence[str] = (), enough: Callable[[], bool] = lambda: True) -> int:
        """A page back in time of every account, for the end of the timeline; how many posts were new.

        The next page too as long as that is not `enough`: all of a page may be hidden where one stands.
        """
        chosen = [self._accounts.get(name) for name in names] if names else self._accounts.all()
        new = 0
        for _page in range(OLDER_PAGES):
            got = [some for some in await _all(map(self._older_in_turn, chosen)) if some is not None]
            new += sum(got)
            if not got or enough():
                break
        return new

    async def _older_in_turn(self, account: Account) -> int | None:
        async with self._turn(account):
            return await self._older(account)

    async def _older(self, account: Account) -> int | None:
        """None where there is nothing to ask for, or no answer."""
        state = await asyncio.to_thread(self._archive.feed_state, account.name, HOME)
        if state.oldest is None:
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S):  # a refresh may be waiting for its turn
                page = await self._accounts.service(account.name).page(before=state.oldest)
        except TimeoutError:
            self._set(_after(_late(account), self.states.get(account.name, AccountState(account.name))))
            return None
        except MbclientError as error:
            self._set(_after(error, self.states.get(account.name, AccountState(account.name))))
            return None
        stored = await self._intake.take(page.posts, account)
        try:
            await self._keep(account, replace(state, oldest=page.older))
        except UsageError:  # removed meanwhile: nothing was stored either
            return None
        return len(stored.new)

    async def take(self, posts: Sequence[Post], account: Account) -> Stored:
        """Posts that are certainly there, such as the answer to a send, even if their address was another's once."""
        self._intake.are_there(posts)
        return await self._intake.take(posts, account)

    def fill(self, account: Account, posts: Sequence[Post]) -> None:
        """A whole past at once, newest first, before anything is shown."""
        self._intake.fill(posts, account)
        if posts:
            self._archive.set_feed_state(account.name, HOME, FeedState(posts[0].entry_id, None, self._clock.now()))

    async def _notifications(self, service: Service, account: Account) -> int:
        try:
            page = await service.notifications()
        except UnsupportedError:
            return 0
        return await self._intake.notified(page.notifications, account)

    async def own_posts(self, account: Account, since: datetime | None = None) -> int:
        """Own posts of the day, whatever client sent them, into the ledger: the count depends on it (3.6)."""
        start = since or self._clock.now() - OWN_POSTS_BACK
        posts = await self._accounts.service(account.name).own_posts(start)
        number = await self._intake.count(posts, account)
        if number:
            await self._intake.take(posts, account)
        return number


def _late(account: Account) -> UnreachableError:
    problem = _("{account} did not answer in {n} s").format(account=account.name, n=round(TIMEOUT_S))
    return UnreachableError(problem, account=account.name)


async def _all(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of them gave. A fault of one, an adapter that errs or a full disk, waits for the end of the others."""
    given = await asyncio.gather(*works, return_exceptions=True)
    faults = [each for each in given if isinstance(each, BaseException)]
    if faults:
        raise min(faults, key=lambda fault: isinstance(fault, MbclientError))
    return [each for each in given if not isinstance(each, BaseException)]


def _after(error: MbclientError, state: AccountState) -> AccountState:
    """The state that a fault leaves behind; what was read before stays, "as of" its time."""
    if isinstance(error, AuthError):
        return replace(state, health=AccountHealth.SIGNED_OUT, reason=error.problem)
    if isinstance(error, RateLimitedError):
        return replace(state, health=AccountHealth.LIMITED, until=error.until, reason=error.problem)
    return replace(state, health=AccountHealth.STALE, reason=error.problem)
