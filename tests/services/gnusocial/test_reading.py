"""Pages over a timeline whose bounds are inclusive, turn into times, and vanish (facts/gnusocial.md 3, 5, 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.errors import RateLimitedError, RejectedError, UnreachableError, UnsupportedError, UsageError
from mbclient.domain.post import NotificationKind, PostKind, Visibility
from mbclient.services.gnusocial.cursors import above, below, created_at, places_of, read
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.kit import Kit
from tests.services.contract import all_newer, all_older
from tests.services.gnusocial.conftest import opened
from tests.services.gnusocial.server import TwitterServer
from tests.services.gnusocial.shapes import now, search_stamp, stamp

# ------------------------------------------------------------ downward


async def test_the_bound_is_inclusive_and_nothing_comes_twice(server: TwitterServer, service: GnuSocial) -> None:
    ids = [str(server.write(server.people["bo"], f"nr {n}").id) for n in range(30)]
    posts = await all_older(service, await service.page(limit=7), 7)
    assert [post.remote_id for post in posts] == ids[::-1]


async def test_a_bound_whose_notice_is_gone_does_not_bring_the_newest_page_again(
    server: TwitterServer, service: GnuSocial
) -> None:
    ids = [server.write(server.people["bo"], f"nr {n}").id for n in range(30)]
    page = await service.page(limit=10)
    server.remove(int(page.posts[-1].remote_id))
    older = await service.page(before=page.older, limit=10)
    assert older.posts[0].remote_id == str(ids[19])
    assert len({post.remote_id for post in older.posts} & {post.remote_id for post in page.posts}) == 0


async def test_when_all_bounds_are_gone_paging_stops_instead_of_going_round(
    server: TwitterServer, service: GnuSocial
) -> None:
    for n in range(30):
        server.write(server.people["bo"], f"nr {n}")
    page = await service.page(limit=10)
    for post in page.posts[-3:]:
        server.remove(int(post.remote_id))
    older = await service.page(before=page.older, limit=10)
    assert (older.posts, older.older) == ((), None)


async def test_many_of_one_second_are_told_apart_by_their_numbers(server: TwitterServer, service: GnuSocial) -> None:
    at = now().replace(microsecond=0)
    ids = [str(server.write(server.people["bo"], f"nr {n}", at=at).id) for n in range(25)]
    posts = await all_older(service, await service.page(limit=6), 6)
    assert [post.remote_id for post in posts] == ids[::-1]


# ------------------------------------------------------------ upward


async def test_the_gap_below_a_full_newer_page_is_told_and_filled(server: TwitterServer, service: GnuSocial) -> None:
    first = [str(server.write(server.people["bo"], f"nr {n}").id) for n in range(5)]
    page = await service.page()
    assert page.newer is not None
    ids = [str(server.write(server.people["bo"], f"ny {n}").id) for n in range(120)]
    newest = await service.page(after=page.newer, limit=40)
    assert not newest.complete
    posts = await all_newer(service, page.newer, 40, set(first))
    assert {post.remote_id for post in posts} == set(ids)


async def test_a_late_federated_notice_below_the_newest_is_not_missed(
    server: TwitterServer, service: GnuSocial
) -> None:
    """It has its own, older time and a newer number."""
    start = now() - timedelta(minutes=10)
    for n in range(8):
        server.write(server.people["bo"], f"nr {n}", at=start + timedelta(seconds=10 * n))
    page = await service.page()
    assert page.newer is not None
    late = server.write(server.people["bo"], "försenad", at=start + timedelta(seconds=25))
    newer = await service.page(after=page.newer)
    assert [post.remote_id for post in newer.posts] == [str(late.id)]
    assert newer.complete
    assert newer.newer is not None
    assert (await service.page(after=newer.newer)).posts == ()


async def test_a_known_notice_that_is_gone_brings_nothing_twice(server: TwitterServer, service: GnuSocial) -> None:
    first = [server.write(server.people["bo"], f"nr {n}").id for n in range(40)]
    page = await service.page(limit=20)
    assert page.newer is not None
    for number in first[-12:]:
        server.remove(number)
    new = server.write(server.people["bo"], "ny")
    newer = await service.page(after=page.newer)
    assert [post.remote_id for post in newer.posts] == [str(new.id)]
    assert newer.complete


# ------------------------------------------------------------ what is no post


async def test_likes_kept_as_notices_are_nobodys_posts(server: TwitterServer, service: GnuSocial) -> None:
    theirs = await service.post(str(server.write(server.people["bo"], "Hej").id))
    await service.set_liked(theirs, True)
    assert len(server.notices) == 2
    assert [post.remote_id for post in (await service.page()).posts] == [theirs.remote_id]
    assert await service.own_posts(now() - timedelta(hours=1)) == ()
    assert (await service.page()).skipped == 0


async def test_a_page_of_nothing_but_deeds_is_not_the_end(server: TwitterServer, service: GnuSocial) -> None:
    post = server.write(server.people["bo"], "Hej")
    for n in range(30):
        server.write(server.people["bo"], f"bo favorited something by eva: {n}", deed=True)
    page = await service.page(limit=10)
    assert [found.remote_id for found in page.posts] == [str(post.id)]
    assert page.newer is not None
    assert (await service.page(after=page.newer)).posts == ()


async def test_own_posts_are_all_since_an_instant_without_repeats(server: TwitterServer, service: GnuSocial) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    base = now() - timedelta(hours=1)
    server.write(anna, "för länge sedan", at=base - timedelta(days=2))
    parent = server.write(bo, "Hej", at=base)
    mine = [server.write(anna, f"nr {n}", at=base + timedelta(seconds=n)) for n in range(230)]
    mine.append(server.write(anna, "svar", parent=parent.id))
    server.write(anna, "", repeats=parent.id)
    found = await service.own_posts(base)
    assert {post.remote_id for post in found} == {str(notice.id) for notice in mine}


async def test_a_repeat_shows_the_whole_text(server: TwitterServer, service: GnuSocial) -> None:
    """Its own text starts with "RT @nick" and may be cut."""
    original = server.write(server.people["eva"], "lång " * 40)
    repeat = server.write(server.people["bo"], "", repeats=original.id)
    (post,) = (await service.page()).posts
    assert post.kind is PostKind.BOOST
    assert post.text == "lång " * 40
    assert (post.remote_id, post.boost_id) == (str(original.id), str(repeat.id))
    assert post.boosted_by is not None
    assert post.boosted_by.handle.startswith("bo@")


async def test_a_repeat_is_taken_back_by_its_own_id(server: TwitterServer, service: GnuSocial, kit: Kit) -> None:
    post = await service.post(str(server.write(server.people["eva"], "Hej").id))
    mine = await service.set_boosted(post, True)
    assert mine.boost_ref == str(max(server.notices))
    other_run = opened(server, kit)
    assert (await other_run.set_boosted(post, True)).boost_ref == mine.boost_ref  # 400: already so
    assert not (await other_run.set_boosted(post, False)).boosted
    assert list(server.notices) == [int(post.remote_id)]


async def test_a_real_refusal_of_a_switch_is_told(server: TwitterServer, service: GnuSocial) -> None:
    own = await service.post(str(server.write(server.people["anna"], "Hej").id))
    with pytest.raises(RejectedError, match="your own notice"):
        await service.set_boosted(own, True)
    server.fault("POST", f"favorites/create/{own.remote_id}.json", "status", status=403, body={"error": "Nej"})
    with pytest.raises(RejectedError, match="Nej"):
        await service.set_liked(own, True)


async def test_a_plugin_that_is_switched_off_is_known_from_then_on(server: TwitterServer, service: GnuSocial) -> None:
    post = await service.post(str(server.write(server.people["bo"], "Hej").id))
    page = {"status": 404, "body": b"<html>not found</html>", "headers": {"Content-Type": "text/html"}}
    server.fault("POST", f"favorites/create/{post.remote_id}.json", "status", **page)
    with pytest.raises(UnsupportedError):
        await service.set_liked(post, True)
    assert not service.capabilities.like
    assert service.capabilities.boost


# ------------------------------------------------------------ mentions, threads, searches


async def test_words_to_oneself_do_not_notify(server: TwitterServer, service: GnuSocial) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    mine = server.write(anna, "Hej")
    server.write(anna, "jag själv", parent=mine.id)
    reply = server.write(bo, "svar", parent=mine.id)
    mention = server.write(bo, "@anna titta")
    found = await service.notifications()
    assert [(item.remote_id, item.kind) for item in found.notifications] == [
        (str(mention.id), NotificationKind.MENTION),
        (str(reply.id), NotificationKind.REPLY),
    ]


async def test_a_conversation_in_reading_order(server: TwitterServer, service: GnuSocial) -> None:
    bo = server.people["bo"]
    start = now() - timedelta(hours=1)
    first = server.write(bo, "1", at=start)
    second = server.write(bo, "2", parent=first.id, at=start + timedelta(minutes=1))
    third = server.write(bo, "3", parent=second.id, at=start + timedelta(minutes=2))
    beside = server.write(bo, "1b", parent=first.id, at=start + timedelta(minutes=3))
    thread = await service.thread(await service.post(str(second.id)))
    assert [post.remote_id for post in thread.ancestors] == [str(first.id)]
    assert [post.remote_id for post in thread.descendants] == [str(third.id)]
    whole = await service.thread(await service.post(str(first.id)))
    assert [post.remote_id for post in whole.descendants] == [str(n.id) for n in (second, third, beside)]


@pytest.mark.parametrize("behaviour", ["gnusocial", "statusnet"])
async def test_both_forms_of_search_results_are_read(kit: Kit, behaviour: str) -> None:
    async with TwitterServer(behaviour) as server:
        service = opened(server, kit)
        ids = [str(server.write(server.people["eva"], f"nål {n}").id) for n in range(40)]
        page = await service.search("nål", limit=15)
        rest = await service.search("nål", limit=15, before=page.older)
        assert [post.remote_id for post in (*page.posts, *rest.posts)] == ids[::-1][:30]
        assert page.posts[0].author.handle.startswith("eva@")


async def test_feeds_beside_home(server: TwitterServer, service: GnuSocial) -> None:
    eva = server.people["eva"]
    notice = server.write(eva, "Hej")
    assert [post.remote_id for post in (await service.page(Feed("local"))).posts] == [str(notice.id)]
    assert [post.remote_id for post in (await service.page(Feed("author", "3"))).posts] == [str(notice.id)]
    with pytest.raises(UsageError):
        await service.page(Feed("bubble"))


@pytest.mark.parametrize("behaviour", ["statusnet", "twitter"])
async def test_a_list_that_is_called_otherwise_is_found_once(kit: Kit, behaviour: str) -> None:
    async with TwitterServer(behaviour) as server:
        service = opened(server, kit)
        for _number in range(2):
            await service.page()
            await service.notifications()
        assert len(server.asked("statuses/home_timeline.json")) == 1
        assert len(server.asked("statuses/mentions_timeline.json")) == 1


async def test_a_private_site_is_read_as_such(kit: Kit) -> None:
    async with TwitterServer(site__private="1") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        server.write(server.people["bo"], "internt")
        assert (await service.page()).posts[0].visibility is Visibility.FOLLOWERS
        assert (await service.verify()).default_visibility is Visibility.FOLLOWERS
        assert Visibility.FOLLOWERS in service.capabilities.visibilities


# ------------------------------------------------------------ errors


async def test_a_html_page_of_a_php_fault_is_no_timeline(server: TwitterServer, service: GnuSocial) -> None:
    server.fault("GET", "statuses/home_timeline.json", "garbage")
    with pytest.raises(UnreachableError):
        await service.page()


async def test_an_object_where_a_list_was_asked_for(server: TwitterServer, service: GnuSocial) -> None:
    server.fault("GET", "statuses/home_timeline.json", "status", status=200, body={"error": "x"})
    with pytest.raises(UnreachableError):
        await service.page()


async def test_an_error_keeps_the_servers_reason_cleaned(server: TwitterServer, service: GnuSocial) -> None:
    server.fault(
        "GET",
        "statuses/home_timeline.json",
        "status",
        status=400,
        body={"error": "Nej\x1b]0;x\x07"},
    )
    with pytest.raises(RejectedError, match="Nej") as caught:
        await service.page()
    assert "\x1b" not in str(caught.value)


async def test_a_limit_is_waited_for(server: TwitterServer, service: GnuSocial) -> None:
    server.fault(
        "GET", "statuses/home_timeline.json", "status", status=429, body={"error": "x"}, headers={"Retry-After": "90"}
    )
    with pytest.raises(RateLimitedError) as caught:
        await service.page()
    assert timedelta(seconds=60) < caught.value.until - now() <= timedelta(seconds=90)


# ------------------------------------------------------------ times and cursors

INSTANTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(INSTANTS)
def test_times_are_read_by_english_names(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    assert created_at(stamp(whole)) == whole
    assert created_at(search_stamp(whole)) == whole


def test_a_time_has_an_offset() -> None:
    assert created_at("Mon Nov 23 20:31:59 +0200 2026") == datetime(2026, 11, 23, 18, 31, 59, tzinfo=UTC)
    for nonsense in (None, 7, "", "mån nov 23 18:31:59 +0000 2026", "Mon Nov 99 18:31:59 +0000 2026", "2026-11-23"):
        assert created_at(nonsense) is None


@given(st.lists(st.tuples(st.integers(1, 10**12), INSTANTS)))
def test_cursors_read_back(raw: list[tuple[int, datetime]]) -> None:
    places = places_of({"id": number, "created_at": stamp(at)} for number, at in raw)
    newer, older = above(places), below(places)
    assert (newer is None) is (older is None) is (not places)
    if newer and older:
        assert read(newer)[0] == max(places)
        assert read(older)[0] == min(places)


@given(st.text(max_size=60))
def test_a_foreign_cursor_is_none(text: str) -> None:
    assert isinstance(read(text), tuple)
