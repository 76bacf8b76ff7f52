"""What the shapes of entries become (facts/micropub.md A, G)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import Author, PostKind, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.fields import Garbage
from mbclient.services.micropub.entries import Decoder
from tests.services.contract import assert_safe

DECODER = Decoder("work", "micropub", Author(SafeText.line("anna.example"), remote_id="anna.example"))
ENTRY: dict[str, Any] = {
    "url": ["https://anna.example/1"],
    "published": ["2026-11-24T10:00:00+01:00"],
    "content": [{"html": '<p>Se <a href="https://example.org/x">här</a> &amp; #infosec</p>'}],
    "name": ["Rubrik"],
    "category": ["openssl"],
    "photo": ["https://anna.example/1.png", {"value": "https://anna.example/2.png", "alt": "två"}],
    "in-reply-to": [{"type": ["h-cite"], "properties": {"url": ["https://bo.example/1"]}}],
    "visibility": ["unlisted"],
    "updated": ["2026-11-24T11:00:00Z"],
}


def test_a_whole_entry() -> None:
    post = DECODER.entry({"type": ["h-entry"], "properties": ENTRY})
    assert post is not None
    assert_safe(post)
    assert post.text == "Rubrik\n\nSe här [example.org] & #infosec"
    assert post.created_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert (post.kind, post.in_reply_to) == (PostKind.REPLY, "https://bo.example/1")
    assert post.visibility is Visibility.UNLISTED
    assert list(post.tags) == ["openssl", "infosec"]
    assert [medium.alt for medium in post.media] == ["", "två"]
    assert [link.url for link in post.links] == ["https://example.org/x"]


def test_values_may_be_lists_or_stand_alone() -> None:
    alone = {name: value[0] for name, value in ENTRY.items()}
    one, two = DECODER.entry({"properties": alone}), DECODER.entry({"properties": ENTRY})
    assert one is not None
    assert two is not None
    assert (one.text, one.created_at, one.in_reply_to) == (two.text, two.created_at, two.in_reply_to)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        2**80,
        "",
        "x",
        "\x1b[31m",
        "javascript:alert(1)",
        [],
        [None],
        [[]],
        {},
        {"html": 3},
        [{"value": 1}],
    ]
)


@given(st.lists(st.tuples(st.sampled_from(list(ENTRY)), JUNK), min_size=1, max_size=5))
def test_a_mutated_entry_is_a_safe_post_or_garbage(changes: list[tuple[str, Any]]) -> None:
    try:
        post = DECODER.entry({"properties": {**ENTRY, **dict(changes)}})
    except Garbage:
        return
    assert post is not None
    assert_safe(post)
    assert all(medium.url.startswith("http") for medium in post.media)


@given(st.recursive(JUNK, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)))
def test_anything_at_all_is_garbage(raw: object) -> None:
    for read in (DECODER.entry, lambda value: DECODER.item(value, "micro.blog")):
        with pytest.raises(Garbage):
            read(raw)
