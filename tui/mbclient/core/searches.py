"""Work terms as searches on the services, now and then: what they find that the home feed does not carry."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from mbclient.core.intake import Intake
from mbclient.core.ports import Clock, Feed, Service
from mbclient.core.sieve import Sieve
from mbclient.core.stores import Archive, FeedState
from mbclient.domain.account import Account
from mbclient.domain.errors import RejectedError, UnreachableError, UnsupportedError, UsageError

EVERY = timedelta(minutes=10)
EARLY = timedelta(seconds=30)  # a poll each ten minutes is no second too early for it
MOST = 5  # at once; the next ones have their turn the next time
_KEPT = Feed("searched")  # nothing that a service gives: the term asked last, and when


class Searches:
    """Goes on where it was when the program ended: a command a minute asks no more than a program that runs."""

    def __init__(self, archive: Archive, intake: Intake, sieve: Sieve, clock: Clock) -> None:
        self._archive = archive
        self._intake = intake
        self._sieve = sieve
        self._clock = clock

    async def run(self, service: Service, account: Account) -> int:
        """How many posts were new. Nothing is asked where each post that comes costs money.

        Raises `AuthError` and `RateLimitedError`: these are the account's state. Any other fault is an extra that
        fails, which takes nothing away from the home feed.
        """
        queries, can, now = self._sieve.search_queries(), service.capabilities, self._clock.now()
        if not queries or not can.search or can.billed:
            return 0
        kept = await asyncio.to_thread(self._archive.feed_state, account.name, _KEPT)
        if kept.as_of is not None and EARLY - EVERY < kept.as_of - now <= timedelta(0):
            return 0
        chosen = _turn(queries, kept.newest)
        state = FeedState(chosen[-1], None, now)
        await asyncio.to_thread(self._archive.set_feed_state, account.name, _KEPT, state)
        new = 0
        for query in chosen:
            try:
                page = await service.search(query)
            except UnreachableError:
                break
            except (RejectedError, UnsupportedError, UsageError):
                continue  # another may be answered: some find tags and no words
            wanted = [post for post in page.posts if self._sieve.wants(post)]
            new += len((await self._intake.take(wanted, account, found=True)).new)
        return new


def _turn(queries: Sequence[str], last: str | None) -> Sequence[str]:
    """The next few after the one that was last, round and round; from the first where that one is no more."""
    start = queries.index(last) + 1 if last in queries else 0
    return [*queries[start:], *queries[:start]][:MOST]
