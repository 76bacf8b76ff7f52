"""Timelines, own posts, search, threads and notifications (Mastodon facts 3, 7, 8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UnreachableError, UsageError
from mbclient.domain.post import Post, PostKind
from mbclient.services.answers import Answer
from mbclient.services.decoding import understood
from mbclient.services.mastodon.api import Api, next_cursor
from mbclient.services.mastodon.fields import identity, items, obj, string
from mbclient.services.plainwords import lone_tag
from mbclient.texts import _

MAX_STATUSES = 40
MAX_NOTIFICATIONS = 80
MAX_FOLLOWED_TAGS = 100
MAX_OWN_PAGES = 25  # a thousand own posts in the asked-for time: more is no person
REBUILDING = 206  # home answers so while its feed is made anew
REBUILD_TRIES, REBUILD_S = 3, 2.0
EMPTY_TRIES = 5

T = TypeVar("T")


class Reading:
    """The reading half of the adapter."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def page(
        self, feed: Feed, before: str | None, after: str | None, limit: int, *, polling: bool = True
    ) -> Page:
        """One page. A page of nothing but nonsense is passed over, so that it does not look like the end.

        `polling`: nobody waits for the newest one.
        """
        skipped = 0
        for _number in range(EMPTY_TRIES):
            page = await self._page(feed, before, after, limit, polling=polling and before is None)
            skipped += page.skipped
            going_on = page.newer if after is not None else page.older
            if page.posts or going_on is None:
                break
            before, after = (None, going_on) if after is not None else (going_on, None)
        return replace(page, skipped=skipped)

    async def _page(self, feed: Feed, before: str | None, after: str | None, limit: int, *, polling: bool) -> Page:
        path, params = _address(feed)
        instance = await self._api.instance()
        if feed.kind in instance.closed:
            raise self._api.unsupported(feed.kind)
        upward = instance.dialect.page_up
        count = max(1, min(limit, MAX_STATUSES))
        params.append(("limit", str(count)))
        params += [("max_id", before)] if before is not None else []
        params += [(upward, after)] if after is not None else []
        answer, raw = await self._list(path, params, polling=polling)
        posts, skipped = await understood(raw, (await self._api.decoder()).post)
        ids = [name for name in (identity(obj(item)) for item in raw) if name]
        older = next_cursor(answer, "next", "max_id") or (ids[-1] if ids else None)
        # since_id gives the newest page above its floor: a full one may have skipped the middle
        gap = after is not None and upward == "since_id" and len(raw) >= count
        return Page(tuple(posts), older if raw else None, ids[0] if ids else None, complete=not gap, skipped=skipped)

    async def _list(
        self, path: str, params: Sequence[tuple[str, str]], *, polling: bool
    ) -> tuple[Answer, list[object]]:
        for attempt in range(REBUILD_TRIES):
            answer = await self._api.call("GET", path, params=params, polling=polling)
            raw = await self._api.json(answer)
            if not isinstance(raw, list):
                raise self._api.garbled()
            if raw or answer.status != REBUILDING:
                return answer, raw
            if attempt + 1 < REBUILD_TRIES:
                await asyncio.sleep(REBUILD_S)
        raise UnreachableError(
            _("{host} is putting the timeline together").format(host=answer.host),
            _("try again in a minute"),
            account=self._api.account.name,
        )

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        me = quote(self._api.me, safe="")
        decoder = await self._api.decoder()
        found: dict[str, Post] = {}
        before: list[tuple[str, str]] = []
        for _number in range(MAX_OWN_PAGES):
            params = [("limit", str(MAX_STATUSES)), ("exclude_reblogs", "true"), *before]
            _answer, raw = await self._list(f"/api/v1/accounts/{me}/statuses", params, polling=True)
            posts, _skipped = await understood(raw, decoder.post)
            mine = [post for post in posts if post.kind is not PostKind.BOOST and post.created_at >= since]
            found |= {post.remote_id: post for post in mine}
            ids = [name for name in (identity(obj(item)) for item in raw) if name]
            if not ids or (posts and posts[-1].created_at < since):
                break
            before = [("max_id", ids[-1])]
        return tuple(found.values())

    async def search(self, query: str, before: str | None, limit: int) -> Page:
        """A tag alone is read from its timeline; `before` is an offset for all else.

        Of words an empty answer also means: no search engine here (facts 8). Tags need none.
        """
        tag = lone_tag(query)
        if tag and "tag" not in (await self._api.instance()).closed:
            try:
                return await self.page(Feed("tag", tag), before, None, limit, polling=False)
            except RejectedError:
                pass  # a tag that the server does not know, or no such timelines: the search says what there is
        offset = int(before) if before and before.isdecimal() else 0
        count = max(1, min(limit, MAX_STATUSES))
        params = [("q", query), ("type", "statuses"), ("limit", str(count)), ("offset", str(offset))]
        answer = await self._api.optional("search", "/api/v2/search", params=params)
        raw = items(obj(await self._api.json(answer)).get("statuses"))
        decoder = await self._api.decoder()
        posts, skipped = await understood(raw, decoder.post)
        more = str(offset + len(raw)) if len(raw) >= count else None
        return Page(tuple(posts), older=more, skipped=skipped)

    async def followed_tags(self) -> Sequence[str]:
        """The first page; who follows more tags than that will not choose among them either."""
        params = [("limit", str(MAX_FOLLOWED_TAGS))]
        answer = await self._api.optional("followed tags", "/api/v1/followed_tags", params=params)
        raw = items(await self._api.json(answer))[:MAX_FOLLOWED_TAGS]
        return tuple(filter(None, (string(obj(tag), "name") for tag in raw)))

    async def post(self, remote_id: str) -> Post:
        answer = await self._api.call("GET", status_path(remote_id))
        return await self.decoded(answer)

    async def decoded(self, answer: Answer) -> Post:
        """The one status of an answer; `UnreachableError` when it is none."""
        return self._api.only((await self._api.decoder()).post, answer.json())

    async def thread(self, post: Post) -> Thread:
        answer = await self._api.call("GET", status_path(post.remote_id) + "/context")
        around = obj(await self._api.json(answer))
        decoder = await self._api.decoder()
        above, _skipped = await understood(items(around.get("ancestors")), decoder.post)
        below, _skipped = await understood(items(around.get("descendants")), decoder.post)
        return Thread(tuple(above), post, tuple(below))

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        params = [("limit", str(max(1, min(limit, MAX_NOTIFICATIONS))))]
        params += [("max_id", before)] if before is not None else []
        answer = await self._api.optional("notifications", "/api/v1/notifications", params=params, polling=True)
        raw = items(await self._api.json(answer))
        decoder = await self._api.decoder()
        found, skipped = await understood(raw, decoder.notification)
        ids = [name for name in (identity(obj(item)) for item in raw) if name]
        older = next_cursor(answer, "next", "max_id") or (ids[-1] if ids else None)
        return NotificationPage(tuple(found), older if raw else None, skipped)


def status_path(remote_id: str) -> str:
    return f"/api/v1/statuses/{quote(remote_id, safe='')}"


def _address(feed: Feed) -> tuple[str, list[tuple[str, str]]]:
    name = quote(feed.name.lstrip("#") if feed.kind == "tag" else feed.name, safe="")
    if feed.kind == "home":
        return "/api/v1/timelines/home", []
    if feed.kind == "local":
        return "/api/v1/timelines/public", [("local", "true")]
    if feed.kind in ("tag", "list", "author") and name:
        path = {"tag": "timelines/tag/{}", "list": "timelines/list/{}", "author": "accounts/{}/statuses"}[feed.kind]
        return "/api/v1/" + path.format(name), []
    raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))
