"""Who answered, named, liked or boosted: the relays' events as notifications."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from mbclient.core.ports import NotificationPage
from mbclient.domain.errors import RejectedError, ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import EMPTY, Notification, NotificationKind
from mbclient.domain.safetext import SafeText
from mbclient.services.nostr.cursors import Older, read_older
from mbclient.services.nostr.events import NOTE, REACTION, REPOST, Event, Filter, is_id, matches
from mbclient.services.nostr.posts import CROWD, place_of, target_of
from mbclient.services.nostr.reading import MAX_PAGE
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class Notices:
    """The notifications of one account."""

    session: Session
    showing: Showing

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Who answered, named, liked, boosted. What is muted is left out, and strangers who name a crowd.

        The own relays are asked, where it is to be sent. What was sent only to a relay of its author's is told once it
        was read there: a stranger's relay is not asked for me, as that would tell it who asks.
        """
        me = await self.session.me()
        wanted: Filter = {"kinds": [NOTE, REPOST, REACTION], "#p": [me]}
        relays = (await self.session.lists()).read
        try:
            below = read_older(before) if before is not None else None
        except (ValueError, RecursionError):
            problem = _("this is no place in the timeline")
            raise RejectedError(problem, account=self.session.account.name, status=422) from None
        bound = {"until": below.until} if below else {}
        asked = max(1, min(limit, MAX_PAGE)) + (len(below.known) if below else 0)
        found = await self.session.pool.collect(relays, lambda _url: [wanted | bound], asked)
        floor = max(found.floors.values(), default=0)
        seen = {event.id: event for event in self.session.pool.naming(me) if matches([wanted | bound], event)}
        known = (found.events | seen).values()
        events = sorted(known, key=lambda event: (-event.created_at, event.id))
        events = [event for event in events if event.created_at >= floor and not (below and below.shown(event))]
        there = frozenset(event.id for event in known if event.created_at == floor)
        older = Older(floor, there).write() if found.floors else None
        return NotificationPage(tuple(await self.told_of(events)), older, found.skipped)

    async def told_of(self, events: Sequence[Event]) -> list[Notification]:
        """The notifications that these events are; none for my own doings and for those who are not heard."""
        me, lists = await self.session.me(), await self.session.lists()
        follows, mutes = set(lists.authors), await self.session.mutes()
        heard = [
            event
            for event in events
            if event.pubkey != me
            and not mutes.covers(event)
            and (event.pubkey in follows or sum(1 for _tag in event.named("p")) <= CROWD)
        ]
        about = {target_of(event) for event in heard} | {place_of(event).parent for event in heard}
        missing = [event_id for event_id in about if is_id(event_id) and self.session.pool.known(event_id) is None]
        if missing:
            with suppress(ServiceError):
                await self.session.pool.stored(lists.read, [{"ids": missing}])
        gone = await self.showing.complete(heard)
        return [await self._notification(event, me) for event in heard if event.id not in gone]

    async def _notification(self, event: Event, me: str) -> Notification:
        decoder = await self.session.decoder()
        note = event if event.kind == NOTE else self.session.pool.known(target_of(event))
        kind, detail = NotificationKind.MENTION, EMPTY
        if event.kind == REPOST:
            kind = NotificationKind.BOOST
        elif event.kind == REACTION:
            kind = NotificationKind.OTHER if event.content == "-" else NotificationKind.LIKE
            detail = SafeText.line(event.content, max_characters=40) if event.content not in ("+", "") else EMPTY
        elif self._is_mine(place_of(event).parent, me):
            kind = NotificationKind.REPLY
        elif self._is_mine(event.first("q"), me):
            kind = NotificationKind.QUOTE
        return Notification(
            self.session.account.name,
            event.id,
            kind,
            event.at,
            decoder.author(event.pubkey),
            decoder.post(note) if note is not None and note.kind == NOTE else None,
            detail,
        )

    def _is_mine(self, event_id: str, me: str) -> bool:
        note = self.session.pool.known(event_id)
        return note is not None and note.pubkey == me
