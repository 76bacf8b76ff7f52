"""Own posts, mentions, search, conversations (facts/threads.md 2)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import RejectedError, UnsupportedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Notification, NotificationKind, Post
from mbclient.services.decoding import understood
from mbclient.services.fields import Garbage, identity, items, obj, string
from mbclient.services.plainwords import lone_tag
from mbclient.services.threads.api import Api
from mbclient.services.threads.places import Place, above, below, place_of, read
from mbclient.services.threads.posts import FIELDS, REPLY_FIELDS, Raw, is_repost
from mbclient.texts import _

MAX_POSTS = 100
EMPTY_TRIES = 5
REMEMBERED = 25
MAX_HOPS = 10  # within one question: a page may come short
MAX_OWN_PAGES = 30
REPOST_PAGES = 3
ANSWERED = 5  # own posts whose answers are looked for, of the last days
ANSWERED_SINCE = timedelta(days=3)
MAX_PARENTS = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A list of posts: its path, the fields to ask for, other parameters, and the ability that it takes."""

    path: str
    fields: str = FIELDS
    params: tuple[tuple[str, str], ...] = ()
    ability: str = ""


OWN = Source("me/threads")
OWN_REPLIES = Source("me/replies", REPLY_FIELDS)
MENTIONS = Source("me/mentions", REPLY_FIELDS, ability="notifications")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the lists gave for one page: posts by place, the strange ones' number, whether more lies below."""

    posts: Mapping[Place, Raw]
    strange: int
    more: bool


class Reading:
    """The reading half of the adapter."""

    def __init__(self, api: Api) -> None:
        self._api = api

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """There is no home timeline: my own posts and what mentions me stand in for it, merged by time."""
        sources = self._sources(feed)
        count = max(1, min(limit, MAX_POSTS // 2))
        if after is not None:
            return await self._newer(sources, read(after), count)
        page = await self._older(sources, read(before) if before is not None else (), count)
        newer, skipped = page.newer, page.skipped
        for _number in range(EMPTY_TRIES):  # one of nothing but reposts must not look like the end
            if page.posts or page.older is None:
                break
            page = await self._older(sources, read(page.older), count)
            skipped += page.skipped
        return replace(page, newer=newer, skipped=skipped)

    def _sources(self, feed: Feed) -> list[Source]:
        name = feed.name.lstrip("#")
        if feed.kind == "home":
            return [OWN, MENTIONS]
        if feed.kind == "author" and name == self._api.me:
            return [OWN, OWN_REPLIES]
        if feed.kind == "tag" and name:
            return [_search(name, "TAG")]
        raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))

    async def _older(self, sources: Sequence[Source], known: Sequence[Place], count: int) -> Page:
        bounds = {"until": str(min(known).at + 1)} if known else {}
        chunk = await self._chunk(sources, bounds, count + len(known), polling=not known)
        top = min(known).at if known else None
        fresh = [place for place in chunk.posts if place not in known and (top is None or place.at <= top)]
        taken = sorted(fresh, reverse=True)[:count]
        posts, skipped = await self.decode([chunk.posts[place] for place in taken])
        rest = chunk.more or len(fresh) > len(taken)
        older = below(taken, known) if rest else None
        return Page(tuple(posts), older, None if known else above(taken), skipped=skipped + chunk.strange)

    async def _newer(self, sources: Sequence[Source], known: Sequence[Place], count: int) -> Page:
        """The newest above the bound: a full page may have skipped the middle, and says so."""
        if not known:
            return await self._older(sources, (), count)
        floor = min(known)  # what lies below it is known, or the gap that `older` led through
        bounds = {"since": str(max(0, floor.at - 1))}
        chunk = await self._chunk(sources, bounds, count + len(known), polling=True)
        fresh = [place for place in chunk.posts if place not in known and place > floor]
        taken = sorted(fresh, reverse=True)[:count]
        reached = not chunk.more and len(taken) == len(fresh)
        posts, skipped = await self.decode([chunk.posts[place] for place in taken])
        newer = above(taken, known if reached else ()) if taken else None
        older = below(taken) if not reached else None
        return Page(tuple(posts), older, newer, complete=reached, skipped=skipped + chunk.strange)

    async def _chunk(self, sources: Sequence[Source], bounds: Mapping[str, str], count: int, *, polling: bool) -> Chunk:
        """Below the end of a list that has more, nothing is sure yet: what the others have there is left for later."""
        posts: dict[Place, Raw] = {}
        strange, floor, more = 0, 0, False
        for source in sources:
            try:
                raw, goes_on = await self._ask(source, bounds, min(count, MAX_POSTS), polling=polling)
            except UnsupportedError:
                if len(sources) == 1:
                    raise
                continue  # a token without that permission: the other lists are worth showing
            found = {place: obj(item) for item in raw if (place := place_of(obj(item))) is not None}
            strange += sum(place_of(obj(item)) is None for item in raw)
            posts |= found
            if goes_on and found:
                more, floor = True, max(floor, min(found).at)
        return Chunk({place: raw for place, raw in posts.items() if place.at >= floor}, strange, more)

    async def _ask(
        self, source: Source, bounds: Mapping[str, str], count: int, *, polling: bool = False
    ) -> tuple[list[object], bool]:
        """A list's newest within bounds, and whether it goes on below; a page that comes short is gone on from."""
        found: list[object] = []
        params = {**dict(source.params), **bounds, "fields": source.fields, "limit": str(count)}
        for _number in range(MAX_HOPS):
            if source.ability:
                answer = await self._api.optional(source.ability, source.path, params, polling=polling)
            else:
                answer = await self._api.call("GET", source.path, params, polling=polling)
            if not isinstance(answer.get("data"), list):
                raise self._api.garbled()
            page, paging = items(answer["data"]), obj(answer.get("paging"))
            found += page
            after = string(obj(paging.get("cursors")), "after")
            goes_on = bool(after) and (bool(string(paging, "next")) or len(page) >= count)
            if not goes_on or len(found) >= count:
                return found, goes_on
            params["after"] = after
        return found, True

    async def decode(self, raw: Sequence[object]) -> tuple[list[Post], int]:
        """The posts and the number of what cannot be understood; reposts are neither, for they have no words."""
        return await understood([item for item in raw if not is_repost(obj(item))], self._api.decoder().post)

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """Posts and replies, which are two lists; times have whole seconds."""
        since = since.replace(microsecond=0)
        found: dict[str, Post] = {}
        for source in (OWN, OWN_REPLIES):
            async for raw in self.own_pages(source, since):
                posts, _skipped = await self.decode(raw)
                found |= {post.remote_id: post for post in posts if post.created_at >= since}
        return tuple(found.values())

    async def own_pages(
        self, source: Source, since: datetime, pages: int = MAX_OWN_PAGES
    ) -> AsyncIterator[list[object]]:
        """An own list down to an instant, newest first."""
        params = {"since": str(max(0, int(since.timestamp()) - 1)), "fields": source.fields, "limit": str(MAX_POSTS)}
        for _number in range(pages):
            answer = await self._api.call("GET", source.path, params)
            raw = items(answer.get("data"))
            if raw:
                yield raw
            after = string(obj(obj(answer.get("paging")).get("cursors")), "after")
            if not raw or not after:
                return
            params["after"] = after

    async def own_ids(self, source: Source) -> list[str]:
        """The ids of my last posts: none of them can be one that is yet to be sent."""
        raw, _more = await self._ask(source, {}, REMEMBERED)
        return [name for item in raw if (name := identity(obj(item)))]

    async def own_reposts(self, post: Post) -> list[str]:
        """The ids of my reposts of a post: the post itself does not tell."""
        found = []
        async for raw in self.own_pages(OWN, post.created_at, REPOST_PAGES):
            reposts = [obj(item) for item in raw if is_repost(obj(item))]
            found += [identity(one) for one in reposts if identity(obj(one.get("reposted_post"))) == post.remote_id]
        return [name for name in found if name]

    # ------------------------------------------------------------ one and around it

    async def media(self, remote_id: str) -> Raw:
        """A post as it comes. Raises `RejectedError` for one that is gone, or not to be seen."""
        return await self._api.call("GET", quote(remote_id, safe=""), {"fields": REPLY_FIELDS})

    async def post(self, remote_id: str) -> Post:
        """With the quoted post's words and what I have done: each takes a question of its own."""
        raw = await self.media(remote_id)
        quoted: object = None
        name = identity(obj(raw.get("quoted_post")))
        if name:
            with contextlib.suppress(RejectedError):  # another's, which this token may not read
                quoted = await self.media(name)
        post = self._api.only(lambda media: self._api.decoder().post(media, quoted), raw)
        reposts = await self.own_reposts(post)
        mine = replace(post.mine, boosted=bool(reposts), boost_ref=max(reposts, default=""))
        return replace(post, mine=mine)

    async def thread(self, post: Post) -> Thread:
        """The conversation comes flat; of another's post it may be refused, then only what is above is known."""
        root = post.root[0] if post.root else post.remote_id
        around: dict[str, Post] = {}
        conversation = Source(
            f"{quote(root, safe='')}/conversation", REPLY_FIELDS, (("reverse", "false"),), ability="thread"
        )
        with contextlib.suppress(RejectedError, UnsupportedError):
            raw, _more = await self._ask(conversation, {}, MAX_POSTS)
            posts, _skipped = await self.decode(raw)
            around = {each.remote_id: each for each in posts}
        under, descendants = {post.remote_id}, list[Post]()
        for each in sorted(around.values(), key=lambda one: (one.created_at, len(one.remote_id), one.remote_id)):
            if each.in_reply_to in under and each.remote_id not in under:
                under.add(each.remote_id)
                descendants.append(each)
        return Thread(tuple(await self._parents(post, around)), post, tuple(descendants))

    async def _parents(self, post: Post, around: Mapping[str, Post]) -> list[Post]:
        found: list[Post] = []
        parent = post.in_reply_to
        while parent and len(found) < MAX_PARENTS and all(parent != each.remote_id for each in found):
            each = around.get(parent)
            if each is None:
                try:
                    each = self._api.decoder().post(await self.media(parent))
                except (RejectedError, Garbage):
                    break
            found.append(each)
            parent = each.in_reply_to
        return found[::-1]

    # ------------------------------------------------------------ search and notifications

    async def search(self, query: str, before: str | None, limit: int) -> Page:
        tag = lone_tag(query)
        source = _search(tag, "TAG") if tag else _search(query.strip(), "KEYWORD")
        return await self._older([source], read(before) if before else (), max(1, min(limit, MAX_POSTS // 2)))

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Mentions, and the answers to my last posts; there is no list of them."""
        known = read(before) if before else ()
        page = await self._older([MENTIONS], known, max(1, min(limit, MAX_POSTS // 2)))
        answers = [] if known else await self._answers()
        to_me = {post.remote_id for post in answers}
        found = {post.remote_id: post for post in [*answers, *page.posts] if post.author.remote_id != self._api.me}
        ordered = sorted(found.values(), key=lambda post: (post.created_at, post.remote_id), reverse=True)
        return NotificationPage(
            tuple(self._told(post, post.remote_id in to_me) for post in ordered), page.older, page.skipped
        )

    def _told(self, post: Post, is_reply: bool) -> Notification:
        return Notification(
            account=self._api.account.name,
            remote_id=post.remote_id,
            kind=NotificationKind.REPLY if is_reply else NotificationKind.MENTION,
            at=post.created_at,
            author=post.author,
            post=post,
        )

    async def _answers(self) -> list[Post]:
        """To the last own posts that have any. Where the token may not read them, the mentions are all there is."""
        since = int((self._api.kit.clock.now() - ANSWERED_SINCE).timestamp())
        own, _more = await self._ask(OWN, {"since": str(since)}, MAX_POSTS // 2, polling=True)
        answered = [identity(obj(item)) for item in own if obj(item).get("has_replies") is True]
        found: list[Post] = []
        for name in [each for each in answered if each][:ANSWERED]:
            source = Source(f"{quote(name, safe='')}/replies", REPLY_FIELDS, ability="thread")
            try:
                raw, _more = await self._ask(source, {}, MAX_POSTS // 2, polling=True)
            except (RejectedError, UnsupportedError):
                break
            posts, _skipped = await self.decode(raw)
            found += posts
        return found


def _search(words: str, mode: str) -> Source:
    params = (("q", words), ("search_type", "RECENT"), ("search_mode", mode))
    return Source("keyword_search", FIELDS, params, ability="search")
