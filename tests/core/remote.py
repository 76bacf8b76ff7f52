"""Services whose faults are programmed, which record every post they took; the clock they go by, and some posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mbclient.core.abilities import Waiting
from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    LoginDialog,
    LoginForm,
    NotificationPage,
    Outgoing,
    Page,
    Profile,
    Published,
    Service,
    SignedIn,
    SignIn,
    StreamEvent,
    StreamOpened,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.draft import Draft
from mbclient.domain.errors import OutcomeUnknownError, UnreachableError, UnsupportedError
from mbclient.domain.poll import Poll
from mbclient.domain.post import Author, Mine, Post, Visibility
from mbclient.domain.safetext import SafeText

TUESDAY = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)  # 11:40 in Stockholm: a recommended time


class Clock:
    """Fills the `Clock` port; stands still until it is moved, forwards or backwards."""

    def __init__(self, at: datetime = TUESDAY) -> None:
        self.at = at
        self.steady = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.steady

    def pass_(self, **time: float) -> None:
        """Time goes by, on both clocks."""
        step = timedelta(**time)
        self.at += step
        self.steady += step.total_seconds()


@dataclass
class Remote:
    """The server behind the fakes: what it took lives on when the program crashes.

    `accepted`: every post it holds, in order, as (account, key, text). `asked`: every request, by name. `held`: what
    it keeps until its time, by id; `schedules`: "no", "yes", or "ignored" (says that it can, and publishes at once).
    `by_words`: a post can be looked for by its words alone, as at most services.
    """

    idempotency: Idempotency = Idempotency.KEY
    online: bool = True
    accepted: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[tuple[datetime, str, str]] = field(default_factory=list)
    faults: dict[tuple[str, str], list[Exception | str]] = field(default_factory=dict)
    timeline: dict[str, list[Post]] = field(default_factory=dict)
    replies: dict[tuple[str, str], Published] = field(default_factory=dict)
    schedules: str = "no"
    held: dict[str, tuple[str, str, str, datetime]] = field(default_factory=dict)
    edited: dict[tuple[str, str], str] = field(default_factory=dict)
    by_words: bool = False

    def take(self, account: str, key: str, text: str, at: datetime) -> Published:
        """One more post."""
        self.accepted.append((account, key, text))
        number = str(len(self.accepted))
        published = Published(number, "uri", f"https://one.example/{number}", at)
        self.replies[account, key] = published
        return published

    def keep(self, account: str, key: str, text: str, due: datetime) -> Published:
        """One more that waits for its time."""
        name = f"later-{len(self.held) + len(self.accepted) + 1}-{key[:6]}"
        self.held[name] = (account, key, text, due)
        return Published(name, "", "", due, scheduled=True)

    def time_goes_by(self, now: datetime) -> None:
        """Publishes what is due by the server's own clock."""
        for name, (account, key, text, due) in list(self.held.items()):
            if due <= now:
                del self.held[name]
                self.take(account, key, text, due)

    def fault(self, account: str, call: str, *what: Exception | str) -> None:
        """The next calls end so, one each: an error, or "drop" (the answer to a stored post is lost)."""
        self.faults.setdefault((account, call), []).extend(what)

    def texts(self, account: str) -> list[str]:
        return [text for name, _key, text in self.accepted if name == account]

    def requests(self, account: str, *calls: str) -> int:
        return sum(1 for _at, name, call in self.asked if name == account and (not calls or call in calls))


class FakeService:
    """One account on `Remote`; fills the `Service` port. `hang`: calls that tell `reached` and wait for `go`.

    `told`: what the open line tells, an error ends it; `lines`: how many were opened, how many closed. `marks`: the
    reading places that it keeps, None where it keeps none; they are numbers. `tags`: those followed there.
    """

    def __init__(self, account: Account, remote: Remote, clock: Clock) -> None:
        self.account = account
        self.remote = remote
        self.clock = clock
        self.capabilities = Capabilities(
            quote=True,
            bookmark=True,
            edit=True,
            search=True,
            content_warning=True,
            visibilities=tuple(Visibility),
            max_length=60,
            max_media=1,
            idempotency=remote.idempotency,
            key_minutes=60,
            schedule=remote.schedules != "no",
        )
        self.looked_for: list[Json] = []
        self.profile = Profile(
            SafeText(account.handle), SafeText("Anna Ek"), SafeText("Anna Ek, Grönkvist"), account.remote_id
        )
        self.pages: list[Page] = []
        self.cursors: list[tuple[str | None, str | None]] = []
        self.own: list[Post] = []
        self.since: list[datetime] = []
        self.found: dict[str, Page] = {}
        self.notices = NotificationPage()
        self.hang: set[str] = set()
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self.deleted: list[str] = []
        self.told: asyncio.Queue[StreamEvent | Exception] = asyncio.Queue()
        self.lines = [0, 0]
        self.marks: dict[str, str] | None = None
        self.places: Collection[str] = ("home", "notifications")
        self.tags: Sequence[str] | Exception = ()
        self.dies_after = False
        self.verify_tells_all = False

    async def _call(self, name: str) -> str:
        """Raises what was programmed; gives "drop" where the answer shall be lost after the work is done."""
        self.remote.asked.append((self.clock.now(), self.account.name, name))
        if name in self.hang:
            self.reached.set()
            await self.go.wait()
        waiting = self.remote.faults.get((self.account.name, name))
        fault = waiting.pop(0) if waiting else ""
        if isinstance(fault, Exception):
            raise fault
        if not self.remote.online:
            raise UnreachableError("no network", account=self.account.name)
        return fault

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return Length(len(text) + len(cw), self.capabilities.max_length)

    async def load_capabilities(self) -> Capabilities:
        await self._call("load_capabilities")
        return self.capabilities

    async def verify(self) -> Profile:
        await self._call("verify")
        return self.profile

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        await self._call("page")
        self.cursors.append((before, after))
        return self.pages.pop(0) if self.pages else Page()

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        await self._call("own_posts")
        self.since.append(since)
        return [post for post in self.own if post.created_at >= since]

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        await self._call("search")
        return self.found.get(query, Page())

    async def post(self, remote_id: str) -> Post:
        await self._call("post")
        return a_post(self.account.name, remote_id)

    async def thread(self, post: Post) -> Thread:
        return Thread((), post, ())

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        await self._call("notifications")
        return self.notices

    async def followed_tags(self) -> Sequence[str]:
        if isinstance(self.tags, Exception):
            raise self.tags
        return self.tags

    async def sign_out(self) -> None:
        await self._call("sign_out")

    async def read_marks(self) -> Mapping[str, str]:
        if self.marks is None:
            raise UnsupportedError("no marks here", account=self.account.name)
        await self._call("read_marks")
        return dict(self.marks)

    async def set_mark(self, place: str, mark: str) -> bool:
        assert self.marks is not None
        if await self._call("set_mark") == "raced":
            return False
        self.marks[place] = mark
        return True

    def mark(self, remote_id: str, at: datetime) -> str:
        return remote_id

    def reaches(self, mark: str, other: str) -> bool:
        return int(other) <= int(mark)

    async def prepare(self, outgoing: Outgoing) -> Json:
        await self._call("prepare")
        return {
            "key": outgoing.key,
            "text": outgoing.text,
            "reply_to": outgoing.reply_to.id if outgoing.reply_to else "",
            "quote_of": outgoing.quote_of.id if outgoing.quote_of else "",
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else "",
            "due": outgoing.due.isoformat() if outgoing.due else "",
            "poll": list(outgoing.poll.choices) if outgoing.poll else [],
        }

    async def publish(self, prepared: Json) -> Published:
        if self.dies_after:  # the program is killed with the answer on its way
            self._store(prepared)
        fault = await self._call("publish")
        known = self._store(prepared)
        if fault == "drop":
            raise OutcomeUnknownError("no answer came", account=self.account.name)
        return Published("", "", "", known.at) if fault == "nowhere" else known

    def _store(self, prepared: Json) -> Published:
        name, key, text = self.account.name, str(prepared["key"]), str(prepared["text"])
        if prepared["edit_of"]:
            self.remote.edited[name, str(prepared["edit_of"])] = text
            return Published(str(prepared["edit_of"]), "uri", "https://one.example/1", self.clock.now())
        known = self._known(prepared)
        if known is not None:
            return known
        if prepared["due"] and self.remote.schedules == "yes":
            return self.remote.keep(name, key, text, datetime.fromisoformat(str(prepared["due"])))
        return self.remote.take(name, key, text, self.clock.now())

    def _known(self, prepared: Json) -> Published | None:
        """What makes a repeat harmless on this kind of server; a key is only honoured for its time."""
        known = self._found(prepared)
        if known is None or self.remote.idempotency is Idempotency.READ_BACK:
            return None
        if known.scheduled:
            return known
        young = self.clock.now() - known.at < timedelta(minutes=self.capabilities.key_minutes)
        return known if young or self.remote.idempotency is Idempotency.CLIENT_ID else None

    def _found(self, prepared: Json) -> Published | None:
        name, key = self.account.name, str(prepared["key"])
        waiting = next((each for each, held in self.remote.held.items() if held[:2] == (name, key)), None)
        if waiting is not None:
            return Published(waiting, "", "", self.remote.held[waiting][3], scheduled=True)
        return self.remote.replies.get((name, key))

    async def find(self, prepared: Json) -> Published | None:
        await self._call("find")
        self.looked_for.append(prepared)
        if prepared["edit_of"]:
            is_so = self.remote.edited.get((self.account.name, str(prepared["edit_of"]))) == prepared["text"]
            return Published(str(prepared["edit_of"]), "uri", "", self.clock.now()) if is_so else None
        return self._found_by_words(prepared) if self.remote.by_words else self._found(prepared)

    def _found_by_words(self, prepared: Json) -> Published | None:
        """The newest of the same words that no other row has become, as a service does that knows no key."""
        taken = prepared["taken"]
        assert isinstance(taken, list)
        for number, (account, key, text) in reversed(list(enumerate(self.remote.accepted, 1))):
            if (account, text) == (self.account.name, prepared["text"]) and str(number) not in taken:
                return self.remote.replies[account, key]
        return None

    async def scheduled(self) -> Sequence[Waiting]:
        await self._call("scheduled")
        return [
            Waiting(name, SafeText(text), due)
            for name, (account, _key, text, due) in self.remote.held.items()
            if account == self.account.name
        ]

    async def unschedule(self, id: str) -> bool:
        await self._call("unschedule")
        return self.remote.held.pop(id, None) is not None

    async def delete(self, post: Post) -> None:
        await self._call("delete")
        self.deleted.append(post.id)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        await self._call("like")
        return replace(post.mine, liked=on, like_ref="L" if on else "")

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        fault = await self._call("boost")
        if fault == "drop":
            raise OutcomeUnknownError("no answer came", account=self.account.name)
        return replace(post.mine, boosted=on, boost_ref="B" if on else "")

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        await self._call("vote")
        assert post.poll is not None
        given = (
            replace(choice, votes=(choice.votes or 0) + 1, mine=True) if place in choices else choice
            for place, choice in enumerate(post.poll.choices)
        )
        return replace(post.poll, choices=tuple(given), voted=True)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        await self._call("bookmark")
        return replace(post.mine, bookmarked=on)

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        await self._call("stream")
        self.told = asyncio.Queue()
        self.lines[0] += 1
        try:
            yield StreamOpened()
            while True:
                event = await self.told.get()
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.lines[1] += 1


class FakeServices:
    """Fills the `Services` port; the local service stays the real one."""

    def __init__(self, remote: Remote, clock: Clock, local: Callable[[Account], Service]) -> None:
        self.remote = remote
        self.clock = clock
        self.local = local
        self.opened: dict[str, FakeService] = {}
        self.skew: list[tuple[str, float]] = []

    def names(self) -> tuple[str, ...]:
        return ("bluesky", "feed", "local", "mastodon")

    def title(self, service: str) -> str:
        return service

    def login_form(self, service: str) -> LoginForm:
        return LoginForm()

    async def sign_in(self, request: SignIn, dialog: LoginDialog) -> SignedIn:
        return SignedIn(request.account, request.secret, self.fake(request.account).profile)

    def open(self, account: Account) -> Service:
        return self.local(account) if account.service == "local" else self.fake(account)

    def fake(self, account: Account) -> FakeService:
        if account.name not in self.opened:
            self.opened[account.name] = FakeService(account, self.remote, self.clock)
        return self.opened[account.name]

    async def forget(self, account: str) -> None:
        self.opened.pop(account, None)

    def skew_seconds(self) -> Sequence[tuple[str, float]]:
        return tuple(self.skew)

    async def warm(self, services: Iterable[str] = ()) -> None:
        return

    async def aclose(self) -> None:
        return


def a_post(account: str = "work", remote_id: str = "1", text: str = "Hello", **fields: Any) -> Post:
    """A post by somebody else, unless `author` says otherwise."""
    given: dict[str, Any] = {
        "service": {"work": "mastodon", "sky": "bluesky"}.get(account, "local"),
        "uri": f"https://else.example/posts/{account}-{remote_id}",
        "author": Author(SafeText("bo@else.example"), SafeText("Bo"), remote_id="bo"),
        "created_at": TUESDAY - timedelta(minutes=5),
    }
    return Post(account, remote_id=remote_id, text=SafeText(text), **(given | fields))


def mine(account: str = "work", remote_id: str = "1", text: str = "Mine", **fields: Any) -> Post:
    """An own post, as another client may have sent it."""
    return a_post(account, remote_id, text, author=Author(SafeText("anna"), remote_id=f"me-{account}"), **fields)


def a_draft(text: str = "Hej", *accounts: str, **fields: Any) -> Draft:
    return Draft(text, accounts or ("work",), **fields)
