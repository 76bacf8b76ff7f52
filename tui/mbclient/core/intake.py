"""The one way in: whatever tells of posts, a page or a stream, they are marked, stored and told alike."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.core.events import (
    Bus,
    FactsChanged,
    FilterChanged,
    NotificationsArrived,
    PostChanged,
    PostRemoved,
    PostsArrived,
)
from mbclient.core.sieve import MENTIONS, Sieve, is_mine
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
    """Marks, stores, tells. Raises `StorageError`."""

    def __init__(
        self, archive: Archive, ledger: Ledger, sieve: Sieve, bus: Bus, server_now: Callable[[], datetime]
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._sieve = sieve
        self._bus = bus
        self.server_now = server_now
        self._gone: OrderedDict[str, None] = OrderedDict()

    async def take(self, posts: Iterable[Post], account: Account, *, also_in: frozenset[str] = frozenset()) -> Stored:
        """Marks and stores posts in slices, telling the screen after each; the loop breathes in between."""
        waiting = [self._placed(post) for post in posts if post.id not in self._gone]
        stored = Stored()
        for start in range(0, len(waiting), SLICE):
            arrivals = self._sieve.sort(waiting[start : start + SLICE], account, waiting)
            if also_in:
                arrivals = [Arrival(arrival.post, arrival.views | also_in) for arrival in arrivals]
            part = await asyncio.to_thread(self._archive.store, arrivals)
            stored = Stored(stored.new + part.new, stored.known + part.known)
            if part.new:
                self._bus.publish(PostsArrived(part.new))
        return stored

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
        fresh = await asyncio.to_thread(self._archive.store_notifications, notifications)
        posts = [n.post for n in notifications if n.post is not None and n.kind in ADDRESSED]
        stored = await self.take(posts, account, also_in=frozenset({MENTIONS}))
        if fresh:
            self._bus.publish(NotificationsArrived(fresh))
        return len(stored.new)

    async def count(self, posts: Iterable[Post], account: Account) -> int:
        """Own posts into the ledger, whatever client sent them; boosts do not count. Gives how many do."""
        entries = [seen_entry(post, account) for post in posts if post.kind in COUNTED_KINDS]
        if entries:
            await asyncio.to_thread(self._ledger.record, entries)
            self._bus.publish(FactsChanged())
        return len(entries)

    async def edited(self, post: Post, account: Account) -> None:
        """Other words for a known post; they decide anew where it is shown. One that is not known stays so."""
        known = await asyncio.to_thread(self._archive.post, post.id)
        if known is None:
            return
        before, after = (self._sieve.sort([each], account)[0] for each in (known, post))
        await asyncio.to_thread(self._archive.store, [after])
        self._bus.publish(PostChanged(post))
        if before.views != after.views:
            self._bus.publish(FilterChanged())

    async def deleted(self, remote_id: str, account: Account) -> None:
        """A post is gone at its service: here too, for every account that saw it; or a boost, which goes alone.

        An own post has been counted.
        """
        gone = f"{account.name}:{remote_id}"
        self._gone[gone] = None
        if len(self._gone) > MAX_GONE:
            self._gone.popitem(last=False)
        post = await asyncio.to_thread(self._archive.post, gone)
        if post is None:
            boosted = await asyncio.to_thread(self._archive.take_back_boost, account.name, remote_id)
            if boosted is not None:
                self._bus.publish(PostRemoved(boosted.id))
            return
        await asyncio.to_thread(self._archive.remove, gone)
        if is_mine(post, account):
            await self.count([post], account)
            await asyncio.to_thread(self._ledger.mark_deleted, account.name, remote_id)
        for name in (post.id, *post.also):
            self._bus.publish(PostRemoved(name))

    def fill(self, posts: Sequence[Post], account: Account) -> None:
        """Puts a whole past into archive and ledger at once, before anything is shown."""
        self._archive.store(self._sieve.sort(posts, account))
        own = [post for post in posts if is_mine(post, account) and post.kind in COUNTED_KINDS]
        self._ledger.record([seen_entry(post, account) for post in own])


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
