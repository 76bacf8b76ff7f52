"""micro.blog's timeline: JSON Feed by numbers, with polls that say when to come back (facts/micropub.md C)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.post import Mine, Notification, NotificationKind, Post, PostKind
from mbclient.services.decoding import understood
from mbclient.services.fields import items, number, obj
from mbclient.services.micropub.api import Api
from mbclient.services.micropub.entries import Decoder
from mbclient.texts import _

MAX_ITEMS = 150
MAX_OWN_PAGES = 10
MAX_QUIET = timedelta(minutes=10)

Found = tuple[list[Post], int]


class Timeline:
    """The reading half for micro.blog. `me`: the own user name. `_quiet`: until when a poll was told to wait."""

    def __init__(self, api: Api, decoder: Decoder, me: str) -> None:
        self._api = api
        self.decoder = decoder
        self.me = me
        self._quiet: datetime | None = None
        self._numbers: dict[str, str] = {}

    @property
    def root(self) -> str:
        return self._api.known.timeline

    @property
    def host(self) -> str:
        return urlsplit(self.root).netloc

    async def read(self, path: str, params: Mapping[str, str], *, polling: bool = False) -> Found:
        """The items of one answer, newest first as they come."""
        answer = await self._api.call("GET", f"{self.root}{path}", params=list(params.items()), polling=polling)
        raw = obj(await self._api.json(answer)).get("items")
        if not isinstance(raw, list):
            raise self._api.garbled()
        posts, bad = await understood(items(raw), lambda item: self.decoder.item(item, self.host))
        self._numbers |= {post.remote_id: post.version for post in posts}
        return posts, bad

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        path, count = self._path(feed), max(1, min(limit, MAX_ITEMS))
        if after is not None and after.isdecimal():
            return await self._newer(path, int(after), count, home=feed.kind == "home")
        bound = {"before_id": before} if before is not None and before.isdecimal() else {}
        if before is not None and not bound:
            return Page()
        posts, skipped = await self.read(path, {"count": str(count), **bound}, polling=not bound)
        posts = [post for post in posts if before is None or _number(post) < int(before)]
        return _page(posts, skipped, newer=before is None)

    async def _newer(self, path: str, after: int, count: int, *, home: bool) -> Page:
        """`since_id` gives the newest page above it: a full one may have left out the middle."""
        if home and await self._nothing_new(after):
            return Page()
        posts, skipped = await self.read(path, {"count": str(count), "since_id": str(after)}, polling=True)
        posts = [post for post in posts if _number(post) > after]
        return _page(posts, skipped, newer=True, complete=len(posts) + skipped < count)

    async def _nothing_new(self, after: int) -> bool:
        """Asks the small question first; how long to wait until the next one is the server's word, and kept."""
        now = self._api.kit.clock.now()
        if self._quiet is not None and now < self._quiet:
            return True
        answer = await self._api.call(
            "GET", f"{self.root}/posts/check", params=[("since_id", str(after))], polling=True, accept=frozenset({404})
        )
        told = obj(answer.json()) if answer.ok else {}
        if "count" not in told or number(told, "count"):
            return False
        self._quiet = now + min(timedelta(seconds=number(told, "check_seconds")), MAX_QUIET)
        return True

    def wake(self) -> None:
        """What the user has done may have made something new: the next poll asks."""
        self._quiet = None

    def _path(self, feed: Feed) -> str:
        if feed.kind == "home":
            return "/posts/timeline"
        if feed.kind == "local":
            return "/posts/discover"
        name = feed.name.partition("@")[0]
        if feed.kind == "author" and name:
            return f"/posts/{quote(name, safe='')}"
        raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))

    # ------------------------------------------------------------ own posts, one, and around it

    async def own_posts(self, since: datetime, pages: int = MAX_OWN_PAGES) -> Sequence[Post]:
        """Posts and replies, page by page down to an instant."""
        path, bound, found = f"/posts/{quote(self.me, safe='')}", dict[str, str](), dict[str, Post]()
        for _count in range(pages):
            posts, _skipped = await self.read(path, {"count": str(MAX_ITEMS), **bound})
            fresh = [post for post in posts if post.remote_id not in found]
            found |= {post.remote_id: post for post in fresh}
            if not fresh or min(post.created_at for post in fresh) < since:
                break
            bound = {"before_id": str(min(map(_number, fresh)))}
        return tuple(post for post in found.values() if post.created_at >= since)

    async def number(self, post: Post) -> str:
        """What the API calls a post: with it, else by looking for its address among the newest."""
        return post.version or (await self._look_up(post.remote_id)).version

    async def _look_up(self, url: str) -> Post:
        for path in ("/posts/timeline", f"/posts/{quote(self.me, safe='')}", "/posts/mentions"):
            posts, _skipped = await self.read(path, {"count": str(MAX_ITEMS)})
            for post in posts:
                if post.remote_id == url:
                    return post
        known = self._numbers.get(url)
        if known:
            for post in await self._conversation(known):
                if post.remote_id == url:
                    return post
        raise RejectedError(_("there is no such post"), account=self._api.account.name, status=404)

    async def post(self, url: str) -> Post:
        """An item does not say what it answers: the first post of its conversation stands for that."""
        post = await self._look_up(url)
        around = await self._conversation(post.version)
        if not around or around[0].remote_id == url:
            return post
        return replace(post, kind=PostKind.REPLY, in_reply_to=around[0].remote_id)

    async def _conversation(self, number: str) -> list[Post]:
        """Oldest first."""
        try:
            posts, _skipped = await self.read("/posts/conversation", {"id": number})
        except RejectedError:
            return []
        return sorted(posts, key=lambda post: (post.created_at, _number(post)))

    async def thread(self, post: Post) -> Thread:
        """Conversations are flat: what is older stands above, what is newer below."""
        around = await self._conversation(await self.number(post))
        place = next((n for n, other in enumerate(around) if other.remote_id == post.remote_id), -1)
        if place < 0:
            return Thread((), post, ())
        return Thread(tuple(around[:place]), post, tuple(around[place + 1 :]))

    async def bookmark(self, post: Post, on: bool) -> Mine:
        """Only oneself sees it. Setting it again changes nothing."""
        number = await self.number(post)
        if on:
            await self._api.call("POST", f"{self.root}/posts/bookmarks", form={"id": number}, write=False)
        else:
            url = f"{self.root}/posts/bookmarks/{quote(number, safe='')}"
            await self._api.call("DELETE", url, write=False, accept=frozenset({404}))
        return replace(post.mine, bookmarked=on)

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        bound = {"before_id": before} if before is not None and before.isdecimal() else {}
        posts, skipped = await self.read("/posts/mentions", {"count": str(max(1, min(limit, MAX_ITEMS))), **bound})
        posts = [post for post in posts if before is None or _number(post) < int(before)]
        found = tuple(
            Notification(
                account=self._api.account.name,
                remote_id=post.version,
                kind=NotificationKind.MENTION,
                at=post.created_at,
                author=post.author,
                post=post,
            )
            for post in posts
            if post.author.remote_id != self.me
        )
        return NotificationPage(found, str(min(map(_number, posts))) if posts else None, skipped)


def _number(post: Post) -> int:
    return int(post.version) if post.version.isdecimal() else 0


def _page(posts: Sequence[Post], skipped: int, *, newer: bool, complete: bool = True) -> Page:
    numbers = [number for post in posts if (number := _number(post))]
    older = str(min(numbers)) if numbers else None
    newest = str(max(numbers)) if numbers and newer else None
    ordered = sorted(posts, key=lambda post: (post.created_at, _number(post)), reverse=True)
    return Page(tuple(ordered), older, newest, complete=complete, skipped=skipped)
