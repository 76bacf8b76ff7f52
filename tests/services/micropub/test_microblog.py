"""micro.blog: numbers past 2⁵³, gaps that since_id leaves, polls that say when to come back (facts/micropub.md C)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.ports import Feed
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import NotificationKind, PostKind
from mbclient.services.http import Http
from mbclient.services.kit import Kit
from mbclient.services.micropub.service import Micropub
from tests.services.contract import all_newer, outgoing
from tests.services.kit import MemorySecrets, StoppedClock
from tests.services.micropub.conftest import opened
from tests.services.micropub.microblog import MicroBlog


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime.now(UTC))


@pytest.fixture
async def kit(tmp_path: Path, clock: StoppedClock) -> AsyncIterator[Kit]:
    http = Http(clock)
    try:
        yield Kit(http, MemorySecrets(), clock, tmp_path / "mbclient.db", tmp_path / "cache")
    finally:
        await http.aclose()


@pytest.fixture
async def service(microblog: MicroBlog, kit: Kit) -> Micropub:
    return await opened(microblog, kit)


@pytest.mark.parametrize("string_ids", [True, False])
async def test_a_number_may_come_as_a_string_or_a_number_and_none_is_rounded(
    microblog: MicroBlog, kit: Kit, string_ids: bool
) -> None:
    microblog.string_ids = string_ids
    item = microblog.write("bo", "Hej")
    service = await opened(microblog, kit)
    (post,) = (await service.page()).posts
    assert (post.version, post.remote_id) == (str(item.id), microblog.address(item))
    assert post.author.handle == f"bo@127.0.0.1:{microblog.wire.port}"


async def test_a_gap_above_since_id_is_told_and_filled(microblog: MicroBlog, service: Micropub) -> None:
    microblog.write("bo", "först")
    page = await service.page()
    assert page.newer is not None
    ids = [microblog.address(microblog.write("bo", f"nr {n}")) for n in range(50)]
    assert not (await service.page(after=page.newer, limit=20)).complete
    found = await all_newer(service, page.newer, 20, {post.remote_id for post in page.posts})
    assert sorted(post.remote_id for post in found) == sorted(ids)


async def test_a_poll_asks_the_small_question_and_obeys_its_answer(
    microblog: MicroBlog, service: Micropub, clock: StoppedClock
) -> None:
    microblog.write("bo", "Hej")
    page = await service.page()
    assert page.newer is not None
    microblog.check_seconds = 20
    for _number in range(3):
        assert (await service.page(after=page.newer)).posts == ()
    assert len(microblog.asked("/posts/check")) == 1
    assert len(microblog.asked("/posts/timeline")) == 1
    microblog.write("bo", "nytt")
    clock.time += timedelta(seconds=21)
    assert [post.text for post in (await service.page(after=page.newer)).posts] == ["nytt"]


async def test_a_post_of_ones_own_ends_the_quiet(microblog: MicroBlog, service: Micropub) -> None:
    microblog.write("bo", "Hej")
    page = await service.page()
    assert page.newer is not None
    assert (await service.page(after=page.newer)).posts == ()
    await service.publish(await service.prepare(outgoing("svar på tal")))
    assert [post.text for post in (await service.page(after=page.newer)).posts] == ["svar på tal"]


async def test_a_post_is_the_same_one_when_published_and_when_read(microblog: MicroBlog, service: Micropub) -> None:
    """By its address: the number comes later, and it must not be counted twice."""
    published = await service.publish(await service.prepare(outgoing("Hej")))
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert [post.remote_id for post in await service.own_posts(since)] == [published.remote_id]
    assert (await service.page()).posts[0].remote_id == published.remote_id


async def test_a_reply_goes_by_number_and_is_found_though_nobody_says_where(
    microblog: MicroBlog, service: Micropub
) -> None:
    item = microblog.write("bo", "Fika?")
    parent = (await service.page()).posts[0]
    text = f"@bo@127.0.0.1:{microblog.wire.port} Ja, @eva@annan.example också"
    prepared = await service.prepare(outgoing(text, reply_to=parent))
    microblog.fault("POST", "/posts/reply", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await service.find(prepared)
    assert found is not None
    (reply,) = [one for one in microblog.items.values() if one.root == item.id and one.who == "anna"]
    assert found.remote_id == microblog.address(reply)
    assert reply.text == "@bo Ja, @eva@annan.example också"
    published = await service.publish(await service.prepare(outgoing("Kom!", reply_to=parent)))
    assert published.remote_id == microblog.address(microblog.by("anna", "Kom!")[0])
    with pytest.raises(UnsupportedError, match="media"):
        await service.prepare(outgoing("Se", reply_to=parent, media=(Attachment("x.png"),)))


async def test_own_posts_hold_replies_and_go_down_to_an_instant(microblog: MicroBlog, service: Micropub) -> None:
    base = datetime.now(UTC) - timedelta(hours=1)
    microblog.write("anna", "i går", at=base - timedelta(days=1))
    root = microblog.write("bo", "fråga", at=base)
    mine = [microblog.write("anna", f"nr {n}", at=base + timedelta(seconds=n)) for n in range(180)]
    mine.append(microblog.write("anna", "svar", root=root.id))
    found = await service.own_posts(base)
    assert {post.remote_id for post in found} == {microblog.address(item) for item in mine}


BLOGS: list[Any] = [
    {"uid": "https://anna.micro.blog/", "name": "anna.micro.blog"},
    {"uid": "https://jobb.example/"},
    7,
    {},
]


@pytest.mark.parametrize(
    ("wanted", "blog"),
    [("", BLOGS[0]), ("https://Jobb.example/", BLOGS[1]), ("ANNA.micro.blog", BLOGS[0])],
)
async def test_a_post_goes_to_the_chosen_blog_and_is_found_there(
    microblog: MicroBlog, kit: Kit, wanted: str, blog: dict[str, str]
) -> None:
    """Though the choice was another meanwhile: where it went it is looked for."""
    microblog.blogs, microblog.default_blog = list(BLOGS), "https://anna.micro.blog/"
    service = await opened(microblog, kit, blog=wanted)
    prepared = await service.prepare(outgoing("Hej"))
    microblog.fault("POST", "/micropub", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    (item,) = microblog.by("anna", "Hej")
    assert item.blog == blog["uid"]
    other = await opened(microblog, kit, blog="anna.micro.blog" if wanted else "")
    found = await other.find(prepared)
    assert found is not None
    assert found.remote_id == microblog.address(item)


async def test_a_blog_that_is_not_there_is_refused_with_those_that_are(microblog: MicroBlog, kit: Kit) -> None:
    microblog.blogs = list(BLOGS)
    service = await opened(microblog, kit, blog="annan.example")
    with pytest.raises(RejectedError, match=r"no blog annan\.example; .*knows: anna\.micro\.blog, https://jobb"):
        await service.prepare(outgoing("Hej"))
    assert microblog.items == {}


async def test_a_conversation_is_flat(microblog: MicroBlog, service: Micropub) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    root = microblog.write("bo", "1", at=start)
    second = microblog.write("anna", "2", root=root.id, at=start + timedelta(minutes=1))
    third = microblog.write("eva", "3", root=root.id, at=start + timedelta(minutes=2))
    post = await service.post(microblog.address(second))
    assert (post.kind, post.in_reply_to) == (PostKind.REPLY, microblog.address(root))
    thread = await service.thread(post)
    assert [one.text for one in thread.ancestors] == ["1"]
    assert [one.remote_id for one in thread.descendants] == [microblog.address(third)]
    unknown = replace(post, version="1")
    assert (await service.thread(unknown)).ancestors == ()


async def test_mentions_are_the_notifications_without_ones_own(microblog: MicroBlog, service: Micropub) -> None:
    own = microblog.write("anna", "@anna till mig själv")
    microblog.write("bo", "@anna hej", root=own.id)
    found = await service.notifications()
    assert [(item.kind, item.post.text) for item in found.notifications if item.post] == [
        (NotificationKind.MENTION, "@anna hej")
    ]
    assert (await service.notifications(before=found.older)).notifications == ()


async def test_other_feeds(microblog: MicroBlog, service: Micropub) -> None:
    item = microblog.write("eva", "Hej")
    assert [post.text for post in (await service.page(Feed("local"))).posts] == ["Hej"]
    assert [post.version for post in (await service.page(Feed("author", "eva@micro.blog"))).posts] == [str(item.id)]
    with pytest.raises(UsageError):
        await service.page(Feed("tag", "x"))
    assert (await service.page(before="x")).posts == ()


async def test_a_reply_is_deleted_by_its_number_and_what_nobody_knows_is_gone(
    microblog: MicroBlog, service: Micropub
) -> None:
    root = microblog.write("bo", "fråga")
    reply = microblog.write("anna", "svar", root=root.id)
    post = await service.post(microblog.address(reply))
    await service.delete(replace(post, version=""))  # as an older archive may have it
    assert list(microblog.items) == [root.id]
    await service.delete(post)
    await service.delete(replace(post, version=""))


async def test_a_post_older_than_what_is_looked_through_is_deleted_by_its_address(
    microblog: MicroBlog, service: Micropub, kit: Kit
) -> None:
    """Its number is nowhere to be found: that is no word that it is gone."""
    old = microblog.write("anna", "gammalt")
    post = replace(await service.post(microblog.address(old)), version="")
    for n in range(160):
        microblog.write("anna", f"nr {n}")
    service = await opened(microblog, kit)  # another run, which has not read it
    microblog.fault("POST", "/micropub", "status", status=400, body={"error": "invalid_request"})
    with pytest.raises(RejectedError, match="does not delete"):
        await service.delete(post)
    await service.delete(post)
    assert old.id not in microblog.items
    assert len(microblog.items) == 160
    await service.delete(post)


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 503}, {"status": 401}, {"kind": "garbage"}])
async def test_a_server_that_is_down_or_busy_is_a_micro_blog_still(
    microblog: MicroBlog, service: Micropub, kit: Kit, clock: StoppedClock, fault: dict[str, Any]
) -> None:
    """Its timeline was known: one bad answer of the daily look takes nothing away, also for the next run."""
    microblog.write("bo", "Hej")
    microblog.fault("POST", "/account/verify", **{"kind": "status", **fault})
    with suppress(ServiceError):
        await service.load_capabilities()
    microblog.faults.clear()
    for one in (service, Micropub(service.account, kit)):
        assert one.capabilities.thread
    clock.time += timedelta(hours=2)  # past any pause that the answer asked for
    assert [post.text for post in (await service.page()).posts] == ["Hej"]


async def test_a_profile_that_cannot_be_read_says_why(microblog: MicroBlog, service: Micropub) -> None:
    for _number in range(2):
        microblog.fault("POST", "/account/verify", "status", status=503)
    with pytest.raises(UnreachableError, match="503"):
        await service.verify()


async def test_a_site_that_left_is_a_plain_one(microblog: MicroBlog, service: Micropub) -> None:
    home = f'<link rel="micropub" href="{microblog.url}/micropub">'
    microblog.fault("GET", "/", "status", status=200, body=home.encode(), headers={"Content-Type": "text/html"})
    microblog.fault("POST", "/account/verify", "status", status=404, body={"error": "no"})
    assert (await service.load_capabilities()).software == "micropub"


async def test_something_else_than_a_feed_is_no_timeline(microblog: MicroBlog, service: Micropub) -> None:
    microblog.fault("GET", "/posts/timeline", "status", status=200, body={"error": "x"})
    with pytest.raises(UnreachableError):
        await service.page()
