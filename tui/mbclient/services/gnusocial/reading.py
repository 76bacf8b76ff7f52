"""Timelines, own posts, search, conversations and mentions (facts/gnusocial.md 3, 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from mbclient.core.ports import HOME as HOME_FEED
from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Notification, NotificationKind, Post
from mbclient.services.decoding import understood
from mbclient.services.fields import identity, items, obj
from mbclient.services.gnusocial.api import MISSING, Api, Params
from mbclient.services.gnusocial.cursors import ANCHORS, Places, above, below, place_of, places_of, read
from mbclient.services.gnusocial.statuses import conversation_of, is_deed, repeat_of
from mbclient.texts import _

MAX_STATUSES = 200
MAX_FOUND = 100
MAX_OWN_PAGES = 25
MAX_CONVERSATION_PAGES = 5
MAX_PARENTS = 20
EMPTY_TRIES = 5
USUAL, USUAL_FOUND = 20, 15  # what a server gives that does not look at the number asked for
HOME = ("home_timeline", "friends_timeline")
MENTIONS = ("mentions_timeline", "mentions", "replies")

Raw = list[object]


@dataclass(frozen=True, slots=True)
class Source:
    """A list of statuses: its path, with `{name}` where servers know it under several `names`."""

    path: str
    names: tuple[str, ...] = ()


class Reading:
    """The reading half of the adapter."""

    def __init__(self, api: Api) -> None:
        self._api = api

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """One page. A page of nothing that is a post is passed over, so that it does not look like the end."""
        source = _source(feed)
        if after is not None:
            return await self._newer(source, after, limit)
        page = await self._older(source, before, limit)
        skipped, newer = page.skipped, page.newer
        for _number in range(EMPTY_TRIES):
            if page.posts or page.older is None:
                break
            page = await self._older(source, page.older, limit)
            skipped += page.skipped
        return replace(page, skipped=skipped, newer=newer)

    async def _ask(self, source: Source, bounds: Params, limit: int, *, polling: bool) -> Raw:
        params = [("count", str(max(1, min(limit, MAX_STATUSES)))), *bounds]
        if source.names:
            answer = await self._api.first_of(source.names, source.path, params=params, polling=polling)
        else:
            answer = await self._api.call("GET", source.path, params=params, polling=polling)
        return await self._api.statuses(answer)

    async def _older(self, source: Source, before: str | None, limit: int) -> Page:
        raw, places = await self.chunk(source, before, limit)
        posts, skipped = await self.decode(raw)
        newer = above(places) if before is None else None
        return Page(tuple(posts), below(places), newer, skipped=skipped)

    async def chunk(self, source: Source, before: str | None, limit: int) -> tuple[Raw, Places]:
        """Statuses below a cursor and their places; nothing when there are none.

        `max_id` includes its notice, which is known, so one more is asked for. A bound whose notice is gone vanishes:
        then the newest page comes, and the next anchor is tried.
        """
        anchors = read(before) if before is not None else ()
        if before is not None and not anchors:
            return [], ()
        if not anchors:
            raw = await self._ask(source, (), limit, polling=True)
            return raw, places_of(map(obj, raw))
        floor = anchors[0]
        for anchor in anchors:
            raw = await self._ask(source, [("max_id", str(anchor.id))], limit + len(anchors), polling=False)
            places = places_of(map(obj, raw))
            if places and places[0] > max(anchors):
                continue  # the bound is gone, and this is the newest page again
            raw = [status for status in raw if (place := place_of(obj(status))) is None or place < floor]
            under = tuple(place for place in places if place < floor)
            return (raw, under) if under else ([], ())
        return [], ()

    async def _newer(self, source: Source, after: str, limit: int) -> Page:
        """What is newer than the cursor, and what came late among the newest known.

        `since_id` gives the newest page above its bound: a full one may have skipped the middle.
        """
        known = read(after)
        if not known:
            return await self._older(source, None, limit)
        floor = min(known)
        count = max(1, min(limit, MAX_STATUSES - len(known))) + len(known)
        raw = await self._ask(source, [("since_id", str(floor.id))], count, polling=True)
        places = places_of(map(obj, raw))
        numbers = {place.id for place in known}
        seen = any(place.id in numbers or place <= floor for place in places)
        reached = seen or len(raw) < min(count, USUAL)  # some servers give fewer than they are asked for
        fresh = tuple(place for place in places if place.id not in numbers and place > floor)
        wanted = {str(place.id) for place in fresh}
        strange = sum(place_of(obj(status)) is None for status in raw)
        posts, skipped = await self.decode([status for status in raw if identity(obj(status)) in wanted])
        if not fresh:
            return Page(complete=True, skipped=strange)
        newer = above(fresh, known if reached else ())  # what lies in a gap is fetched from `older`, not again
        return Page(tuple(posts), below(fresh), newer, complete=reached, skipped=skipped + strange)

    async def decode(self, raw: Raw) -> tuple[list[Post], int]:
        """The posts and the number of what cannot be understood; deeds that come as notices are neither."""
        return await understood(
            [status for status in raw if not is_deed(obj(status))], (await self._api.decoder()).post
        )

    async def chunk_of(self, feed: Feed, limit: int) -> Raw:
        """The newest statuses of a feed as they come."""
        raw, _places = await self.chunk(_source(feed), None, limit)
        return raw

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        found: dict[str, Post] = {}
        since = since.replace(microsecond=0)  # the server's times have whole seconds
        async for raw in self.own_pages(since):
            posts, _skipped = await self.decode([status for status in raw if not repeat_of(status)])
            found |= {post.remote_id: post for post in posts if post.created_at >= since}
        return tuple(found.values())

    async def own_pages(self, since: datetime, pages: int = MAX_OWN_PAGES) -> AsyncIterator[Raw]:
        """The own timeline as it comes, repeats included, page by page down to an instant."""
        source, before = _source(Feed("author", self._api.me)), None
        for _number in range(pages):
            raw, places = await self.chunk(source, before, MAX_STATUSES - ANCHORS)
            if raw:
                yield raw
            before = below(places)
            if before is None or places[-1].at < since.timestamp():
                return

    # ------------------------------------------------------------ one and around it

    async def status(self, remote_id: str) -> object:
        """A status as it comes. Raises `RejectedError` for one that is gone."""
        answer = await self._api.call("GET", f"statuses/show/{quote(remote_id, safe='')}.json")
        return answer.json()

    async def post(self, remote_id: str) -> Post:
        return await self.read_one(await self.status(remote_id))

    async def read_one(self, raw: object) -> Post:
        return self._api.only((await self._api.decoder()).post, raw)

    async def thread(self, post: Post) -> Thread:
        """By the server's conversation; without one what home still has of it, and the posts above one by one."""
        conversation = conversation_of(await self.status(post.remote_id))
        around = await self._conversation(conversation) if conversation else {}
        if not around:
            posts, _skipped = await self.decode(await self.chunk_of(HOME_FEED, MAX_STATUSES))
            around = {other.remote_id: other for other in posts if not other.boost_id}
        around.setdefault(post.remote_id, post)
        above_it: list[Post] = []
        parent = post.in_reply_to
        while parent and len(above_it) < MAX_PARENTS and all(parent != other.remote_id for other in above_it):
            found = around.get(parent) or await self._perhaps(parent)
            if found is None:
                break
            above_it.append(found)
            parent = found.in_reply_to
        under = {post.remote_id}
        descendants = []
        for each in sorted(around.values(), key=_in_time):
            if each.in_reply_to in under and each.remote_id not in under:
                under.add(each.remote_id)
                descendants.append(each)
        return Thread(tuple(reversed(above_it)), post, tuple(descendants))

    async def _perhaps(self, remote_id: str) -> Post | None:
        try:
            return await self.post(remote_id)
        except RejectedError:
            return None

    async def _conversation(self, conversation: str) -> dict[str, Post]:
        source = Source(f"statusnet/conversation/{quote(conversation, safe='')}.json")
        found: dict[str, Post] = {}
        before: str | None = None
        for _number in range(MAX_CONVERSATION_PAGES):
            try:
                raw, places = await self.chunk(source, before, MAX_STATUSES - ANCHORS)
            except RejectedError as error:
                if error.status not in MISSING:
                    raise
                break  # a server without conversations
            posts, _skipped = await self.decode(raw)
            found |= {post.remote_id: post for post in posts if not post.boost_id}
            before = below(places)
            if before is None or len(raw) < USUAL:
                break
        return found

    # ------------------------------------------------------------ search and mentions

    async def search(self, query: str, before: str | None, limit: int, *, root: str = "") -> Page:
        """Server search; the cursor is a page's number. Old servers answer with an object, newer ones with an array."""
        number = int(before) if before and before.isdecimal() else 1
        count = max(1, min(limit, MAX_FOUND))
        params = [("q", query), ("rpp", str(count)), ("page", str(number))]
        answer = await self._api.optional("search", "search.json", params=params, root=root)
        found = await self._api.json(answer)
        if not isinstance(found, list) and not isinstance(obj(found).get("results"), list):
            raise self._api.garbled()
        raw = items(found) or items(obj(found).get("results"))
        posts, skipped = await self.decode(raw)
        return Page(
            tuple(posts), older=str(number + 1) if len(raw) >= min(count, USUAL_FOUND) else None, skipped=skipped
        )

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Mentions are the only list there is; one's own words to oneself stand among them and are left out."""
        source = Source("statuses/{name}.json", MENTIONS)
        if set(MENTIONS) <= self._api.missing:
            self._api.missing.add("notifications")
            raise self._api.unsupported("notifications")
        raw, places = await self.chunk(source, before, limit)
        posts, skipped = await self.decode(raw)
        to_me = {
            identity(obj(status)) for status in raw if identity(obj(status), "in_reply_to_user_id") == self._api.me
        }
        found = tuple(
            Notification(
                account=self._api.account.name,
                remote_id=post.entry_id,
                kind=NotificationKind.REPLY if post.remote_id in to_me else NotificationKind.MENTION,
                at=post.sorted_at,
                author=post.boosted_by or post.author,
                post=post,
            )
            for post in posts
            if (post.boosted_by or post.author).remote_id != self._api.me
        )
        return NotificationPage(found, below(places), skipped)


def _in_time(post: Post) -> tuple[datetime, int, str]:
    """By time, then number: ids of more figures are the newer ones."""
    return post.created_at, len(post.remote_id), post.remote_id


def _source(feed: Feed) -> Source:
    name = quote(feed.name.lstrip("#") if feed.kind == "tag" else feed.name, safe="")
    if feed.kind == "home":
        return Source("statuses/{name}.json", HOME)
    if feed.kind == "local":
        return Source("statuses/public_timeline.json")
    if feed.kind == "tag" and name:
        return Source(f"statusnet/tags/timeline/{name}.json")
    if feed.kind == "list" and name:
        return Source(f"statusnet/groups/timeline/{name}.json")
    if feed.kind == "author" and name:
        return Source(f"statuses/user_timeline/{name}.json")
    raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))
