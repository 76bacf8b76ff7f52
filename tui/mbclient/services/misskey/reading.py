"""Timelines, own posts, search, conversations and notifications (facts/misskey.md 3, 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UnsupportedError, UsageError
from mbclient.domain.post import Post, PostKind
from mbclient.services.decoding import understood
from mbclient.services.fields import identity, instant, obj
from mbclient.services.misskey.api import UNKNOWN_ENDPOINT, Api
from mbclient.services.misskey.notes import Raw, is_pure_renote, is_shown
from mbclient.services.plainwords import lone_tag
from mbclient.texts import _

MAX_NOTES = 100
MAX_OWN_PAGES = 30
MAX_PARENT_PAGES = 3
MAX_BRANCHES = 20  # questions for one thread
EMPTY_TRIES = 5
REMEMBERED = 20
RENOTE_PAGES = 5
AHEAD = timedelta(days=1)  # the server's clock may be before ours

T = TypeVar("T")


class Reading:
    """The reading half of the adapter."""

    def __init__(self, api: Api) -> None:
        self._api = api

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """One page. One of nothing that can be shown is passed over, so that it does not look like the end."""
        skipped, newest = 0, None
        for _number in range(EMPTY_TRIES):
            page = await self._page(feed, before, after, limit)
            skipped, newest = skipped + page.skipped, newest or page.newer
            going_on = page.newer if after is not None else page.older
            if page.posts or going_on is None:
                break
            before, after = (None, going_on) if after is not None else (going_on, None)
        return replace(page, skipped=skipped, newer=(page.newer or newest) if after is not None else newest)

    async def _page(
        self, feed: Feed, before: str | None, after: str | None, limit: int, *, polling: bool = True
    ) -> Page:
        """Downward by `untilId`; upward by `sinceId` alone, which gives the oldest above its bound: there is no gap.

        Servers before 2024.5 turned the order round: a full page that comes newest first may have skipped what lies
        between, and says so.
        """
        endpoint, body = _source(feed)
        count = max(1, min(limit, MAX_NOTES))
        bounds = {"untilId": before} if before is not None else {"sinceId": after} if after is not None else {}
        try:
            raw = await self._list(endpoint, {**body, **bounds, "limit": count}, polling=polling and before is None)
        except RejectedError as error:
            if not error.code.endswith("_DISABLED"):
                raise
            self._api.missing.add(feed.kind)
            raise self._api.unsupported(feed.kind) from error
        ids = [name for note in raw if (name := identity(obj(note)))]
        gap = after is not None and len(raw) >= count > 1 and ids != sorted(ids)
        posts, skipped = await self.decode(sorted(raw, key=lambda note: identity(obj(note)), reverse=True))
        return Page(tuple(posts), min(ids, default=None), max(ids, default=None), complete=not gap, skipped=skipped)

    async def _list(self, endpoint: str, body: Mapping[str, object], *, polling: bool = False) -> list[object]:
        found = await self._api.call(endpoint, body, polling=polling)
        if not isinstance(found, list):
            raise self._api.garbled()
        return found

    async def decode(self, raw: Sequence[object]) -> tuple[list[Post], int]:
        """All posts that can be understood and the number of the rest; hidden notes are neither."""
        return await understood([note for note in raw if is_shown(obj(note))], (await self._api.decoder()).post)

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        found: dict[str, Post] = {}
        since = since.replace(microsecond=since.microsecond // 1000 * 1000)  # the server's times have no more figures
        async for raw in self.own_pages(since):
            posts, _skipped = await self.decode(raw)
            mine = [post for post in posts if post.kind is not PostKind.BOOST and post.created_at >= since]
            found |= {post.remote_id: post for post in mine}
        return tuple(found.values())

    async def own_pages(
        self, since: datetime, pages: int = MAX_OWN_PAGES, *, renotes: bool = False
    ) -> AsyncIterator[list[object]]:
        """The own notes down to an instant, newest first, which two bounds make the order of every server.

        Without `withReplies` the replies would be missing. Deleted notes shrink pages: only an empty one is the end.
        """
        body: dict[str, object] = {
            "userId": self._api.me,
            "withReplies": True,
            "withRenotes": renotes,
            "withChannelNotes": True,
            "limit": MAX_NOTES,
            "sinceDate": _milliseconds(since) - 1,
        }
        until: dict[str, object] = {"untilDate": _milliseconds(max(since, self._api.kit.clock.now()) + AHEAD)}
        for _number in range(pages):
            raw = await self._list("users/notes", {**body, **until})
            if not raw:
                return
            yield raw
            times = [at for note in raw if (at := instant(obj(note).get("createdAt")))]
            ids = [name for note in raw if (name := identity(obj(note)))]
            if not ids or not times or min(times) < since:
                return
            until = {"untilId": min(ids)}

    async def newest_own(self) -> list[str]:
        """The ids of my last notes: none of them can be a post that is yet to be sent."""
        body = {"userId": self._api.me, "withReplies": True, "withChannelNotes": True, "limit": REMEMBERED}
        return [name for note in await self._list("users/notes", body) if (name := identity(obj(note)))]

    async def own_renotes(self, post: Post) -> list[str]:
        """The ids of my boosts of a post: the service lets one be boosted many times."""
        found: list[str] = []
        async for raw in self.own_pages(post.created_at, RENOTE_PAGES, renotes=True):
            notes = [obj(note) for note in raw]
            found += [identity(n) for n in notes if is_pure_renote(n) and identity(n, "renoteId") == post.remote_id]
        return [name for name in found if name]

    # ------------------------------------------------------------ one and around it

    async def note(self, remote_id: str) -> Raw:
        """A note as it comes. Raises `RejectedError` for one that is gone."""
        return obj(await self._api.call("notes/show", {"noteId": remote_id}))

    async def read_one(self, raw: object) -> Post:
        return self._api.only((await self._api.decoder()).post, raw)

    async def post(self, remote_id: str) -> Post:
        """With what I have done with it: the note itself tells only of my reaction."""
        post = await self.read_one(await self.note(remote_id))
        renotes = await self.own_renotes(post) if post.counts.boosts else []
        mine = replace(
            post.mine,
            boosted=bool(renotes),
            boost_ref=max(renotes, default=""),
            bookmarked=await self._bookmarked(remote_id),
        )
        return replace(post, mine=mine)

    async def _bookmarked(self, remote_id: str) -> bool:
        try:
            state = await self._api.optional("bookmark", "notes/state", {"noteId": remote_id})
        except UnsupportedError:
            return False
        return obj(state).get("isFavorited") is True

    async def thread(self, post: Post) -> Thread:
        """Put together here: no single call has it. What is quoted is no part of the conversation."""
        above = await self._parents(post)
        under = {post.remote_id: post}
        waiting = [post.remote_id]
        for _number in range(MAX_BRANCHES):
            if not waiting:
                break
            raw = await self._list("notes/children", {"noteId": waiting.pop(0), "limit": MAX_NOTES, "depth": 12})
            posts, _skipped = await self.decode(sorted(raw, key=lambda note: identity(obj(note))))
            for each in posts:
                if each.in_reply_to in under and each.remote_id not in under:
                    under[each.remote_id] = each
                    waiting += [each.remote_id] if each.counts.replies else []
        del under[post.remote_id]
        return Thread(tuple(above), post, tuple(sorted(under.values(), key=lambda each: each.remote_id)))

    async def _parents(self, post: Post) -> list[Post]:
        """In reading order, as far as they hang together."""
        known: dict[str, Post] = {}
        for number in range(MAX_PARENT_PAGES if post.in_reply_to else 0):
            body = {"noteId": post.remote_id, "limit": MAX_NOTES, "offset": number * MAX_NOTES}
            raw = await self._list("notes/conversation", body)
            posts, _skipped = await self.decode(raw)
            known |= {each.remote_id: each for each in posts}
            if len(raw) < MAX_NOTES:
                break
        above: list[Post] = []
        parent = known.pop(post.in_reply_to or "", None)
        while parent is not None:
            above.append(parent)
            parent = known.pop(parent.in_reply_to or "", None)
        return above[::-1]

    # ------------------------------------------------------------ search and notifications

    async def search(self, query: str, before: str | None, limit: int) -> Page:
        """By words where the account's policy allows it; one tag alone goes by tag, which every server has."""
        tag = lone_tag(query)
        if tag:
            return await self._page(Feed("tag", tag), before, None, limit, polling=False)
        body: dict[str, object] = {"query": query, "limit": max(1, min(limit, MAX_NOTES))}
        try:
            found = await self._api.optional("words", "notes/search", body | ({"untilId": before} if before else {}))
        except UnsupportedError as error:  # the policy of most roles; tags are found all the same
            problem = _("{host} lets this account search for tags alone").format(host=self._api.host)
            raise UnsupportedError(problem, _("search for a #hashtag"), account=self._api.account.name) from error
        if not isinstance(found, list):
            raise self._api.garbled()
        posts, skipped = await self.decode(found)
        ids = [name for note in found if (name := identity(obj(note)))]
        return Page(tuple(posts), min(ids, default=None), skipped=skipped)

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Reading them here must not mark them as read for the other programs: the server's default is that it does."""
        body: dict[str, object] = {"limit": max(1, min(limit, MAX_NOTES)), "markAsRead": False}
        raw = await self._list(
            "i/notifications", body | ({"untilId": before} if before else {}), polling=before is None
        )
        found, skipped = await understood(raw, (await self._api.decoder()).notification)
        ids = [name for item in raw if (name := identity(obj(item)))]
        return NotificationPage(tuple(found), min(ids, default=None), skipped)


def is_gone(error: RejectedError) -> bool:
    """Whether a note is not there (any more): told with 400, and by some with 404."""
    return error.code == "NO_SUCH_NOTE" or (error.status == 404 and error.code != UNKNOWN_ENDPOINT)


def _milliseconds(when: datetime) -> int:
    """Requests count milliseconds since 1970, though answers have ISO times."""
    return int(when.timestamp() * 1000)


def _source(feed: Feed) -> tuple[str, dict[str, object]]:
    name = feed.name.lstrip("#") if feed.kind == "tag" else feed.name
    if feed.kind == "home":
        return "notes/timeline", {"withRenotes": True, "allowPartial": True}
    if feed.kind == "local":
        return "notes/local-timeline", {"withRenotes": True, "allowPartial": True}
    if feed.kind == "tag" and name:
        return "notes/search-by-tag", {"tag": name}
    if feed.kind == "list" and name:
        return "notes/user-list-timeline", {"listId": name, "withRenotes": True, "allowPartial": True}
    if feed.kind == "author" and name:
        return "users/notes", {"userId": name, "withReplies": True, "withRenotes": True, "withChannelNotes": True}
    raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))
