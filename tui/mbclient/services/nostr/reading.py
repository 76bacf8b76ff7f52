"""Timelines, threads, single posts: what is asked of the relays, and how their answers become pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from mbclient.core.ports import Feed, Page, Thread
from mbclient.domain.errors import RejectedError, ServiceError, UnsupportedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText
from mbclient.services.nostr import nip19
from mbclient.services.nostr.cursors import Newer, Older, read_newer, read_older
from mbclient.services.nostr.events import (
    NOTE,
    REPOST,
    Event,
    Filter,
    by_authors,
    is_id,
)
from mbclient.services.nostr.outbox import Outbox
from mbclient.services.nostr.pool import MOST
from mbclient.services.nostr.posts import place_of
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing
from mbclient.services.plainwords import lone_tag
from mbclient.texts import _

MAX_PAGE = 100
OWN_PAGES = 20
MAX_PEOPLE = 10  # of a conversation whose relays are looked up


@dataclass(frozen=True, slots=True)
class Reader:
    """The pages and posts of one account."""

    session: Session
    showing: Showing
    outbox: Outbox

    # ------------------------------------------------------------ feeds

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """As `Service.page`."""
        wanted = await self._wanted(feed)
        return await self._page(wanted, before, after, max(1, min(limit, MAX_PAGE)))

    async def _wanted(self, feed: Feed) -> dict[str, list[Filter]]:
        """What to ask each relay for, one's own first."""
        lists = await self.session.lists()
        if feed.kind == "tag":
            return {name: [{"kinds": [NOTE], "#t": [feed.name.lstrip("#").lower()]}] for name in lists.read}
        authors: Sequence[str] = ()
        if feed.kind == "home":
            authors = (await self.session.me(), *lists.authors)
        elif feed.kind == "author" and is_id(feed.name):
            authors = (feed.name,)
        if authors:
            routes = await self.outbox.routes(authors)
            return {name: by_authors({"kinds": [NOTE, REPOST]}, there) for name, there in routes.items()}
        raise UnsupportedError(
            _("Nostr has no feed {kind}").format(kind=SafeText.line(feed.kind)), account=self.session.account.name
        )

    async def _page(
        self, wanted: Mapping[str, Sequence[Filter]], before: str | None, after: str | None, limit: int
    ) -> Page:
        relays = tuple(wanted)
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
            return [each | bounds for each in wanted[url]]

        found = await self.session.pool.collect(relays, ask, limit + len(known))
        seen = sorted(found.events.values(), key=lambda event: (-event.created_at, event.id))
        floor = max(found.floors.values(), default=0)
        fresh = [event for event in seen if event.created_at >= floor]
        fresh = [event for event in fresh if (gap is None or gap.fresh(event)) and not (below and below.shown(event))]
        cut = len(fresh) > limit
        chosen = fresh[:limit]
        posts, skipped = await self.showing.posts(chosen, found.skipped)
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

    def _now(self) -> int:
        return int(self.session.kit.clock.now().timestamp())

    # ------------------------------------------------------------ single posts

    async def event(self, remote_id: str, author: str = "") -> Event:
        """An event by its id, or by a name of NIP-19. Raises `RejectedError` when no relay has it.

        Where the own relays have none, those of its `author` are asked, or of whom its name says that it is.
        """
        event_id = remote_id
        if not is_id(event_id):
            with suppress(ValueError):
                named = nip19.read(remote_id)
                event_id, author = named.id, author or named.author
        found: dict[str, Event] = {}
        if is_id(event_id):
            seen = self.session.pool.known(event_id)
            author = seen.pubkey if seen is not None else author
            known = self.outbox.of([author])
            found = await self.session.pool.stored((*(await self.session.lists()).read, *known), [{"ids": [event_id]}])
            if event_id not in found and is_id(author) and (there := await self.outbox.around([author])):
                with suppress(ServiceError):  # the own relays have answered
                    found = await self.session.pool.stored(there, [{"ids": [event_id]}])
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
        posts, _skipped = await self.showing.posts([event] if event.kind in (NOTE, REPOST) else [])
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
        return tuple((await self.showing.posts(ordered))[0])

    async def search(self, words: str, relays: Sequence[str], before: str | None, limit: int) -> Page:
        """At those relays that can (NIP-50); a single hashtag at all. What does not hold the words is left out."""
        query = words.strip()
        if tag := lone_tag(query):
            return await self._page(await self._wanted(Feed("tag", tag)), before, None, limit)
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
        posts, skipped = await self.showing.posts(good)
        older = Older(good[-1].created_at).write() if good and len(found) >= wanted["limit"] else None
        return Page(tuple(posts), older, skipped=skipped)

    # ------------------------------------------------------------ conversations

    async def thread(self, post: Post) -> Thread:
        """From the root down to `post`, then what answers it; by the markers that each note carries.

        An answer goes to where the one reads who is answered, so those relays are asked as well.
        """
        middle = await self.event(post.remote_id, post.author.remote_id)
        root = place_of(middle).root or middle.id
        people = [middle.pubkey, *(tag[1] for tag in middle.named("p") if is_id(tag[1]))]
        others = await self.outbox.around(list(dict.fromkeys(people))[:MAX_PEOPLE])
        relays = (*(await self.session.lists()).read, *others)
        filters: list[Filter] = [
            {"ids": [root]},
            {"kinds": [NOTE], "#e": list(dict.fromkeys([root, middle.id])), "limit": MOST},
        ]
        found = {middle.id: middle} | await self.session.pool.stored(relays, filters, most=MOST + 1)
        posts, _skipped = await self.showing.posts([event for event in found.values() if event.kind == NOTE])
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
