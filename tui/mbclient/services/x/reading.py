"""Timelines, own posts, search, conversations and mentions (facts/x.md 3). Every post that comes costs money."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from mbclient.core.ports import Feed, NotificationPage, Page, Profile, Thread
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Notification, NotificationKind, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.decoding import understood
from mbclient.services.fields import identity, instant, items, obj, string
from mbclient.services.x.api import Api, Params
from mbclient.services.x.cursors import Cursor, newer
from mbclient.services.x.faults import problem_in
from mbclient.services.x.marks import Marks
from mbclient.services.x.posts import Around, Decoder, references
from mbclient.services.x.prices import USER
from mbclient.texts import _

MAX_ENTRIES = 100
OWN_AT_ONCE = 50
MAX_OWN_PAGES = 40
MAX_QUERY = 512
MAX_PARENTS = 20
PROFILE_KEPT = timedelta(days=1)
CALLED = "called"  # the mark of people

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """A list of posts. `least`: how few may be asked for. `token`: the parameter that takes the next page's.

    `by_id`: it knows `since_id`; a list of people does not.
    """

    path: str
    params: Params = ()
    least: int = 1
    token: str = "pagination_token"  # noqa: S105 - a parameter's name
    by_id: bool = True


class Reading:
    """The reading half of the adapter."""

    def __init__(self, api: Api, marks: Marks) -> None:
        self._api = api
        self._marks = marks
        self._mentions: tuple[Notification, ...] = ()
        self._below: str | None = None
        self._own: dict[str, Post] = {}
        self._own_from: datetime | None = None

    @property
    def decoder(self) -> Decoder:
        return Decoder(self._api.account.name, self._api.me, self._api.web, self._marks)

    # ------------------------------------------------------------ pages

    async def page(self, feed: Feed, before: str | None, after: str | None, limit: int) -> Page:
        source = self._source(feed)
        if before is not None:
            cursor = Cursor.read(before)
            return await self._page(source, cursor, limit) if cursor else Page()
        since = newer(after) if after is not None else ""
        return await self._page(source, Cursor(since=since), limit, polling=True)

    async def _page(self, source: Source, cursor: Cursor, limit: int, *, polling: bool = False) -> Page:
        """One page of what is newer than the cursor's id. Where more of that is left, the page is not complete."""
        raw = await self._ask(source, cursor, limit, polling=polling)
        entries = items(raw.get("data"))
        fresh = [entry for entry in entries if not cursor.since or _is_newer(identity(obj(entry)), cursor.since)]
        posts, skipped = await self.decode(fresh, Around.of(raw))
        reached = len(fresh) < len(entries)
        token = "" if reached else string(obj(raw.get("meta")), "next_token")
        newest = max((name for entry in fresh if (name := identity(obj(entry))).isdecimal()), key=int, default=None)
        return Page(
            tuple(posts),
            older=Cursor(token, cursor.since).write(),
            newer=None if cursor.token else newest,
            complete=not (cursor.since and token),
            skipped=skipped,
        )

    async def _ask(self, source: Source, cursor: Cursor, limit: int, *, polling: bool = False) -> Raw:
        params = list(source.params)
        params += [("since_id", cursor.since)] if cursor.since and source.by_id else []
        params += [(source.token, cursor.token)] if cursor.token else []
        wanted = max(source.least, min(limit, MAX_ENTRIES))
        return await self._api.page(source.path, params, wanted, source.least, polling=polling)

    async def decode(self, raw: Sequence[object], around: Around) -> tuple[list[Post], int]:
        """All that can be understood and the number of the rest."""
        decoder = self.decoder
        good, skipped = await understood(raw, lambda entry: decoder.post(entry, around))
        self._note_callers(good)
        return good, skipped

    # ------------------------------------------------------------ who may be answered

    def has_called(self, post: Post) -> bool:
        """Whether its author is oneself, or has mentioned or quoted one here, or in a post that was read before."""
        return self._is_me(post.author) or self._calls(post) or self._marks.has(CALLED, post.author.remote_id)

    def _note_callers(self, posts: Sequence[Post]) -> None:
        """Whom self-serve plans may answer (facts/x.md 0): X tells nowhere, so it is kept when it is seen."""
        callers = dict.fromkeys(post.author.remote_id for post in posts if self._calls(post))
        self._marks.add(CALLED, [name for name in callers if name])

    def _calls(self, post: Post) -> bool:
        mine = self._api.account.handle.lstrip("@").casefold()
        named = bool(mine) and mine in (name.casefold() for name in post.mentions)
        return named or (post.quoted is not None and self._is_me(post.quoted.author))

    def _is_me(self, author: Author) -> bool:
        return bool(self._api.me) and author.remote_id == self._api.me

    def _source(self, feed: Feed) -> Source:
        name = quote(feed.name, safe="")
        if feed.kind == "home":
            return Source(f"/2/users/{self._api.me}/timelines/reverse_chronological")
        if feed.kind == "author" and name:
            return Source(f"/2/users/{name}/tweets", least=5)
        if feed.kind == "list" and name:
            return Source(f"/2/lists/{name}/tweets", by_id=False)
        if feed.kind == "tag" and name:
            return _search(f"#{feed.name.lstrip('#')}")
        raise UsageError(_("there is no feed {name} here").format(name=repr(feed.kind)))

    # ------------------------------------------------------------ own posts

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        """The service refuses a time to come, and knows whole seconds only.

        What was bought in this run is kept, and only what is newer bought again: this is asked at every refresh, and
        that the same post costs once a day is no firm promise (facts/x.md 0).
        """
        if since >= self._api.kit.clock.now():
            return ()
        since = since.replace(microsecond=0)
        known = self._own_from is not None and self._own_from <= since
        newest = max(self._own, key=int, default="") if known else ""
        async for raw in self.own_pages(since, newest=newest):
            posts, _skipped = await self.decode(items(raw.get("data")), Around.of(raw))
            self._own |= {post.remote_id: post for post in posts if not post.boost_id}
        if not known:
            self._own_from = since
        found = (post for post in self._own.values() if post.created_at >= since)
        decoder = self.decoder
        return tuple(replace(post, mine=decoder.mine(post.remote_id)) for post in sorted(found, key=_age))

    def forget_own(self, remote_id: str) -> None:
        """A post of one's own that was deleted."""
        self._own.pop(remote_id, None)

    async def own_pages(self, since: datetime, *, newest: str = "", pages: int = MAX_OWN_PAGES) -> AsyncIterator[Raw]:
        """Own posts since a time, or newer than a post, as they come: newest first, without reposts."""
        bound = ("since_id", newest) if newest else ("start_time", since.strftime("%Y-%m-%dT%H:%M:%SZ"))
        source = Source(f"/2/users/{self._api.me}/tweets", [bound, ("exclude", "retweets")], least=5)
        cursor = Cursor()
        for _number in range(pages):
            raw = await self._ask(source, cursor, OWN_AT_ONCE, polling=True)
            yield raw
            cursor = Cursor(string(obj(raw.get("meta")), "next_token"))
            if not cursor.token:
                return

    # ------------------------------------------------------------ one and around it

    async def post(self, remote_id: str) -> Post:
        """Raises `RejectedError` for one that is not there, which comes as 200 with errors, or as 404."""
        raw = await self._api.one(f"/2/tweets/{quote(remote_id, safe='')}")
        if not obj(raw.get("data")):
            problem = problem_in(raw)
            raise RejectedError(
                _("{host} said: {reason}").format(
                    host="X", reason=SafeText.line(problem.reason, max_characters=300) or _("the post is gone")
                ),
                account=self._api.account.name,
                status=404,
                code=problem.kind,
            )
        found = self._api.only(lambda data: self.decoder.post(data, Around.of(raw)), raw["data"])
        self._note_callers([found])
        return found

    async def thread(self, post: Post) -> Thread:
        """What was posted in the conversation in the last seven days; the posts above, however old, one by one."""
        root = post.root or (await self.post(post.remote_id)).root
        conversation = root[0] if root else post.remote_id
        raw = await self._ask(_search(f"conversation_id:{conversation}"), Cursor(), MAX_ENTRIES)
        posts, _skipped = await self.decode(items(raw.get("data")), Around.of(raw))
        around = {other.remote_id: other for other in posts if not other.boost_id}
        above: list[Post] = []
        parent = post.in_reply_to
        while parent and len(above) < MAX_PARENTS and all(parent != other.remote_id for other in above):
            found = around.get(parent) or await self._perhaps(parent)
            if found is None:
                break
            above.append(found)
            parent = found.in_reply_to
        under, below = {post.remote_id}, list[Post]()
        for other in sorted(around.values(), key=lambda each: int(each.remote_id)):
            if other.in_reply_to in under and other.remote_id not in under:
                under.add(other.remote_id)
                below.append(other)
        return Thread(tuple(reversed(above)), post, tuple(below))

    async def _perhaps(self, remote_id: str) -> Post | None:
        try:
            return await self.post(remote_id)
        except RejectedError:
            return None

    async def profile(self) -> Profile:
        """The own profile, bought at most once a day (facts/x.md 8). Raises `AuthError` when nobody is signed in."""
        name, now, mine = f"x-profile-{self._api.account.name}", self._api.kit.clock.now(), self._api.account.remote_id
        kept = self._api.cache.read(name)
        read = instant(kept.get("read"))
        if mine and identity(obj(kept.get("data"))) == mine and read is not None and read <= now < read + PROFILE_KEPT:
            await self._api.session.tokens()
            data = kept.get("data")
        else:
            data = (await self._api.person("/2/users/me", USER)).get("data")
        profile = self._api.only(self.decoder.profile, data)
        if data is not kept.get("data"):
            self._api.cache.write(name, {"read": now.isoformat(), "data": data})
        return profile

    # ------------------------------------------------------------ search and mentions

    async def search(self, query: str, before: str | None, limit: int) -> Page:
        """The last seven days. The words are X's own query language, which takes 512 characters."""
        words = " ".join(query.split())
        if len(words) > MAX_QUERY:
            raise UsageError(
                _("X takes searches of at most {n} characters").format(n=MAX_QUERY), _("search for less at once")
            )
        cursor = Cursor.read(before) if before is not None else Cursor()
        return await self._page(_search(words), cursor, limit) if cursor else Page()

    async def notifications(self, before: str | None, limit: int) -> NotificationPage:
        """Mentions are all there is. The newest page is kept for the run, and only what is newer is bought again."""
        source = Source(f"/2/users/{self._api.me}/mentions", least=5)
        if before is not None:
            cursor = Cursor.read(before)
            if cursor is None:
                return NotificationPage()
            raw = await self._ask(source, cursor, limit)
            found, skipped = await self._noticed(raw)
            return NotificationPage(tuple(found), _next(raw), skipped)
        known = self._mentions
        raw = await self._ask(source, Cursor(since=known[0].remote_id if known else ""), limit, polling=True)
        found, skipped = await self._noticed(raw)
        below = _next(raw)
        if below or not known:  # after more than a page of news what was known is asked for again, from below
            self._mentions, self._below = tuple(found), below
        else:
            self._mentions = (*found, *known)[:MAX_ENTRIES]
        return NotificationPage(self._mentions, self._below, skipped)

    async def _noticed(self, raw: Raw) -> tuple[list[Notification], int]:
        entries = items(raw.get("data"))
        around = Around.of(raw)
        posts, skipped = await self.decode(entries, around)
        to_me = {name for entry in map(obj, entries) if (name := identity(entry)) and self._answers_me(entry, around)}
        return [
            Notification(
                account=self._api.account.name,
                remote_id=post.entry_id,
                kind=NotificationKind.REPLY
                if post.remote_id in to_me
                else NotificationKind.QUOTE
                if post.quoted and post.quoted.author.remote_id == self._api.me
                else NotificationKind.MENTION,
                at=post.sorted_at,
                author=post.boosted_by or post.author,
                post=post,
            )
            for post in posts
            if (post.boosted_by or post.author).remote_id != self._api.me
        ], skipped

    def _answers_me(self, entry: Raw, around: Around) -> bool:
        """By the field, or by who wrote the post above where that came along: one spelling has no field."""
        parent = dict(references(entry)).get("replied_to", "")
        whom = identity(entry, "in_reply_to_user_id") or identity(around.posts.get(parent, {}), "author_id")
        return bool(parent) and whom == self._api.me


def _search(query: str) -> Source:
    return Source("/2/tweets/search/recent", [("query", query)], least=10, token="next_token")  # noqa: S106 - a name


def _age(post: Post) -> int:
    """Sorts the newest first."""
    return -int(post.remote_id)


def _next(raw: Raw) -> str | None:
    return Cursor(string(obj(raw.get("meta")), "next_token")).write()


def _is_newer(name: str, since: str) -> bool:
    """By number; what has none is nonsense and stays, to be counted as such."""
    return not name.isdecimal() or int(name) > int(since)
