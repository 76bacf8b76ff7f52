"""What happens, from every relay at once: each line mends itself and fills its gap; the stream ends with the last.

With the last of one's own, that is. Those where other people write are listened to besides, each for its own people;
they are waited for by nobody and end nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence

from mbclient.core.ports import PostDeleted, StreamEvent, StreamOpened
from mbclient.domain.errors import ServiceError
from mbclient.services.nostr.cursors import OVERLAP_S
from mbclient.services.nostr.events import DELETION, NOTE, REACTION, REPOST, Event, Filter, by_authors
from mbclient.services.nostr.notices import Notices
from mbclient.services.nostr.outbox import Outbox
from mbclient.services.nostr.pool import MOST
from mbclient.services.nostr.refusals import severest
from mbclient.services.nostr.relay import Relay, Sign
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing

OPENING_S = 5.0  # for all relays to stand; then those that do are enough
AGAIN_S = (2.0, 5.0, 15.0, 60.0)  # between two tries of a relay, while another one still stands
MAX_SEEN = 5000


class Streaming:
    """One listening to all relays. Events are told once, whoever brings them. `_own`: the relays that it stands by."""

    def __init__(self, session: Session, showing: Showing, notices: Notices, outbox: Outbox) -> None:
        self._session = session
        self._showing = showing
        self._outbox = outbox
        self._own: set[str] = set()
        self._notices = notices
        self._news: asyncio.Queue[Event] = asyncio.Queue(2000)
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._standing: set[str] = set()
        self._errors: dict[str, ServiceError] = {}
        self._changed = asyncio.Event()
        self._latest = 0

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """As the port has it. Raises when no relay stands any more."""
        lists = await self._session.lists()
        me = await self._session.me()
        authors = {me, *lists.authors}
        filters: list[Filter] = [
            *by_authors({"kinds": [NOTE, REPOST, DELETION]}, (me, *lists.authors)),
            {"kinds": [NOTE, REPOST, REACTION], "#p": [me]},
        ]
        self._own = set(lists.read)
        started = self._now()
        tasks = [asyncio.create_task(self._keep(url, filters, 0)) for url in lists.read]
        try:
            await self._open()
            routes = await self._outbox.routes((me, *lists.authors))
            for url in routes.keys() - self._own:
                there = by_authors({"kinds": [NOTE, REPOST, DELETION]}, routes[url])
                tasks.append(asyncio.create_task(self._keep(url, there, started)))
            yield StreamOpened()
            while True:
                event = await self._next()
                for told in await self._events(event, authors, me):
                    yield told
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _failed(self) -> list[ServiceError]:
        """What the own relays say that do not stand."""
        return [error for url, error in self._errors.items() if url in self._own]

    async def _open(self) -> None:
        """Until every own relay stands or has failed, or the time for it is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPENING_S):
                while len(self._standing) + len(self._failed()) < len(self._own):
                    self._changed.clear()
                    await self._changed.wait()
        if not self._standing and self._failed():
            raise severest(self._failed())

    async def _next(self) -> Event:
        """The next event. Raises when all own relays are gone and all that was said is told."""
        while True:
            if not self._news.empty():
                return self._news.get_nowait()
            if not self._standing & self._own and len(self._failed()) == len(self._own):
                raise severest(self._failed())
            self._changed.clear()
            await self._changed.wait()

    async def _keep(self, url: str, filters: Sequence[Filter], since: int) -> None:
        """One relay, again and again: after a break what happened meanwhile is asked for, with an overlap.

        `since`: what happened from then on is asked for the first time too; 0 where nobody has been told before.
        """
        relay, tries = self._session.pool.relay(url), 0
        while True:
            try:
                await self._listen(relay, filters, max(since, self._latest))
            except ServiceError as error:
                tries = 0 if url in self._standing else tries + 1
                self._standing.discard(url)
                self._errors[url] = error
                self._changed.set()
            await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])

    async def _listen(self, relay: Relay, filters: Sequence[Filter], since: int) -> None:
        """`limit` holds for what is stored alone. The first time one event is enough: it tells the relay's time."""
        bound: Filter = {"since": since - OVERLAP_S, "limit": MOST} if since else {"limit": 1}
        wanted = [each | bound for each in filters]
        told = bool(since)
        async with contextlib.aclosing(relay.listen(wanted)) as messages:
            async for message in messages:
                if message is Sign.END:
                    told = True
                    self._errors.pop(relay.url, None)
                    self._standing.add(relay.url)
                    self._changed.set()
                    continue
                for event in (await self._session.pool.genuine([message], filters))[0]:
                    await self._note(event, told)

    def _now(self) -> int:
        return int(self._session.kit.clock.now().timestamp())

    async def _note(self, event: Event, told: bool) -> None:
        if event.id in self._seen:
            return
        self._seen[event.id] = None
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)
        self._latest = max(self._latest, min(event.created_at, self._now()))
        if told:
            await self._news.put(event)
            self._changed.set()

    async def _events(self, event: Event, authors: set[str], me: str) -> list[StreamEvent]:
        if event.kind == DELETION:
            return [PostDeleted(event_id) for event_id in self._taken_back(event)]
        events: list[StreamEvent] = []
        if event.pubkey in authors and event.kind in (NOTE, REPOST):
            events += (await self._showing.posts([event]))[0]
        if event.pubkey != me and any(tag[1] == me for tag in event.named("p")):
            events += await self._notices.told_of([event])
        return events

    def _taken_back(self, event: Event) -> list[str]:
        """Only what its author may take back; a post that nobody here has seen needs no word."""
        found = []
        for tag in event.named("e"):
            target = self._session.pool.known(tag[1])
            if target is not None and target.pubkey == event.pubkey and target.kind in (NOTE, REPOST):
                found.append(target.id)
        return found
