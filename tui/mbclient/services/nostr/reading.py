"""Timelines, threads, notifications: what is asked of the relays, and how their answers become pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, ServiceError, UnsupportedError
from mbclient.domain.post import EMPTY, Mine, Notification, NotificationKind, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import decode_json
from mbclient.services.nostr import nip19
from mbclient.services.nostr.cursors import Newer, Older, read_newer, read_older
from mbclient.services.nostr.events import (
    DELETION,
    NOTE,
    PROFILE,
    REACTION,
    REPOST,
    Event,
    Filter,
    by_authors,
    is_id,
    newest,
    read_event,
)
from mbclient.services.nostr.pool import MOST
from mbclient.services.nostr.posts import CROWD, place_of
from mbclient.services.nostr.session import Session
from mbclient.texts import _

MAX_PAGE = 100
OWN_PAGES = 20


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything that only reads, for one account."""

    session: Session

    # ------------------------------------------------------------ feeds

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """As `Service.page`."""
        wanted = await self._wanted(feed)
        return await self._page(wanted, before, after, max(1, min(limit, MAX_PAGE)))

    async def _wanted(self, feed: Feed) -> list[Filter]:
        if feed.kind == "home":
            authors = (await self.session.me(), *(await self.session.lists()).authors)
            return by_authors({"kinds": [NOTE, REPOST]}, authors)
        if feed.kind == "author" and is_id(feed.name):
            return by_authors({"kinds": [NOTE, REPOST]}, [feed.name])
        if feed.kind == "tag":
            return [{"kinds": [NOTE], "#t": [feed.name.lstrip("#").lower()]}]
        raise UnsupportedError(
            _("Nostr has no feed {kind}").format(kind=SafeText.line(feed.kind)), account=self.session.account.name
        )

    async def _page(self, wanted: Sequence[Filter], before: str | None, after: str | None, limit: int) -> Page:
        relays = (await self.session.lists()).read
        try:
            place = read_newer(after) if after is not None else None
            below = read_older(before) if before is not None else None
        except (ValueError, RecursionError):
            problem = _("this is no place in the timeline")
            raise RejectedError(problem, account=self.session.account.name, status=422) from None
        gap = place or (below.gap if below else None)
        known = (place.known if place else frozenset()) | (below.known if below else frozenset())

        def ask(url: str) -> list[Filter]:
            bounds = ({"since": gap.asked(url)} if gap else {}) | ({"until": below.until} if below else {})
            return [each | bounds for each in wanted]

        found = await self.session.pool.collect(relays, ask, limit + len(known))
        seen = sorted(found.events.values(), key=lambda event: (-event.created_at, event.id))
        floor = max(found.floors.values(), default=0)
        fresh = [event for event in seen if event.created_at >= floor]
        fresh = [event for event in fresh if (gap is None or gap.fresh(event)) and not self._shown(below, event)]
        cut = len(fresh) > limit
        chosen = fresh[:limit]
        posts, skipped = await self.posts(chosen, found.skipped)
        lowest = chosen[-1].created_at if cut else floor
        more = cut or bool(found.floors)
        if place is not None and not chosen:
            return Page(skipped=skipped)
        older = None
        if more and (chosen or floor):
            there = {event.id for event in seen if event.created_at == lowest}
            left = {event.id for event in fresh[limit:]}
            shown = frozenset(there - left) | (below.known if below and below.until == lowest else frozenset())
            older = Older(lowest, shown, gap).write()
        newer = None
        if before is None:
            upto = place or Newer()
            newer = upto.moved(relays, found.answered, self._told(seen, lowest, more), self._now(), lowest).write()
        return Page(tuple(posts), older, newer, complete=gap is None or not more, skipped=skipped)

    @staticmethod
    def _told(seen: Sequence[Event], lowest: int, more: bool) -> list[Event]:
        return [event for event in seen if not more or event.created_at >= lowest]

    @staticmethod
    def _shown(below: Older | None, event: Event) -> bool:
        return below is not None and event.created_at == below.until and event.id in below.known

    def _now(self) -> int:
        return int(self.session.kit.clock.now().timestamp())

    # ------------------------------------------------------------ events into posts

    async def posts(self, events: Sequence[Event], skipped: int = 0) -> tuple[list[Post], int]:
        """The posts of notes and reposts. Deleted ones are left out; a repost whose note is nowhere is skipped."""
        gone = await self.complete(events)
        decoder = await self.session.decoder()
        posts: list[Post] = []
        for event in events:
            if event.id in gone:
                continue
            if event.kind != REPOST:
                posts.append(decoder.post(event))
                continue
            note = self.session.pool.known(event.first("e"))
            if note is None or note.kind != NOTE:
                skipped += 1
            elif note.id not in gone:
                posts.append(decoder.boost(event, note))
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
        relays = (await self.session.lists()).read
        try:
            found = await pool.stored(relays, filters, most=4 * MOST)
        except ServiceError:  # posts without names are better than none
            return set()
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

    # ------------------------------------------------------------ single posts

    async def event(self, remote_id: str) -> Event:
        """An event by its id, or by a name of NIP-19. Raises `RejectedError` when no relay has it."""
        event_id = remote_id
        if not is_id(event_id):
            with suppress(ValueError):
                event_id = nip19.read(remote_id).id
        found: dict[str, Event] = {}
        if is_id(event_id):
            relays = (await self.session.lists()).read
            found = await self.session.pool.stored(relays, [{"ids": [event_id]}])
        if event_id not in found:
            raise RejectedError(
                _("no relay has the post {id}").format(id=SafeText.line(remote_id, max_characters=80)),
                _("it may have been deleted"),
                account=self.session.account.name,
                status=404,
            )
        return found[event_id]

    async def post(self, remote_id: str) -> Post:
        event = await self.event(remote_id)
        posts, _skipped = await self.posts([event] if event.kind in (NOTE, REPOST) else [])
        if not posts:
            raise RejectedError(
                _("the post is not shown: it is deleted, or no note"), account=self.session.account.name, status=410
            )
        return posts[0]

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """All notes of mine from then on, whatever client wrote them; those taken back are left out."""
        me, lists = await self.session.me(), await self.session.lists()
        relays = tuple(dict.fromkeys((*lists.write, *lists.read)))
        wanted: Filter = {"kinds": [NOTE], "authors": [me], "since": int(since.timestamp())}
        events: dict[str, Event] = {}
        until: int | None = None
        for _number in range(OWN_PAGES):
            bound = {} if until is None else {"until": until}
            found = await self.session.pool.collect(relays, lambda _url, bound=bound: [wanted | bound], MOST)  # type: ignore[misc]
            events |= found.events
            floor = max(found.floors.values(), default=0)
            if not floor or floor == until:
                break
            until = floor
        ordered = sorted(events.values(), key=lambda event: (-event.created_at, event.id))
        return tuple((await self.posts(ordered))[0])

    async def search(self, words: str, relays: Sequence[str], before: str | None, limit: int) -> Page:
        """At those relays that can (NIP-50); a single hashtag at all. What does not hold the words is left out."""
        query = words.strip()
        if query.startswith("#") and " " not in query:
            return await self._page(await self._wanted(Feed("tag", query)), before, None, limit)
        if not relays:
            raise UnsupportedError(
                _("none of the relays can search"), _("search for a #hashtag"), account=self.session.account.name
            )
        await self.session.lists()  # tells which relays are one's own
        below = read_older(before) if before is not None else None
        wanted: Filter = {"kinds": [NOTE], "search": query, "limit": max(1, min(limit, MAX_PAGE))}
        if below is not None:
            wanted["until"] = below.until - 1
        found = await self.session.pool.stored(relays, [wanted])
        needed = [word for word in query.casefold().replace('"', " ").split() if ":" not in word]
        good = [event for event in found.values() if all(word in event.content.casefold() for word in needed)]
        good.sort(key=lambda event: (-event.created_at, event.id))
        posts, skipped = await self.posts(good)
        older = Older(good[-1].created_at).write() if good and len(found) >= wanted["limit"] else None
        return Page(tuple(posts), older, skipped=skipped)

    # ------------------------------------------------------------ conversations

    async def thread(self, post: Post) -> Thread:
        """From the root down to `post`, then what answers it; by the markers that each note carries."""
        middle = await self.event(post.remote_id)
        root = place_of(middle).root or middle.id
        relays = (await self.session.lists()).read
        filters: list[Filter] = [
            {"ids": [root]},
            {"kinds": [NOTE], "#e": list(dict.fromkeys([root, middle.id])), "limit": MOST},
        ]
        found = {middle.id: middle} | await self.session.pool.stored(relays, filters, most=MOST + 1)
        posts, _skipped = await self.posts([event for event in found.values() if event.kind == NOTE])
        by_id = {each.remote_id: each for each in posts}
        if middle.id not in by_id:
            by_id[middle.id] = await self.post(middle.id)
        above: list[Post] = []
        seen = {middle.id}
        parent = by_id[middle.id].in_reply_to
        while parent is not None and parent in by_id and parent not in seen:
            seen.add(parent)
            above.insert(0, by_id[parent])
            parent = by_id[parent].in_reply_to
        below: list[Post] = []
        waiting = [middle.id]
        while waiting:
            event_id = waiting.pop()
            if event_id != middle.id:
                below.append(by_id[event_id])
            answers = [each for each in posts if each.in_reply_to == event_id and each.remote_id not in seen]
            answers.sort(key=lambda each: each.created_at, reverse=True)
            seen |= {each.remote_id for each in answers}
            waiting += [each.remote_id for each in answers]
        return Thread(tuple(above), by_id[middle.id], tuple(below))

    # ------------------------------------------------------------ notifications

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Who answered, named, liked, boosted. Muted people are left out, and strangers who name a crowd."""
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
        events = sorted(found.events.values(), key=lambda event: (-event.created_at, event.id))
        events = [event for event in events if event.created_at >= floor and not self._shown(below, event)]
        there = frozenset(event.id for event in found.events.values() if event.created_at == floor)
        older = Older(floor, there).write() if found.floors else None
        return NotificationPage(tuple(await self.told_of(events)), older, found.skipped)

    async def told_of(self, events: Sequence[Event]) -> list[Notification]:
        """The notifications that these events are; none for my own doings and for those who are not heard."""
        me, lists = await self.session.me(), await self.session.lists()
        follows = set(lists.authors)
        heard = [
            event
            for event in events
            if event.pubkey != me
            and event.pubkey not in lists.muted
            and (event.pubkey in follows or sum(1 for _tag in event.named("p")) <= CROWD)
        ]
        about = {target_of(event) for event in heard} | {place_of(event).parent for event in heard}
        missing = [event_id for event_id in about if is_id(event_id) and self.session.pool.known(event_id) is None]
        if missing:
            with suppress(ServiceError):
                await self.session.pool.stored(lists.read, [{"ids": missing}])
        gone = await self.complete(heard)
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


def target_of(event: Event) -> str:
    """What a reaction or repost is about: the last of its e-tags (NIP-25)."""
    return next((tag[1] for tag in reversed(list(event.named("e")))), "")
