"""Getting a feed politely: validators, redirects, discovery, intervals, the end; what is told of gaps and edits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.services.feed import PLUGIN
from mbclient.services.feed.items import Document
from mbclient.services.feed.manners import EVERY, next_ask
from mbclient.services.feed.service import FeedService
from mbclient.services.kit import Kit
from tests.services.contract import outgoing
from tests.services.feed.conftest import opened
from tests.services.feed.server import FeedSite, Walk, page
from tests.services.wire import Reply, Wire

NOW = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)  # a Thursday


class Dialog:
    """Nobody is asked anything."""

    async def show_address(self, url: str) -> None:
        raise AssertionError("a feed needs no browser")

    async def ask_code(self) -> str:
        raise AssertionError("a feed needs no code")


# ---------------------------------------------------------------- conditional requests and intervals


async def test_validators_are_sent_back_verbatim(service: FeedService, site: FeedSite, clock: Walk) -> None:
    site.headers = {"Last-Modified": "yesterday, about noon"}
    site.write("one")
    assert len((await service.page()).posts) == 1
    clock.on(minutes=16)
    assert len((await service.page()).posts) == 1
    first, second = site.asked()
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"].startswith('"')
    assert second.headers["if-modified-since"] == "yesterday, about noon"


async def test_after_a_restart_nothing_unchanged_is_fetched_again(site: FeedSite, kit: Kit, clock: Walk) -> None:
    site.write("one")
    page = await opened(site.url, kit).page()
    assert (await opened(site.url, kit).page()).posts == page.posts
    assert len(site.asked()) == 1  # not due yet
    clock.on(minutes=16)
    again = opened(site.url, kit)
    assert page.newer is not None
    assert (await again.page(after=page.newer)).posts == ()
    assert (await again.post(page.posts[0].remote_id)).text == "one"  # 304: the text was kept
    assert len(site.asked()) == 2


async def test_it_is_not_asked_twice_within_a_quarter_of_an_hour(
    service: FeedService, site: FeedSite, clock: Walk
) -> None:
    await service.page()
    clock.on(minutes=14)
    site.write("too early to see")
    assert (await service.page()).posts == ()
    assert len(site.asked()) == 1


@pytest.mark.parametrize(
    ("document", "headers", "wait"),
    [
        (Document(), {}, EVERY),
        (Document(ttl=timedelta(minutes=5)), {}, EVERY),
        (Document(ttl=timedelta(hours=2)), {}, timedelta(hours=2)),
        (Document(), {"cache-control": "public, max-age=7200"}, timedelta(hours=2)),
        (Document(), {"cache-control": "max-age=0"}, EVERY),
        (Document(), {"cache-control": "max-age=31536000"}, timedelta(days=1)),
        (Document(skip_hours=frozenset({10, 11})), {}, timedelta(minutes=90)),
        (Document(skip_days=frozenset({3})), {}, timedelta(hours=13, minutes=30)),
        (Document(skip_hours=frozenset(range(24))), {}, timedelta(days=1)),
    ],
)
def test_how_long_a_feed_is_left_alone(document: Document, headers: dict[str, str], wait: timedelta) -> None:
    assert next_ask(document, headers, NOW) - NOW == wait


def test_an_ended_feed_is_not_asked_again() -> None:
    assert next_ask(Document(expired=True), {}, NOW) > NOW + timedelta(days=365)


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed_also_by_the_next_process(
    status: int, site: FeedSite, kit: Kit, clock: Walk
) -> None:
    site.answers.append(Reply(status, b"later", {"Retry-After": "3600"}))
    with pytest.raises(RateLimitedError) as caught:
        await opened(site.url, kit).page()
    assert caught.value.until - clock.time == timedelta(hours=1)
    clock.on(minutes=59)
    with pytest.raises(RateLimitedError):
        await opened(site.url, kit).page()
    assert len(site.asked()) == 1
    clock.on(minutes=2)
    await opened(site.url, kit).page()


# ---------------------------------------------------------------- moves and ends


@pytest.mark.parametrize(("status", "asked_again"), [(301, "/new"), (308, "/new"), (302, "/feed"), (307, "/feed")])
async def test_only_a_permanent_move_is_remembered(
    status: int, asked_again: str, site: FeedSite, kit: Kit, clock: Walk
) -> None:
    site.write("one")
    body, kind = site.document()
    site.pages["/new"] = Reply(200, body, {"Content-Type": kind})
    site.pages["/feed"] = Reply(status, None, {"Location": "/new"})
    assert len((await opened(site.url, kit).page()).posts) == 1
    clock.on(minutes=16)
    del site.wire.requests[:]
    assert len((await opened(site.url, kit).page()).posts) == 1
    assert site.wire.requests[0].path == asked_again


async def test_a_permanent_move_behind_a_temporary_one_is_not_remembered(site: FeedSite, kit: Kit, clock: Walk) -> None:
    body, kind = site.document()
    site.pages["/feed"] = Reply(302, None, {"Location": "/a"})
    site.pages["/a"] = Reply(301, None, {"Location": "/b"})
    site.pages["/b"] = Reply(200, body, {"Content-Type": kind})
    await opened(site.url, kit).page()
    clock.on(minutes=16)
    del site.wire.requests[:]
    await opened(site.url, kit).page()
    assert site.wire.requests[0].path == "/feed"


@pytest.mark.parametrize(
    "target",
    [
        "http://news.example/feed",
        "https://127.0.0.2/feed",
        "https://10.0.0.1/",
        "https://[::1]/",
        "ftp://x/",
        "",
        "/feed",
    ],
)
async def test_a_redirect_that_is_not_followed(target: str, service: FeedService, site: FeedSite) -> None:
    site.pages["/feed"] = Reply(301, None, {"Location": target})
    with pytest.raises(RejectedError, match="redirects"):
        await service.page()
    assert len(site.wire.requests) <= 4


async def test_gone_is_gone_and_never_asked_again(site: FeedSite, kit: Kit, clock: Walk) -> None:
    site.answers.append(Reply(410, b"", {"Content-Type": "text/plain"}))
    for _number in range(3):
        with pytest.raises(RejectedError, match="gone for good; remove the account") as caught:
            await opened(site.url, kit).page()
        assert (caught.value.status, caught.value.code) == (410, "gone")
        clock.on(days=2)
    assert len(site.asked()) == 1
    request = SignIn(Account("news", "feed", site.url))
    signed = await PLUGIN.sign_in(request, Dialog(), kit)  # adding it anew asks once more
    assert signed.profile.name == "News of Grönkvist"


async def test_a_password_is_asked_for(service: FeedService, site: FeedSite) -> None:
    site.answers.append(Reply(401, b"", {"WWW-Authenticate": "Basic"}))
    with pytest.raises(AuthError, match="wants a password"):
        await service.page()


async def test_a_page_in_place_of_a_known_feed_is_a_fault_and_not_searched(
    service: FeedService, site: FeedSite, clock: Walk
) -> None:
    site.write("one")
    await service.page()
    clock.on(minutes=16)
    site.answers.append(page('<html><link rel="alternate" type="application/rss+xml" href="/evil"></html>'))
    with pytest.raises(UnreachableError, match="no feed"):
        await service.page()
    assert all(request.path == "/feed" for request in site.wire.requests)


# ---------------------------------------------------------------- discovery and signing in

HEAD = """<!doctype html><html><head><base href="/blog/">
<!-- <link rel="alternate" type="application/rss+xml" href="/commented-out"> -->
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="text/html" hreflang="sv" href="/sv">
<LINK REL='stylesheet alternate' TYPE='application/rss+xml; charset=utf-8' HREF=../feed TITLE="Posts">
<link rel="alternate" type="application/atom+xml" href="/other"></head>
<body><a rel="alternate" type="application/rss+xml" href="/evil">x</a></body></html>"""


async def test_discovery_from_a_page(site: FeedSite, kit: Kit) -> None:
    site.write("found")
    site.pages["/"] = page(HEAD)
    service = opened(f"{site.wire.url}/", kit)
    assert [post.text for post in (await service.page()).posts] == ["found"]
    assert [request.path for request in site.wire.requests] == ["/", "/feed"]
    await opened(f"{site.wire.url}/", kit).page()
    assert len(site.wire.requests) == 2


async def test_discovery_from_the_link_header(site: FeedSite, kit: Kit) -> None:
    site.pages["/"] = page("<html>", {"Link": '</feed>; rel="alternate"; type="application/rss+xml", </x>; rel=me'})
    assert (await opened(f"{site.wire.url}/", kit).page()).posts == ()


async def test_a_page_that_names_no_feed(site: FeedSite, kit: Kit) -> None:
    site.pages["/"] = page("<html><body>Hej</body></html>")
    with pytest.raises(RejectedError, match="names no feed; give the address"):
        await opened(f"{site.wire.url}/", kit).page()


async def test_signing_in_needs_no_secret_and_makes_nobody_me(site: FeedSite, kit: Kit) -> None:
    site.write("one")
    signed = await PLUGIN.sign_in(SignIn(Account("news", "feed", site.url)), Dialog(), kit)
    assert signed.secret is None
    assert signed.account == Account("news", "feed", site.url, handle="127.0.0.1", remote_id=site.url)
    assert (signed.profile.name, signed.profile.text) == ("News of Grönkvist", "News of Grönkvist\nWhat happens")
    service = PLUGIN.open(signed.account, kit)
    assert await service.own_posts(NOW - timedelta(days=9999)) == ()


async def test_the_author_whom_the_settings_name_is_me(site: FeedSite, kit: Kit) -> None:
    site.kind = "json"
    site.write("one")
    service = opened(site.url, kit, handle="127.0.0.1")
    assert len(await service.own_posts(NOW - timedelta(days=9999))) == 1
    assert await opened(site.url, kit, handle="anna@news.example").own_posts(NOW - timedelta(days=9999)) == ()


@pytest.mark.parametrize("url", ["", "http://news.example/feed", "https://anna:secret@news.example/feed", "news"])
def test_an_address_that_is_none(url: str, kit: Kit) -> None:
    with pytest.raises(UsageError):
        PLUGIN.open(Account("news", "feed", url), kit)


# ---------------------------------------------------------------- what changed


async def test_an_edit_comes_again_and_says_so(service: FeedService, site: FeedSite, clock: Walk) -> None:
    site.write("befroe", clock.time)
    first = await service.page()
    clock.on(minutes=16)
    site.entries[0].text = "before"
    assert first.newer is not None
    again = await service.page(after=first.newer)
    assert [(post.text, post.remote_id) for post in again.posts] == [("before", first.posts[0].remote_id)]
    assert again.posts[0].edited_at == clock.time
    assert again.posts[0].created_at == first.posts[0].created_at


async def test_an_item_without_a_date_keeps_the_time_it_was_first_seen(
    service: FeedService, site: FeedSite, clock: Walk
) -> None:
    undated = b"<rss><channel><title>T</title><item><guid>1</guid><title>x</title></item></channel></rss>"
    site.pages["/feed"] = Reply(200, undated, {"Content-Type": "text/xml"})
    seen = clock.time
    await service.page()
    clock.on(hours=3)
    assert (await service.page()).posts[0].created_at == seen


async def test_a_window_that_slid_on_leaves_a_gap_that_is_told(site: FeedSite, kit: Kit, clock: Walk) -> None:
    site.window = 3
    service = opened(site.url, kit)
    for number in range(3):
        site.write(f"old {number}", clock.time)
    first = await service.page()
    assert first.newer is not None
    clock.on(days=1)
    for number in range(5):
        site.write(f"new {number}", clock.time)
    after = await service.page(after=first.newer)
    assert [post.text for post in after.posts] == ["new 4", "new 3", "new 2"]
    assert not after.complete
    assert after.older is not None
    below = await service.page(before=after.older)
    assert (below.posts, below.complete, below.older) == ((), False, after.older)  # nothing fills it
    assert after.newer is not None
    assert (await service.page(after=after.newer)).complete


async def test_a_lost_memory_finds_its_place_by_the_item(site: FeedSite, kit: Kit, clock: Walk) -> None:
    site.write("old", clock.time)
    first = await opened(site.url, kit).page()
    for file in kit.cache_dir.iterdir():
        file.unlink()
    site.write("new", clock.time)
    assert first.newer is not None
    after = await opened(site.url, kit).page(after=first.newer)
    assert [post.text for post in after.posts] == ["new"]
    assert after.complete


async def test_a_damaged_memory_is_a_fresh_one(site: FeedSite, kit: Kit) -> None:
    site.write("one")
    await opened(site.url, kit).page()
    (file,) = kit.cache_dir.iterdir()
    for damaged in ('{"v": 1}', '{"v": 1, "url": 3, "seen": {"a": 1}, "gone": 0, "due": ""}', "[", '{"v": 99}'):
        file.write_text(damaged)
        assert len((await opened(site.url, kit).page()).posts) == 1


async def test_older_items_come_from_the_pages_that_the_feed_names(site: FeedSite, kit: Kit, clock: Walk) -> None:
    def archive(number: int, following: str) -> Reply:
        item = {"id": str(number), "content_text": f"archived {number}", "date_published": "2026-01-01T00:00:00Z"}
        return Reply(200, {"version": "1", "title": "T", "next_url": following, "items": [item]})

    site.pages["/feed"] = archive(1, "/feed/2")
    site.pages["/feed/2"] = archive(2, "/feed/3")
    site.pages["/feed/3"] = archive(3, "/feed/2")  # a circle
    service = opened(site.url, kit)
    page, texts = await service.page(), list[str]()
    for _number in range(30):
        texts += [post.text for post in page.posts]
        if page.older is None:
            break
        page = await service.page(before=page.older)
    assert texts[:3] == ["archived 1", "archived 2", "archived 3"]
    assert page.older is None


async def test_an_archive_elsewhere_is_not_asked(service: FeedService) -> None:
    with pytest.raises(ServiceError):
        await service.page(before="page.1.https://evil.example/feed")


# ---------------------------------------------------------------- trust


async def test_no_feed_can_pass_for_another_hosts_post(service: FeedService, site: FeedSite) -> None:
    """The archive joins what has the same uri: a foreign link is not taken for one's own."""
    foreign = "<item><guid>https://mastodon.example/@anna/1</guid><title>Forged</title></item>"
    own = f"<item><guid>{site.wire.url}/posts/1</guid><title>Own</title></item>"
    body = f"<rss><channel><title>T</title>{foreign}{own}</channel></rss>".encode()
    site.pages["/feed"] = Reply(200, body, {"Content-Type": "text/xml"})
    uris = {str(post.text): post.uri for post in (await service.page()).posts}
    assert uris["Forged"] == f"feed:{site.url}#https://mastodon.example/@anna/1"
    assert uris["Own"] == f"{site.wire.url}/posts/1"


async def test_what_a_feed_cannot_do_is_said(service: FeedService, site: FeedSite) -> None:
    site.write("one")
    (post,) = (await service.page()).posts
    can = service.capabilities
    assert not any((can.post, can.reply, can.boost, can.like, can.delete, can.edit, can.bookmark, can.search))
    for attempt in (
        service.prepare(outgoing("x")),
        service.publish({}),
        service.find({}),
        service.delete(post),
        service.set_liked(post, True),
        service.set_boosted(post, True),
        service.set_bookmarked(post, True),
        service.search("x"),
        service.thread(post),
        service.notifications(),
    ):
        with pytest.raises(UnsupportedError, match="a feed can only be read") as caught:
            await attempt
        assert caught.value.account == "news"
    with pytest.raises(UnsupportedError):
        await anext(service.stream())


async def test_a_large_feed_is_refused(service: FeedService, site: FeedSite) -> None:
    site.pages["/feed"] = Reply(200, b"<rss>" + b" " * 6_000_000, {"Content-Type": "text/xml"})
    with pytest.raises(UnreachableError, match="too large"):
        await service.page()


async def test_nothing_secret_goes_to_another_host(kit: Kit, site: FeedSite) -> None:
    """A feed's redirect may lead elsewhere: what arrives there is a bare GET."""
    elsewhere: list[dict[str, str]] = []

    async def handle(request: object) -> Reply:
        elsewhere.append(dict(request.headers))  # type: ignore[attr-defined]  # the wire's own Request
        return Reply(200, site.document()[0], {"Content-Type": "text/xml"})

    async with Wire(handle) as other:
        site.pages["/feed"] = Reply(302, None, {"Location": f"{other.url}/feed"})
        await opened(site.url, kit).page()
    assert not {"authorization", "cookie", "referer"} & set(elsewhere[0])
