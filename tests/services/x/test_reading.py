"""Timelines, search, conversations and mentions, with what X does oddly (facts/x.md 2, 3, 8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.ports import Feed
from mbclient.domain.errors import AuthError, RateLimitedError, RejectedError, UnreachableError, UsageError
from mbclient.domain.post import NotificationKind, Post, PostKind, Visibility
from mbclient.services.kit import Kit
from mbclient.services.x.posts import written_at
from mbclient.services.x.service import X
from tests.services.x.conftest import opened
from tests.services.x.server import XServer
from tests.services.x.shapes import problem

HOME = "/2/users/1/timelines/reverse_chronological"


@pytest.fixture(params=["tweet", "post"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[XServer]:
    """Each spelling of the fields."""
    async with XServer(generation=str(request.param)) as server:
        yield server


async def newest(service: X) -> Post:
    return (await service.page(limit=5)).posts[0]


# ------------------------------------------------------------ one post


async def test_text_comes_escaped_and_with_short_links(either: XServer, kit: Kit) -> None:
    either.write(either.people["bo"], "a < b & c https://example.org/a?b=1&c=2 #infosec @anna")
    post = await newest(opened(either, kit))
    assert post.text == "a < b & c https://example.org/a?b=1&c=2 #infosec @anna"
    assert [link.url for link in post.links] == ["https://example.org/a?b=1&c=2"]
    assert (post.tags, post.mentions, post.lang) == (("infosec",), ("anna",), "sv")
    assert post.url == f"{either.url}/bo/status/{post.remote_id}"


async def test_a_long_post_is_whole_in_its_note(either: XServer, kit: Kit) -> None:
    text = "x" * 400 + " https://example.org/slut"
    either.write(either.people["bo"], text)
    post = await newest(opened(either, kit))
    assert post.text == text
    assert [link.url for link in post.links] == ["https://example.org/slut"]


async def test_a_repost_is_the_whole_post_that_it_repeats(either: XServer, kit: Kit) -> None:
    original = either.write(either.people["eva"], "y" * 200 + " & så vidare")
    repost = either.write(either.people["bo"], "", kind="retweeted", target=original.id)
    post = await newest(opened(either, kit))
    assert (post.kind, post.remote_id, post.boost_id) == (PostKind.BOOST, original.id, repost.id)
    assert post.text == original.text
    assert (post.author.handle, post.boosted_by and post.boosted_by.handle) == ("eva", "bo")


async def test_a_repost_of_what_is_gone_says_what_it_still_knows(either: XServer, kit: Kit) -> None:
    original = either.write(either.people["eva"], "borta &")
    either.write(either.people["bo"], "", kind="retweeted", target=original.id)
    either.nonsense = [
        {
            "id": "9" * 18,
            "text": "RT @eva: bor&amp;ta…",
            "author_id": "2",
            "created_at": "2026-11-24T08:00:00.000Z",
            "referenced_posts": [{"type": "retweeted", "id": "1" * 18}],
        }
    ]
    first = (await opened(either, kit).page()).posts[0]
    assert (first.author.handle, first.text, first.remote_id) == ("eva", "bor&ta…", "1" * 18)


async def test_people_who_did_not_come_along(either: XServer, kit: Kit) -> None:
    """Suspended or not expanded: a name is taken from where one stands."""
    original = either.write(either.people["eva"], "Hej")
    either.write(either.people["bo"], "", kind="retweeted", target=original.id)
    either.hide_people = {"eva"}
    post = await newest(opened(either, kit))
    assert post.author.handle == "eva"
    either.write(either.people["bo"], "x")
    either.hide_people = {"bo"}
    post = await newest(opened(either, kit))
    assert (post.author.handle, post.author.remote_id) == ("2", "2")
    assert post.url.endswith(f"/i/status/{post.remote_id}")


async def test_a_quote_and_one_of_what_is_gone(either: XServer, kit: Kit) -> None:
    quoted = either.write(either.people["eva"], "citerat")
    either.write(either.people["bo"], "se här", kind="quoted", target=quoted.id)
    service = opened(either, kit)
    post = await newest(service)
    assert (post.kind, post.text) == (PostKind.QUOTE, "se här")  # the quote's own link is not bo's word
    assert post.quoted is not None
    assert (post.quoted.text, post.quoted.author.handle, post.quoted.state) == ("citerat", "eva", "accepted")
    del either.tweets[quoted.id]  # 200, with data and errors
    post = await newest(service)
    assert post.quoted is not None
    assert (post.quoted.text, post.quoted.state, post.quote_of) == ("", "unavailable", quoted.id)


async def test_pictures_and_edits(either: XServer, kit: Kit) -> None:
    either.media["3_1"] = "en karta"
    old = either.write(either.people["bo"], "för")
    either.write(either.people["bo"], "före", media=["3_1"], history=[old.id])
    post = await newest(opened(either, kit))
    assert [(media.type, media.alt) for media in post.media] == [("image", "en karta")]
    assert post.text == "före"  # the picture's own link is not bo's word
    assert post.edited_at is not None


async def test_languages_that_are_none_and_protected_people(either: XServer, kit: Kit) -> None:
    either.people["bo"].protected = True
    either.write(either.people["bo"], "😀", lang="zxx")
    post = await newest(opened(either, kit))
    assert (post.lang, post.visibility) == (None, Visibility.FOLLOWERS)


async def test_a_post_that_is_gone_comes_as_200(server: XServer, service: X) -> None:
    with pytest.raises(RejectedError, match="Could not find") as caught:
        await service.post("1234567890123456789")
    assert (caught.value.status, caught.value.code) == (404, "resource-not-found")


def test_the_time_of_an_id() -> None:
    assert written_at("1212092628029698048") == datetime(2019, 12, 31, 19, 26, 16, 771000, UTC)
    assert written_at("x") is None
    assert written_at("9" * 40) is None


# ------------------------------------------------------------ pages


async def test_pages_keep_their_floor_while_they_go_down(server: XServer, service: X) -> None:
    server.write(server.people["bo"], "gammalt")
    page = await service.page(limit=5)
    assert page.newer is not None
    assert page.older is None
    ids = [server.write(server.people["bo"], f"nytt {n}").id for n in range(12)]
    top = await service.page(after=page.newer, limit=5)
    assert not top.complete
    assert top.older is not None
    middle = await service.page(before=top.older, limit=5)
    assert middle.older is not None
    last = await service.page(before=middle.older, limit=5)
    assert [post.remote_id for post in (*top.posts, *middle.posts, *last.posts)] == ids[::-1]
    assert (last.older, last.complete) == (None, True)
    floors = [request.query.get("since_id") for request in server.asked(HOME)]
    assert floors == [None, page.newer, page.newer, page.newer]


async def test_an_empty_page_has_no_data(server: XServer, service: X) -> None:
    page = await service.page()
    assert (page.posts, page.older, page.newer, page.complete) == ((), None, None, True)


async def test_a_list_knows_no_since(server: XServer, service: X) -> None:
    feed = Feed("list", "77")
    for text in "abc":
        server.write(server.people["eva"], text)
    page = await service.page(feed, limit=5)
    assert page.newer is not None
    ids = [server.write(server.people["eva"], f"ny {n}").id for n in range(3)]
    again = await service.page(feed, after=page.newer, limit=5)
    assert [post.remote_id for post in again.posts] == ids[::-1]
    assert again.complete
    more = [server.write(server.people["eva"], f"fler {n}").id for n in range(7)]
    assert again.newer is not None
    top = await service.page(feed, after=again.newer, limit=5)
    assert not top.complete
    assert top.older is not None
    below = await service.page(feed, before=top.older, limit=5)
    assert [post.remote_id for post in (*top.posts, *below.posts)] == more[::-1]
    assert below.older is None


async def test_a_tag_and_an_author(server: XServer, service: X) -> None:
    wanted = server.write(server.people["eva"], "#infosec nu")
    assert [post.remote_id for post in (await service.page(Feed("tag", "#infosec"))).posts] == [wanted.id]
    assert [post.remote_id for post in (await service.page(Feed("author", "3"), limit=1)).posts] == [wanted.id]
    with pytest.raises(UsageError):
        await service.page(Feed("local"))
    with pytest.raises(UsageError):
        await service.page(Feed("tag", ""))


@pytest.mark.parametrize("cursor", ["", "x y", ">", "å>1", "page-1>x"])
async def test_a_foreign_cursor_asks_nothing(server: XServer, service: X, cursor: str) -> None:
    assert (await service.page(before=cursor)).posts == ()
    assert (await service.search("x", before=cursor)).posts == ()
    assert server.wire.requests == []


async def test_own_posts_leave_reposts_out_and_never_ask_for_a_time_to_come(server: XServer, service: X) -> None:
    anna = server.people["anna"]
    begun = datetime.now(UTC)
    server.write(anna, "igår", at=begun - timedelta(days=1))
    parent = server.write(server.people["bo"], "x")
    mine = [server.write(anna, f"{n}").id for n in range(60)]
    mine.append(server.write(anna, "svar", kind="replied_to", target=parent.id).id)
    server.write(anna, "", kind="retweeted", target=parent.id)
    assert [post.remote_id for post in await service.own_posts(begun)] == mine[::-1]
    assert await service.own_posts(begun + timedelta(hours=1)) == ()


async def test_own_posts_are_bought_once(server: XServer, service: X) -> None:
    anna, begun = server.people["anna"], datetime.now(UTC) - timedelta(hours=36)
    first = server.write(anna, "ett", at=datetime.now(UTC) - timedelta(hours=2))
    assert len(await service.own_posts(begun)) == 1
    second = server.write(anna, "två")
    later = begun + timedelta(minutes=1)
    for _poll in range(3):
        assert [post.remote_id for post in await service.own_posts(later)] == [second.id, first.id]
    asked = server.asked("/2/users/1/tweets")
    assert [request.query.get("since_id") for request in asked] == [None, first.id, second.id, second.id]
    assert [post.remote_id for post in await service.own_posts(datetime.now(UTC) - timedelta(hours=1))] == [second.id]
    await service.set_bookmarked(await service.post(first.id), True)
    await service.delete(await service.post(second.id))
    (left,) = await service.own_posts(later)
    assert left.mine.bookmarked
    server.write(anna, "tidigare", at=begun - timedelta(hours=5))
    assert len(await service.own_posts(begun - timedelta(hours=6))) == 2  # further back than what was bought


# ------------------------------------------------------------ spellings


async def test_the_spelling_is_found_out_once(kit: Kit) -> None:
    async with XServer(generation="bare-post") as server:
        server.write(server.people["bo"], "Hej")
        assert len((await opened(server, kit).page()).posts) == 1
        assert len(server.asked(HOME)) == 3
        assert len((await opened(server, kit).page()).posts) == 1  # another start
        assert len(server.asked(HOME)) == 4


async def test_another_400_is_no_question_of_spelling(server: XServer, service: X) -> None:
    body = problem("invalid-request", 400, "Invalid 'max_results'", old_host=True)
    server.fault("GET", HOME, "status", status=400, body=body)
    with pytest.raises(RejectedError, match="max_results"):
        await service.page()
    assert len(server.asked(HOME)) == 1


# ------------------------------------------------------------ thread, search, mentions


async def test_a_thread_is_put_together(server: XServer, service: X) -> None:
    bo, eva = server.people["bo"], server.people["eva"]
    root = server.write(bo, "rot", at=datetime.now(UTC) - timedelta(days=30))  # past the search's seven days
    one = server.write(eva, "ett", kind="replied_to", target=root.id)
    two = server.write(bo, "två", kind="replied_to", target=one.id)
    server.write(eva, "annat", kind="replied_to", target=root.id)
    thread = await service.thread(await service.post(one.id))
    assert [post.remote_id for post in thread.ancestors] == [root.id]
    assert [post.remote_id for post in thread.descendants] == [two.id]


async def test_search_pages_and_its_bounds(server: XServer, service: X) -> None:
    ids = [server.write(server.people["eva"], f"nål {n}").id for n in range(15)]
    original = server.tweets[ids[0]]
    server.write(server.people["bo"], "", kind="retweeted", target=original.id)  # found by nobody since 2026-05
    page = await service.search("nål", limit=1)  # ten are the fewest
    assert page.older is not None
    rest = await service.search("nål", before=page.older)
    assert [post.remote_id for post in (*page.posts, *rest.posts)] == ids[::-1]
    with pytest.raises(UsageError, match="512"):
        await service.search("x" * 513)


async def test_mentions_are_bought_once(either: XServer, kit: Kit) -> None:
    server, service = either, opened(either, kit)
    bo, mine = server.people["bo"], server.write(server.people["anna"], "fråga")
    server.write(bo, "@anna hej")
    server.write(bo, "svar", kind="replied_to", target=mine.id)
    server.write(bo, "se", kind="quoted", target=mine.id)
    server.write(server.people["anna"], "@anna till mig själv")
    first = await service.notifications()
    kinds = [NotificationKind.QUOTE, NotificationKind.REPLY, NotificationKind.MENTION]
    assert [item.kind for item in first.notifications] == kinds
    server.write(bo, "@anna igen")
    again = await service.notifications()
    assert [item.kind for item in again.notifications] == [NotificationKind.MENTION, *kinds]
    asked = server.asked("/2/users/1/mentions")[-2:]  # the very first may have found out the spelling
    assert [request.query.get("since_id") for request in asked] == [None, first.notifications[0].remote_id]


async def test_more_mentions_than_a_page(server: XServer, service: X) -> None:
    bo = server.people["bo"]
    server.write(bo, "@anna 0")
    await service.notifications(limit=5)
    ids = [server.write(bo, f"@anna {n}").id for n in range(1, 9)]
    page = await service.notifications(limit=5)
    assert page.older is not None
    below = await service.notifications(before=page.older, limit=5)
    found = [item.remote_id for item in (*page.notifications, *below.notifications)]
    assert found[:8] == ids[::-1]


# ------------------------------------------------------------ limits and refusals


async def test_each_endpoint_has_its_own_limit(server: XServer, service: X) -> None:
    server.remaining = 20
    await service.page()
    with pytest.raises(RateLimitedError, match="nearly all requests"):
        await service.page(after="1")
    server.remaining = 100
    await service.notifications()  # another endpoint
    await service.search("x")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": "{at}", "x-rate-limit-remaining": "0", "x-rate-limit-limit": "180"}, 600),
        (
            {
                "x-rate-limit-reset": "{soon}",
                "x-rate-limit-remaining": "3",
                "x-rate-limit-limit": "100",
                "x-app-limit-24hour-reset": "{at}",
                "x-app-limit-24hour-remaining": "0",
                "x-app-limit-24hour-limit": "10000",
            },
            600,
        ),
        ({}, 60),
    ],
)
async def test_a_429_says_until_when(server: XServer, service: X, headers: dict[str, str], seconds: int) -> None:
    now = datetime.now(UTC)
    there = {"at": int(now.timestamp()) + 600, "soon": int(now.timestamp()) + 5}
    body = problem("about:blank", 429, "Too Many Requests")
    told = {name: value.format_map(there) for name, value in headers.items()}
    server.fault("GET", HOME, "status", status=429, body=body, headers=told)
    with pytest.raises(RateLimitedError) as caught:
        await service.page()
    assert abs((caught.value.until - now).total_seconds() - seconds) < 5


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (402, problem("CreditsDepleted", 402, "Your account has no credits."), RateLimitedError, "no credits left"),
        (403, problem("usage-capped", 403, "Usage cap exceeded"), RateLimitedError, "next month"),
        (429, problem("usage-capped", 429, "Usage cap exceeded"), RateLimitedError, "next month"),
        (403, problem("client-forbidden", 403, "x", reason="client-not-enrolled"), RejectedError, "project"),
        (403, problem("about:blank", 403, "Your account is temporarily locked."), AuthError, "web client"),
        (403, problem("about:blank", 403, "Your account has been suspended."), AuthError, "web client"),
        (403, {"errors": [{"code": 326, "message": "this account is temporarily locked."}]}, AuthError, "web client"),
        (403, problem("about:blank", 403, "You have been blocked from the author."), RejectedError, "blocked from"),
        (403, {"errors": [{"code": 63, "message": "User has been suspended."}]}, RejectedError, "User has been"),
        (403, problem("about:blank", 403, "Your account follows nobody suspended."), RejectedError, "nobody"),
        (403, {"errors": [{"code": 220, "message": "Your credentials do not allow"}]}, RejectedError, "credentials"),
        (404, b"<html>", RejectedError, "404"),
        (500, problem("internal-error", 500, "Oops"), UnreachableError, "Oops"),
    ],
)
async def test_refusals_by_their_names(
    server: XServer, service: X, status: int, body: object, error: type[Exception], words: str
) -> None:
    server.fault("GET", HOME, "status", status=status, body=body)
    with pytest.raises(error, match=words):
        await service.page()
