"""One's own site as a timeline: the list that `q=source` gives, else the site's feed (facts/micropub.md A)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from mbclient.core.ports import Page
from mbclient.domain.draft import Written
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Post
from mbclient.services.decoding import understood
from mbclient.services.feed.service import FeedService
from mbclient.services.fields import instant, items, obj, string
from mbclient.services.micropub.api import Api, Params
from mbclient.services.micropub.editing import content_as_written
from mbclient.services.micropub.entries import Decoder, first
from mbclient.texts import _

PAGE = 100
MAX_PAGES = 20
REFUSED = frozenset({400, 403, 404, 405, 501})  # how sites say that they have no list, or not for this token

Place = tuple[datetime, str]
_Enough = Callable[[list[Post]], bool]


class OwnSite:
    """Posts of the site, newest first. `decoder` knows the owner."""

    def __init__(self, api: Api, decoder: Decoder) -> None:
        self._api = api
        self.decoder = decoder
        # The feed of the same page: the account's own name is left out, for all of it is one's own.
        account = replace(api.account, url=api.home, handle="", remote_id="")
        self._feed = FeedService(account, api.kit)

    async def page(self, before: str | None, after: str | None, limit: int) -> Page:
        """The list has no order of its own, so it is sorted here; a cursor is a post's time and address."""
        if "source" not in self._api.missing:
            try:
                return await self._listed(before, after, limit)
            except RejectedError:
                if "source" not in self._api.missing:
                    raise
        page = await self._feed.page(before=before, after=after, limit=limit)
        return replace(page, posts=tuple(map(self._own, page.posts)))

    async def _listed(self, before: str | None, after: str | None, limit: int) -> Page:
        floor = _read(after) if after is not None else None
        ceiling = _read(before) if before is not None else None
        if before is not None and ceiling is None:
            return Page()
        posts, skipped = await self._list(_enough(floor, ceiling, limit))
        if floor is not None:
            fresh = [post for post in posts if _place(post) > floor]
            newer = _written(fresh[0]) if fresh else None
            return Page(tuple(fresh), _written(fresh[-1]) if fresh else None, newer)
        below = [post for post in posts if ceiling is None or _place(post) < ceiling]
        chosen = below[:limit]
        older = _written(chosen[-1]) if len(below) > len(chosen) else None
        newer = _written(posts[0]) if posts and before is None else None
        return Page(tuple(chosen), older, newer, skipped=skipped if before is None else 0)

    async def _list(self, enough: _Enough, blog: str = "") -> tuple[list[Post], int]:
        """Pages until it is enough: where they come newest first; all there are where not.

        `blog`: one of several of the account's, else that of the user's choice, else the site's default.
        """
        chosen = blog or self._blog()
        there: Params = (("mp-destination", chosen),) if chosen else ()
        found: dict[str, Post] = {}
        seen: set[str] = set()
        skipped, offset = 0, 0
        place: Params = ()
        for _number in range(MAX_PAGES):
            raw, after = await self._ask(place, there)
            entries, bad = await understood(raw, self.decoder.entry)
            posts = [entry for entry in entries if entry is not None]
            found |= {post.remote_id: post for post in posts}
            skipped, offset = skipped + bad, offset + len(raw)
            descending = all(one.created_at >= two.created_at for one, two in pairwise(posts))
            names = {str(first(obj(obj(entry).get("properties")), "url")) for entry in raw}
            last = not raw or (not after and len(raw) < PAGE)  # a site may give fewer at a time than it is asked for
            if last or names <= seen or (posts and descending and enough(list(found.values()))):
                break
            seen |= names
            place = (("after", after) if after else ("offset", str(offset)),)
        return sorted(found.values(), key=_place, reverse=True), skipped

    def _blog(self) -> str:
        """A wish that the site does not know is told when a post is written."""
        try:
            return self._api.config.blog(self._api.account.blog)
        except LookupError:
            return ""

    async def _ask(self, place: Params, blog: Params) -> tuple[list[object], str]:
        """A page of the list, and the cursor to the next where there is one. Raises `RejectedError` without a list."""
        endpoints = await self._api.endpoints()
        params = [("q", "source"), ("limit", str(PAGE)), *blog, *place]
        answer = await self._api.call("GET", endpoints.micropub, params=params, polling=not place, accept=REFUSED)
        told = obj(await self._api.json(answer)) if answer.ok else {}
        if isinstance(told.get("items"), list):
            return items(told.get("items")), string(obj(told.get("paging")), "after")
        if place:
            return [], ""
        self._api.missing.add("source")
        raise RejectedError(_("{host} lists no posts").format(host=endpoints.host), account=self._api.account.name)

    # ------------------------------------------------------------ one, and one's own

    async def own_posts(self, since: datetime, *, fresh: bool = False, blog: str = "") -> Sequence[Post]:
        """`fresh`: a feed is asked at once, past every cache: for reading back, from the `blog` that it was sent to."""
        if "source" not in self._api.missing:
            try:
                posts, _skipped = await self._list(lambda found: min(map(_place, found))[0] < since, blog)
                return tuple(post for post in posts if post.created_at >= since)
            except RejectedError:
                if "source" not in self._api.missing:
                    raise
        if fresh:
            await self._feed.source.snapshot(force=True)
        page = await self._feed.page(limit=PAGE)
        return tuple(self._own(post) for post in page.posts if post.created_at >= since)

    async def post(self, url: str) -> Post:
        """By its own source where the site gives it, else among the feed's."""
        if "source" not in self._api.missing:
            post = self._api.only(self.decoder.entry, {"properties": await self.source(url)})
            if post is not None:
                return post
            raise self._no_post()
        for post in (await self._feed.page(limit=PAGE)).posts:
            if url in (post.url, post.remote_id):
                return self._own(post)
        raise self._no_post()

    async def source(self, url: str) -> Mapping[str, object]:
        """One post's properties, as its owner wrote them. Raises `RejectedError` for one that is not there."""
        endpoints = await self._api.endpoints()
        answer = await self._api.call("GET", endpoints.micropub, params=[("q", "source"), ("url", url)])
        return {"url": [url], **obj(obj(answer.json()).get("properties"))}

    async def written(self, url: str) -> Written:
        """What an edit begins with. Raises `RejectedError` where one would destroy something."""
        found = await self.source(url)
        if found.keys() <= {"url"}:  # which is ours
            raise self._api.garbled()
        return content_as_written(found, self._api.known.host, self._api.account.name)

    def _no_post(self) -> RejectedError:
        return RejectedError(_("there is no such post"), account=self._api.account.name, status=404)

    def _own(self, post: Post) -> Post:
        """A feed's post under the address by which the site itself calls it."""
        return replace(post, remote_id=post.url or post.remote_id, author=self.decoder.owner)


def _place(post: Post) -> Place:
    return post.created_at, post.remote_id


def _written(post: Post) -> str:
    return f"{post.created_at.isoformat()} {post.remote_id}"


def _read(cursor: str) -> Place | None:
    """None for a foreign one."""
    when, _space, url = cursor.partition(" ")
    at = instant(when)
    return (at, url) if at and url else None


def _enough(floor: Place | None, ceiling: Place | None, limit: int) -> _Enough:
    """When no further page is needed: everything above the floor is here, or a whole page below the ceiling."""

    def enough(found: list[Post]) -> bool:
        places = list(map(_place, found))
        if floor is not None:
            return bool(places) and min(places) <= floor
        return sum(ceiling is None or place < ceiling for place in places) > limit

    return enough
