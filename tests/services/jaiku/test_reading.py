"""Pages by whole inclusive seconds, feeds that are no JSON, own posts, threads (facts/jaiku.md 4, 5, 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.errors import RejectedError, UnreachableError, UsageError
from mbclient.domain.post import PostKind
from mbclient.services.fields import Garbage
from mbclient.services.jaiku.entries import Decoder, Name, entry_time, name_of, time_param
from mbclient.services.jaiku.places import Place, read, second_above, written
from mbclient.services.jaiku.service import Jaiku
from tests.services.contract import all_newer, all_older, assert_safe, outgoing
from tests.services.jaiku.server import JaikuServer

BASE = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)


def many(server: JaikuServer, number: int, *, apart: float, at: datetime = BASE, who: str = "bo") -> list[str]:
    return [server.name(server.write(who, f"nr {n}", at=at + timedelta(seconds=n * apart))) for n in range(number)]


# ------------------------------------------------------------ paging


@pytest.mark.parametrize("apart", [0.0, 0.03, 0.4, 1.0, 7.3])
async def test_pages_overlap_by_seconds_and_nothing_is_lost_or_doubled(
    server: JaikuServer, service: Jaiku, apart: float
) -> None:
    ids = many(server, 60, apart=apart)
    posts = await all_older(service, await service.page(limit=7), 7)
    assert len(posts) == 60
    assert {post.remote_id for post in posts} == set(ids)


async def test_more_than_a_page_in_one_second_does_not_hold_paging_up(server: JaikuServer, service: Jaiku) -> None:
    early = many(server, 3, apart=1, at=BASE - timedelta(minutes=1))
    many(server, 130, apart=0)
    posts = await all_older(service, await service.page(limit=40), 40)
    assert {post.remote_id for post in posts} >= set(early)
    assert len(posts) == len({post.remote_id for post in posts}) >= 103  # the rest no request can reach


@pytest.mark.parametrize("apart", [0.0, 0.2, 1.0])
async def test_newer_pages_come_oldest_first_and_leave_no_gap(
    server: JaikuServer, service: Jaiku, apart: float
) -> None:
    many(server, 5, apart=1)
    page = await service.page()
    assert page.newer is not None
    ids = many(server, 50, apart=apart, at=BASE + timedelta(minutes=1))
    found = await all_newer(service, page.newer, 9, {post.remote_id for post in page.posts})
    assert sorted(post.remote_id for post in found) == sorted(ids)


async def test_one_that_is_delivered_late_is_seen_among_the_newest_known(server: JaikuServer, service: Jaiku) -> None:
    many(server, 5, apart=10)
    page = await service.page()
    assert page.newer is not None
    late = server.name(server.write("bo", "sen", at=BASE + timedelta(seconds=25)))
    newer = await service.page(after=page.newer)
    assert [post.remote_id for post in newer.posts] == [late]
    assert newer.newer is not None
    assert (await service.page(after=newer.newer)).posts == ()


async def test_a_page_that_deletions_made_short_is_not_the_end(server: JaikuServer, service: Jaiku) -> None:
    ids = many(server, 30, apart=10)
    for name in ids[12:24]:
        server.entries[name.rpartition("/")[2]].deleted = True
    posts = await all_older(service, await service.page(limit=10), 10)
    assert {post.remote_id for post in posts} == {*ids[:12], *ids[24:]}


@given(st.lists(st.tuples(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.uuids())))  # noqa: DTZ001
def test_cursors_read_back(raw: list[tuple[datetime, object]]) -> None:
    places = [Place(at.replace(tzinfo=UTC), str(uuid).replace("-", "")) for at, uuid in raw]
    assert read(written(places) or "") == tuple(places)


@given(st.text(max_size=60))
def test_a_foreign_cursor_is_none(text: str) -> None:
    assert isinstance(read(text), tuple)


async def test_a_foreign_cursor_brings_nothing_old(server: JaikuServer, service: Jaiku) -> None:
    many(server, 3, apart=1)
    assert (await service.page(before="x")).posts == ()


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))  # noqa: DTZ001
def test_a_bound_never_cuts_its_own_second(at: datetime) -> None:
    bound = datetime.fromisoformat(time_param(second_above(at))).replace(tzinfo=UTC)
    assert timedelta(0) <= bound - at < timedelta(seconds=1)


# ------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23 19:06:22.367272", datetime(2026, 11, 23, 19, 6, 22, 367272, tzinfo=UTC)),
        ("2026-11-23 19:06:22", datetime(2026, 11, 23, 19, 6, 22, tzinfo=UTC)),
        ("2009-05-30T00-50-11Z", datetime(2009, 5, 30, 0, 50, 11, tzinfo=UTC)),
        ("2009-13-30T00-50-11Z", None),
        ("2026-11-23", None),
        ("nyss", None),
        (None, None),
    ],
)
def test_times_of_the_api_and_with_hyphens(text: object, expected: datetime | None) -> None:
    assert entry_time(text) == expected


# ------------------------------------------------------------ feeds


async def test_feeds_beside_home(server: JaikuServer, service: Jaiku) -> None:
    public = server.name(server.write("eva", "till alla", at=BASE))
    channel = server.name(server.write("eva", "i kanalen", owner="#infosec", at=BASE + timedelta(seconds=1)))
    comment = server.name(server.write("eva", "svar", parent=server.write("bo", "fråga", at=BASE)))
    everybody = (await service.page(Feed("local"))).posts
    assert {post.remote_id for post in everybody} >= {public, channel}
    assert [post.remote_id for post in (await service.page(Feed("list", "#infosec"))).posts] == [channel]
    hers = (await service.page(Feed("author", "eva@jaiku.example"))).posts
    assert [post.remote_id for post in hers] == [comment, channel, public]
    assert [post.text for post in hers] == ["svar", "i kanalen", "till alla"]
    assert hers[0].kind is PostKind.REPLY
    assert (await service.post(comment)).in_reply_to == comment.rpartition("/")[0]
    for post in (*everybody, *hers):
        assert_safe(post)
    for kind, name in (("tag", "x"), ("author", "../api"), ("list", "")):
        with pytest.raises(UsageError):
            await service.page(Feed(kind, name))


async def test_a_feed_with_a_hole_in_its_json_is_read_as_atom(server: JaikuServer, service: Jaiku) -> None:
    post = server.write("eva", "a < b", at=BASE)
    server.write("eva", "en blogg", kind="feed", at=BASE + timedelta(seconds=1))
    comment = server.write("eva", "svar <b>", parent=server.write("bo", "fråga"))
    found = (await service.page(Feed("author", "eva"))).posts
    assert [(each.remote_id, each.text) for each in found] == [
        (server.name(comment), "svar <b>"),
        (server.name(post), "a < b"),
    ]
    assert "/user/eva/atom" in server.calls


async def test_a_feed_that_is_neither_is_told(server: JaikuServer, service: Jaiku) -> None:
    for kind in ("json", "atom"):
        server.fault(f"/user/eva/{kind}", "garbage")
    with pytest.raises(UnreachableError):
        await service.page(Feed("author", "eva"))


async def test_a_feed_is_paged_down_by_seconds_and_a_gap_upward_is_told(server: JaikuServer, service: Jaiku) -> None:
    ids = many(server, 50, apart=1, who="eva")
    feed = Feed("author", "eva")
    page = await service.page(feed)
    posts = await all_older(service, page, 20, feed)
    assert [post.remote_id for post in posts] == ids[::-1]
    assert page.newer is not None
    more = many(server, 25, apart=1, at=BASE + timedelta(minutes=5), who="eva")
    newer = await service.page(feed, after=page.newer)
    assert not newer.complete
    known = {post.remote_id for post in page.posts}
    assert {post.remote_id for post in await all_newer(service, page.newer, 20, known, feed)} == set(more)


# ------------------------------------------------------------ own posts and threads


async def test_own_posts_are_all_since_an_instant_with_comments_and_without_imports(
    server: JaikuServer, service: Jaiku
) -> None:
    server.write("anna", "i går", at=BASE - timedelta(days=1))
    parent = server.write("bo", "fråga", at=BASE)
    mine = many(server, 150, apart=1, who="anna")
    mine.append(server.name(server.write("anna", "svar", parent=parent, at=BASE + timedelta(hours=1))))
    server.write("anna", "min blogg", kind="feed", at=BASE)
    many(server, 120, apart=2, who="bo")
    found = await service.own_posts(BASE)
    assert sorted(post.remote_id for post in found) == sorted(mine)


async def test_own_posts_end_though_a_second_holds_more_than_a_page(server: JaikuServer, service: Jaiku) -> None:
    first = many(server, 2, apart=1, at=BASE - timedelta(minutes=1), who="anna")
    many(server, 120, apart=0, who="bo")
    assert {post.remote_id for post in await service.own_posts(BASE - timedelta(hours=1))} == set(first)


async def test_comments_are_flat_and_in_reading_order(server: JaikuServer, service: Jaiku) -> None:
    entry = server.write("bo", "fråga", at=BASE)
    names = [
        server.name(server.write(who, f"svar av {who}", parent=entry, at=BASE + timedelta(minutes=n)))
        for n, who in enumerate(("eva", "anna", "bo"), 1)
    ]
    thread = await service.thread(await service.post(server.name(entry)))
    assert [post.remote_id for post in thread.descendants] == names
    assert thread.post.counts.replies == 3
    above = await service.thread(await service.post(names[1]))
    assert [post.remote_id for post in above.ancestors] == [server.name(entry)]


async def test_an_answer_to_a_comment_is_a_comment_on_the_same_post(server: JaikuServer, service: Jaiku) -> None:
    entry = server.write("bo", "fråga")
    comment = await service.post(server.name(server.write("eva", "svar", parent=entry)))
    published = await service.publish(await service.prepare(outgoing("håller med", reply_to=comment)))
    assert published.remote_id.startswith(server.name(entry) + "/")


async def test_what_is_no_post_of_jaikus_is_refused(service: Jaiku) -> None:
    with pytest.raises(RejectedError):
        await service.post("4711")


# ------------------------------------------------------------ shapes

ENTRY = {
    "stream": "stream/bo@jaiku.example/presence",
    "owner": "bo@jaiku.example",
    "actor": "bo@jaiku.example",
    "entry": None,
    "uuid": "0123456789abcdef0123456789abcdef",
    "created_at": "2026-11-23 19:06:22.367272",
    "deleted_at": None,
    "extra": {"title": "Se https://example.org/x #infosec", "comment_count": 2, "location": "Norrtälje"},
}
JUNK: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 2**80, 1.5, "", "x", "\x1b[31m", [], [None], {}, {"title": 3}, "stream/x/y", "a@b@c", "#"]
)


def test_a_whole_entry() -> None:
    post = Decoder("work", "jaiku", "https://jaiku.example", "anna@jaiku.example").post(ENTRY)
    assert_safe(post)
    assert post.remote_id == "bo@jaiku.example/0123456789abcdef0123456789abcdef"
    assert post.url == "https://jaiku.example/user/bo/presence/0123456789abcdef0123456789abcdef"
    assert post.uri == "jaiku:stream/bo@jaiku.example/presence/0123456789abcdef0123456789abcdef"
    assert (post.author.handle, post.author.name) == ("bo@jaiku.example", "bo")
    assert [link.url for link in post.links] == ["https://example.org/x"]
    assert post.tags == ("infosec",)
    assert post.counts.replies == 2


@given(st.lists(st.tuples(st.sampled_from(list(ENTRY)), JUNK), min_size=1, max_size=4))
def test_a_mutated_entry_is_a_safe_post_or_garbage(changes: list[tuple[str, object]]) -> None:
    decoder = Decoder("work", "jaiku", "https://jaiku.example")
    try:
        post = decoder.post({**ENTRY, **dict(changes)})
    except Garbage:
        return
    assert_safe(post)
    assert Name.read(post.remote_id) is not None


def test_names_read_back() -> None:
    for name in (Name("bo@x.example", "ab"), Name("#c@x.example", "ab", "cd")):
        assert Name.read(str(name)) == name
    assert Name.read("bo") is None
    assert name_of({"uuid": "ab", "entry": 7, "stream": "stream/bo@x/presence"}) is None
