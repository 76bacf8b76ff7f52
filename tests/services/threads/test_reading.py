"""Lists by whole seconds merged into one, own posts, search, conversations, errors (facts/threads.md 2, 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.post import NotificationKind, PostKind
from mbclient.services.fields import Garbage
from mbclient.services.kit import Kit
from mbclient.services.threads.places import Place, above, below, read
from mbclient.services.threads.posts import Decoder
from mbclient.services.threads.service import Threads
from tests.services.contract import all_newer, all_older, assert_safe
from tests.services.threads.conftest import opened
from tests.services.threads.server import SCOPES, ThreadsServer


def now() -> datetime:
    return datetime.now(UTC)


START = now() - timedelta(hours=20)


def two_lists(server: ThreadsServer, number: int, seconds: int) -> list[str]:
    """Own posts and mentions in turn, some seconds apart; newest last."""
    anna, bo = server.people["anna"], server.people["bo"]
    return [
        server.write(
            bo if n % 3 else anna,
            f"nr {n}",
            mentions={"anna"} if n % 3 else set(),
            at=START + timedelta(seconds=n * seconds),
        ).id
        for n in range(number)
    ]


# ------------------------------------------------------------ pages of two lists


@pytest.mark.parametrize("seconds", [0, 1, 60])
@pytest.mark.parametrize(("inclusive", "most"), [(True, 100), (False, 100), (True, 3), (False, 3)])
async def test_downward_nothing_is_missed_or_comes_twice(kit: Kit, seconds: int, inclusive: bool, most: int) -> None:
    async with ThreadsServer(inclusive=inclusive, most=most) as server:
        service = opened(server, kit)
        ids = two_lists(server, 40, seconds)
        posts = await all_older(service, await service.page(limit=7), 7)
        assert sorted(post.remote_id for post in posts) == sorted(ids)
        if seconds:
            assert [post.remote_id for post in posts] == ids[::-1]


@pytest.mark.parametrize("seconds", [0, 1, 60])
@pytest.mark.parametrize("inclusive", [True, False])
async def test_upward_the_gap_below_a_full_page_is_told_and_filled(kit: Kit, seconds: int, inclusive: bool) -> None:
    async with ThreadsServer(inclusive=inclusive) as server:
        service = opened(server, kit)
        first = two_lists(server, 5, 0)
        page = await service.page()
        assert page.newer is not None
        ids = two_lists(server, 60, seconds)
        posts = await all_newer(service, page.newer, 10, set(first))
        assert {post.remote_id for post in posts} == set(ids)
        assert len(posts) == len(ids)


async def test_one_list_far_longer_than_the_other_hides_none_of_it(server: ThreadsServer, service: Threads) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    old = server.write(bo, "gammalt", mentions={"anna"}, at=START - timedelta(days=9)).id
    for n in range(130):
        server.write(anna, f"nr {n}", at=START + timedelta(seconds=n))
    page = await service.page(limit=20)
    assert old not in [post.remote_id for post in page.posts]
    posts = await all_older(service, page, 20)
    assert posts[-1].remote_id == old
    assert len(posts) == 131


async def test_a_mention_that_turns_up_a_little_late_is_not_missed(server: ThreadsServer, service: Threads) -> None:
    bo = server.people["bo"]
    for n in range(5):
        server.write(bo, f"nr {n}", mentions={"anna"}, at=START + timedelta(seconds=20 * n))
    page = await service.page()
    late = server.write(bo, "sen", mentions={"anna"}, at=START + timedelta(seconds=50))
    newer = await service.page(after=page.newer)
    assert [post.remote_id for post in newer.posts] == [late.id]
    assert (await service.page(after=newer.newer)).posts == ()


async def test_reposts_have_no_words_and_a_page_of_them_is_not_the_end(server: ThreadsServer, service: Threads) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    theirs, mine = server.write(bo, "Hej"), server.write(anna, "mitt", at=START)
    for n in range(30):
        server.write(anna, None, reposts=theirs, kind="REPOST_FACADE", at=START + timedelta(minutes=n + 1))
    page = await service.page(limit=10)
    assert [post.remote_id for post in page.posts] == [mine.id]
    assert page.skipped == 0
    assert [post.remote_id for post in await service.own_posts(START - timedelta(days=1))] == [mine.id]


async def test_feeds(server: ThreadsServer, service: Threads) -> None:
    tagged = server.write(server.people["eva"], "Dags för #fika")
    mine = server.write(server.people["anna"], "svar", parent=tagged)
    assert [post.remote_id for post in (await service.page(Feed("tag", "#fika"))).posts] == [tagged.id]
    assert [post.remote_id for post in (await service.page(Feed("author", "1001"))).posts] == [mine.id]
    for nothing in (Feed("local"), Feed("list", "1"), Feed("author", "bo")):
        with pytest.raises(UsageError):
            await service.page(nothing)


# ------------------------------------------------------------ authors' pictures


async def test_each_way_to_a_post_tells_where_its_authors_picture_stands(
    server: ThreadsServer, service: Threads
) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    anna.picture, bo.picture = "https://cdn.example/anna.jpg?oe=1", "https://cdn.example/bo.jpg?oe=1"
    mine = server.write(anna, "mitt #fika", at=START)
    theirs = server.write(bo, "@anna svar", parent=mine, quoted=mine, mentions={"anna"})
    page = await service.page()
    assert {post.remote_id: post.author.avatar for post in page.posts} == {mine.id: anna.picture, theirs.id: bo.picture}
    post = await service.post(theirs.id)
    assert post.quoted is not None
    assert (post.author.avatar, post.quoted.author.avatar) == (bo.picture, anna.picture)
    thread = await service.thread(await service.post(mine.id))
    assert [each.author.avatar for each in thread.descendants] == [bo.picture]
    assert [each.author and each.author.avatar for each in (await service.notifications()).notifications] == [
        bo.picture
    ]
    assert [each.author.avatar for each in (await service.search("mitt")).posts] == [anna.picture]


async def test_an_author_without_a_picture_has_none(server: ThreadsServer, service: Threads) -> None:
    server.people["bo"].picture = None
    theirs = server.write(server.people["bo"], "Hej")
    assert (await service.post(theirs.id)).author.avatar == ""


async def test_where_the_picture_is_no_field_the_posts_come_without(server: ThreadsServer, service: Threads) -> None:
    """One unknown field refuses the whole question; it is not asked for a second time."""
    server.unknown = {"profile_picture_url"}
    mine = server.write(server.people["anna"], "mitt")
    for _time in range(2):
        page = await service.page()
        assert [(post.remote_id, post.author.avatar) for post in page.posts] == [(mine.id, "")]
        assert (await service.post(mine.id)).author.avatar == ""
    asked = ["profile_picture_url" in request.query["fields"] for request in server.asked("GET", mine.id)]
    assert asked == [True, False, False]


async def test_one_list_that_does_not_know_it_costs_the_others_nothing(server: ThreadsServer, service: Threads) -> None:
    reason = "(#100) Tried accessing nonexisting field (profile_picture_url)"
    server.fault("GET", "me/mentions", "error", 400, 100, reason)
    mine = server.write(server.people["anna"], "mitt")
    for _time in range(2):
        assert [post.author.avatar for post in (await service.page()).posts] == [mine.person.picture]
    assert "profile_picture_url" not in server.asked("GET", "me/mentions")[-1].query["fields"]


async def test_a_permission_that_lacks_for_the_picture_costs_no_post(server: ThreadsServer, service: Threads) -> None:
    server.guarded = {"profile_picture_url"}
    mention = server.write(server.people["bo"], "@anna", mentions={"anna"})
    for _time in range(2):
        assert [post.remote_id for post in (await service.page()).posts] == [mention.id]
    assert len(server.asked("GET", "me/mentions")) == 3  # once in vain
    assert service.capabilities.notifications


async def test_one_post_that_may_not_be_read_costs_the_others_no_picture(
    server: ThreadsServer, service: Threads
) -> None:
    hidden, mine = server.write(server.people["bo"], "dold"), server.write(server.people["anna"], "mitt")
    for _time in range(2):
        server.fault("GET", hidden.id, "error", 400, 10, "Application does not have permission for this action")
    with pytest.raises(RejectedError):
        await service.post(hidden.id)
    assert (await service.post(mine.id)).author.avatar == mine.person.picture


@pytest.mark.parametrize("reason", ["Invalid parameter", "Please try again."])
async def test_a_refusal_that_names_no_field_costs_no_post(
    server: ThreadsServer, service: Threads, reason: str
) -> None:
    server.fault("GET", "me/threads", "error", 400, 100, reason)
    mine = server.write(server.people["anna"], "mitt")
    for _time in range(2):
        assert [(post.remote_id, post.author.avatar) for post in (await service.page()).posts] == [(mine.id, "")]
    assert len(server.asked("GET", "me/threads")) == 3  # once in vain


async def test_a_refusal_for_another_reason_is_told(server: ThreadsServer, service: Threads) -> None:
    for _time in range(2):
        server.fault("GET", "me/threads", "error", 400, 100, "since is too early")
    with pytest.raises(RejectedError, match="too early"):
        await service.page()
    assert len(server.asked("GET", "me/threads")) == 2


# ------------------------------------------------------------ own posts


@pytest.mark.parametrize("inclusive", [True, False])
async def test_own_posts_are_two_lists(kit: Kit, inclusive: bool) -> None:
    async with ThreadsServer(inclusive=inclusive, most=40) as server:
        service = opened(server, kit)
        anna, theirs = server.people["anna"], server.write(server.people["bo"], "Hej")
        since = START.replace(microsecond=0)
        server.write(anna, "dagen före", at=since - timedelta(seconds=1))
        ids = {server.write(anna, f"{n}", at=since + timedelta(seconds=n)).id for n in range(90)}
        ids |= {server.write(anna, f"svar {n}", parent=theirs, at=since + timedelta(seconds=n)).id for n in range(50)}
        ids.add(server.write(anna, "citat", quoted=theirs).id)
        posts = await service.own_posts(since)
        assert {post.remote_id for post in posts} == ids
        assert len(posts) == len(ids)
        assert {post.author.remote_id for post in posts} == {"1001"}


# ------------------------------------------------------------ search


async def test_search_by_words_and_by_tag_goes_on_where_it_ended(server: ThreadsServer, service: Threads) -> None:
    ids = [server.write(server.people["eva"], f"nål #{n}x", at=START + timedelta(seconds=n)).id for n in range(30)]
    page = await service.search("nål", limit=20)
    rest = await service.search("nål", before=page.older, limit=20)
    assert [post.remote_id for post in (*page.posts, *rest.posts)] == ids[::-1]
    assert [post.remote_id for post in (await service.search("#7x")).posts] == [ids[7]]
    modes = [request.query["search_mode"] for request in server.asked("GET", "keyword_search")]
    assert modes[-1] == "TAG"
    for words in ("#7x #8x", "#"):
        await service.search(words)
        assert server.asked("GET", "keyword_search")[-1].query["search_mode"] == "KEYWORD", words
    assert all(
        int(request.query.get("since", 1688540400)) >= 1688540400 for request in server.asked("GET", "keyword_search")
    )


# ------------------------------------------------------------ conversations and notifications


async def test_a_thread_in_reading_order(server: ThreadsServer, service: Threads) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    root = server.write(anna, "0", at=START)
    first = server.write(bo, "1", parent=root, at=START + timedelta(seconds=1))
    second = server.write(anna, "2", parent=first, at=START + timedelta(seconds=2))
    server.write(bo, "annan gren", parent=root, at=START + timedelta(seconds=3))
    third = server.write(bo, "3", parent=second, at=START + timedelta(seconds=4))
    thread = await service.thread(await service.post(first.id))
    assert [post.remote_id for post in thread.ancestors] == [root.id]
    assert [post.remote_id for post in thread.descendants] == [second.id, third.id]


async def test_of_anothers_conversation_what_is_above_may_be_all(server: ThreadsServer, service: Threads) -> None:
    server.others_conversations = False
    root = server.write(server.people["bo"], "0")
    mine = server.write(server.people["anna"], "1", parent=root)
    thread = await service.thread(await service.post(mine.id))
    assert [post.remote_id for post in thread.ancestors] == [root.id]
    assert thread.descendants == ()


async def test_mentions_and_answers_are_the_notifications(server: ThreadsServer, service: Threads) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    mine = server.write(anna, "mitt", at=START)
    answer = server.write(bo, "svar", parent=mine, at=START + timedelta(seconds=1))
    both = server.write(bo, "@anna svar", parent=mine, mentions={"anna"}, at=START + timedelta(seconds=2))
    mention = server.write(bo, "@anna hej", mentions={"anna"}, at=START + timedelta(seconds=3))
    server.write(anna, "eget svar", parent=mine)
    page = await service.notifications()
    assert [(item.kind, item.remote_id) for item in page.notifications] == [
        (NotificationKind.MENTION, mention.id),
        (NotificationKind.REPLY, both.id),
        (NotificationKind.REPLY, answer.id),
    ]


async def test_without_the_right_to_read_answers_mentions_are_told(server: ThreadsServer, kit: Kit) -> None:
    server.tokens["anna-token"].scopes = SCOPES - {"threads_read_replies"}
    service = opened(server, kit)
    await service.load_capabilities()
    mine = server.write(server.people["anna"], "mitt")
    server.write(server.people["bo"], "svar", parent=mine)
    mention = server.write(server.people["bo"], "@anna", mentions={"anna"})
    assert [item.remote_id for item in (await service.notifications()).notifications] == [mention.id]


# ------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ((400, 190, "expired"), AuthError),
        ((401, 0, "no"), AuthError),
        ((400, 4, "limit"), RateLimitedError),
        ((403, 17, "limit"), RateLimitedError),
        ((400, 32, "limit"), RateLimitedError),
        ((403, 613, "limit"), RateLimitedError),
        ((429, 0, "limit"), RateLimitedError),
        ((400, 1, "oops", 0, True), UnreachableError),
        ((500, 2, "oops"), UnreachableError),
        ((200, 2, "oops"), UnreachableError),
        ((400, 100, "nej\x1b[31m"), RejectedError),
        ((403, 200, "forbidden"), RejectedError),
    ],
)
async def test_graph_errors_by_their_codes(
    server: ThreadsServer, service: Threads, refusal: tuple[Any, ...], error: type[Exception]
) -> None:
    for _time in range(2):  # without a permission it is asked once more, for less
        server.fault("GET", "me/threads", "error", *refusal)
    with pytest.raises(error) as caught:
        await service.page()
    assert "\x1b" not in str(caught.value)


async def test_a_page_of_html_is_no_list(server: ThreadsServer, service: Threads) -> None:
    server.fault("GET", "me/mentions", "garbage")
    with pytest.raises(UnreachableError):
        await service.page()


# ------------------------------------------------------------ posts and places

DECODER = Decoder("work", "1001", "anna")
MEDIA: dict[str, Any] = {
    "id": "17",
    "media_type": "TEXT_POST",
    "permalink": "https://www.threads.com/@bo/post/x",
    "username": "bo",
    "text": "Hej @anna.ek, se https://example.org/a #fika\x1b",
    "timestamp": "2024-09-12T23:17:39+0000",
}


def test_a_post_and_its_parts() -> None:
    more = {
        "link_attachment_url": "https://example.org/b",
        "topic_tag": "fika",
        "media_type": "IMAGE",
        "alt_text": "en häst",
    }
    post = DECODER.post({**MEDIA, **more, "replied_to": {"id": "16"}, "root_post": {"id": "15"}})
    assert_safe(post)
    assert post.created_at == datetime(2024, 9, 12, 23, 17, 39, tzinfo=UTC)  # no colon in the zone
    assert (post.kind, post.in_reply_to, post.root) == (PostKind.REPLY, "16", ("15", ""))
    assert [link.url for link in post.links] == ["https://example.org/a", "https://example.org/b"]
    assert (post.tags, post.mentions) == (("fika",), ("anna.ek",))
    assert [(medium.type, medium.alt) for medium in post.media] == [("image", "en häst")]
    assert (post.uri, post.author.remote_id) == (MEDIA["permalink"], "bo")
    assert DECODER.post({**MEDIA, "username": "Anna"}).author.remote_id == "1001"


def test_a_quote_whose_words_were_not_read_says_so() -> None:
    post = DECODER.post({**MEDIA, "quoted_post": {"id": "9"}})
    assert post.quoted is not None
    assert (post.kind, post.quoted.remote_id, post.quoted.state) == (PostKind.QUOTE, "9", "unread")


@pytest.mark.parametrize("nonsense", [{"id": None}, {"timestamp": "never"}, {"timestamp": 7}, {"username": " "}])
def test_nonsense_is_none(nonsense: dict[str, Any]) -> None:
    with pytest.raises(Garbage):
        DECODER.post({**MEDIA, **nonsense})


PLACES = st.builds(
    lambda at, name: Place(at, len(name), name),
    st.integers(0, 10**10),
    st.integers(0, 10**18).map(str),
)


@given(st.lists(PLACES, max_size=20), st.lists(PLACES, max_size=20))
def test_cursors_read_back_with_their_bound(taken: list[Place], known: list[Place]) -> None:
    older, newer = below(taken, known), above(taken, known)
    assert (older is None) is not bool(taken)
    if older:
        assert {place.at for place in read(older)} == {min(taken).at}
        assert min(taken) in read(older)
    if newer:
        assert read(newer)[0] == max([*taken, *known])


@given(st.text(max_size=60))
def test_a_foreign_cursor_is_none(text: str) -> None:
    assert isinstance(read(text), tuple)
