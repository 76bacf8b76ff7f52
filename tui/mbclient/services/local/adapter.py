"""One account on the local service."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from mbclient import __version__
from mbclient.core.ports import (
    HOME,
    Feed,
    Json,
    NotificationPage,
    Outgoing,
    Page,
    PostDeleted,
    Profile,
    Published,
    StreamEvent,
    StreamOpened,
    Thread,
)
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import RejectedError, UnreachableError, UnsupportedError
from mbclient.domain.lengths import grapheme_length
from mbclient.domain.post import Mine, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.kit import Kit
from mbclient.services.local.board import Board
from mbclient.services.local.hub import Hub, hub_of
from mbclient.services.local.news import News, notification
from mbclient.services.local.rows import SELECT, VISIBLE, Reader, folded, item, milliseconds, moment, storable
from mbclient.services.local.writes import MAX_LENGTH, Writer, number_of
from mbclient.texts import _

T = TypeVar("T")
MAX_PAGE = 200
ELSEWHERE_S = 30.0  # between two looks for what other programs wrote
CAPABILITIES = Capabilities(
    quote=True,
    bookmark=True,
    edit=True,
    search=True,
    stream=True,
    content_warning=True,
    language=True,
    visibilities=tuple(Visibility),
    feeds=("home", "local", "tag", "author"),
    max_length=MAX_LENGTH,
    idempotency=Idempotency.CLIENT_ID,
    software="mbclient",
    version=__version__,
)


def handle_of(account: Account) -> str:
    return account.handle or account.name


def profile_of(handle: str) -> Profile:
    """The notebook has no biography: nobody else reads it (policy facts 3.4)."""
    name = SafeText.line(handle)
    return Profile(name, name, name, remote_id=handle)


class LocalService:
    """Fills the `Service` port. Accounts on the same computer see one another; a direct post only whom it mentions."""

    def __init__(self, account: Account, kit: Kit) -> None:
        self._account = account
        self._clock = kit.clock
        self._board = Board(kit.data_file)
        self._hub: Hub = hub_of(Path(kit.data_file))
        self._me = storable(handle_of(account))
        self._reader = Reader(account.name, self._me)
        self._writer = Writer(account.name, self._me)

    @property
    def account(self) -> Account:
        return self._account

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def measure(self, text: str, cw: str = "", *, reply: bool = False) -> Length:
        return Length(grapheme_length(text) + grapheme_length(cw), MAX_LENGTH)

    async def load_capabilities(self) -> Capabilities:
        return CAPABILITIES

    def register(self) -> None:
        """Makes the account known on the board. Blocking."""
        with self._faults(), self._board.writing() as db:
            self._writer.register(db, self._now())

    async def verify(self) -> Profile:
        await asyncio.to_thread(self.register)
        return profile_of(self._me)

    # ------------------------------------------------------------ reading

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        where, values = self._feed(feed)
        return await self._read(lambda db: self._page(db, where, values, before, after, limit))

    def _feed(self, feed: Feed) -> tuple[str, dict[str, object]]:
        if feed.kind == "home":
            return "TRUE", {}
        if feed.kind == "local":
            return "visibility = 'public'", {}
        if feed.kind == "author":
            return "author = :author", {"author": storable(feed.name)}
        if feed.kind == "tag":
            tag = folded(storable(feed.name).removeprefix("#"))
            return "id IN (SELECT item FROM local_tag WHERE tag = :tag)", {"tag": tag}
        raise UnsupportedError(
            _("the local service has no feed {kind}").format(kind=feed.kind), account=self._account.name
        )

    def _page(
        self,
        db: sqlite3.Connection,
        where: str,
        values: dict[str, object],
        before: str | None,
        after: str | None,
        limit: int,
    ) -> Page:
        """With `after`, the page directly above it: nothing is left out between, however long one was away."""
        bounds = {"above": self._cursor(after, 0), "below": self._cursor(before, (1 << 63) - 1)}
        limit = max(1, min(limit, MAX_PAGE))
        rows = db.execute(
            f"{SELECT} WHERE id > :above AND id < :below AND ({where}) AND {VISIBLE}"
            f" ORDER BY id {'ASC' if after is not None else 'DESC'} LIMIT :limit",
            {**values, **bounds, **self._who(), "limit": limit + 1},
        ).fetchall()
        more = len(rows) > limit
        rows = rows[:limit]
        if after is not None:
            rows.reverse()
        posts = self._reader.posts(db, rows)
        if not rows:
            return Page()
        has_older = more if after is None else True
        return Page(posts, older=str(rows[-1]["id"]) if has_older else None, newer=str(rows[0]["id"]))

    def _cursor(self, cursor: str | None, default: int) -> int:
        if cursor is None:
            return default
        if not number_of(cursor):
            raise RejectedError(_("this is no place in the timeline"), account=self._account.name, status=422)
        return number_of(cursor)

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        values = {**self._who(), "since": milliseconds(since)}
        return await self._posts("author = :me AND boost_of IS NULL AND created_at >= :since", values)

    async def _posts(self, where: str, values: dict[str, object]) -> tuple[Post, ...]:
        statement = f"{SELECT} WHERE {where} ORDER BY id DESC"
        return await self._read(lambda db: self._reader.posts(db, db.execute(statement, values).fetchall()))

    async def search(self, query: str, *, before: str | None = None, limit: int = 40) -> Page:
        """Posts that hold every word of the query, anywhere."""
        words = folded(storable(query)).replace('"', " ").split()
        if not words:
            return Page()
        values: dict[str, object] = {f"word{n}": word for n, word in enumerate(words[:50])}
        where = "boost_of IS NULL AND " + " AND ".join(f"instr(words, :{name}) > 0" for name in values)
        return await self._read(lambda db: self._page(db, where, values, before, None, limit))

    async def post(self, remote_id: str) -> Post:
        return await self._read(lambda db: self._one(db, remote_id))

    def _one(self, db: sqlite3.Connection, remote_id: str) -> Post:
        row = item(db, self._me, number_of(remote_id))
        found = self._reader.post(db, row) if row is not None else None
        if found is None:
            raise self._writer.refused(
                _("there is no post {id}").format(id=remote_id), _("it may have been deleted"), 404
            )
        return found

    async def thread(self, post: Post) -> Thread:
        return await self._read(lambda db: self._thread(db, post.remote_id))

    def _thread(self, db: sqlite3.Connection, remote_id: str) -> Thread:
        """A reply is always younger than what it answers: neither walk can turn in a circle."""
        middle = self._one(db, remote_id)
        ancestors: list[Post] = []
        above = middle.in_reply_to
        while above is not None and (row := item(db, self._me, number_of(above))) is not None:
            ancestors[:0] = self._reader.posts(db, [row])
            above = ancestors[0].in_reply_to
        descendants: list[Post] = []
        waiting = self._replies(db, middle)
        while waiting:
            descendants.append(waiting.pop())
            waiting += self._replies(db, descendants[-1])
        return Thread(tuple(ancestors), middle, tuple(descendants))

    def _replies(self, db: sqlite3.Connection, post: Post) -> list[Post]:
        """Newest first: the oldest is taken from the end."""
        values = {**self._who(), "parent": number_of(post.remote_id)}
        rows = db.execute(f"{SELECT} WHERE reply_to = :parent AND {VISIBLE} ORDER BY id DESC", values).fetchall()
        return list(self._reader.posts(db, rows))

    async def notifications(self, *, before: str | None = None, limit: int = 40) -> NotificationPage:
        return await self._read(lambda db: self._notices(db, self._cursor(before, (1 << 63) - 1), limit))

    def _notices(self, db: sqlite3.Connection, below: int, limit: int) -> NotificationPage:
        limit = max(1, min(limit, MAX_PAGE))
        rows = db.execute(
            "SELECT * FROM local_notice WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (self._me.casefold(), below, limit + 1),
        ).fetchall()
        found = [notification(db, row, self._account.name, self._me, self._reader) for row in rows[:limit]]
        return NotificationPage(tuple(found), str(rows[limit - 1]["id"]) if len(rows) > limit else None)

    # ------------------------------------------------------------ writing

    async def prepare(self, outgoing: Outgoing) -> Json:
        if outgoing.media:
            raise UnsupportedError(
                _("the local service keeps no media"), _("send it without"), account=self._account.name
            )
        if outgoing.due is not None:
            raise UnsupportedError(_("the local service does not plan posts"), account=self._account.name)
        return {
            "key": outgoing.key,
            "text": outgoing.text,
            "cw": outgoing.cw,
            "lang": outgoing.lang,
            "visibility": outgoing.visibility.value,
            "reply_to": outgoing.reply_to.remote_id if outgoing.reply_to else "",
            "quote_of": outgoing.quote_of.remote_id if outgoing.quote_of else "",
            "edit_of": outgoing.edit_of.remote_id if outgoing.edit_of else "",
        }

    async def publish(self, prepared: Json) -> Published:
        def write(db: sqlite3.Connection) -> Published:
            return self._published(db, *self._writer.publish(db, prepared, self._now())[:2])

        published = await self._write(write)
        self._hub.tell()
        return published

    def _published(self, db: sqlite3.Connection, number: int, at: int) -> Published:
        row = item(db, self._me, number)
        post = self._reader.post(db, row) if row is not None else None
        return Published(str(number), f"urn:mbclient:local:{number}", "", moment(at), post)

    async def find(self, prepared: Json) -> Published | None:
        def read(db: sqlite3.Connection) -> Published | None:
            sent = self._writer.sent(db, storable(str(prepared["key"])))
            return None if sent is None else self._published(db, *sent)

        return await self._read(read)

    async def delete(self, post: Post) -> None:
        self._hub.tell(await self._write(lambda db: self._writer.delete(db, post.remote_id)))

    async def set_liked(self, post: Post, on: bool) -> Mine:
        return await self._mark(post, "like", on)

    async def set_bookmarked(self, post: Post, on: bool) -> Mine:
        return await self._mark(post, "bookmark", on)

    async def _mark(self, post: Post, kind: str, on: bool) -> Mine:
        row = await self._write(lambda db: self._writer.mark(db, post.remote_id, kind, on, self._now()))
        self._hub.tell()
        return _mine(row)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        row, undone = await self._write(lambda db: self._writer.boost(db, post.remote_id, on, self._now()))
        self._hub.tell(undone)
        return _mine(row)

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """At once what this program's accounts do; what another program does, within half a minute."""
        news = News(self._account.name, self._me, self._reader)
        with self._hub.listening() as changes:
            await self._read(news.look)
            yield StreamOpened()
            while True:
                gone: tuple[int, ...] = ()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ELSEWHERE_S):
                        gone = await changes.get()
                for number in gone:
                    yield PostDeleted(str(number))
                for event in await self._read(news.look):
                    yield event

    # ------------------------------------------------------------ the board

    def _who(self) -> dict[str, object]:
        return {"me": self._me, "me_folded": self._me.casefold()}

    def _now(self) -> int:
        return milliseconds(self._clock.now())

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._run, work, writing=False)

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._run, work, writing=True)

    def _run(self, work: Callable[[sqlite3.Connection], T], *, writing: bool) -> T:
        with self._faults(), self._board.writing() if writing else self._board.reading() as db:
            return work(db)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """A fault of the file leaves nothing half written: it may be tried again."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise UnreachableError(
                _("the local service's file could not be used: {why}").format(why=error),
                _("check the disk and try again; nothing was written"),
                account=self._account.name,
            ) from error


def _mine(row: sqlite3.Row) -> Mine:
    return Mine(bool(row["liked"]), bool(row["boosted"]), bool(row["bookmarked"]))
