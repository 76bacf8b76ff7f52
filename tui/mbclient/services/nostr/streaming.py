"""What happens, from every relay at once: each line mends itself and fills its gap; the stream ends with the last."""

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
from mbclient.services.nostr.pool import MOST
from mbclient.services.nostr.refusals import severest
from mbclient.services.nostr.relay import Relay, Sign
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing

OPENING_S = 5.0  # for all relays to stand; then those that do are enough
AGAIN_S = (2.0, 5.0, 15.0, 60.0)  # between two tries of a relay, while another one still stands
MAX_SEEN = 5000


class Streaming:
    """One listening to all relays. Events are told once, whoever brings them."""

    def __init__(self, session: Session, showing: Showing, notices: Notices) -> None:
        self._session = session
        self._showing = showing
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
        relays = [self._session.pool.relay(url) for url in lists.read]
        tasks = [asyncio.create_task(self._keep(relay, filters)) for relay in relays]
        try:
            await self._open(len(relays))
            yield StreamOpened()
            while True:
                event = await self._next(len(relays))
                for told in await self._events(event, authors, me):
                    yield told
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, number: int) -> None:
        """Until every relay stands or has failed, or the time for it is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPENING_S):
                while len(self._standing) + len(self._errors) < number:
                    self._changed.clear()
                    await self._changed.wait()
        if not self._standing and self._errors:
            raise severest(list(self._errors.values()))

    async def _next(self, number: int) -> Event:
        """The next event. Raises when all relays are gone and all they said is told."""
        while True:
            if not self._news.empty():
                return self._news.get_nowait()
            if not self._standing and len(self._errors) == number:
                raise severest(list(self._errors.values()))
            self._changed.clear()
            await self._changed.wait()

    async def _keep(self, relay: Relay, filters: Sequence[Filter]) -> None:
        """One relay, again and again: after a break what happened meanwhile is asked for, with an overlap."""
        tries = 0
        while True:
            try:
                await self._listen(relay, filters, again=bool(self._latest))
            except ServiceError as error:
                tries = 0 if relay.url in self._standing else tries + 1
                self._standing.discard(relay.url)
                self._errors[relay.url] = error
                self._changed.set()
            await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])

    async def _listen(self, relay: Relay, filters: Sequence[Filter], *, again: bool) -> None:
        """`limit` holds for what is stored alone. The first time one event is enough: it tells the relay's time."""
        bound: Filter = {"since": self._latest - OVERLAP_S, "limit": MOST} if again else {"limit": 1}
        wanted = [each | bound for each in filters]
        told = again
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

    async def _note(self, event: Event, told: bool) -> None:
        if event.id in self._seen:
            return
        self._seen[event.id] = None
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)
        self._latest = max(self._latest, min(event.created_at, int(self._session.kit.clock.now().timestamp())))
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
