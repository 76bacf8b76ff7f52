"""The demo's services: in memory, deterministic for a given start, shaped like the real ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mbclient.core.abilities import Waiting
from mbclient.core.ports import (
    HOME,
    Clock,
    Feed,
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
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Length
from mbclient.domain.errors import RejectedError, UnsupportedError, UsageError
from mbclient.domain.lengths import grapheme_length, mastodon_length
from mbclient.domain.poll import Poll
from mbclient.domain.post import (
    Author,
    Link,
    Media,
    Mine,
    Post,
    PostKind,
    Quoted,
    Visibility,
)
from mbclient.domain.safetext import SafeText
from mbclient.services.demo import polls
from mbclient.services.demo.abilities import CAPABILITIES
from mbclient.services.demo.notices import notifications
from mbclient.services.demo.script import LINES, OWN, PEOPLE, Line, Person
from mbclient.texts import _

DAYS = 14
EVERY = timedelta(minutes=47)  # between two posts of one service in the past
TRICKLE = timedelta(seconds=25)  # between two new ones while the demo runs


class DemoService:
    """One made-up account. Cursors are post ids; publishing is repeatable by key."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self.account = account
        self._clock = clock
        self._start = clock.now()
        self._told = 0  # lines of the script used for the past
        self._came = 0  # lines that came in since the start
        self._posts: list[Post] = []
        self._by_key: dict[str, Published] = {}
        self._held: dict[str, tuple[Waiting, dict[str, str]]] = {}
        self._next = 1
        self._seed()

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self.account.service]

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        """As the service that is imitated counts."""
        count = {"mastodon": lambda: mastodon_length(text, cw), "misskey": lambda: len(text)}
        used = count.get(self.account.service, lambda: grapheme_length(text))()
        return Length(used, self.capabilities.max_length)

    # ------------------------------------------------------------ the made-up past and present

    def _seed(self) -> None:
        """Two weeks back to now, oldest first, with a few own posts on every working day."""
        lines = LINES[self.account.service]
        apart = timedelta(minutes=17) * tuple(LINES).index(self.account.service)  # no two services in step
        at = self._start - timedelta(days=DAYS) + apart
        number = 0
        while at < self._start - timedelta(minutes=2):
            self._add(self._from_line(lines[number % len(lines)], at))
            day = (self._start - at).days
            if self.account.service != "misskey" and number % (5 + day % 4) == 2:
                own = OWN[number % len(OWN)]
                self._add(self._post(Person(self.account.handle, "Anna Ek"), own, at + timedelta(minutes=9)))
            number += 1
            at += EVERY + timedelta(minutes=(number * 13) % 37)
        self._told = number

    def _trickle(self) -> None:
        """What has come in since the last look."""
        lines = LINES[self.account.service]
        due = int((self._clock.now() - self._start) / TRICKLE)
        while self._came < due:
            self._came += 1
            line = lines[(self._told + self._came) % len(lines)]
            self._add(self._from_line(line, self._start + TRICKLE * self._came))

    def _add(self, post: Post) -> Post:
        self._posts.append(post)
        return post

    def _id(self) -> str:
        self._next += 1
        return str(100_000 + self._next)

    def _person(self, handle: str) -> Person:
        return next(person for person in PEOPLE[self.account.service] if person.handle == handle)

    def _from_line(self, line: Line, at: datetime) -> Post:
        post = self._post(self._person(line.who), line.text, at)
        kind = PostKind.REPLY if line.reply else PostKind.POST
        mentions = (SafeText(self.account.handle),) if line.text.startswith("@anna") else ()
        changes = replace(
            post,
            kind=kind,
            tags=tuple(SafeText(tag) for tag in line.tags),
            lang=line.lang,
            cw=SafeText(line.cw) if line.cw else None,
            sensitive=bool(line.cw),
            media=(Media("image", SafeText(line.alt)),) if line.alt else (),
            links=(Link(line.link),) if line.link else (),
            poll=polls.asked_by_others(line.poll, at),
            mentions=mentions,
            text=SafeText(f"{line.text} {line.link}".strip()),
        )
        if not line.boosted_by:
            return changes
        booster = self._author(self._person(line.boosted_by))
        return replace(
            changes,
            kind=PostKind.BOOST,
            boosted_by=booster,
            boost_id=self._id(),
            boosted_at=at,
            created_at=at - timedelta(hours=3),
        )

    def _author(self, person: Person) -> Author:
        host = person.handle.rpartition("@")[2]
        return Author(SafeText(person.handle), SafeText(person.name), f"https://{host}/", person.handle)

    def _post(self, person: Person, text: str, at: datetime) -> Post:
        remote_id = self._id()
        author = self._author(person)
        address = f"{author.url}{remote_id}"
        return Post(
            account=self.account.name,
            service=self.account.service,
            remote_id=remote_id,
            uri=address,
            url=address,
            author=author,
            text=SafeText(text),
            created_at=at,
            lang="en",
        )

    # ------------------------------------------------------------ reading

    async def load_capabilities(self) -> Capabilities:
        return self.capabilities

    async def verify(self) -> Profile:
        text = "Anna Ek, Harbour & Sons. Made up for the demo."
        return Profile(SafeText(self.account.handle), SafeText("Anna Ek"), SafeText(text), self.account.handle)

    def _newest_first(self) -> list[Post]:
        self._trickle()
        return sorted(self._posts, key=lambda post: post.sorted_at, reverse=True)

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        posts = self._newest_first()
        if feed.kind == "author":
            posts = [post for post in posts if post.author.remote_id == feed.name]
        elif feed.kind == "tag":
            posts = [post for post in posts if feed.name.casefold() in (str(tag).casefold() for tag in post.tags)]
        places = {post.entry_id: place for place, post in enumerate(posts)}
        if after is not None:
            posts = posts[: places.get(after, len(posts))]
        elif before is not None:
            posts = posts[places.get(before, len(posts)) + 1 :]
        shown = posts[:limit] if after is None else posts[-limit:]
        if not shown:
            return Page(newer=after)
        more = after is not None or len(posts) > len(shown)
        return Page(tuple(shown), shown[-1].entry_id if more else None, shown[0].entry_id)

    def everything(self) -> Sequence[Post]:
        """The whole made-up past, to fill the archive with before the first paint."""
        return self._newest_first()

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        mine = self.account.handle
        return [p for p in self._newest_first() if p.author.remote_id == mine and p.created_at >= since]

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        words = query.casefold().replace("#", "").replace('"', "").split()
        found = [p for p in self._newest_first() if all(word in p.text.casefold() for word in words)]
        return Page(tuple(found[:limit]))

    async def post(self, remote_id: str) -> Post:
        for post in self._posts:
            if post.remote_id == remote_id:
                return post
        raise RejectedError(_("the demo has no such post"), account=self.account.name, status=404)

    async def thread(self, post: Post) -> Thread:
        known = await self.post(post.remote_id)
        parent = [p for p in self._posts if p.remote_id == known.in_reply_to]
        answers = [p for p in self._posts if p.in_reply_to == known.remote_id]
        if not answers and str(known.author.handle) != self.account.handle:
            answers = self._invent_answers(known)
        return Thread(tuple(parent), known, tuple(answers))

    def _invent_answers(self, post: Post) -> list[Post]:
        people = [p for p in PEOPLE[self.account.service] if p.handle != str(post.author.handle)]
        words = ("Thanks, shared with the team.", "We saw the same last week; a restart was not enough.", "+1, noted.")
        answers = []
        for number, person in enumerate(people[:3]):
            answer = self._post(person, words[number], post.created_at + timedelta(minutes=4 * (number + 1)))
            answers.append(replace(answer, kind=PostKind.REPLY, in_reply_to=post.remote_id))
        return answers

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        told = notifications(self.account, self._newest_first(), self._author)
        return NotificationPage(tuple(told[:limit]))

    # ------------------------------------------------------------ writing

    async def prepare(self, outgoing: Outgoing) -> dict[str, object]:
        quoted = outgoing.quote_of
        return {
            "key": outgoing.key,
            "text": outgoing.text,
            "cw": outgoing.cw,
            "visibility": outgoing.visibility.value,
            "reply_to": outgoing.reply_to.remote_id if outgoing.reply_to else None,
            "quote_of": quoted.remote_id if quoted else None,
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else None,
            "due": outgoing.due.isoformat() if outgoing.due else "",
            "poll": polls.prepared(outgoing),
        }

    async def publish(self, prepared: object) -> Published:
        assert isinstance(prepared, dict)
        known = self._by_key.get(prepared["key"])
        if known is not None:
            return known
        now = self._clock.now()
        if prepared["due"]:
            return self._keep(prepared)
        if prepared["edit_of"]:
            post = replace(await self.post(prepared["edit_of"]), text=SafeText(prepared["text"]), edited_at=now)
            self._swap(post)
        else:
            post = self._add(await self._compose(prepared, now))
        published = Published(post.remote_id, post.uri, post.url, now, post)
        self._by_key[prepared["key"]] = published
        return published

    def _keep(self, prepared: dict[str, str]) -> Published:
        due = datetime.fromisoformat(prepared["due"])
        held = Waiting(f"later-{self._id()}", SafeText(prepared["text"]), due)
        self._held[held.id] = (held, prepared)
        published = self._by_key[prepared["key"]] = Published(held.id, "", "", due, scheduled=True)
        return published

    async def _publish_due(self) -> None:
        """What a server does at the time, with nobody asking."""
        for held, prepared in list(self._held.values()):
            if held.due <= self._clock.now():
                del self._held[held.id], self._by_key[prepared["key"]]
                await self.publish({**prepared, "due": ""})

    async def scheduled(self) -> Sequence[Waiting]:
        await self._publish_due()
        return [held for held, _prepared in self._held.values()]

    async def unschedule(self, id: str) -> bool:
        await self._publish_due()
        held = self._held.pop(id, None)
        if held is not None:
            del self._by_key[held[1]["key"]]
        return held is not None

    async def _compose(self, prepared: Mapping[str, Any], now: datetime) -> Post:
        post = self._post(Person(self.account.handle, "Anna Ek"), prepared["text"], now)
        kind, quoted = PostKind.POST, None
        if prepared["reply_to"]:
            kind = PostKind.REPLY
        if prepared["quote_of"]:
            kind = PostKind.QUOTE
            source = await self.post(prepared["quote_of"])
            quoted = Quoted(source.author, source.text, source.url, source.remote_id, visibility=source.visibility)
        return replace(
            post,
            kind=kind,
            quoted=quoted,
            in_reply_to=prepared["reply_to"],
            cw=SafeText(prepared["cw"]) if prepared["cw"] else None,
            visibility=Visibility(prepared["visibility"]),
            poll=polls.asked_here(prepared["poll"], now),
        )

    async def find(self, prepared: object) -> Published | None:
        await self._publish_due()
        assert isinstance(prepared, dict)
        return self._by_key.get(prepared["key"])

    async def delete(self, post: Post) -> None:
        self._posts = [known for known in self._posts if known.remote_id != post.remote_id]

    def _swap(self, post: Post) -> None:
        self._posts = [post if known.remote_id == post.remote_id else known for known in self._posts]

    def _mark(self, post: Post, mine: Mine) -> Mine:
        self._posts = [replace(p, mine=mine) if p.remote_id == post.remote_id else p for p in self._posts]
        return mine

    async def followed_tags(self) -> Sequence[str]:
        return ("certificates", "postgres")

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return self._mark(post, replace(post.mine, liked=on))

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        return self._mark(post, replace(post.mine, boosted=on))

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        if not self.capabilities.bookmark:
            raise UnsupportedError(
                _("{account} has no bookmarks").format(account=self.account.name), account=self.account.name
            )
        return self._mark(post, replace(post.mine, bookmarked=on))

    async def vote(self, post: Post, choices: Sequence[int]) -> Poll:
        known = await self.post(post.remote_id)
        assert known.poll is not None
        voted = polls.voted_in(known.poll, choices)
        self._swap(replace(known, poll=voted))
        return voted

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        raise UnsupportedError(_("the demo has no stream"), account=self.account.name)
        yield  # pragma: no cover - makes this a generator


class DemoServices:
    """Fills the `Services` port without a single socket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, DemoService] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(CAPABILITIES)

    def title(self, service: str) -> str:
        return f"{service.capitalize()} (demo)"

    def login_form(self, service: str) -> LoginForm:
        return LoginForm()

    async def sign_in(self, request: SignIn, dialog: LoginDialog) -> SignedIn:
        raise UsageError(_("the demo knows no real accounts"), _("start mbclient without --demo to add one"))

    def open(self, account: Account) -> Service:
        return self.demo(account)

    def demo(self, account: Account) -> DemoService:
        known = self._open.get(account.name)
        if known is None:
            known = self._open[account.name] = DemoService(account, self._clock)
        return known

    async def forget(self, account: str) -> None:
        self._open.pop(account, None)

    def skew_seconds(self) -> Sequence[tuple[str, float]]:
        return ()

    async def warm(self, services: Iterable[str] = ()) -> None:
        """There is nothing to warm."""

    async def aclose(self) -> None:
        """There is nothing to close."""
