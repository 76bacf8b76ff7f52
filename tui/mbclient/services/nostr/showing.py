"""Events become posts: what else must be fetched before they can be shown, and what their authors took back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from mbclient.domain.errors import ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Mine, Post
from mbclient.services.answers import decode_json
from mbclient.services.nostr.events import (
    DELETION,
    NOTE,
    PROFILE,
    REACTION,
    REPOST,
    Event,
    Filter,
    is_id,
    newest,
    read_event,
)
from mbclient.services.nostr.outbox import MAX_OTHERS, Outbox
from mbclient.services.nostr.pool import MOST
from mbclient.services.nostr.posts import target_of
from mbclient.services.nostr.session import Session


@dataclass(frozen=True, slots=True)
class Showing:
    """What is needed to show events, for one account."""

    session: Session
    outbox: Outbox

    async def posts(self, events: Sequence[Event], skipped: int = 0) -> tuple[list[Post], int]:
        """The posts of notes and reposts. Deleted ones are left out; a repost whose note is nowhere is skipped."""
        gone = await self.complete(events)
        decoder, mutes = await self.session.decoder(), await self.session.mutes()
        posts: list[Post] = []
        for event in events:
            if event.id in gone:
                continue
            if event.kind != REPOST:
                post = decoder.post(event)
                posts.append(replace(post, filtered=mutes.on(post, event)))
                continue
            note = self.session.pool.known(event.first("e"))
            if note is None or note.kind != NOTE:
                skipped += 1
            elif note.id not in gone:
                post = decoder.boost(event, note)
                posts.append(replace(post, filtered=mutes.on(post, note, event)))
        return posts, skipped

    async def complete(self, events: Sequence[Event]) -> set[str]:
        """Fetches what the events need to be shown, in one question: names, reposted and quoted notes, own deeds.

        Gives the ids of those that their authors have deleted. What cannot be fetched is left out.
        """
        await self._embedded(events)
        decoder, me = await self.session.decoder(), await self.session.me()
        pool = self.session.pool
        named = {event.first("e") for event in events if event.kind == REPOST} | {e.first("q") for e in events}
        missing = [event_id for event_id in named if is_id(event_id) and pool.known(event_id) is None]
        ids = list(
            dict.fromkeys([*(event.id for event in events), *(event_id for event_id in named if is_id(event_id))])
        )
        people = {event.pubkey for event in events}
        people |= {tag[1] for event in events for tag in event.named("p") if is_id(tag[1])}
        people |= {note.pubkey for event_id in named if (note := pool.known(event_id)) is not None}
        strangers = [key for key in people if key not in decoder.profiles][:MOST]
        filters: list[Filter] = []
        if ids:
            filters.append({"kinds": [DELETION], "#e": ids})
            filters.append({"kinds": [REACTION, REPOST], "authors": [me], "#e": ids})
        if missing:
            filters.append({"kinds": [NOTE], "ids": missing})
        if strangers:
            filters.append({"kinds": [PROFILE], "authors": strangers})
        if not filters:
            return set()
        own = (await self.session.lists()).read
        theirs = [name for name in self.outbox.of({event.pubkey for event in events}) if name not in own][:MAX_OTHERS]
        public = [each for each in filters if me not in each.get("authors", ())]  # strangers are not told who asks
        found: dict[str, Event] = {}
        with suppress(ServiceError):  # posts without names are better than none
            found |= await pool.stored(own, filters, most=4 * MOST)
        if theirs and public:
            with suppress(ServiceError):
                found |= await pool.stored(theirs, public, most=4 * MOST)
        for key in strangers:
            profile = newest(event for event in found.values() if event.kind == PROFILE and event.pubkey == key)
            if profile is not None:
                decoder.profiles[key] = profile
        gone = self._deleted(found.values())
        decoder.deeds.update(await self._deeds(ids, found.values()))
        return gone

    async def _embedded(self, events: Sequence[Event]) -> None:
        """Notes that come inside their reposts: as little believed as any."""
        inner: list[object] = []
        for event in events:
            if event.kind == REPOST and event.content:
                with suppress(ValueError, RecursionError):  # `MalformedError` is a ValueError
                    inner.append(read_event(decode_json(event.content.encode())).raw())
        await self.session.pool.genuine(inner, [{"kinds": [NOTE]}])

    def _deleted(self, events: Iterable[Event]) -> set[str]:
        """What its own author has taken back; nobody else's word counts."""
        gone: set[str] = set()
        for event in events:
            if event.kind == DELETION:
                for tag in event.named("e"):
                    target = self.session.pool.known(tag[1])
                    if target is not None and target.pubkey == event.pubkey:
                        gone.add(target.id)
        return gone

    async def _deeds(self, ids: Iterable[str], events: Iterable[Event]) -> dict[str, Mine]:
        """What I did with these posts, less what I took back."""
        me = await self.session.me()
        mine = [event for event in events if event.pubkey == me and event.kind in (REACTION, REPOST)]
        back = await self.taken_back(mine)
        deeds = {event_id: Mine() for event_id in ids}
        for event in mine:
            event_id = target_of(event)
            if event.id in back or event_id not in deeds:
                continue
            if event.kind == REPOST:
                deeds[event_id] = replace(deeds[event_id], boosted=True, boost_ref=event.id)
            elif event.content != "-":
                deeds[event_id] = replace(deeds[event_id], liked=True, like_ref=event.id)
        return deeds

    async def taken_back(self, events: Sequence[Event]) -> set[str]:
        """Which of these their author has deleted, as far as the relays know."""
        if not events:
            return set()
        wanted: Filter = {"kinds": [DELETION], "#e": [event.id for event in events]}
        with suppress(ServiceError):
            found = await self.session.pool.stored((await self.session.lists()).read, [wanted])
            return self._deleted(found.values())
        return set()
