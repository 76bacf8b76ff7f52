"""The one way in: whatever tells of posts, a page or a stream, they are marked, stored and told alike."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.core.criteria import MENTIONS
from mbclient.core.events import (
    Bus,
    FactsChanged,
    FilterChanged,
    NotificationsArrived,
    PostChanged,
    PostRemoved,
    PostsArrived,
    PostsPlaced,
)
from mbclient.core.lasting import to_the_end
from mbclient.core.pieces import turn
from mbclient.core.sieve import Sieve, is_mine
from mbclient.core.stores import Archive, Arrival, Ledger, Stored
from mbclient.domain.account import Account
from mbclient.domain.draft import Kind
from mbclient.domain.post import Notification, NotificationKind, Post, PostKind
from mbclient.policy.model import LedgerEntry

SLICE = 20  # posts handled between two yields to the event loop (speed facts 5)
FUTURE = timedelta(minutes=15)  # how far ahead of the servers' time a post's date is believed
MAX_GONE = 2000  # deletions remembered, against a page that was on its way when they happened
COUNTED_KINDS = {PostKind.POST: Kind.POST, PostKind.REPLY: Kind.REPLY, PostKind.QUOTE: Kind.QUOTE}
ADDRESSED = (NotificationKind.MENTION, NotificationKind.REPLY, NotificationKind.QUOTE)


class Intake:
    """Marks, stores, tells. Raises `StorageError`.

    `keep_end`: called after each storing; what hides a post may end before the program runs again. `is_there`: whether
    an account of that name still is; a thread asks.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        sieve: Sieve,
        bus: Bus,
        server_now: Callable[[], datetime],
        keep_end: Callable[[], None],
        is_there: Callable[[str], bool],
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._sieve = sieve
        self._bus = bus
        self.server_now = server_now
        self._keep_end = keep_end
        self._is_there = is_there
        self._gone: OrderedDict[str, None] = OrderedDict()

    async def take(
        self, posts: Iterable[Post], account: Account, *, also_in: frozenset[str] = frozenset(), found: bool = False
    ) -> Stored:
        """Marks and stores posts in slices, in a thread, and tells the screen of each. `found`: by a search of ours.

        What comes for an account that is no more, for another program may have removed it meanwhile, is let go.
        """
        waiting = [self._placed(post) for post in posts]
        stored = Stored()

        def sort(some: Sequence[Post]) -> Sequence[Arrival]:
            arrivals = self._sieve.sort(some, account, waiting)
            return (
                [Arrival(one.post, one.views | also_in, found=found) for one in arrivals]
                if also_in or found
                else arrivals
            )

        for start in range(0, len(waiting), SLICE):
            await turn()
            part = await to_the_end(self._take(waiting[start : start + SLICE], account, sort))
            stored = Stored(
                stored.new + part.new,
                stored.known + part.known,
                stored.edited + part.edited,
                stored.moved or part.moved,
                stored.placed + part.placed,
            )
        return stored

    async def _take(
        self, posts: Sequence[Post], account: Account, sort: Callable[[Sequence[Post]], Sequence[Arrival]]
    ) -> Stored:
        """Stores them and tells of it, which must not be parted: what is known already is news to nobody."""
        stored = await asyncio.to_thread(self._store, posts, account, sort)
        self._tell(stored)
        if stored.moved:
            self._bus.publish(FilterChanged())
        return stored

    def _store(
        self, posts: Sequence[Post], account: Account, sort: Callable[[Sequence[Post]], Sequence[Arrival]]
    ) -> Stored:
        """Marked and stored before anybody else marks, stores or removes; what is gone by now stays so."""
        with self._sieve.marking:
            if not self._is_there(account.name):
                return Stored()
            here = [post for post in posts if self._gone.keys().isdisjoint(_names(post))]
            stored = self._sifted(self._archive.store(sort(here)))
        self._keep_end()
        return stored

    def _sifted(self, stored: Stored) -> Stored:
        """What hides a post may hang on all the ways in which it has come: a boost that is hidden hides no more."""
        moved = bool(stored.touched) and self._sieve.remark(self._archive, stored.touched)
        return replace(stored, moved=stored.moved or moved)

    def _tell(self, stored: Stored) -> None:
        if stored.new:
            self._bus.publish(PostsArrived(stored.new))
        for entry in stored.edited:
            self._bus.publish(PostChanged(entry.post))
        if stored.placed:
            self._bus.publish(PostsPlaced(stored.placed))

    def _placed(self, post: Post) -> Post:
        """A post dated in the far future takes its place among what comes now, not on top for good."""
        now = self.server_now()
        if post.sorted_at <= now + FUTURE:
            return post
        if post.boosted_at is not None:
            return replace(post, boosted_at=now)
        return replace(post, created_at=now)

    async def notified(self, notifications: Sequence[Notification], account: Account) -> int:
        """Keeps notifications, and what addresses me among the mentions; how many posts were new."""
        return await to_the_end(self._notified(notifications, account))

    async def _notified(self, notifications: Sequence[Notification], account: Account) -> int:
        fresh = await asyncio.to_thread(self._store_notices, notifications, account)
        posts = [n.post for n in notifications if n.post is not None and n.kind in ADDRESSED]
        stored = await self.take(posts, account, also_in=frozenset({MENTIONS}))
        if fresh:
            self._bus.publish(NotificationsArrived(fresh))
        return len(stored.new)

    def _store_notices(self, notifications: Sequence[Notification], account: Account) -> int:
        return self._archive.store_notifications(notifications) if self._is_there(account.name) else 0

    async def count(self, posts: Iterable[Post], account: Account) -> int:
        """Own posts into the ledger, whatever client sent them; boosts do not count. Gives how many do."""
        entries = [seen_entry(post, account) for post in posts if post.kind in COUNTED_KINDS]
        if entries:
            await asyncio.to_thread(self._ledger.record, entries)
            self._bus.publish(FactsChanged())
        return len(entries)

    async def edited(self, post: Post, account: Account) -> None:
        """Other words for a known post; they decide anew where it is shown. One that is not known stays so."""
        await to_the_end(self._edited(post, account))

    async def _edited(self, post: Post, account: Account) -> None:
        changed = await asyncio.to_thread(self._store_edit, post, account)
        if changed is None:
            return
        post, moved = changed
        self._bus.publish(PostChanged(post))
        if moved:
            self._bus.publish(FilterChanged())

    def _store_edit(self, post: Post, account: Account) -> tuple[Post, bool] | None:
        """The post as it is stored, and whether it belongs to other views for it; None where it is not known."""
        with self._sieve.marking:
            known = self._archive.post(post.id)
            if known is None:
                return None
            if known.boosted_by is not None:  # it is no news that it has come: it is boosted as before
                post = replace(
                    post,
                    kind=known.kind,
                    boosted_by=known.boosted_by,
                    boost_id=known.boost_id,
                    boosted_at=known.boosted_at,
                )
            before, after = self._sieve.sort([known, post], account)
            self._sifted(self._archive.store([after]))
        self._keep_end()
        return post, before.views != after.views

    async def deleted(self, remote_id: str, account: Account) -> None:
        """A post is gone at its service: here too, for every account that saw it; or a boost, which goes alone.

        An own post has been counted.
        """
        gone = f"{account.name}:{remote_id}"
        self._remember_gone(gone)
        post = await asyncio.to_thread(self._known, gone)
        if post is None:
            await self._boost_taken_back(remote_id, account)
            return
        await self.remove(post)
        if is_mine(post, account):
            await self.count([post], account)
            await asyncio.to_thread(self._ledger.mark_deleted, account.name, remote_id)
        for name in (post.id, *post.also):
            self._bus.publish(PostRemoved(name))

    async def remove(self, post: Post) -> None:
        """It is deleted: here too, and a page that was on its way then brings it back through no account."""
        self._remember_gone(post.id)
        if post.uri:
            self._remember_gone(post.uri)
        await asyncio.to_thread(self._remove, post.id)

    def _known(self, id: str) -> Post | None:
        """The post, also where it is being stored just now."""
        with self._sieve.marking:
            return self._archive.post(id)

    def _remove(self, id: str) -> None:
        with self._sieve.marking:
            self._archive.remove(id)

    async def _boost_taken_back(self, boost_id: str, account: Account) -> None:
        def take_back() -> Stored | None:
            with self._sieve.marking:
                stored = self._archive.take_back_boost(account.name, boost_id)
                return None if stored is None else self._sifted(stored)

        stored = await asyncio.to_thread(take_back)
        if stored is None:
            return
        self._tell(stored)
        if stored.gone:
            self._bus.publish(PostRemoved(stored.gone))
        if stored.moved:
            self._bus.publish(FilterChanged())

    def are_there(self, posts: Iterable[Post]) -> None:
        """What was deleted may come again under its address, where a service lets one choose it."""
        for name in itertools.chain.from_iterable(map(_names, posts)):
            self._gone.pop(name, None)

    def _remember_gone(self, name: str) -> None:
        self._gone[name] = None
        if len(self._gone) > MAX_GONE:
            self._gone.popitem(last=False)

    def fill(self, posts: Sequence[Post], account: Account) -> None:
        """Puts a whole past into archive and ledger at once, before anything is shown."""
        self._store(posts, account, lambda some: self._sieve.sort(some, account, posts))
        own = [post for post in posts if is_mine(post, account) and post.kind in COUNTED_KINDS]
        self._ledger.record([seen_entry(post, account) for post in own])


def _names(post: Post) -> tuple[str, ...]:
    """What a deletion may call it: the post as this account knows it, or for everybody, or the boost."""
    return post.id, post.uri, f"{post.account}:{post.boost_id}"


def seen_entry(post: Post, account: Account) -> LedgerEntry:
    """An own post as it was seen on its service, for the ledger; it has no group of ours."""
    return LedgerEntry(
        at=post.created_at,
        account=account.name,
        service=account.service,
        kind=COUNTED_KINDS[post.kind],
        visibility=post.visibility,
        text=str(post.text),
        remote_id=post.remote_id,
    )
