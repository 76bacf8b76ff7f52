"""Where other people write and read (NIP-65): their posts may be at none of one's own relays, nor what answers them.

Everybody's list of relays is looked for at the own relays and the indexers. Only so many relays are asked beside the
own ones, those where most people write who are not heard otherwise; each is asked for its own people alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from itertools import zip_longest

from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.nostr import relays
from mbclient.services.nostr.events import RELAYS, Event, by_authors, newest
from mbclient.services.nostr.session import LISTS_S, Session

MAX_OTHERS = 6  # relays asked beside the own ones
EACH = 3  # of one person's list that count: some list dozens
MAX_KNOWN = 5000  # people whose list is remembered


@dataclass(frozen=True, slots=True)
class Homes:
    """The relays of somebody's own list: where they write, and where what answers or names them is sent."""

    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()


NOWHERE = Homes()


@dataclass(slots=True)
class Outbox:
    """The relays of other people, for one account. Lists are taken as read as long as the own ones are."""

    session: Session
    _lists: dict[str, tuple[float, Homes]] = field(default_factory=dict)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def routes(self, authors: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Whom to ask for at which relay: own ones first and for everybody, then others for those who write there."""
        own = (await self.session.lists()).read
        writing = {name: homes.write for name, homes in (await self._homes(authors)).items()}
        return {name: tuple(authors) for name in own} | shared(writing, own, MAX_OTHERS)

    async def around(self, people: Sequence[str]) -> tuple[str, ...]:
        """Where a conversation of these people may be, beside the own relays: the first of each one's list first."""
        own = (await self.session.lists()).read
        homes = (await self._homes(people)).values()
        ranks = zip_longest(*(each for one in homes for each in (one.read, one.write)))
        names = dict.fromkeys(name for rank in ranks for name in rank if name and name not in own)
        return tuple(names)[:MAX_OTHERS]

    def of(self, authors: Iterable[str]) -> tuple[str, ...]:
        """Where these people write, as far as it was looked up: no request."""
        found = (name for author in authors for name in self._lists.get(author, (0.0, NOWHERE))[1].write)
        return tuple(dict.fromkeys(found))

    async def _homes(self, authors: Sequence[str]) -> dict[str, Homes]:
        async with self._loading:
            now = self.session.kit.clock.monotonic()
            unknown = [name for name in authors if self._lists.get(name, (0.0, NOWHERE))[0] <= now]
            if unknown:
                found = await self._load(unknown)
                for name in unknown:
                    self._lists.pop(name, None)
                    self._lists[name] = (now + LISTS_S, found.get(name, NOWHERE))
                while len(self._lists) > MAX_KNOWN + len(authors):
                    del self._lists[next(iter(self._lists))]
            return {name: self._lists[name][1] for name in authors}

    async def _load(self, authors: Sequence[str]) -> dict[str, Homes]:
        own = (await self.session.lists()).read
        local = relays.is_local(self.session.configured)
        events = await self._stored(own, authors)
        missing = [name for name in authors if name not in events]
        if missing and not local:
            events |= await self._stored(self.session.indexers, missing)

        def of(event: Event, mark: str) -> tuple[str, ...]:
            return relays.listed(event, mark, local=local)[:EACH]

        return {name: Homes(of(event, "write"), of(event, "read")) for name, event in events.items()}

    async def _stored(self, names: Sequence[str], authors: Sequence[str]) -> dict[str, Event]:
        """The newest list of each who has one there; none where nobody answers: then the own relays must do."""
        events: list[Event] = []
        for wanted in by_authors({"kinds": [RELAYS]}, authors):
            with suppress(ServiceError):
                most = len(wanted["authors"]) + 1
                events += (await self.session.pool.stored(names, [wanted], most=most)).values()
        by_author: dict[str, list[Event]] = {}
        for event in events:
            by_author.setdefault(event.pubkey, []).append(event)
        return {name: latest for name, each in by_author.items() if (latest := newest(each)) is not None}


def shared(writing: Mapping[str, Sequence[str]], own: Iterable[str], most: int) -> dict[str, tuple[str, ...]]:
    """At most so many relays that reach the most people who write at none of the own ones; who is asked for there."""
    mine = set(own)
    left = {author: names for author, names in writing.items() if names and mine.isdisjoint(names)}
    chosen: dict[str, tuple[str, ...]] = {}
    while left and len(chosen) < most:
        there: dict[str, list[str]] = {}
        for author, names in left.items():
            for name in set(names):
                there.setdefault(name, []).append(author)
        best = min(there, key=lambda name: (-len(there[name]), name))
        chosen[best] = tuple(there[best])
        for author in there[best]:
            del left[author]
    return chosen
