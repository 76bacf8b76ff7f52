"""From answers to posts: every field, every embed, labels; and no shape of an answer does harm."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.account import Account
from mbclient.domain.post import Link, Media, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.services.bluesky import views
from mbclient.services.bluesky.shape import MalformedError
from tests.services.contract import assert_safe

ACCOUNT = Account("bsky", "bluesky", handle="anna.test", remote_id="did:plc:" + "m" * 24)
DID, MODERATION = "did:plc:" + "a" * 24, "did:plc:" + "l" * 24
URI = f"at://{DID}/app.bsky.feed.post/3kaaaaaaaaa2a"
PARENT, ROOT = (f"at://{DID}/app.bsky.feed.post/3kaaaaaaaa{end}" for end in ("p2a", "r2a"))
Object = dict[str, Any]


def author(**more: object) -> Object:
    return {"did": DID, "handle": "bo.example.org", "displayName": "Bo", "labels": []} | more


def view(**more: object) -> Object:
    record = {"$type": "app.bsky.feed.post", "text": "Hej", "createdAt": "2026-11-24T09:00:00+01:00", "langs": ["sv"]}
    return {
        "uri": URI,
        "cid": "bafyone",
        "author": author(),
        "record": record | dict(more.pop("record", {})),  # type: ignore[call-overload]  # always a dict here
        "indexedAt": "2026-11-24T08:00:01.123456789Z",
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": 3,
        "viewer": {},
        "labels": [],
    } | more


def post(**more: object) -> Post:
    return views.post(ACCOUNT, view(**more))


def entry(item: Object) -> Post:
    return views.entry(item, lambda view: views.post(ACCOUNT, view))


def test_every_plain_field() -> None:
    made = post(viewer={"like": "at://l", "repost": "at://r", "bookmarked": True})
    assert (made.remote_id, made.uri, made.version) == (URI, URI, "bafyone")
    assert (made.account, made.service, made.kind, made.lang) == ("bsky", "bluesky", PostKind.POST, "sv")
    assert made.created_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert made.url == "https://bsky.app/profile/bo.example.org/post/3kaaaaaaaaa2a"
    assert (made.author.handle, made.author.name, made.author.remote_id) == ("bo.example.org", "Bo", DID)
    assert (made.counts.replies, made.counts.boosts, made.counts.likes) == (1, 2, 3)
    assert (made.mine.liked, made.mine.like_ref, made.mine.boost_ref) == (True, "at://l", "at://r")
    assert made.mine.bookmarked
    assert_safe(made)


def test_a_post_dated_ahead_counts_from_its_arrival() -> None:
    assert post(record={"createdAt": "2036-01-01T00:00:00Z"}).created_at.year == 2026
    assert post(record={"createdAt": "2016-01-01T00:00:00Z"}).created_at.year == 2016
    assert post(record={"createdAt": "yesterday"}).created_at == datetime(2026, 11, 24, 8, 0, 1, 123456, tzinfo=UTC)


def test_an_invalid_handle_is_named_by_its_did() -> None:
    made = post(author=author(handle="handle.invalid"))
    assert made.url.startswith(f"https://bsky.app/profile/{DID}/post/")
    assert made.author.url == f"https://bsky.app/profile/{DID}"


def test_reply() -> None:
    refs = {"parent": {"uri": PARENT, "cid": "bafyp"}, "root": {"uri": ROOT, "cid": "bafyr"}}
    made = post(record={"reply": refs})
    assert (made.kind, made.in_reply_to, made.root) == (PostKind.REPLY, PARENT, (ROOT, "bafyr"))


def test_boost() -> None:
    reason = {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": author(did=MODERATION, handle="cia.test"),
        "uri": f"at://{MODERATION}/app.bsky.feed.repost/3kaaaaaaaaa2b",
        "indexedAt": "2026-11-25T08:00:00Z",
    }
    made = entry({"post": view(), "reason": reason})
    assert made.kind is PostKind.BOOST
    assert made.boosted_by is not None
    assert made.boosted_by.handle == "cia.test"
    assert (made.remote_id, made.entry_id, made.sorted_at.day) == (URI, reason["uri"], 25)
    del reason["uri"]
    assert entry({"post": view(), "reason": reason}).entry_id not in ("", URI)
    pinned = entry({"post": view(), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}})
    assert pinned.kind is PostKind.POST


PICTURE = {"thumb": "https://cdn.example/t", "fullsize": "https://cdn.example/f", "alt": "En katt"}
CARD = {"uri": "https://example.org/a", "title": "Om katter", "description": "…"}
IMAGE = Media("image", SafeText("En katt"), "https://cdn.example/f")


def quoted(**more: object) -> Object:
    value = {"$type": "app.bsky.feed.post", "text": "Citerat", "createdAt": "2026-11-24T07:00:00Z"}
    kind = "app.bsky.embed.record#viewRecord"
    return {"$type": kind, "uri": PARENT, "cid": "bafyp", "author": author(), "value": value, "labels": []} | more


@pytest.mark.parametrize(
    "embed",
    [
        {"$type": "app.bsky.embed.images#view", "images": [PICTURE]},
        {"$type": "app.bsky.embed.gallery#view", "items": [PICTURE]},
    ],
)
def test_pictures(embed: Object) -> None:
    assert post(embed=embed).media == (IMAGE,)


def test_video_and_external() -> None:
    video = {"$type": "app.bsky.embed.video#view", "playlist": "https://v.example/p.m3u8", "alt": "Film"}
    assert post(embed=video).media == (Media("video", SafeText("Film"), "https://v.example/p.m3u8"),)
    card = {"$type": "app.bsky.embed.external#view", "external": CARD}
    assert post(embed=card).links == (Link("https://example.org/a", SafeText("Om katter")),)
    assert post(embed=card | {"external": CARD | {"uri": "javascript:x"}}).links == ()


def test_a_card_of_a_link_in_the_text_is_not_a_second_link() -> None:
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}
    record = {"facets": [{"index": {"byteStart": 0, "byteEnd": 3}, "features": [feature]}]}
    card = {"$type": "app.bsky.embed.external#view", "external": CARD}
    assert post(record=record, embed=card).links == (Link("https://example.org/a", SafeText("Hej")),)


def test_quote() -> None:
    made = post(embed={"$type": "app.bsky.embed.record#view", "record": quoted()})
    assert made.kind is PostKind.QUOTE
    assert made.quoted is not None
    assert (made.quoted.text, made.quoted.remote_id, made.quoted.state) == ("Citerat", PARENT, "accepted")
    assert made.quoted.author.handle == "bo.example.org"


def test_quote_with_pictures() -> None:
    media = {"$type": "app.bsky.embed.images#view", "images": [PICTURE]}
    embed = {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": quoted()}, "media": media}
    made = post(embed=embed)
    assert made.media == (IMAGE,)
    assert made.quoted is not None
    assert made.quoted.text == "Citerat"


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ({"$type": "app.bsky.embed.record#viewNotFound", "uri": PARENT}, "deleted"),
        ({"$type": "app.bsky.embed.record#viewBlocked", "uri": PARENT}, "blocked"),
        ({"$type": "app.bsky.embed.record#viewDetached", "uri": PARENT}, "detached"),
        ({"uri": PARENT, "cid": "bafyp"}, "unread"),
        (quoted(labels=[{"src": MODERATION, "val": "!hide"}]), "hidden"),
    ],
)
def test_a_quote_without_its_words_says_why(record: Object, state: str) -> None:
    made = post(embed={"$type": "app.bsky.embed.record#view", "record": record})
    assert made.quoted is not None
    assert (made.quoted.text, made.quoted.state, made.quoted.remote_id) == ("", state, PARENT)


def test_a_quoted_list_is_no_quoted_post() -> None:
    record = {"$type": "app.bsky.graph.defs#listView", "uri": f"at://{DID}/app.bsky.graph.list/3kaaaaaaaaa2a"}
    made = post(embed={"$type": "app.bsky.embed.record#view", "record": record})
    assert (made.quoted, made.kind) == (None, PostKind.POST)


# ---------------------------------------------------------------- labels


def label(value: str, source: str = MODERATION, **more: object) -> Object:
    return {"src": source, "uri": URI, "val": value, "cts": "2026-11-24T08:00:00Z"} | more


@pytest.mark.parametrize(
    ("labels", "own", "sensitive"),
    [
        ([label("!warn"), label("!hide")], [], False),
        ([label("porn"), label("spam")], [], True),
        ([label("porn", neg=True)], [], False),
        ([], ["graphic-media"], True),
        ([label("nudity", DID)], [], True),
    ],
)
def test_what_is_not_for_everybodys_eyes_is_sensitive(labels: list[Object], own: list[str], sensitive: bool) -> None:
    values = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": value} for value in own]}
    made = post(labels=labels, record={"labels": values})
    assert (made.cw, made.sensitive) == (None, sensitive)


def test_a_bot_is_marked() -> None:
    assert post(author=author(labels=[label("bot", DID)])).author.bot


@pytest.mark.parametrize("source", [DID, MODERATION])
@pytest.mark.parametrize("taken_back", [False, True])
def test_who_asks_not_to_be_shown_without_a_login_is_marked(source: str, taken_back: bool) -> None:
    """Also as the author of what is quoted; with us they are shown as ever, for we have one."""
    asks = author(labels=[label("!no-unauthenticated", source, neg=taken_back)])
    assert post(author=asks).author.members_only is not taken_back
    shown = post(embed={"$type": "app.bsky.embed.record#view", "record": quoted(author=asks)}).quoted
    assert shown is not None
    assert (shown.author.members_only, shown.state) == (not taken_back, "accepted")


# ---------------------------------------------------------------- any shape


FULL: Object = {
    "post": view(
        embed={
            "$type": "app.bsky.embed.recordWithMedia#view",
            "record": {"record": quoted()},
            "media": {"$type": "app.bsky.embed.images#view", "images": [PICTURE]},
        },
        record={
            "reply": {"parent": {"uri": PARENT, "cid": "bafyp"}, "root": {"uri": ROOT, "cid": "bafyr"}},
            "facets": [{"index": {"byteStart": 0, "byteEnd": 3}, "features": [{"$type": "x", "uri": "https://a.se"}]}],
            "labels": {"values": [{"val": "porn"}]},
            "tags": ["a"],
        },
        labels=[label("!warn")],
    ),
    "reason": {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": author(),
        "uri": "at://x",
        "indexedAt": "2026-11-25T08:00:00Z",
    },
}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(2**80),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", URI, "\x1b[31m\x00", "did:plc:"]),
    st.lists(st.none(), max_size=2),
    st.just({}),
    st.just([{"val": []}, {"features": 1}]),
)


def places(value: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, inner in items for place in places(inner, (*way, key)))]


PLACES = [place for place in places(FULL) if place]


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.booleans()), min_size=1, max_size=4))
def test_a_mutated_answer_is_a_safe_post_or_malformed(changes: list[tuple[tuple[Any, ...], Any, bool]]) -> None:
    item: Any = copy.deepcopy(FULL)
    for way, junk, remove in changes:
        inner = item
        for key in way[:-1]:
            try:
                inner = inner[key]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if isinstance(inner, dict) and remove:
                inner.pop(way[-1], None)
            elif isinstance(inner, dict) or (isinstance(inner, list) and way[-1] in range(len(inner))):
                inner[way[-1]] = copy.deepcopy(junk)
    try:
        made = entry(item)
    except MalformedError:
        return
    assert_safe(made)
    assert made.sorted_at.tzinfo is UTC
