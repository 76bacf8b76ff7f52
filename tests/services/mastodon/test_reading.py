"""Timelines, own posts, search, threads, the stream: paging without gaps, and what servers lack."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.ports import HOME, Feed, Page, PostDeleted, PostEdited, StreamOpened
from mbclient.domain.errors import RateLimitedError, UnreachableError, UnsupportedError, UsageError
from mbclient.domain.post import Post, PostKind
from mbclient.services.kit import Kit
from mbclient.services.mastodon import reading
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import all_newer, all_older
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer
from tests.services.wire import Request

HOME_PATH = "/api/v1/timelines/home"


def fill(server: MastodonServer, number: int, text: str = "post {}") -> list[str]:
    return [server.write(server.people["bo"], text.format(n)).id for n in range(number)]


def asked(server: MastodonServer, path: str = HOME_PATH) -> list[dict[str, str]]:
    return [request.query for request in server.asked("GET", path)]


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("feed", "path", "query"),
    [
        (HOME, HOME_PATH, {}),
        (Feed("local"), "/api/v1/timelines/public", {"local": "true"}),
        (Feed("tag", "ops"), "/api/v1/timelines/tag/ops", {}),
        (Feed("tag", "#ops"), "/api/v1/timelines/tag/ops", {}),
        (Feed("author", "2"), "/api/v1/accounts/2/statuses", {}),
    ],
)
async def test_each_feed(
    server: MastodonServer, service: Mastodon, feed: Feed, path: str, query: dict[str, str]
) -> None:
    ids = fill(server, 3, "post {} #ops")
    page = await service.page(feed, limit=2)
    assert [post.remote_id for post in page.posts] == ids[:0:-1]
    assert asked(server, path) == [{**query, "limit": "2"}]


@pytest.mark.parametrize("feed", [Feed("list"), Feed("tag"), Feed("nonsense"), Feed("nonsense", "x")])
async def test_no_such_feed(service: Mastodon, feed: Feed) -> None:
    with pytest.raises(UsageError):
        await service.page(feed)


async def test_names_cannot_leave_their_place(server: MastodonServer, service: Mastodon) -> None:
    with pytest.raises(Exception, match="127"):
        await service.page(Feed("list", "../../v1/accounts/verify_credentials?x=1#"))
    target = server.wire.requests[-1].target
    assert target.startswith("/api/v1/timelines/list/..%2F..%2Fv1%2Faccounts%2Fverify_credentials%3Fx%3D1%23?")
    with pytest.raises(Exception, match="127"):
        await service.post("../timelines/home")
    assert server.wire.requests[-1].target == "/api/v1/statuses/..%2Ftimelines%2Fhome"


async def test_the_limit_is_clamped(server: MastodonServer, service: Mastodon) -> None:
    for limit in (1000, 40, 0, -1):
        await service.page(limit=limit)
    assert [query["limit"] for query in asked(server)] == ["40", "40", "1", "1"]


async def test_paging_up_asks_for_what_lies_directly_above(server: MastodonServer, service: Mastodon) -> None:
    fill(server, 1)
    page = await service.page()
    assert page.newer is not None
    ids = fill(server, 100)
    posts = await all_newer(service, page.newer, 40, set())
    assert sorted(post.remote_id for post in posts) == sorted(ids)
    assert all("since_id" not in query for query in asked(server))
    assert len(asked(server)) == 1 + 4  # three pages, and the empty one that says so


async def test_where_only_since_id_works_the_gap_is_marked(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        fill(server, 2)
        page = await service.page()
        assert page.newer is not None
        ids = fill(server, 95)
        above = await service.page(after=page.newer)
        assert (len(above.posts), above.complete) == (40, False)
        known = {post.entry_id for post in page.posts}
        posts = await all_newer(service, page.newer, 40, known)
        assert sorted(post.remote_id for post in posts) == sorted(ids)
        assert all("min_id" not in query for query in asked(server))


async def test_a_short_page_is_not_the_end(server: MastodonServer, service: Mastodon) -> None:
    """Ids come from a cache; what was deleted since is missing from the page."""
    ids = fill(server, 30)
    route = server._route

    async def lossy(request: Request) -> object:
        reply = await route(request)
        if request.path == HOME_PATH and isinstance(reply.body, list):
            reply.body = reply.body[::2]
        return reply

    server._route = lossy  # type: ignore[assignment,method-assign]  # the same, with holes
    page = await service.page(limit=10)
    assert len(page.posts) == 5
    posts = await all_older(service, page, 10)
    assert [post.remote_id for post in posts] == ids[::-1][::2]


async def test_an_empty_feed(service: Mastodon) -> None:
    assert await service.page() == Page()


async def test_a_page_of_nonsense_is_passed_over(server: MastodonServer, service: Mastodon) -> None:
    ids = fill(server, 5)
    route = server._route

    async def spoiled(request: Request) -> object:
        reply = await route(request)
        if request.path == HOME_PATH and "max_id" not in request.query and isinstance(reply.body, list):
            reply.body = [status | {"created_at": None} for status in reply.body]
        return reply

    server._route = spoiled  # type: ignore[assignment,method-assign]  # the newest page is garbage
    page = await service.page(limit=2)
    assert [post.remote_id for post in page.posts] == ids[2:0:-1]
    assert page.skipped == 2


async def test_a_boost_is_paged_by_its_own_id(server: MastodonServer, service: Mastodon) -> None:
    (first,) = fill(server, 1)
    await service.set_boosted(await service.post(first), True)
    page = await service.page(limit=1)
    (boost,) = page.posts
    assert (boost.kind, boost.remote_id, page.newer) == (PostKind.BOOST, first, boost.boost_id)
    below = await service.page(before=page.older, limit=1)
    assert [post.kind for post in below.posts] == [PostKind.POST]


async def test_home_that_is_being_rebuilt(
    server: MastodonServer, service: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "REBUILD_S", 0)
    fill(server, 1)
    server.fault("GET", HOME_PATH, "status", status=206, body=[])
    assert len((await service.page()).posts) == 1
    for _number in range(3):
        server.fault("GET", HOME_PATH, "status", status=206, body=[])
    with pytest.raises(UnreachableError, match="putting the timeline together"):
        await service.page()


@pytest.mark.parametrize("body", [{}, {"error": "x"}, "x", None, 7])
async def test_a_list_that_is_none(server: MastodonServer, service: Mastodon, body: object) -> None:
    server.fault("GET", HOME_PATH, "status", status=200, body=body)
    with pytest.raises(UnreachableError):
        await service.page()


async def test_polling_stops_before_the_budget_is_used_up(server: MastodonServer, service: Mastodon) -> None:
    fill(server, 1)
    page = await service.page()
    server.used = 245
    await service.page()
    before = len(server.wire.requests)
    with pytest.raises(RateLimitedError):
        await service.page(after=page.newer)
    with pytest.raises(RateLimitedError):
        await service.notifications()
    assert len(server.wire.requests) == before
    await service.page(before=page.older)  # what the user asks for goes on
    await service.post(page.posts[0].remote_id)


# ---------------------------------------------------------------- own posts


async def test_own_posts_since(server: MastodonServer, service: Mastodon) -> None:
    anna, now = server.people["anna"], datetime.now(UTC)
    old = [server.write(anna, f"old {n}", created_at=now - timedelta(days=2)) for n in range(50)]
    fill(server, 1)
    parent = old[0].id
    mine = [
        server.write(anna, "post").id,
        server.write(anna, "reply", parent=parent).id,
        server.write(anna, "direct", visibility="direct").id,
        server.write(anna, "quote", quote=parent).id,
    ]
    server.write(anna, "", reblog=parent)
    posts = await service.own_posts(now - timedelta(hours=36))
    assert sorted(post.remote_id for post in posts) == sorted(mine)
    assert {post.kind for post in posts} == {PostKind.POST, PostKind.REPLY, PostKind.QUOTE}
    (query,) = asked(server, "/api/v1/accounts/1/statuses")
    assert query == {"limit": "40", "exclude_reblogs": "true"}


async def test_own_posts_over_several_pages(server: MastodonServer, service: Mastodon) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    mine = [server.write(server.people["anna"], f"post {n}").id for n in range(95)]
    assert sorted(post.remote_id for post in await service.own_posts(begun)) == sorted(mine)


async def test_an_account_without_id_is_looked_up_once(server: MastodonServer, kit: Kit) -> None:
    from dataclasses import replace

    known = opened(server, kit)
    service = Mastodon(replace(known.account, remote_id=""), kit)
    mine = server.write(server.people["anna"], "hej").id
    for _number in range(2):
        assert [post.remote_id for post in await service.own_posts(datetime.now(UTC) - timedelta(hours=1))] == [mine]
    assert len(server.asked("GET", "/api/v1/accounts/verify_credentials")) == 1
    assert service.account.remote_id == ""  # the registry compares it with what the user has


# ---------------------------------------------------------------- search, thread, notifications


async def test_search_pages_by_offset(server: MastodonServer, service: Mastodon) -> None:
    ids = fill(server, 45, "needle {}")
    first = await service.search("needle", limit=20)
    second = await service.search("needle", before=first.older, limit=20)
    third = await service.search("needle", before=second.older, limit=20)
    found = [post.remote_id for page in (first, second, third) for post in page.posts]
    assert found == ids[::-1]
    assert third.older is None
    assert (await service.search("nothing like it")).posts == ()


@pytest.mark.parametrize("software", ["mastodon", "gotosocial", "snac"])
async def test_a_tag_alone_is_found_and_paged_without_a_search_engine(software: str, kit: Kit) -> None:
    async with MastodonServer(software) as server:
        server.search_engine = False
        ids = fill(server, 25, "{} about #ops")
        fill(server, 1)
        service = opened(server, kit)
        first = await service.search(" #ops ", limit=20)
        second = await service.search("#ops", before=first.older, limit=20)
        assert [post.remote_id for page in (first, second) for post in page.posts] == ids[::-1]
        assert (await service.search("#ops", before=second.older)).posts == ()
        assert (await service.search("about #ops")).posts == ()  # words with it are no tag
        assert len(server.asked("GET", "/api/v2/search")) == 1


async def test_a_tag_of_somebody_who_waits_is_asked_for_whatever_the_budget(
    server: MastodonServer, service: Mastodon
) -> None:
    (known,) = fill(server, 1, "{} about #ops")
    server.used = 280  # of 300: a refresh is left for later
    await service.search("about")
    with pytest.raises(RateLimitedError):
        await service.page()
    assert [post.remote_id for post in (await service.search("#ops")).posts] == [known]


async def test_where_tags_have_no_timeline_they_are_searched_for(server: MastodonServer, service: Mastodon) -> None:
    ids = fill(server, 25, "{} about #ops")
    pages, older = [], None
    for _number in range(2):
        server.fault("GET", "/api/v1/timelines/tag/ops", "status", status=404, body={"error": "Record not found"})
        page = await service.search("#ops", before=older, limit=20)
        older = page.older
        pages.append(page)
    assert [post.remote_id for page in pages for post in page.posts] == ids[::-1]
    server.fault("GET", "/api/v1/timelines/tag/ops", "status", status=503)
    with pytest.raises(UnreachableError):  # no refusal: it may well have the tag
        await service.search("#ops")


async def test_the_timelines_of_tags_that_a_server_shows_to_nobody_are_not_asked_for(
    server: MastodonServer, service: Mastodon
) -> None:
    access = {"hashtag_feeds": {"local": "disabled", "remote": "disabled"}}
    body = {"domain": server.domain, "version": "4.5.0", "configuration": {"timelines_access": access}}
    server.fault("GET", "/api/v2/instance", "status", status=200, body=body)
    (known,) = fill(server, 1, "{} about #ops")
    assert [post.remote_id for post in (await service.search("#ops")).posts] == [known]
    assert server.asked("GET", "/api/v1/timelines/tag/ops") == []


async def test_a_thread_in_reading_order(server: MastodonServer, service: Mastodon) -> None:
    bo = server.people["bo"]
    root = server.write(bo, "1").id
    middle = server.write(bo, "2", parent=root).id
    below = server.write(bo, "3", parent=middle).id
    last = server.write(bo, "4", parent=below).id
    thread = await service.thread(await service.post(middle))
    assert [post.remote_id for post in thread.ancestors] == [root]
    assert [post.remote_id for post in thread.descendants] == [below, last]


@pytest.mark.parametrize(
    ("path", "ability"), [("/api/v2/search", "search"), ("/api/v1/notifications", "notifications")]
)
async def test_a_missing_endpoint_is_missing_once(
    server: MastodonServer, service: Mastodon, path: str, ability: str
) -> None:
    await service.load_capabilities()
    assert getattr(service.capabilities, ability)
    server.fault("GET", path, "status", status=404)
    for _number in range(3):
        with pytest.raises(UnsupportedError):
            await (service.search("x") if ability == "search" else service.notifications())
    assert len(server.asked("GET", path)) == 1
    assert not getattr(service.capabilities, ability)
    await service.load_capabilities()  # a new look at the server forgets it
    assert getattr(service.capabilities, ability)


# ---------------------------------------------------------------- the stream


async def test_what_is_understood_comes_through(server: MastodonServer, service: Mastodon) -> None:
    async with asyncio.timeout(5), aclosing(service.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        mended = server.write(server.people["bo"], "mended")
        written = server.write(server.people["bo"], "hej")
        again = json.dumps(server.status(mended, server.people["anna"])).encode()
        for event in (
            b"event: filters_changed\n\n",
            b"event: update\ndata: {nonsense\n\n",
            b'event: update\ndata: {"id": null}\n\n',
            b"event: update\ndata: " + b"[" * 5000 + b"\n\n",
            b'event: notification\ndata: {"id": "1"}\n\n',
            b"event: delete\ndata: \n\n",
            b"data: no name\n\n",
            b"event: announcement\ndata: {}\n\n",
            b":thump\n\n",
            b"event: delete\ndata: 109\n\n",
            b"event: status.update\ndata: " + again + b"\n\n",
        ):
            server.lines.events[0].put_nowait(event)
        told = [await anext(events) for _number in range(4)]
    assert isinstance(told[0], Post)
    assert isinstance(told[1], Post)
    assert [told[0].remote_id, told[1].remote_id] == [mended.id, written.id]
    assert told[2] == PostDeleted("109")
    assert isinstance(told[3], PostEdited)
    assert told[3].post.remote_id == mended.id
    (opening,) = server.asked("GET", "/api/v1/streaming/user")
    assert opening.headers["authorization"] == "Bearer anna-token"
    assert "anna-token" not in opening.target


async def test_an_ended_stream_says_so(server: MastodonServer, service: Mastodon) -> None:
    async with asyncio.timeout(5), aclosing(service.stream()) as events:
        await anext(events)
        server.lines.events[0].put_nowait(b"")
        with pytest.raises(UnreachableError, match="ended the stream"):
            await anext(events)


async def test_no_stream_where_there_is_none(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        with pytest.raises(UnsupportedError):
            await anext(service.stream())
        assert server.asked("GET", "/api/v1/streaming/user") == []


async def test_a_server_that_cuts_connections_gets_none_to_keep(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        for _number in range(3):
            await service.page()
        assert all(r.headers["connection"] == "close" for r in server.asked("GET", HOME_PATH))
