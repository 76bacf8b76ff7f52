"""What the contract does not ask: records as they are written, pictures, deeds, threads, counting, the profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import AuthError, RejectedError, ServiceError, UnsupportedError, UsageError
from mbclient.domain.post import NotificationKind, Visibility
from mbclient.services.bluesky import PLUGIN
from mbclient.services.bluesky.service import Bluesky, profile
from mbclient.services.bluesky.writing import record_key
from mbclient.services.kit import Kit
from tests.services.bluesky.double import Double
from tests.services.bluesky.pictures import jpeg, png
from tests.services.bluesky.records import ALPHABET, LIKE, POST, Object, Record
from tests.services.bluesky.support import opened_double
from tests.services.contract import outgoing
from tests.services.kit import kit_in

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


class World:
    def __init__(self, double: Double, kit: Kit, service: Bluesky, folder: Path) -> None:
        self.double, self.kit, self.service, self.folder = double, kit, service, folder

    async def record(self, text: str = "Hej", **fields: object) -> Object:
        """The record as it would be sent."""
        record = (await self.service.prepare(outgoing(text, **fields)))["record"]
        assert isinstance(record, dict)
        return record

    def file(self, name: str, raw: bytes, alt: str = "") -> Attachment:
        path = self.folder / name
        path.write_bytes(raw)
        return Attachment(str(path), alt)

    def seed(self, text: str = "Hej", **fields: object) -> Record:
        return self.double.write(self.double.other, text, **fields)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with Double() as double, kit_in(tmp_path) as kit:
        yield World(double, kit, await opened_double(double, kit), tmp_path)


# ---------------------------------------------------------------- the key


@given(st.text(max_size=40), st.timedeltas(timedelta(), timedelta(days=30_000)))
def test_a_record_key_is_a_tid_of_its_second(key: str, later: timedelta) -> None:
    at = AT + later
    made = record_key(key, at)
    number = 0
    for letter in made:
        number = number << 5 | ALPHABET.index(letter)
    assert len(made) == 13
    assert number >> 63 == 0
    assert made == record_key(key, at)
    written = datetime.fromtimestamp((number >> 10) / 1_000_000, UTC)
    assert timedelta(0) <= at - written < timedelta(seconds=1.1)


def test_the_parts_of_a_thread_have_keys_of_their_own() -> None:
    assert len({record_key(f"part {number}", AT) for number in range(2000)}) == 2000


# ---------------------------------------------------------------- records


async def test_a_plain_record(world: World) -> None:
    prepared = await world.service.prepare(outgoing("Hej å", lang="sv"))
    record = prepared["record"]
    assert isinstance(record, dict)
    assert (record["$type"], record["text"], record["langs"]) == (POST, "Hej å", ["sv"])
    assert record["createdAt"].endswith("Z")
    assert len(record["createdAt"]) == len("2026-11-24T08:00:00.000Z")
    assert set(record) == {"$type", "text", "langs", "createdAt"}


@pytest.mark.parametrize("lang", ["", "svenska", "sv;x", "1"])
async def test_what_is_no_language_is_left_out(world: World, lang: str) -> None:
    assert "langs" not in await world.record(lang=lang)


async def test_mentions_are_resolved_and_those_of_nobody_are_text(world: World) -> None:
    record = await world.record("Hej @bo.test och @nobody.test https://example.org/å")
    features = [facet["features"][0] for facet in record["facets"]]
    assert [next(iter(set(feature) - {"$type"})) for feature in features] == ["did", "uri"]
    assert features[0]["did"] == world.double.other.did


async def test_a_reply_names_parent_and_root(world: World) -> None:
    root = world.seed("root")
    parent = world.seed("parent", reply={"root": root.ref, "parent": root.ref})
    record = await world.record(reply_to=await world.service.post(parent.uri))
    assert record["reply"] == {"root": root.ref, "parent": parent.ref}
    record = await world.record(reply_to=await world.service.post(root.uri))
    assert record["reply"] == {"root": root.ref, "parent": root.ref}


async def test_a_reply_to_a_boosted_reply_finds_its_root(world: World) -> None:
    root = world.seed("root")
    parent = world.seed("parent", reply={"root": root.ref, "parent": root.ref})
    boost = replace(await world.service.post(parent.uri), boost_id="at://x", boosted_at=AT)
    world.double.appview = False  # then what the archive knows is enough
    assert (await world.record(reply_to=boost))["reply"] == {"root": root.ref, "parent": parent.ref}


async def test_a_reply_to_an_edited_post_names_its_newest_version(world: World) -> None:
    parent = world.seed("parent")
    old = replace(await world.service.post(parent.uri), version="bafyold")
    assert (await world.record(reply_to=old))["reply"]["parent"] == parent.ref


@pytest.mark.parametrize(("closed", "field"), [("replyDisabled", "reply_to"), ("embeddingDisabled", "quote_of")])
async def test_a_closed_post_is_refused_before_it_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, closed: str, field: str
) -> None:
    target = await world.service.post(world.seed().uri)
    plain = world.double.world.view
    monkeypatch.setattr(world.double.world, "view", lambda *given: plain(*given) | {"viewer": {closed: True}})
    with pytest.raises(RejectedError, match="closed"):
        await world.service.prepare(outgoing("Hej", **{field: target}))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cw": "oj"}, "content warnings"),
        ({"visibility": Visibility.FOLLOWERS}, "public"),
        ({"due": AT}, "schedule"),
        ({"media": (Attachment("x"),) * 5}, "4 pictures"),
    ],
)
async def test_nothing_asked_for_is_dropped_in_silence(world: World, fields: dict[str, object], said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        await world.service.prepare(outgoing("Hej", **fields))


# ---------------------------------------------------------------- pictures


async def test_pictures_are_uploaded_with_alt_and_measure(world: World) -> None:
    media = (world.file("a.png", png(640, 480), "En katt å"), world.file("b", jpeg(3, 2)))
    record = await world.record("Bilder", media=media)
    images = record["embed"]["images"]
    assert [(image["alt"], image["aspectRatio"]["width"]) for image in images] == [("En katt å", 640), ("", 3)]
    assert images[0]["image"]["mimeType"] == "image/png"
    uploads = [item for item in world.double.wire.requests if item.path.endswith("uploadBlob")]
    assert [item.headers["content-type"] for item in uploads] == ["image/png", "image/jpeg"]


async def test_pictures_beside_a_quote(world: World) -> None:
    quoted = world.seed()
    media = (world.file("a.png", png()),)
    record = await world.record(media=media, quote_of=await world.service.post(quoted.uri))
    assert record["embed"]["$type"] == "app.bsky.embed.recordWithMedia"
    assert record["embed"]["record"]["record"] == quoted.ref


@pytest.mark.parametrize(
    ("raw", "said"), [(b"hello", "no picture"), (png(size=2_000_001), "2 MB"), (b"", "no picture")]
)
async def test_a_file_that_cannot_be_sent_says_so_before_any_upload(world: World, raw: bytes, said: str) -> None:
    good, bad = world.file("good.png", png()), world.file("bad.png", raw)
    with pytest.raises(RejectedError, match=said):
        await world.record(media=(good, bad))
    assert not world.double.calls("com.atproto.repo.uploadBlob")


async def test_the_largest_picture_goes(world: World) -> None:
    assert await world.record(media=(world.file("a.png", png(size=2_000_000)),))


async def test_a_missing_file_says_so(world: World) -> None:
    with pytest.raises(UsageError, match=r"gone\.png cannot be read"):
        await world.record(media=(Attachment(str(world.folder / "gone.png")),))


async def test_uploads_that_were_dropped_meanwhile_are_made_again(world: World) -> None:
    prepared = await world.service.prepare(outgoing("Bild", media=(world.file("a.png", png()),)))
    world.double.world.blobs.clear()
    published = await world.service.publish(prepared)
    assert published.post is not None
    assert world.double.calls("com.atproto.repo.uploadBlob") == 2


async def test_a_fault_after_sending_does_not_make_it_unsent(world: World) -> None:
    """The words of the quote are asked for last; the post is out whatever comes back."""
    quoted = await world.service.post(world.seed().uri)
    prepared = await world.service.prepare(outgoing("Se", quote_of=quoted))
    world.double.fault("app.bsky.feed.getPosts", "error", 401, "AuthenticationRequired")
    published = await world.service.publish(prepared)
    assert world.double.world.record(published.remote_id)
    again = await world.service.publish(prepared)
    assert again.post is not None
    assert again.post.quoted is not None
    assert again.post.quoted.text == "Hej"


async def test_an_own_post_is_read_before_the_appview_has_it(world: World) -> None:
    published = await world.service.publish(await world.service.prepare(outgoing("Mitt")))
    world.double.fault("app.bsky.feed.getPostThread", "error", 400, "NotFound")
    assert (await world.service.post(published.remote_id)).text == "Mitt"
    world.double.fault("app.bsky.feed.getPostThread", "error", 400, "NotFound")
    with pytest.raises(RejectedError):
        await world.service.post(world.seed().uri)


# ---------------------------------------------------------------- deeds


async def test_a_like_taken_back_while_the_view_lags_is_gone(world: World) -> None:
    target = await world.service.post(world.seed().uri)
    first = await world.service.set_liked(target, True)
    second = await world.service.set_liked(target, True)
    assert first.like_ref != second.like_ref
    assert second.liked
    mine = await world.service.set_liked(replace(target, mine=first), False)  # only the replaced address is known
    assert (mine.liked, mine.like_ref) == (False, "")
    assert not world.double.me.records(LIKE)


async def test_a_like_of_another_program_is_found_and_taken_back(world: World) -> None:
    target = await world.service.post(world.seed().uri)
    await world.service.set_liked(target, True)
    restarted = PLUGIN.open(world.service.account, world.kit)
    await restarted.set_liked(target, False)
    assert not world.double.me.records(LIKE)


async def test_only_ones_own_post_can_be_deleted(world: World) -> None:
    target = await world.service.post(world.seed().uri)
    with pytest.raises(UsageError, match="not your own"):
        await world.service.delete(target)
    assert world.double.other.records(POST)


async def test_without_bookmarks_it_says_so_and_is_remembered(world: World) -> None:
    world.double.has_bookmarks = False
    assert not (await world.service.load_capabilities()).bookmark
    assert not PLUGIN.open(world.service.account, world.kit).capabilities.bookmark
    with pytest.raises(UnsupportedError):
        await world.service.set_bookmarked(await world.service.post(world.seed().uri), True)
    world.double.has_bookmarks = True
    assert (await world.service.load_capabilities()).bookmark
    assert PLUGIN.open(world.service.account, world.kit).capabilities.bookmark


# ---------------------------------------------------------------- reading


async def test_a_thread_reads_from_the_top_down(world: World) -> None:
    root = world.seed("root")
    ref = root.ref
    first = world.seed("first", reply={"root": ref, "parent": ref})
    second = world.seed("second", reply={"root": ref, "parent": ref})
    below = world.seed("below the first", reply={"root": ref, "parent": first.ref})
    thread = await world.service.thread(await world.service.post(root.uri))
    assert [post.remote_id for post in thread.descendants] == [first.uri, below.uri, second.uri]
    thread = await world.service.thread(await world.service.post(below.uri))
    assert [post.remote_id for post in thread.ancestors] == [root.uri, first.uri]


@pytest.mark.parametrize("id", ["", "109", "at://", "https://bsky.app/profile/x/post/y", "at://did:plc:x/a/b/c"])
async def test_an_id_that_is_none_is_not_asked_for(world: World, id: str) -> None:
    asked = len(world.double.wire.requests)
    with pytest.raises(UsageError):
        await world.service.post(id)
    assert len(world.double.wire.requests) == asked


async def test_own_posts_do_not_need_the_appview(world: World) -> None:
    mine = world.double.write(world.double.me, "Mitt")
    world.double.appview = False
    posts = await world.service.own_posts(AT - timedelta(days=999))
    assert [(post.remote_id, post.text) for post in posts] == [(mine.uri, "Mitt")]
    assert posts[0].author.remote_id == world.double.me.did


@pytest.mark.parametrize("asks", [False, True])
async def test_what_the_author_asks_holds_for_own_posts_that_the_appview_has_not_yet(world: World, asks: bool) -> None:
    double = world.double
    double.me.labels += [{"src": double.me.did, "val": "!no-unauthenticated"}] if asks else []
    double.write(double.me, "shown", createdAt="2026-11-24T09:00:00Z")
    new = double.write(double.me, "new", createdAt="2026-11-24T09:01:00Z")
    double.world.hidden.add(new.uri)
    posts = await world.service.own_posts(AT)
    assert [(post.text, post.author.members_only) for post in posts] == [("new", asks), ("shown", asks)]


async def test_own_posts_are_read_past_a_back_dated_one(world: World) -> None:
    """Records are ordered by key: a page may hold older ones above newer ones."""
    world.double.write(world.double.me, "early key", createdAt="2026-11-24T09:00:00Z")
    for number in range(120):
        world.double.write(world.double.me, f"back-dated {number}", createdAt="2026-11-20T09:00:00Z")
    posts = await world.service.own_posts(AT)
    assert [post.text for post in posts] == ["early key"]


async def test_notifications_by_kind(world: World) -> None:
    double = world.double
    mine = double.write(double.me, "Mitt")
    for number, reason in enumerate(["like", "repost", "follow", "verified", "like-via-repost"]):
        collection = "app.bsky.graph.follow" if reason == "follow" else LIKE
        item: Object = {"uri": f"at://{double.other.did}/{collection}/3kaaaaaaaaa2{ALPHABET[number]}", "cid": "bafyx"}
        about = {} if reason in ("follow", "verified") else {"reasonSubject": mine.uri}
        item |= {"author": double.other.view, "reason": reason, "record": {}, "isRead": number > 1}
        double.notifications.append(item | about | {"indexedAt": "2026-11-24T09:00:00Z"})
    double.notifications += [{"uri": 3}, {}]
    page = await world.service.notifications()
    kinds = [item.kind for item in page.notifications]
    kind = NotificationKind
    assert kinds == [kind.LIKE, kind.BOOST, kind.FOLLOW, kind.OTHER, kind.LIKE]
    assert [bool(item.post) for item in page.notifications] == [True, True, False, False, True]
    assert [item.read for item in page.notifications] == [False, False, True, True, True]
    assert page.notifications[3].detail == "verified"
    assert page.skipped == 2
    assert len({item.remote_id for item in page.notifications}) == 5


async def test_other_feeds(world: World) -> None:
    hit = world.seed("om #openssl")
    world.seed("om annat")
    page = await world.service.page(Feed("tag", "openssl"))
    assert [post.remote_id for post in page.posts] == [hit.uri]
    with pytest.raises(UsageError, match="no feed"):
        await world.service.page(Feed("local"))


async def test_there_is_no_stream(world: World) -> None:
    assert not world.service.capabilities.stream
    with pytest.raises(UnsupportedError):
        await anext(world.service.stream())


@pytest.mark.parametrize("name", ["AccountTakedown", "AccountDeactivated"])
async def test_a_closed_account_is_the_users_turn(world: World, name: str) -> None:
    world.double.fault("app.bsky.feed.getTimeline", "error", 400, name)
    with pytest.raises(AuthError, match="web client"):
        await world.service.page()


async def test_polling_keeps_a_fifth_of_the_budget(world: World) -> None:
    page = await world.service.page()
    assert page.newer is not None
    headers = {"RateLimit_Limit": "3000", "RateLimit_Remaining": "500", "RateLimit_Reset": "250"}
    world.double.fault("app.bsky.feed.searchPosts", "error", 400, "BadQueryString", **headers)
    with pytest.raises(RejectedError):
        await world.service.search("x")
    with pytest.raises(ServiceError, match="nearly all"):
        await world.service.page(after=page.newer)
    await world.service.page()  # the user's own wish goes on


# ---------------------------------------------------------------- counting and the profile


@pytest.mark.parametrize(
    ("text", "used", "limit", "over"),
    [
        ("", 0, 300, 0),
        ("å" * 300, 300, 300, 0),
        ("å" * 301, 301, 300, 1),
        ("👩‍👩‍👧‍👦" * 120, 3000, 3000, 0),
        ("👩‍👩‍👧‍👦" * 121, 3025, 3000, 25),
        ("👩‍👩‍👧‍👦" * 10, 250, 3000, 0),
        ("e\u0301" * 300, 300, 300, 0),
        ("a\r\nb", 3, 300, 0),
    ],
)
async def test_the_tighter_limit_is_shown(world: World, text: str, used: int, limit: int, over: int) -> None:
    length = world.service.measure(text, "a warning that is not sent")
    assert (length.used, length.limit, length.over) == (used, limit, over)


def test_the_profile_holds_what_rule_4_reads() -> None:
    record = {"displayName": "Anna Ek", "description": "Bygger\nsaker", "website": "https://acme.example", "x": 1}
    made = profile("did:plc:x", "anna.acme.example", record)
    assert (made.handle, made.name, made.remote_id) == ("anna.acme.example", "Anna Ek", "did:plc:x")
    assert made.text == "Anna Ek\nBygger\nsaker\nhttps://acme.example\nanna.acme.example"
    assert made.url == "https://bsky.app/profile/anna.acme.example"
    assert profile("did:plc:x", "", {"displayName": 7}).text == ""
