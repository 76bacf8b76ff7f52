"""The overview that is home, the feeds beside it, own posts, one post and its comments (facts/jaiku.md 4, 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from mbclient.core.ports import Feed, Page, Thread
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Post
from mbclient.services.decoding import understood
from mbclient.services.feed.items import NoFeedError
from mbclient.services.fields import items, obj
from mbclient.services.jaiku.api import Api
from mbclient.services.jaiku.entries import Decoder, Name, Raw, entry_time, is_own_deed, time_param
from mbclient.services.jaiku.feeds import atom_posts, feed_path, json_posts
from mbclient.services.jaiku.places import (
    OVERLAP,
    Place,
    edge_above,
    edge_below,
    read,
    second_above,
    second_below,
    second_under,
    under,
)
from mbclient.texts import _

MAX_ENTRIES = 100  # the engine's own bound, whatever its pages say
FEED_SIZE = 20
MAX_OWN_PAGES = 25

Found = tuple[list[Post], int]  # posts, and how many could not be understood


class Lane(Protocol):
    """One timeline, asked by whole seconds."""

    size: int  # how many a page has at most

    async def until(self, at: datetime | None, count: int) -> Found:
        """The newest, or those of this second and before."""
        ...

    async def since(self, at: datetime, count: int) -> Found:
        """Those of this second and after, as far as a page goes."""
        ...

    upward: bool  # whether `since` begins with the oldest, so that nothing is ever left out


class Overview:
    """Home: what one's contacts and oneself wrote, and comments on what one follows."""

    size = MAX_ENTRIES
    upward = True

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def until(self, at: datetime | None, count: int) -> Found:
        bound = {"offset": time_param(at)} if at else {}
        return await self._reading.decode(await self._reading.overview(count, **bound))

    async def since(self, at: datetime, count: int) -> Found:
        rows = await self._reading.overview(count, method="_since", since_time=time_param(at))
        return await self._reading.decode(rows)


class FeedLane:
    """A feed: twenty items, downward by seconds since 1970, and no way to ask upward."""

    size = FEED_SIZE
    upward = False

    def __init__(self, api: Api, decoder: Decoder, path: str) -> None:
        self._api = api
        self._decoder = decoder
        self._path = path

    async def until(self, at: datetime | None, count: int) -> Found:
        params = {"offset": str(int(at.timestamp()))} if at else {}
        answer = await self._api.feed(f"{self._path}json", params)
        try:
            return json_posts(answer, self._decoder)
        except (ValueError, RecursionError):
            pass
        try:
            return atom_posts(await self._api.feed(f"{self._path}atom", params), self._decoder)
        except NoFeedError as error:
            raise self._api.garbled() from error

    async def since(self, at: datetime, count: int) -> Found:
        posts, skipped = await self.until(None, count)
        return [post for post in posts if post.created_at >= at], skipped


class Reading:
    """The reading half of the adapter. `decoder` is set anew when the account's own visibility is read."""

    def __init__(self, api: Api, decoder: Decoder) -> None:
        self._api = api
        self.decoder = decoder

    def _lane(self, feed: Feed) -> Lane:
        if feed.kind == "home":
            return Overview(self)
        return FeedLane(self._api, self.decoder, feed_path(feed.kind, feed.name))

    async def overview(self, count: int, *, method: str = "", **bound: str) -> Sequence[Raw]:
        params = {"nick": self._api.nick, "limit": str(min(count, MAX_ENTRIES)), **bound}
        rv = await self._api.call(f"entry_get_actor_overview{method}", params)
        if not isinstance(rv.get("entries"), list):
            raise self._api.garbled()
        return [unwrapped(raw) for raw in items(rv.get("entries"))]

    async def decode(self, rows: Sequence[Raw]) -> Found:
        return await understood(rows, self.decoder.post)

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        lane, count = self._lane(feed), max(1, min(limit, MAX_ENTRIES - OVERLAP))
        if before is not None:
            edge = read(before)
            return await self._older(lane, edge, count) if edge else Page()
        known = read(after) if after is not None else ()
        if known:
            return await self._newer(lane, known, count)
        posts, skipped = await lane.until(None, count)
        places = [_place(post) for post in posts]
        return _page(posts, skipped, older=edge_below(places), newer=edge_above(places))

    async def _older(self, lane: Lane, edge: Sequence[Place], count: int) -> Page:
        """A short page is not the end, for deleted entries drop out; one without anything new is.

        When so many share a second that a page cannot pass it, the largest page is asked for, then the second below.
        """
        floor = edge[0].at
        for bound, size in (
            (second_above(floor), min(count + len(edge), lane.size)),
            (second_above(floor), lane.size),
            (second_under(floor), lane.size),
        ):
            posts, skipped = await lane.until(bound, size)
            fresh = [post for post in posts if under(_place(post), edge)]
            if fresh or (size == lane.size and len(posts) < size):
                break
        return _page(fresh, skipped, older=edge_below(map(_place, fresh), edge))

    async def _newer(self, lane: Lane, known: Sequence[Place], count: int) -> Page:
        """Upward likewise: a second that fills the largest page is passed over, and that is told."""
        floor, names = min(known), {place.uuid for place in known}
        whole = True
        for bound, size in (
            (second_below(floor.at), min(count + len(known), lane.size)),
            (second_below(floor.at), lane.size),
            (second_below(floor.at) + timedelta(seconds=1), lane.size),
        ):
            posts, skipped = await lane.since(bound, size)
            fresh = [post for post in posts if post.created_at >= floor.at and _place(post).uuid not in names]
            whole = bound <= floor.at
            if fresh or len(posts) < size:
                break
        if not fresh:
            return Page(skipped=skipped)
        met = any(_place(post).uuid in names for post in posts)
        reached = whole and (lane.upward or met or len(posts) < lane.size)
        places = [_place(post) for post in fresh]
        newer = edge_above(places, known if reached else ())
        return _page(fresh, skipped, older=edge_below(places, known), newer=newer, complete=reached)

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        found: dict[str, Post] = {}
        async for rows in self._down(since):
            posts, _skipped = await self.decode([raw for raw in rows if is_own_deed(raw, self._api.nick)])
            found |= {post.remote_id: post for post in posts if post.created_at >= since}
        return tuple(found.values())

    async def _down(self, since: datetime) -> AsyncIterator[Sequence[Raw]]:
        """The overview page by page down to an instant."""
        bound: dict[str, str] = {}
        asked: datetime | None = None
        for _number in range(MAX_OWN_PAGES):
            rows = await self.overview(MAX_ENTRIES, **bound)
            yield rows
            times = [at for raw in rows if (at := entry_time(raw.get("created_at")))]
            if not times or min(times) < since:
                return
            below = second_above(min(times))
            if asked is not None and below >= asked:  # nothing new: the end, or a second that no page gets past
                if len(rows) < MAX_ENTRIES:
                    return
                below = second_under(min(times))
            asked, bound = below, {"offset": time_param(below)}

    # ------------------------------------------------------------ one and around it

    async def entry(self, uuid: str) -> tuple[Post, list[Post]]:
        """A post or comment by its uuid alone, and the comments on it, oldest first. Raises `RejectedError`."""
        rv = await self._api.call("entry_get_comments_with_entry_uuid", {"entry_uuid": uuid})
        posts, _skipped = await self.decode([unwrapped(raw) for raw in items(rv.get("comments"))])
        return self._api.only(self.decoder.post, unwrapped(rv.get("entry"))), posts

    async def post(self, remote_id: str) -> Post:
        post, _comments = await self.entry(self.name(remote_id).own)
        return post

    def name(self, remote_id: str) -> Name:
        name = Name.read(remote_id)
        if name is None:
            raise RejectedError(_("there is no such post"), account=self._api.account.name, status=404)
        return name

    async def thread(self, post: Post) -> Thread:
        """Comments are flat: above one stands the post alone, below a post all of them."""
        name = self.name(post.remote_id)
        top, comments = await self.entry(name.uuid)
        if not name.comment:
            return Thread((), top, tuple(comments))
        return Thread((top,), post, ())


def unwrapped(raw: object) -> Raw:
    """An entry, also where it comes wrapped in its own name; a comment's `entry` is its parent's key."""
    return obj(obj(raw).get("entry")) or obj(raw)


def _place(post: Post) -> Place:
    return Place(post.created_at, post.remote_id.rpartition("/")[2])


def _page(
    posts: Sequence[Post], skipped: int, *, older: str | None, newer: str | None = None, complete: bool = True
) -> Page:
    ordered = sorted(posts, key=_place, reverse=True)
    return Page(tuple(ordered), older, newer, complete=complete, skipped=skipped)
