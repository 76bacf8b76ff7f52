"""Timelines, threads, notifications: what is asked, and how the answers become pages (Bluesky facts 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from mbclient.core.ports import Feed, NotificationPage, Page, Thread
from mbclient.domain.errors import AuthError, RejectedError, ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import EMPTY, Notification, NotificationKind, Post, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.services.bluesky import views
from mbclient.services.bluesky.cursors import Known, read_older, write_gap
from mbclient.services.bluesky.moderation import Moderation
from mbclient.services.bluesky.preferences import Preferences
from mbclient.services.bluesky.session import Session
from mbclient.services.bluesky.shape import (
    MalformedError,
    Object,
    at_uri,
    instant,
    obj,
    objects,
    optional_obj,
    optional_text,
    text,
    uri_parts,
)
from mbclient.services.bluesky.xrpc import Call, not_understood, query
from mbclient.texts import _

NOT_FOUND = "NotFound"
MAX_PAGE = 100
HYDRATE = 25  # posts that one getPosts takes
EMPTY_PAGES = 3  # a page may hold nothing and still have a cursor: mutes and blocks are taken out of it
OWN_PAGES = 50  # of 100 records
HYDRATED_OWN = 100
DEPTH, HEIGHT = 20, 80
MAX_THREAD = 1000
_REASONS = {
    "like": NotificationKind.LIKE,
    "like-via-repost": NotificationKind.LIKE,
    "repost": NotificationKind.BOOST,
    "repost-via-repost": NotificationKind.BOOST,
    "follow": NotificationKind.FOLLOW,
    "mention": NotificationKind.MENTION,
    "reply": NotificationKind.REPLY,
    "quote": NotificationKind.QUOTE,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything that only reads, for one account. `preferences` say what of it is hidden or covered."""

    session: Session
    preferences: Preferences

    async def _decoder(self) -> Callable[[Object], Post]:
        """From a postView to a post with what concerns it. After the call whose answer it is to read: that one fails
        for good reasons, and the preferences never do.
        """
        account, rules = self.session.account, await self.preferences.moderation()

        def decode(view: Object) -> Post:
            post = views.post(account, view)
            return replace(post, filtered=rules.of(post, view))

        return decode

    async def _items(self, call: Call, name: str) -> tuple[list[object], str]:
        """(the list of the answer, its cursor)."""
        answer = await self.session.call(call)
        items = answer.get(name)
        if not isinstance(items, list):
            raise not_understood(await self.session.host(), self.session.account.name)
        return items, optional_text(answer, "cursor")

    # ------------------------------------------------------------ feeds

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        """As `Service.page`. Posts in a gap keep `complete` False until the known ones are reached."""
        if after is not None:
            return await self._newer(feed, Known.read(after), limit)
        gap, cursor = read_older(before) if before is not None else (None, "")
        posts, skipped, below = await self._feed(feed, cursor, limit)
        if gap is not None and below and not gap.reached_by(posts):
            return Page(tuple(posts), write_gap(gap, below), None, complete=False, skipped=skipped)
        newer = Known.of(posts).write() if before is None else None
        return Page(tuple(posts), below or None, newer, skipped=skipped)

    async def _newer(self, feed: Feed, known: Known, limit: int) -> Page:
        posts, skipped, below = await self._feed(feed, "", limit)
        fresh = tuple(post for post in posts if known.fresh(post))
        if not fresh:
            return Page(skipped=skipped)
        complete = known.reached_by(posts) or not below
        older = below if complete else write_gap(known, below)
        return Page(fresh, older or None, Known.of(posts).write(), complete=complete, skipped=skipped)

    async def _feed(self, feed: Feed, cursor: str, limit: int) -> tuple[list[Post], int, str]:
        """(posts, items not understood, the server's cursor for what is below or "")."""
        skipped = 0
        for _page in range(EMPTY_PAGES):
            call, name = _feed_call(feed, cursor, limit, self.session.account.name)
            items, cursor = await self._items(call, name)
            decode = await self._decoder()
            of_item = partial(views.entry, decode=decode) if name == "feed" else decode
            posts, bad = views.understood(items, of_item)
            skipped += bad
            if posts or not cursor:
                break
        return posts, skipped, cursor

    async def search(self, words: str, before: str | None, limit: int) -> Page:
        """Newest first; the server decides how far back."""
        call = query(
            "app.bsky.feed.searchPosts",
            ("q", words),
            ("sort", "latest"),
            ("limit", _limit(limit)),
            ("cursor", before or ""),
        )
        items, cursor = await self._items(call, "posts")
        decode = await self._decoder()
        posts, skipped = views.understood(items, decode)
        return Page(tuple(posts), cursor or None, skipped=skipped)

    # ------------------------------------------------------------ single posts

    async def post(self, uri: str) -> Post:
        """One post, as the AppView shows it; an own one that it has not seen yet from the own repository."""
        try:
            node = await self._thread(uri, 0, 0)
            return (await self._decoder())(obj(node.get("post")))
        except MalformedError as error:
            raise self._not_shown() from error
        except RejectedError as error:
            own = await self._own_record(uri) if error.code == NOT_FOUND else None
            if own is None:
                raise
            return own

    async def record(self, did: str, collection: str, rkey: str) -> Object | None:
        """A record of the own repository with its `uri`, `cid` and `value`; None when there is none."""
        call = query("com.atproto.repo.getRecord", ("repo", did), ("collection", collection), ("rkey", rkey))
        try:
            return await self.session.call(call)
        except RejectedError as error:
            if error.code == "RecordNotFound":
                return None
            raise

    async def _own_record(self, uri: str) -> Post | None:
        did, collection, rkey = uri_parts(uri)
        if did != await self.session.did() or collection != views.POST:
            return None
        found = await self.record(did, collection, rkey)
        return await self.from_record(found) if found is not None else None

    async def from_record(self, source: Object) -> Post:
        """An own post of its record (`uri`, `cid`, `value`), with the words that it quotes. Raises `MalformedError`."""
        post = self._own(source, {"did": await self.session.did(), "handle": self.session.account.handle})
        if post.quoted is None or post.quoted.state != views.UNREAD:
            return post
        seen = (await self.viewed_if_it_can_be([post.quoted.remote_id])).get(post.quoted.remote_id)
        if seen is None:
            return post
        return replace(
            post, quoted=Quoted(seen.author, seen.text, seen.url, seen.remote_id, visibility=seen.visibility)
        )

    async def thread(self, post: Post) -> Thread:
        """The conversation: from its first post down to `post`, then the answers, each above what answers it."""
        node = await self._thread(post.remote_id, DEPTH, HEIGHT)
        decode = await self._decoder()
        try:
            middle = decode(obj(node.get("post")))
        except MalformedError as error:
            raise self._not_shown() from error
        above: list[Object] = []
        parent = optional_obj(node.get("parent"))
        while parent.get("post") and len(above) < MAX_THREAD:
            above.append(optional_obj(parent["post"]))
            parent = optional_obj(parent.get("parent"))
        ancestors, _skipped = views.understood(above[::-1], decode)
        return Thread(tuple(ancestors), middle, self._below(node, decode))

    @staticmethod
    def _below(node: Object, decode: Callable[[Object], Post]) -> tuple[Post, ...]:
        """Depth first, siblings by time. An answer that is not shown takes what is below it along."""

        def answers(node: Object) -> list[tuple[Post, Object]]:
            nodes = [reply for reply in objects(node.get("replies")) if reply.get("post")]
            pairs, _skipped = views.understood(nodes, lambda reply: (decode(obj(reply["post"])), obj(reply)))
            return sorted(pairs, key=lambda pair: pair[0].created_at, reverse=True)

        found: list[Post] = []
        waiting = answers(node)
        while waiting and len(found) < MAX_THREAD:
            post, below = waiting.pop()
            found.append(post)
            waiting += answers(below)
        return tuple(found)

    async def _thread(self, uri: str, depth: int, height: int) -> Object:
        try:
            at_uri(uri)
        except MalformedError as error:
            raise UsageError(_("{id} is no address of a Bluesky post").format(id=SafeText.line(uri))) from error
        call = query("app.bsky.feed.getPostThread", ("uri", uri), ("depth", str(depth)), ("parentHeight", str(height)))
        node = optional_obj((await self.session.call(call)).get("thread"))
        if not node:
            raise not_understood(await self.session.host(), self.session.account.name)
        if not node.get("post"):
            raise self._not_shown()
        return node

    def _not_shown(self) -> RejectedError:
        return RejectedError(
            _("the post is not shown: it is deleted, blocked or hidden by moderation"),
            account=self.session.account.name,
            code=NOT_FOUND,
        )

    async def viewed(self, uris: Iterable[str]) -> dict[str, Post]:
        """The posts of these addresses as the AppView has them; those that it does not show are left out."""
        wanted = list(dict.fromkeys(uris))
        found: dict[str, Post] = {}
        for start in range(0, len(wanted), HYDRATE):
            call = query("app.bsky.feed.getPosts", *(("uris", uri) for uri in wanted[start : start + HYDRATE]))
            items, _cursor = await self._items(call, "posts")
            posts, _skipped = views.understood(items, await self._decoder())
            found |= {post.remote_id: post for post in posts}
        return found

    async def viewed_if_it_can_be(self, uris: Iterable[str]) -> dict[str, Post]:
        """As `viewed`; nothing when the AppView does not answer. Being signed out is said all the same."""
        try:
            return await self.viewed(uris)
        except AuthError:
            raise
        except ServiceError:
            return {}

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """From the own repository, which lags behind nothing; then as the AppView shows them, where it answers.

        Records are ordered by key, not by `createdAt`: one page more is read past the first older one.
        """
        did = await self.session.did()
        writer: Object = {"did": did, "handle": self.session.account.handle}
        own: list[Post] = []
        cursor = ""
        past = False
        for _page in range(OWN_PAGES):
            call = query(
                "com.atproto.repo.listRecords",
                ("repo", did),
                ("collection", views.POST),
                ("limit", str(MAX_PAGE)),
                ("cursor", cursor),
            )
            items, cursor = await self._items(call, "records")
            posts, _skipped = views.understood(items, lambda item: self._own(item, writer))
            recent = [post for post in posts if post.created_at >= since]
            own += recent
            if not cursor or past:
                break
            past = len(recent) < len(posts)
        own.sort(key=lambda post: post.created_at, reverse=True)
        shown = await self.viewed_if_it_can_be(post.remote_id for post in own[:HYDRATED_OWN])  # no count needs it
        asks = any(post.author.members_only for post in shown.values())  # a record says nothing of its author
        return tuple(
            shown.get(post.remote_id, replace(post, author=replace(post.author, members_only=asks))) for post in own
        )

    def _own(self, source: Object, writer: Object) -> Post:
        uri, cid = at_uri(source.get("uri")), text(source, "cid")
        return views.record_post(self.session.account, uri, cid, obj(source.get("value")), writer)

    # ------------------------------------------------------------ notifications

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Newest first, each with the post that it is about as it stands now."""
        call = query("app.bsky.notification.listNotifications", ("limit", _limit(limit)), ("cursor", before or ""))
        items, cursor = await self._items(call, "notifications")
        told, skipped = views.understood(items, self._told)
        about = {uri for _notification, uri, _source in told if uri}
        posts = await self.viewed_if_it_can_be(about)
        rules = await self.preferences.moderation()
        complete = [
            replace(notification, post=posts.get(uri) or self._written(source, rules))
            for notification, uri, source in told
        ]
        return NotificationPage(tuple(complete), cursor or None, skipped)

    def _told(self, source: Object) -> tuple[Notification, str, Object]:
        """(the notification without its post, that post's address, the raw item where the post is in it)."""
        uri, reason = text(source, "uri"), text(source, "reason")
        kind = _REASONS.get(reason, NotificationKind.OTHER)
        itself = f"/{views.POST}/" in uri
        subject = uri if itself else optional_text(source, "reasonSubject")
        notification = Notification(
            account=self.session.account.name,
            remote_id=f"{uri}#{SafeText.line(reason, max_characters=40)}",
            kind=kind,
            at=instant(source.get("indexedAt")),
            author=views.author(obj(source.get("author"))),
            detail=SafeText.line(reason) if kind is NotificationKind.OTHER else EMPTY,
            read=source.get("isRead") is True,
        )
        try:
            return notification, at_uri(subject) if f"/{views.POST}/" in subject else "", source if itself else {}
        except MalformedError:
            return notification, "", {}

    def _written(self, source: Object, rules: Moderation) -> Post | None:
        """The post out of the notification itself, for one that the AppView does not give yet."""
        if not source:
            return None
        try:
            uri, cid = at_uri(source.get("uri")), text(source, "cid")
            writer = obj(source.get("author"))
            post = views.record_post(self.session.account, uri, cid, obj(source.get("record")), writer, source)
            return replace(post, filtered=rules.of(post, source))
        except MalformedError:
            return None


def _limit(limit: int) -> str:
    return str(max(1, min(limit, MAX_PAGE)))


def _feed_call(feed: Feed, cursor: str, limit: int, account: str) -> tuple[Call, str]:
    """(the call, the name of its list)."""
    common = (("limit", _limit(limit)), ("cursor", cursor))
    if feed.kind == "home":
        return query("app.bsky.feed.getTimeline", *common), "feed"
    if feed.kind == "author":
        own = (("actor", feed.name), ("filter", "posts_with_replies"))
        return query("app.bsky.feed.getAuthorFeed", *own, *common), "feed"
    if feed.kind == "list":
        return query("app.bsky.feed.getListFeed", ("list", feed.name), *common), "feed"
    if feed.kind == "tag":
        words = f"#{feed.name.lstrip('#')}"
        return query("app.bsky.feed.searchPosts", ("q", words), ("sort", "latest"), *common), "posts"
    raise UsageError(_("{account} has no feed {kind}").format(account=account, kind=SafeText.line(feed.kind)))
