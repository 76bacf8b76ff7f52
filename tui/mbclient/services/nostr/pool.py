"""Several relays at once: each is asked, none is waited for longer than the others deserve, nothing is believed.

An event counts when its id is the hash of its content, its author has signed it and it answers what was asked; the
same event of two relays is one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from mbclient.core.pieces import unhurried
from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import Event, Filter, MalformedError, is_genuine, matches, read_event
from mbclient.services.nostr.refusals import severest, silence
from mbclient.services.nostr.relay import Relay, Signer, Taken
from mbclient.services.nostr.relays import is_local

T = TypeVar("T")
GRACE_S = 3.0  # for the other relays once one has answered
WHOLE_S = 20.0  # for all of them
ROUNDS = 6  # of asking one relay for what is below, when its answers are shorter than asked
REMEMBERED = 5000
MOST = 500  # that is ever asked for at once


@dataclass(slots=True)
class Found:
    """Genuine events by id. `floors`: relays that have more, and down to which second they have told all.

    `answered`: relays that answered whole. `skipped`: what was no event, not signed, or not asked for.
    """

    events: dict[str, Event] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    floors: dict[str, int] = field(default_factory=dict)
    skipped: int = 0


class Pool:
    """The relays of one account. `signer` signs in at those in `own`; no other is told who asks (NIP-42).

    A name gets into `own` by the account's address or its own signed list alone, never by a question or a post.
    """

    def __init__(self, kit: Kit, account: str, signer: Signer) -> None:
        self._kit = kit
        self._account = account
        self._signer = signer
        self.own: set[str] = set()
        self._relays: dict[str, Relay] = {}
        self._genuine: OrderedDict[str, Event] = OrderedDict()

    def relay(self, url: str) -> Relay:
        found = self._relays.get(url)
        if found is None:
            found = self._relays[url] = Relay(self._kit, url, self._account)
        found.signer = self._signer if url in self.own else None
        found.outside = url not in self.own and not (self.own and is_local(self.own))
        return found

    def known(self, event_id: str) -> Event | None:
        """An event that was seen lately."""
        return self._genuine.get(event_id)

    def naming(self, person: str) -> list[Event]:
        """Events seen lately that name somebody."""
        return [event for event in self._genuine.values() if any(tag[1] == person for tag in event.named("p"))]

    async def aclose(self) -> None:
        await asyncio.gather(*(relay.aclose() for relay in self._relays.values()))

    async def genuine(self, raw: Iterable[object], filters: Sequence[Filter]) -> tuple[list[Event], int]:
        """(the events among them, how many were none). Signatures are checked in a thread."""
        events: list[Event] = []
        skipped = 0
        for value in raw:
            try:
                event = read_event(value)
            except MalformedError:
                skipped += 1
                continue
            if matches(filters, event):
                events.append(event)
            else:
                skipped += 1
        new = [event for event in events if event.id not in self._genuine]
        signed = await asyncio.to_thread(lambda: [is_genuine(event) for event in unhurried(new)]) if new else []
        for event, good in zip(new, signed, strict=True):
            if good:
                self._genuine[event.id] = event
        while len(self._genuine) > REMEMBERED + len(events):
            self._genuine.popitem(last=False)
        kept = [self._genuine[event.id] for event in events if event.id in self._genuine]
        return kept, skipped + len(events) - len(kept)

    async def each(self, urls: Iterable[str], ask: Callable[[Relay], Awaitable[T]]) -> dict[str, T]:
        """What each relay gave in time. Raises the severest error when none gave anything."""
        relays = [self.relay(url) for url in dict.fromkeys(urls)]
        awake = [relay for relay in relays if not relay.paused] or relays
        tasks = {asyncio.ensure_future(ask(relay)): relay.url for relay in awake}
        loop = asyncio.get_running_loop()
        deadline = loop.time() + WHOLE_S
        waiting = set(tasks)
        given: dict[str, T] = {}
        errors: list[ServiceError] = []
        try:
            while waiting and loop.time() < deadline:
                done, waiting = await asyncio.wait(
                    waiting, timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    try:
                        given[tasks[task]] = task.result()
                        deadline = min(deadline, loop.time() + GRACE_S)
                    except ServiceError as error:
                        errors.append(error)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        if not given:
            raise severest(errors or [silence(relay.url, self._account) for relay in awake])
        return given

    async def collect(self, urls: Iterable[str], wanted: Callable[[str], Sequence[Filter]], limit: int) -> Found:
        """The newest `limit` events of each relay and where it stopped. `wanted`: what to ask a relay for.

        Several filters are several questions, each with that limit: the relay has told all down to the highest floor.
        """

        async def ask(relay: Relay) -> list[tuple[dict[str, Event], bool, int]]:
            return [await self._collect(relay, each, min(limit, MOST)) for each in wanted(relay.url)]

        found = Found()
        for url, parts in (await self.each(urls, ask)).items():
            found.answered.add(url)
            for events, whole, skipped in parts:
                found.events.update(events)
                found.skipped += skipped
                if not whole and events:
                    floor = min(event.created_at for event in events.values())
                    found.floors[url] = max(floor, found.floors.get(url, 0))
        return found

    async def _collect(self, relay: Relay, wanted: Filter, limit: int) -> tuple[dict[str, Event], bool, int]:
        """(events, whether there are no more, skipped). A relay may give fewer than asked and still have more:

        it is asked on from its oldest until nothing new comes. `until` includes its second; where a whole answer is of
        one second that is known already, the next one below is asked for.
        """
        found: dict[str, Event] = {}
        skipped = 0
        until: int | None = wanted.get("until")
        for _round in range(ROUNDS):
            asked = wanted | {"limit": limit} | ({} if until is None else {"until": until})
            raw, _ended = await relay.ask([asked], limit + 1)
            events, bad = await self.genuine(raw, [asked])
            skipped += bad
            fresh = [event for event in events if event.id not in found]
            found |= {event.id: event for event in fresh}
            if len(found) >= limit:
                return found, False, skipped
            if not events:
                return found, True, skipped
            oldest = min(event.created_at for event in events)
            if not fresh:
                if until is None or oldest < until or len(events) < len(found):
                    return found, True, skipped
                oldest = until - 1
            until = oldest
        return found, False, skipped

    async def stored(self, urls: Iterable[str], filters: Sequence[Filter], most: int = MOST) -> dict[str, Event]:
        """All that answers any of the filters, in one question a relay. Raises when no relay answered."""

        async def ask(relay: Relay) -> list[Event]:
            raw, _whole = await relay.ask(filters, most)
            return (await self.genuine(raw, filters))[0]

        answers = await self.each(urls, ask)
        return {event.id: event for events in answers.values() for event in events}

    async def publish(self, urls: Sequence[str], event: Mapping[str, object]) -> list[Taken]:
        """What became of an event at each relay, all at once."""
        return list(await asyncio.gather(*(self.relay(url).publish(event) for url in dict.fromkeys(urls))))
