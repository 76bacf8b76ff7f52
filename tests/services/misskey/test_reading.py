"""Pages by id, own posts, search, threads, notifications and errors, with their traps (facts/misskey.md 3, 5, 6, 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mbclient.core.ports import Feed
from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import NotificationKind, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.fields import Garbage
from mbclient.services.kit import Kit
from mbclient.services.misskey.notes import Decoder
from mbclient.services.misskey.service import Misskey
from tests.services.contract import all_newer, all_older, assert_safe, outgoing
from tests.services.misskey.conftest import error, opened
from tests.services.misskey.server import MisskeyServer
from tests.services.misskey.shapes import milliseconds


def now() -> datetime:
    return datetime.now(UTC)


# ------------------------------------------------------------ pages


@pytest.mark.parametrize("behaviour", ["misskey", "before-2024.5"])
async def test_many_new_ones_come_without_a_gap_in_either_order(kit: Kit, behaviour: str) -> None:
    async with MisskeyServer(behaviour) as server:
        service = opened(server, kit)
        first = [server.write(server.people["bo"], f"nr {n}").id for n in range(5)]
        page = await service.page()
        assert page.newer is not None
        ids = [server.write(server.people["bo"], f"ny {n}").id for n in range(95)]
        posts = await all_newer(service, page.newer, 20, set(first))
        assert {post.remote_id for post in posts} == set(ids)


async def test_upward_the_oldest_come_first_and_are_sorted_here(server: MisskeyServer, service: Misskey) -> None:
    server.write(server.people["bo"], "nr 0")
    page = await service.page()
    ids = [server.write(server.people["bo"], f"ny {n}").id for n in range(30)]
    newer = await service.page(after=page.newer, limit=10)
    assert [post.remote_id for post in newer.posts] == ids[:10][::-1]
    assert (newer.complete, newer.newer) == (True, ids[9])


async def test_a_page_that_shrank_is_not_the_end(server: MisskeyServer, service: Misskey) -> None:
    """Hidden notes have no words and are nothing; only an empty page ends it."""
    ids = [server.write(server.people["bo"], f"nr {n}", hidden=5 <= n < 25).id for n in range(30)]
    page = await service.page(limit=10)
    assert page.skipped == 0
    posts = await all_older(service, page, 10)
    assert [post.remote_id for post in posts] == [*ids[:5], *ids[25:]][::-1]


async def test_feeds_beside_home(server: MisskeyServer, service: Misskey) -> None:
    eva = server.people["eva"]
    note = server.write(eva, "Hej #fika")
    for feed in (Feed("local"), Feed("tag", "#fika"), Feed("author", "ueva"), Feed("list", "eva")):
        assert [post.remote_id for post in (await service.page(feed)).posts] == [note.id]
    assert (await service.page()).posts == ()
    for nothing in (Feed("bubble"), Feed("tag"), Feed("list")):
        with pytest.raises(UsageError):
            await service.page(nothing)


async def test_a_local_timeline_that_is_shut_is_said_and_remembered(server: MisskeyServer, service: Misskey) -> None:
    server.people["anna"].policies["ltlAvailable"] = False
    with pytest.raises(UnsupportedError, match="local"):
        await service.page(Feed("local"))
    assert "local" not in service.capabilities.feeds


async def test_a_home_that_is_an_object_is_no_timeline(server: MisskeyServer, service: Misskey) -> None:
    server.fault("notes/timeline", "status", status=200, body={"notes": []})
    with pytest.raises(UnreachableError):
        await service.page()


# ------------------------------------------------------------ own posts


async def test_own_posts_have_replies_and_direct_ones_but_no_boosts(server: MisskeyServer, service: Misskey) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    theirs = server.write(bo, "Hej")
    wanted = {
        server.write(anna, "ett").id,
        server.write(anna, "svar", reply=theirs).id,
        server.write(anna, "citat", renote=theirs).id,
        server.write(anna, "hemligt", visibility="specified").id,
    }
    server.write(anna, None, renote=theirs)
    server.write(anna, "förra året", at=now() - timedelta(days=400))
    posts = await service.own_posts(now() - timedelta(hours=1))
    assert {post.remote_id for post in posts} == wanted
    (body,) = {request.json["sinceDate"] for request in server.asked("users/notes")}
    assert body > 1_000_000_000_000  # requests count milliseconds


@pytest.mark.parametrize("behaviour", ["misskey", "before-2024.5"])
async def test_more_own_posts_than_a_page_are_all_counted(kit: Kit, behaviour: str) -> None:
    async with MisskeyServer(behaviour) as server:
        service = opened(server, kit)
        start = now() - timedelta(hours=5)
        ids = {server.write(server.people["anna"], f"{n}", at=start + timedelta(minutes=n)).id for n in range(230)}
        posts = await service.own_posts(start)
        assert {post.remote_id for post in posts} == ids
        assert len(posts) == 230


async def test_a_post_of_that_very_moment_is_counted(server: MisskeyServer, service: Misskey) -> None:
    since = now().replace(microsecond=0)
    note = server.write(server.people["anna"], "nu", at=since)
    assert [post.remote_id for post in await service.own_posts(since)] == [note.id]
    assert milliseconds(since) % 1000 == 0


# ------------------------------------------------------------ search


async def test_words_that_are_not_allowed_are_refused_and_tags_are_found_all_the_same(
    server: MisskeyServer, service: Misskey
) -> None:
    note = server.write(server.people["eva"], "Dags för #fika")
    for _number in range(2):
        with pytest.raises(UnsupportedError, match="search for tags alone; search for a #hashtag"):
            await service.search("fika")
        assert service.capabilities.search
        assert [post.remote_id for post in (await service.search(" #fika")).posts] == [note.id]
    assert len(server.asked("notes/search")) == 1


async def test_words_are_found_once_the_role_allows_it(server: MisskeyServer, service: Misskey, kit: Kit) -> None:
    """What an earlier run read of the policies is no word of today's."""
    note = server.write(server.people["eva"], "Dags för fika")
    server.people["anna"].policies["canSearchNotes"] = True
    assert [post.remote_id for post in (await opened(server, kit).search("fika")).posts] == [note.id]


async def test_search_goes_on_where_it_ended(server: MisskeyServer, service: Misskey) -> None:
    server.people["anna"].policies["canSearchNotes"] = True
    await service.load_capabilities()
    assert service.capabilities.search
    ids = [server.write(server.people["eva"], f"nål {n}").id for n in range(30)]
    page = await service.search("nål", limit=20)
    rest = await service.search("nål", before=page.older, limit=20)
    assert [post.remote_id for post in (*page.posts, *rest.posts)] == ids[::-1]


# ------------------------------------------------------------ threads


async def test_a_thread_in_reading_order_without_its_quotes(server: MisskeyServer, service: Misskey) -> None:
    bo, eva = server.people["bo"], server.people["eva"]
    notes = [server.write(bo, "0")]
    for n in range(1, 5):
        notes.append(server.write(eva, str(n), reply=notes[-1]))
    other = server.write(bo, "annan gren", reply=notes[2])
    server.write(eva, "ett citat", renote=notes[2])
    thread = await service.thread(await service.post(notes[2].id))
    assert [post.remote_id for post in thread.ancestors] == [notes[0].id, notes[1].id]
    assert [post.remote_id for post in thread.descendants] == [notes[3].id, notes[4].id, other.id]


async def test_a_long_conversation_is_read_to_its_start(server: MisskeyServer, service: Misskey) -> None:
    notes = [server.write(server.people["bo"], "0")]
    for n in range(1, 151):
        notes.append(server.write(server.people["bo"], str(n), reply=notes[-1]))
    thread = await service.thread(await service.post(notes[-1].id))
    assert [post.remote_id for post in thread.ancestors] == [note.id for note in notes[:-1]]


# ------------------------------------------------------------ notifications


async def test_reading_notifications_marks_none_as_read(server: MisskeyServer, service: Misskey) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    mine = server.write(anna, "mitt")
    server.notify(anna, "reaction", bo, mine, reaction=":blobcat@.:")
    server.notify(anna, "renote", bo, server.write(bo, None, renote=mine))
    server.notify(anna, "follow", bo)
    server.notify(anna, "achievementEarned", bo)
    page = await service.notifications()
    assert [item.kind for item in page.notifications] == [
        NotificationKind.OTHER,
        NotificationKind.FOLLOW,
        NotificationKind.BOOST,
        NotificationKind.LIKE,
    ]
    boost, like = page.notifications[2:]
    assert boost.post is not None
    assert (boost.post.remote_id, like.detail) == (mine.id, ":blobcat@.:")
    assert not any(item["isRead"] for item in anna.notifications)


async def test_polling_leaves_a_fifth_of_the_requests_to_the_user(server: MisskeyServer, service: Misskey) -> None:
    """The server tells nothing of what is left: 30 in 30 s."""
    for _number in range(24):
        await service.notifications()
    with pytest.raises(RateLimitedError) as caught:
        await service.notifications()
    assert timedelta(0) < caught.value.until - now() <= timedelta(seconds=30)
    await service.notifications(before="zzzz")  # the user pages down
    assert len(server.asked("i/notifications")) == 25


# ------------------------------------------------------------ errors


async def test_a_deleted_note_is_a_400(service: Misskey, server: MisskeyServer) -> None:
    note = server.write(server.people["bo"], "Hej")
    server.remove(note.id)
    with pytest.raises(RejectedError) as caught:
        await service.post(note.id)
    assert (caught.value.status, caught.value.code) == (400, "NO_SUCH_NOTE")


@pytest.mark.parametrize(
    ("headers", "info", "low", "high"),
    [
        ({"Retry-After": "90"}, {"resetMs": 1}, 89, 90),
        ({}, {"resetMs": 45_500}, 44, 46),
        ({}, {"resetMs": "soon"}, 59, 60),
        ({}, None, 59, 60),
    ],
)
async def test_a_limit_is_waited_for(
    server: MisskeyServer, service: Misskey, headers: dict[str, str], info: Any, low: int, high: int
) -> None:
    body = error("RATE_LIMIT_EXCEEDED", info=info)
    server.fault("notes/timeline", "status", status=429, body=body, headers=headers)
    with pytest.raises(RateLimitedError) as caught:
        await service.page()
    assert timedelta(seconds=low - 1) < caught.value.until - now() <= timedelta(seconds=high)


async def test_a_limit_may_tell_a_moment(server: MisskeyServer, service: Misskey) -> None:
    body = error("RATE_LIMIT_EXCEEDED", info={"resetMs": milliseconds(now() + timedelta(minutes=7))})
    server.fault("notes/timeline", "status", status=429, body=body)
    with pytest.raises(RateLimitedError) as caught:
        await service.page()
    assert timedelta(minutes=6) < caught.value.until - now() <= timedelta(minutes=7, seconds=1)


async def test_a_permission_that_lacks_and_a_suspension(server: MisskeyServer, service: Misskey, kit: Kit) -> None:
    server.tokens["anna-token"] = (server.people["anna"], "read:account")
    with pytest.raises(AuthError, match="lacks a permission"):
        await service.notifications()
    server.people["anna"].suspended = True
    with pytest.raises(AuthError, match="suspended"):
        await service.page()


async def test_an_account_that_has_moved_writes_no_more_here(server: MisskeyServer, service: Misskey) -> None:
    """Signing in again would not help: the way on is told. Reading goes on."""
    prepared = await service.prepare(outgoing("Hej"))
    body = error("YOUR_ACCOUNT_MOVED", "You have moved your account.")
    server.fault("notes/create", "status", status=403, body=body)
    with pytest.raises(AuthError, match="moved to another server; add it there: mbclient account add misskey --url"):
        await service.publish(prepared)
    server.write(server.people["bo"], "Hej då")
    assert [post.text for post in (await service.page()).posts] == ["Hej då"]


async def test_an_errors_words_are_cleaned(server: MisskeyServer, service: Misskey) -> None:
    body = error("X\x1b]0;x\x07", "Nej\x1b[31m")
    server.fault("notes/timeline", "status", status=400, body=body)
    with pytest.raises(RejectedError, match="Nej") as caught:
        await service.page()
    assert "\x1b" not in str(caught.value)


async def test_an_unknown_path_has_another_shape(server: MisskeyServer, service: Misskey) -> None:
    other = {"message": "Route POST:/api/notes/state not found", "error": "Not Found", "statusCode": 404}
    server.fault("notes/state", "status", status=404, body=other)
    note = server.write(server.people["bo"], "Hej")
    assert not (await service.post(note.id)).mine.bookmarked
    assert not service.capabilities.bookmark


async def test_everything_is_json_with_the_token_in_a_header(server: MisskeyServer, service: Misskey) -> None:
    await service.page()
    for request in server.wire.requests:
        if request.path.startswith("/api/"):
            assert request.method == "POST"
            assert request.headers["content-type"] == "application/json"
            assert "i" not in request.json
        assert "anna-token" not in request.target


# ------------------------------------------------------------ notes

DECODER = Decoder("work", "https://m.example", "ume")
NOTE: dict[str, Any] = {
    "id": "a1",
    "createdAt": "2026-11-24T08:00:00.123Z",
    "user": {"id": "ueva", "username": "eva", "host": None, "name": None},
    "text": "Hej @bo och @li@annan.example #fika",
    "visibility": "public",
    "tags": ["fika"],
}


def test_a_note_of_this_server_and_of_another() -> None:
    post = DECODER.post(NOTE)
    assert (post.uri, post.url) == ("https://m.example/notes/a1", "https://m.example/notes/a1")
    assert (post.author.handle, post.author.name) == ("eva@m.example", "eva")
    assert post.mentions == ("bo@m.example", "li@annan.example")
    assert post.created_at == datetime(2026, 11, 24, 8, 0, 0, 123000, tzinfo=UTC)
    there = DECODER.post(
        {**NOTE, "uri": "https://annan.example/n/9", "user": {**NOTE["user"], "host": "annan.example"}}
    )
    assert (there.uri, there.author.handle) == ("https://annan.example/n/9", "eva@annan.example")
    assert there.author.url == "https://m.example/@eva@annan.example"


@pytest.mark.parametrize(
    ("fields", "visibility"),
    [
        ({"visibility": "home"}, Visibility.UNLISTED),
        ({"visibility": "followers"}, Visibility.FOLLOWERS),
        ({"visibility": "specified"}, Visibility.DIRECT),
        ({"visibility": "circle"}, Visibility.DIRECT),
        ({"visibility": None}, Visibility.DIRECT),
        ({"localOnly": True}, Visibility.FOLLOWERS),
        ({"localOnly": True, "visibility": "specified"}, Visibility.DIRECT),
    ],
)
def test_no_visibility_is_read_wider_than_it_is(fields: dict[str, Any], visibility: Visibility) -> None:
    assert DECODER.post({**NOTE, **fields}).visibility is visibility


def test_a_renote_a_quote_and_what_looks_like_one() -> None:
    inner = {**NOTE, "id": "a0", "text": "inre"}
    bare = {**NOTE, "text": None, "renoteId": "a0", "renote": inner}
    boost = DECODER.post({**bare, "user": {"id": "ume", "username": "jag"}})
    assert (boost.kind, boost.remote_id, boost.boost_id) == (PostKind.BOOST, "a0", "a1")
    assert (boost.mine.boosted, boost.mine.boost_ref) == (True, "a1")
    for more in (
        {"text": "se"},
        {"cw": "x"},
        {"poll": {"choices": [{"text": "ja", "votes": 2}]}},
        {"files": [{"id": "f"}]},
    ):
        quote = DECODER.post({**bare, **more})
        assert quote.kind is PostKind.QUOTE
        assert quote.quoted is not None
        assert quote.quoted.text == "inre"
        assert_safe(quote)
    gone = DECODER.post({**bare, "text": "se", "renote": None})
    assert gone.quoted is not None
    assert gone.quoted.state == "deleted"
    hidden = DECODER.post({**bare, "text": "se", "renote": {**inner, "text": None, "isHidden": True}})
    assert hidden.quoted is not None
    assert hidden.quoted.state == "unauthorized"
    with pytest.raises(Garbage):
        DECODER.post({**bare, "renote": None})


def test_polls_files_and_counts() -> None:
    post = DECODER.post(
        {
            **NOTE,
            "cw": "varning",
            "poll": {
                "choices": [{"text": "ja\x1b", "votes": 2, "isVoted": True}, {"text": "nej", "votes": 0}],
                "multiple": False,
                "expiresAt": "2026-11-25T08:00:00.000Z",
            },
            "files": [
                {"type": "image/png", "url": "https://m.example/f", "comment": "en häst", "isSensitive": True},
                {"type": 7},
            ],
            "reactions": {"👍": 2, ":x:": 1, "y": "z"},
            "renoteCount": 4,
            "repliesCount": 5,
            "myReaction": "❤",
        }
    )
    assert_safe(post)
    choices = (Choice(SafeText("ja␛"), 2, mine=True), Choice(SafeText("nej"), 0))
    assert post.poll == Poll(choices, ends=datetime(2026, 11, 25, 8, tzinfo=UTC), voted=True)
    assert post.whole_text.endswith("\n\n○ ja␛ (2)\n○ nej (0)")
    assert [(medium.type, medium.alt) for medium in post.media] == [("image", "en häst"), ("unknown", "")]
    assert (post.counts.likes, post.counts.boosts, post.counts.replies) == (3, 4, 5)
    assert (post.cw, post.sensitive, post.mine.liked, post.mine.like_ref) == ("varning", True, True, "❤")
