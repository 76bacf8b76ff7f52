"""The local service: the adapters' suite, and what is its own."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from mbclient.core.ports import (
    Feed,
    LoginDialog,
    Outgoing,
    PostDeleted,
    PostEdited,
    SignIn,
    StreamEvent,
    StreamOpened,
)
from mbclient.domain.account import Account
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RejectedError, UnreachableError, UnsupportedError
from mbclient.domain.post import Notification, NotificationKind, Post, PostKind, Visibility
from mbclient.services.http import Http
from mbclient.services.kit import Kit
from mbclient.services.local import PLUGIN, adapter
from mbclient.services.local.adapter import LocalService
from mbclient.services.local.board import Board
from mbclient.services.local.hub import Hub
from tests.services.contract import AdapterContract, Bench, outgoing, unique

Open = Callable[[str], LocalService]


class Ticking:
    """A clock that a test sets; every look is a second later."""

    def __init__(self) -> None:
        self._time = datetime.now(UTC)
        self._seconds = itertools.count()

    def now(self) -> datetime:
        return self._time + timedelta(seconds=next(self._seconds))

    def jump(self, by: timedelta) -> None:
        self._time += by

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def kit(tmp_path: Path, clock: Ticking) -> Kit:
    return Kit(Http(clock), cast("Any", None), clock, tmp_path / "mbclient.db", tmp_path / "cache")


@pytest.fixture
def open_as(kit: Kit) -> Open:
    return lambda name: PLUGIN.open(Account(name, "local"), kit)


async def say(service: LocalService, text: str, **fields: Any) -> Post:
    published = await service.publish(await service.prepare(outgoing(text, **fields)))
    assert published.post is not None
    return published.post


def said(event: StreamEvent) -> str:
    assert isinstance(event, Post)
    return str(event.text)


async def texts(service: LocalService, feed: Feed | None = None) -> list[str]:
    return [str(post.text) for post in (await service.page(feed or Feed())).posts]


class LocalBench(Bench):
    def __init__(self, me: LocalService, other: LocalService, data_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(me)
        self._other = other
        self._data_file = data_file
        self._monkeypatch = monkeypatch

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [(await say(self._other, text)).remote_id for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return (await say(self._other, text, reply_to=post)).remote_id

    async def count(self, text: str) -> int:
        with closing(sqlite3.connect(self._data_file)) as db:
            row = db.execute("SELECT count(*) FROM local_item WHERE author = 'me' AND text = ?", (text,)).fetchone()
            return int(row[0])

    async def spoil(self) -> None:
        pytest.skip("every entry is the program's own: there is nobody who could write nonsense")

    async def fail(self, fault: str) -> None:
        if fault != "down":
            pytest.skip("a file does not sign out, limit, refuse or garble")
        plain = sqlite3.connect

        def once(*arguments: Any, **how: Any) -> sqlite3.Connection:
            self._monkeypatch.setattr(sqlite3, "connect", plain)
            raise sqlite3.OperationalError("unable to open database file")

        self._monkeypatch.setattr(sqlite3, "connect", once)

    async def lose_answer(self) -> None:
        pytest.skip("nothing lies between the file and the adapter")


class TestContract(AdapterContract):
    @pytest.fixture
    def bench(self, open_as: Open, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Bench:
        return LocalBench(open_as("me"), open_as("other"), kit.data_file, monkeypatch)


class TestSigningIn:
    async def test_needs_nothing_but_a_name(self, kit: Kit) -> None:
        assert (PLUGIN.form.secret, PLUGIN.form.url_required, PLUGIN.form.browser) == ("", False, False)
        dialog = cast("LoginDialog", None)  # never spoken to
        signed = await PLUGIN.sign_in(SignIn(Account("notes", "local")), dialog, kit)
        assert (signed.account.handle, signed.secret, signed.profile.handle) == ("notes", None, "notes")
        named = await PLUGIN.sign_in(SignIn(Account("notes", "local", handle="anna")), dialog, kit)
        assert named.account.handle == "anna"
        with pytest.raises(RejectedError, match="no name"):
            await PLUGIN.sign_in(SignIn(Account("notes", "local", handle="a b")), dialog, kit)

    async def test_the_file_is_private_from_the_start(self, kit: Kit, open_as: Open) -> None:
        await open_as("me").verify()
        assert stat.S_IMODE(kit.data_file.stat().st_mode) == 0o600

    async def test_a_newer_board_is_left_alone(self, kit: Kit, open_as: Open) -> None:
        await open_as("me").verify()
        with closing(sqlite3.connect(kit.data_file)) as db, db:
            db.execute("UPDATE local_version SET version = 99")
        with pytest.raises(UnsupportedError, match="newer"):
            await open_as("me").page()


class TestWhoSees:
    async def test_everybody_here_but_direct_only_whom_it_names(self, open_as: Open) -> None:
        anna, eva, nils = map(open_as, ("anna", "eva", "nils"))
        for visibility in (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS):
            await say(anna, visibility, visibility=visibility)
        secret = await say(anna, "to @Eva alone", visibility=Visibility.DIRECT)
        assert await texts(nils) == ["followers", "unlisted", "public"]
        assert await texts(eva) == ["to @Eva alone", "followers", "unlisted", "public"]
        assert await texts(anna) == await texts(eva)
        assert await texts(nils, Feed("local")) == ["public"]
        for refused in (nils.post(secret.remote_id), nils.set_liked(secret, True), say(nils, "x", reply_to=secret)):
            with pytest.raises(RejectedError, match="no post"):
                await cast("Awaitable[object]", refused)
        assert [post.text for post in (await nils.search("alone")).posts] == []
        quote = await say(eva, "she said", quote_of=secret)
        hidden = (await nils.post(quote.remote_id)).quoted
        assert hidden is not None
        assert (hidden.text, hidden.state) == ("", "deleted")

    async def test_a_narrow_post_is_not_boosted(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        narrow = await say(anna, "inside", visibility=Visibility.FOLLOWERS)
        with pytest.raises(RejectedError, match="not public"):
            await eva.set_boosted(narrow, True)

    async def test_only_ones_own_is_changed(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        post = await say(anna, "mine")
        with pytest.raises(RejectedError, match="not yours"):
            await eva.delete(post)
        with pytest.raises(RejectedError, match="not yours"):
            await say(eva, "changed", edit_of=post)
        assert await texts(anna) == ["mine"]


class TestReading:
    async def test_feeds(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        await say(anna, "about #Säkerhet")
        await say(eva, "nothing, see https://x.example/#säkerhet")
        assert await texts(eva, Feed("tag", "säkerhet")) == ["about #Säkerhet"]
        assert await texts(eva, Feed("author", "eva")) == ["nothing, see https://x.example/#säkerhet"]
        with pytest.raises(UnsupportedError, match="no feed"):
            await eva.page(Feed("list", "1"))
        with pytest.raises(RejectedError, match="no place"):
            await eva.page(before="yesterday")

    async def test_a_boost_is_an_entry_of_its_own(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        post = await say(anna, "good")
        await eva.set_boosted(post, True)
        boost, plain = (await anna.page()).posts
        assert (boost.kind, boost.remote_id, boost.uri) == (PostKind.BOOST, plain.remote_id, plain.uri)
        assert boost.boosted_by is not None
        assert (boost.boosted_by.handle, boost.boost_id != "", plain.counts.boosts) == ("eva", True, 1)
        await anna.delete(post)
        assert await texts(eva) == []

    async def test_what_a_text_holds(self, open_as: Open) -> None:
        post = await say(open_as("anna"), "Hej @eva och @Nils! #a #b_c https://x.example/p (mail a@b.example)")
        assert [str(name) for name in post.mentions] == ["eva", "Nils"]
        assert [str(tag) for tag in post.tags] == ["a", "b_c"]
        assert [link.url for link in post.links] == ["https://x.example/p"]

    async def test_a_thread_reads_in_order(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        root = await say(anna, "root")
        first = await say(eva, "1", reply_to=root)
        second = await say(eva, "2", reply_to=root)
        await say(anna, "2.1", reply_to=second)
        await say(anna, "1.1", reply_to=first)
        thread = await anna.thread(root)
        assert [str(post.text) for post in thread.descendants] == ["1", "1.1", "2", "2.1"]
        await anna.delete(root)
        left = await anna.thread(first)
        assert (left.ancestors, left.post.in_reply_to) == ((), root.remote_id)
        with pytest.raises(RejectedError, match="no post"):
            await anna.thread(root)

    async def test_search_wants_every_word_whatever_the_case(self, open_as: Open) -> None:
        anna = open_as("anna")
        await say(anna, "Räksmörgås på ÖN", cw="mat")
        for query, found in (("räksmörgås ön", 1), ("RÄKSMÖRGÅS MAT", 1), ("raksmorgas", 0), ("% _", 0), ("", 0)):
            assert len((await anna.search(query)).posts) == found, query

    async def test_notifications_by_kind_once_each(self, open_as: Open) -> None:
        anna, eva = open_as("anna"), open_as("eva")
        post = await say(anna, "look")
        await say(eva, "@anna yes @anna", reply_to=post)
        await say(eva, "@anna hello")
        await say(eva, "see", quote_of=post)
        await eva.set_liked(post, True)
        await eva.set_boosted(post, True)
        await anna.set_liked(post, True)
        kinds = [one.kind for one in (await anna.notifications()).notifications]
        expected = [NotificationKind.BOOST, NotificationKind.LIKE, NotificationKind.QUOTE]
        assert kinds == [*expected, NotificationKind.MENTION, NotificationKind.REPLY]
        await eva.set_liked(post, False)
        assert NotificationKind.LIKE not in [one.kind for one in (await anna.notifications()).notifications]
        assert (await eva.notifications()).notifications == ()
        first = await anna.notifications(limit=2)
        rest = await anna.notifications(before=first.older)
        assert len(first.notifications) + len(rest.notifications) == 4


class TestWriting:
    async def test_a_deleted_post_does_not_come_back_with_its_key(self, open_as: Open) -> None:
        anna = open_as("anna")
        prepared = await anna.prepare(outgoing("gone"))
        published = await anna.publish(prepared)
        assert published.post is not None
        await anna.delete(published.post)
        again = await anna.publish(prepared)
        assert (again.remote_id, again.post) == (published.remote_id, None)
        assert await texts(anna) == []

    async def test_ids_never_come_again(self, open_as: Open, clock: Ticking) -> None:
        anna = open_as("anna")
        first = await say(anna, "one")
        clock.jump(-timedelta(days=1))
        second = await say(anna, "two")
        await anna.delete(second)
        third = await say(anna, "three")
        numbers = [int(post.remote_id) for post in (first, second, third)]
        assert numbers == sorted(set(numbers))
        assert await texts(anna) == ["three", "one"]

    async def test_many_at_once_all_arrive(self, open_as: Open) -> None:
        services = [open_as(name) for name in ("a", "b", "c", "d")]
        await asyncio.gather(*(say(service, f"{n}") for service in services for n in range(10)))
        assert len(await texts(services[0])) == 40

    def test_programs_that_start_at_the_same_moment_all_get_the_file(self, tmp_path: Path) -> None:
        """Each turns the new file to WAL, where SQLite answers a clash at once instead of waiting."""
        together = threading.Barrier(6)

        def first_words(path: Path) -> None:
            together.wait()
            with Board(path).writing() as db:
                db.execute("SELECT 1")

        with ThreadPoolExecutor(6) as programs:
            for n in range(40):
                list(programs.map(first_words, [tmp_path / f"{n}.db"] * 6))

    def test_another_program_that_ends_takes_no_log_away(self, tmp_path: Path) -> None:
        """The stores have the same file open: were their locks let go, its log would be removed under them."""
        path = tmp_path / "mbclient.db"
        with closing(sqlite3.connect(path)) as stores:
            stores.execute("PRAGMA journal_mode = WAL")
            stores.execute("CREATE TABLE post (text)")
            stores.commit()
            with Board(path).writing():
                pass
            log = path.with_name("mbclient.db-wal")
            before = log.stat().st_ino
            program = (
                "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(*db.execute(sys.argv[2])); db.close()"
            )
            look = [sys.executable, "-c", program, str(path), "SELECT text FROM post"]
            assert subprocess.run(look, capture_output=True, text=True, check=True).stdout == "\n"
            assert log.exists()
            assert log.stat().st_ino == before
            stores.execute("INSERT INTO post VALUES ('Hej')")
            stores.commit()
            assert subprocess.run(look, capture_output=True, text=True, check=True).stdout == "('Hej',)\n"

    @pytest.mark.parametrize(
        "wrong",
        [{"text": "   "}, {"text": "å" * 5001}, {"text": "x" * 4990, "cw": "y" * 11}],
        ids=["empty", "long", "long with warning"],
    )
    async def test_what_is_refused_is_not_kept(self, open_as: Open, wrong: dict[str, str]) -> None:
        anna = open_as("anna")
        with pytest.raises(RejectedError):
            await anna.publish(await anna.prepare(outgoing(**wrong)))
        assert await texts(anna) == []

    async def test_media_and_plans_are_not_offered(self, open_as: Open) -> None:
        anna = open_as("anna")
        post = Outgoing("k", "text", datetime.now(UTC))
        for wrong in ({"media": (Attachment("x.png"),)}, {"due": datetime.now(UTC)}):
            with pytest.raises(UnsupportedError):
                await anna.prepare(outgoing(post.text, **wrong))

    async def test_text_that_no_file_can_hold_is_mended(self, open_as: Open) -> None:
        post = await say(open_as("anna"), "a\x00b\ud800c")
        assert post.text == "a\ufffdb\ufffdc"

    async def test_a_full_disk_is_said_and_leaves_nothing(self, open_as: Open, kit: Kit) -> None:
        anna = open_as("anna")
        await anna.verify()
        kit.data_file.with_name("mbclient.db-wal").unlink(missing_ok=True)
        kit.data_file.write_bytes(b"no database at all" * 100)
        with pytest.raises(UnreachableError, match="could not be used"):
            await say(anna, unique())


class TestStream:
    async def test_posts_and_boosts_of_others_here_and_not_what_is_hidden(self, open_as: Open) -> None:
        anna, eva, nils = map(open_as, ("anna", "eva", "nils"))
        post = await say(anna, "before")
        async with asyncio.timeout(10), aclosing(nils.stream()) as events:
            assert isinstance(await anext(events), StreamOpened)
            await say(anna, "only @eva", visibility=Visibility.DIRECT)
            await say(eva, "after")
            assert said(await anext(events)) == "after"
            await eva.set_boosted(post, True)
            boost = await anext(events)
            assert isinstance(boost, Post)
            assert boost.kind == PostKind.BOOST
            await eva.set_boosted(post, False)
            gone = await anext(events)
            assert gone == PostDeleted(boost.boost_id)
            await say(anna, "mended", edit_of=post)
            edited = await anext(events)
            assert isinstance(edited, PostEdited)
            assert edited.post.text == "mended"
            await nils.set_liked(post, True)  # my own deed is no news to me
            await say(anna, "@nils look")
            assert said(await anext(events)) == "@nils look"
            notice = await anext(events)
            assert isinstance(notice, Notification)
            assert notice.kind == NotificationKind.MENTION
            await anna.delete(post)
            assert await anext(events) == PostDeleted(post.remote_id)

    async def test_what_another_program_writes_comes_too(
        self, open_as: Open, kit: Kit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(adapter, "ELSEWHERE_S", 0.05)
        eva, nils = map(open_as, ("anna", "nils"))
        async with asyncio.timeout(10), aclosing(nils.stream()) as events:
            await anext(events)
            monkeypatch.setattr(Hub, "tell", lambda _self, _gone=(): None)  # as from another process: nobody says so
            await say(eva, "from elsewhere")
            assert said(await anext(events)) == "from elsewhere"
