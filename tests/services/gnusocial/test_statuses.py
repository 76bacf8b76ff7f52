"""A status of the API as a post: the shape of a server, and every nonsense (a fuzz over mutated answers)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import PostKind
from mbclient.services.fields import Garbage
from mbclient.services.gnusocial.site import Site
from mbclient.services.gnusocial.statuses import Decoder, is_deed
from tests.services.contract import assert_safe

SITE = Site("https://social.example", "https://social.example/api", notice_pages=True)
DECODER = Decoder("work", SITE, me="1")
STATUS: dict[str, Any] = {
    "id": 4711,
    "text": "Hej @anna, se https://example.org/x #infosec #infosec <b>&amp;</b>",
    "created_at": "Mon Nov 23 18:31:59 +0000 2026",
    "truncated": False,
    "source": "web",
    "uri": "tag:social.example,2026-11-23:noticeId=4711:objectType=note",
    "in_reply_to_status_id": "4710",
    "in_reply_to_user_id": 1,
    "favorited": True,
    "repeated": False,
    "statusnet_conversation_id": "4700",
    "attentions": [{"id": 1, "screen_name": "anna", "profileurl": "https://annan.example/anna"}],
    "attachments": [
        {"url": "https://files.example/5.png", "mimetype": "image/png", "size": 3},
        {"url": "https://example.org/x", "mimetype": "text/html"},
    ],
    "user": {
        "id": 2,
        "screen_name": "bo",
        "name": "Bo Lind",
        "statusnet_profile_url": "https://annan.example/bo",
    },
}


def test_a_whole_status() -> None:
    post = DECODER.post(STATUS)
    assert_safe(post)
    assert (post.remote_id, post.uri, post.url) == ("4711", STATUS["uri"], "https://social.example/notice/4711")
    assert post.text == STATUS["text"]  # plain text: neither HTML nor entities are read
    assert post.author.handle == "bo@annan.example"
    assert post.mentions == ("anna@annan.example",)
    assert post.tags == ("infosec",)
    assert [link.url for link in post.links] == ["https://example.org/x"]
    assert [medium.url for medium in post.media] == ["https://files.example/5.png"]
    assert (post.kind, post.in_reply_to, post.mine.liked) == (PostKind.REPLY, "4710", True)


def test_names_in_the_text_count_where_the_server_names_nobody() -> None:
    post = DECODER.post({**STATUS, "attentions": None, "text": "@anna och @eva@annan.example, mejla x@y.example"})
    assert post.mentions == ("anna@social.example", "eva@annan.example")


@pytest.mark.parametrize(
    ("changes", "deed"),
    [
        ({}, False),
        ({"is_post_verb": True}, False),
        ({"is_post_verb": False}, True),
        ({"is_post_verb": False, "retweeted_status": STATUS}, False),
        ({"source": "activity"}, True),
        ({"uri": "tag:social.example,2026-11-23:fave:3895:note:773501"}, True),
        ({"uri": "tag:social.example,2026-11-23:subscription:1:person:2"}, True),
        ({"uri": "https://social.example/fave/2"}, False),
    ],
)
def test_what_is_a_deed(changes: dict[str, Any], deed: bool) -> None:
    assert is_deed({**STATUS, **changes}) is deed


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 2**80, 1.5, "", "x", "\x1b[31m", "javascript:alert(1)", [], [None], {}, {"id": []}, "9" * 30]
)
PLACES = [(name,) for name in STATUS] + [("user", name) for name in STATUS["user"]] + [("retweeted_status",)]


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.booleans()), min_size=1, max_size=5))
def test_a_mutated_status_is_a_safe_post_or_garbage(changes: list[tuple[tuple[str, ...], Any, bool]]) -> None:
    raw = copy.deepcopy(STATUS)
    for path, junk, remove in changes:
        target = raw if len(path) == 1 else raw.get(path[0])
        if not isinstance(target, dict):
            continue
        if remove:
            target.pop(path[-1], None)
        else:
            target[path[-1]] = junk
    is_deed(raw)
    try:
        post = DECODER.post(raw)
    except Garbage:
        return
    assert_safe(post)
    assert all(medium.url.startswith("http") for medium in post.media)


@given(st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)))
def test_anything_at_all_is_a_post_or_garbage(raw: object) -> None:
    for read in (DECODER.post, DECODER.author, DECODER.profile):
        with pytest.raises(Garbage):
            read(raw)
