"""Reading: views over the archive with honest counts, threads, search, and finding a post by its id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta

from mbclient.core.accounts import Accounts
from mbclient.core.criteria import HOME, MENTIONS, MINE, WORK, Why
from mbclient.core.ports import Feed, Page, Service, Thread
from mbclient.core.preferences import Mute, Preferences
from mbclient.core.sieve import Sieve, is_mine
from mbclient.core.stores import Archive, Entry, Gap, Gaps, Hits, ViewQuery, hidden_mark
from mbclient.domain.errors import MbclientError, UnsupportedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Filtered, Notification, Post
from mbclient.texts import _

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_ABOVE = 50  # of a conversation, before its service has answered
_NOTICES = "seen\tnotifications"  # their place among those of the views; no view can be called so


@dataclass(frozen=True, slots=True)
class ViewInfo:
    """A tab: `id` for the archive, `title` for people, `number` for the keys 1 to 9."""

    id: str
    title: str
    number: int
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """`Work 34 of 210 · 176 hidden`: what the filter shows and hides, never a guess.

    `muted`: how much belongs to the view and is hidden in it, by a mute, a filter or as a boost or reply.
    """

    shown: int
    received: int
    muted: int = 0

    @property
    def hidden(self) -> int:
        return self.received - self.shown


@dataclass(frozen=True, slots=True)
class Found:
    """A remote search's result, a post once however many accounts see it; and why some accounts gave nothing.

    `unable`: those whose server does not search for this, some for tags alone: that is no fault.
    """

    posts: tuple[Post, ...]
    errors: Mapping[str, MbclientError] = field(default_factory=dict)
    unable: Mapping[str, UnsupportedError] = field(default_factory=dict)


class Reading:
    """Everything that is looked at. Local answers are instant; `async` ones ask a service."""

    def __init__(
        self,
        accounts: Accounts,
        archive: Archive,
        gaps: Gaps,
        sieve: Sieve,
        preferences: Callable[[], Preferences],
    ) -> None:
        self._accounts = accounts
        self._archive = archive
        self._gaps = gaps
        self._sieve = sieve
        self._preferences = preferences

    def views(self) -> tuple[ViewInfo, ...]:
        fixed = [(WORK, _("Work"), ()), (HOME, _("Home"), ()), (MENTIONS, _("Mentions"), ()), (MINE, _("Mine"), ())]
        own = [(view.name, view.name, view.accounts) for view in self._preferences().views]
        every = [*fixed, *own]
        return tuple(ViewInfo(name, title, number, tuple(acc)) for number, (name, title, acc) in enumerate(every, 1))

    def view(self, name_or_number: str) -> ViewInfo:
        """By id, title or number. Raises `UsageError`."""
        wanted = name_or_number.casefold()
        for view in self.views():
            if wanted in (view.id.casefold(), view.title.casefold(), str(view.number)):
                return view
        known = ", ".join(view.title for view in self.views())
        raise UsageError(
            _("there is no view {name!r}").format(name=name_or_number), _("views: {known}").format(known=known)
        )

    def query(self, view: ViewInfo, accounts: Sequence[str] = ()) -> ViewQuery:
        for name in accounts:
            self._accounts.get(name)
        return ViewQuery(view.id, tuple(accounts) or view.accounts)

    def page(
        self, query: ViewQuery, *, before: int | None = None, after: int | None = None, limit: int = 40
    ) -> Sequence[Entry]:
        return self._archive.page(query, before=before, after=after, limit=limit)

    def counts(self, query: ViewQuery) -> ViewCounts:
        received = self._archive.count(ViewQuery(HOME, query.accounts, peek=True))
        belongs = received if query.view == HOME else self._archive.count(replace(query, peek=True))
        muted = self._archive.count(ViewQuery(hidden_mark(query.view), query.accounts, peek=True))
        return ViewCounts(belongs - muted, received, muted)

    def size(self, query: ViewQuery) -> int:
        """How many posts it has, with what is hidden when one peeks."""
        return self._archive.count(query)

    def newer_than(self, query: ViewQuery, key: int) -> int:
        return self._archive.count(query, after=key)

    def gaps(self, query: ViewQuery) -> Sequence[Gap]:
        """The holes in what a view shows, newest first; mentions and own posts are fetched for themselves."""
        if query.view in (MENTIONS, MINE):
            return ()
        return [gap for gap in self._gaps.all() if not query.accounts or gap.account in query.accounts]

    def place(self, view: str) -> int | None:
        return self._archive.place(view)

    def seen(self, view: str) -> int | None:
        """The newest key that has been on screen in a view."""
        return self._archive.seen(view)

    def keep_place(self, view: str, key: int, seen: int | None = None) -> None:
        self._archive.set_place(view, key, seen)

    def why(self, post: Post, view: str = WORK) -> Why:
        """What the filter says of a post in a view."""
        return self._sieve.why(post, view, own=self._is_own(post))

    def hidden(
        self, posts: Sequence[Post], place: str, but: Callable[[Mute], bool] = lambda _mute: False
    ) -> Mapping[str, Mute | Filtered]:
        """What hides posts at another place than a view, by id: thread, account, public (a search), notifications.

        `but`: mutes that do not count there.
        """
        return self._sieve.hidden([post for post in posts if not self._is_own(post)], place, but)

    def covers(self, post: Post, place: str = "home") -> Sequence[Filtered]:
        """The filters at the service that want it covered; own posts never are."""
        return () if not post.filtered or self._is_own(post) else self._sieve.covers(post, place)

    def _is_own(self, post: Post) -> bool:
        return any(account.name == post.account and is_mine(post, account) for account in self._accounts.all())

    def spans(self, post: Post, view: str = WORK) -> Sequence[tuple[int, int]]:
        """Where the terms that match the post stand in its text, for the highlight in a view."""
        return self._sieve.spans(post, view)

    # ------------------------------------------------------------ one post

    def known(self, id: str) -> Post | None:
        return self._archive.post(id)

    async def find(self, id: str) -> Post:
        """From the archive, else from its service. Raises `UsageError` for an id without a known account."""
        account, colon, remote_id = id.partition(":")
        if not colon or not remote_id:
            raise UsageError(
                _("{id!r} is no post id").format(id=id), _("ids look like account:number; see mbclient timeline --json")
            )
        known = await asyncio.to_thread(self._archive.post, id)
        return known or await self._accounts.service(account).post(remote_id)

    def above(self, post: Post) -> Sequence[Post]:
        """What a post answers, and what that answers, as far as it is known here; the first of them first."""
        line, names = [post], {post.id}
        while len(line) <= MOST_ABOVE and line[-1].in_reply_to:
            answered = self._archive.post(f"{line[-1].account}:{line[-1].in_reply_to}")
            if answered is None or answered.id in names:
                break
            line.append(answered)
            names.add(answered.id)
        return line[:0:-1]

    async def thread(self, id: str) -> Thread:
        post = await self.find(id)
        return await self._accounts.service(post.account).thread(post)

    async def author_posts(self, post: Post, before: str | None = None) -> Page:
        """The newest posts of the one who wrote this one, from the service, or those before an older page's cursor."""
        return await self._accounts.service(post.account).page(Feed("author", post.author.remote_id), before=before)

    # ------------------------------------------------------------ search, notifications

    def search(self, query: str, *, accounts: Sequence[str] = (), limit: int = 40, before: int | None = None) -> Hits:
        if not query.strip():
            raise UsageError(_("there is nothing to search for"), _("give a word or a phrase"))
        for name in accounts:
            self._accounts.get(name)
        return self._archive.search(query, accounts=accounts, limit=limit, before=before)

    async def search_services(self, query: str, *, accounts: Sequence[str] = (), limit: int = 40) -> Found:
        """Asks every service that can search, side by side; one that fails takes nothing from the rest.

        Raises `UnsupportedError` where none of them searches for this.
        """
        if not query.strip():
            raise UsageError(_("there is nothing to search for"), _("give a word or a phrase"))
        names = list(accounts) or [account.name for account in self._accounts.all()]
        able, errors = self._searchable(names)
        if not able and not errors:
            raise UsageError(_("none of these accounts can search"), _("search the archive without --remote"))
        posts: list[Post] = []
        unable: dict[str, UnsupportedError] = {}

        async def ask(name: str, service: Service) -> None:
            try:
                posts.extend((await service.search(query, limit=limit)).posts)
            except UnsupportedError as error:
                unable[name] = error
            except MbclientError as error:  # signed out, not there, or the keyring is locked
                errors[name] = error

        await asyncio.gather(*(ask(name, service) for name, service in able.items()))
        if unable.keys() == able.keys() and not errors:
            raise next(iter(unable.values()))
        posts.sort(key=lambda post: post.sorted_at, reverse=True)
        return Found(merged(posts)[:limit], errors, unable)

    def _searchable(self, names: Sequence[str]) -> tuple[dict[str, Service], dict[str, MbclientError]]:
        """The services of these accounts that can search, and the accounts that nothing can be asked of."""
        able: dict[str, Service] = {}
        errors: dict[str, MbclientError] = {}
        for name in names:
            account = self._accounts.get(name)
            try:
                service = self._accounts.service(account.name)
            except MbclientError as error:  # its adapter is not installed
                errors[name] = error
                continue
            if service.capabilities.search:
                able[name] = service
        return able, errors

    def notifications(self, *, limit: int = 40) -> Sequence[Notification]:
        """Newest first. `read`: seen here, or the service says so."""
        seen = self._archive.seen(_NOTICES)
        found = self._archive.notifications(limit=limit)
        if seen is None:
            return found
        return [replace(each, read=True) if _milliseconds(each.at) <= seen else each for each in found]

    def notifications_seen(self, at: datetime) -> None:
        """All until then have been in front of the user. Raises `StorageError`."""
        key = _milliseconds(at)
        if key > (self._archive.seen(_NOTICES) or 0):
            self._archive.set_place(_NOTICES, key, key)


def merged(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Each post once, where it stood first; the other accounts that see it are named with it (`also`)."""
    found: dict[str, Post] = {}
    for post in posts:
        name = post.uri or post.id
        known = found.get(name)
        if known is None:
            found[name] = post
        elif post.id not in (known.id, *known.also):
            found[name] = replace(known, also=(*known.also, post.id))
    return tuple(found.values())


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
