"""What goes into the data file comes out again, whatever code points it holds."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import Notification, Post
from mbclient.domain.safetext import SafeText
from mbclient.storage.codec import CodecError, microseconds, repaired
from mbclient.storage.codec_posts import decode_notification, decode_post, encode_notification, encode_post, search_text
from tests.storage.posts import moments, notifications, post, posts, raw


def mended(value: Any) -> Any:
    """The same value with every string repaired: what may come back."""
    if isinstance(value, SafeText):
        return value
    if type(value) is str:
        return repaired(value)
    if isinstance(value, tuple):
        return tuple(mended(part) for part in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: mended(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


@given(posts)
def test_a_post_comes_back_as_it_was(one: Post) -> None:
    assert decode_post(encode_post(one)) == mended(one)


@given(posts)
def test_what_is_shown_comes_back_cleaned(one: Post) -> None:
    back = decode_post(encode_post(one))
    choices = back.poll.choices if back.poll else ()
    shown = (back.text, back.author.name, back.author.handle, *back.tags, *(media.alt for media in back.media))
    shown += tuple(choice.text for choice in choices)
    assert all(type(text) is SafeText for text in shown)


@given(posts)
def test_sqlite_and_utf8_take_every_encoded_post(one: Post) -> None:
    body = encode_post(one)
    body.encode()
    search_text(one).encode()
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        assert db.execute("SELECT ?", (body,)).fetchone() == (body,)


@given(posts, st.tuples(raw), st.tuples(raw))
def test_place_is_not_part_of_the_body(one: Post, also: tuple[str, ...], terms: tuple[str, ...]) -> None:
    placed = dataclasses.replace(one, also=also, terms=terms)
    assert encode_post(placed) == encode_post(one)
    back = decode_post(encode_post(one), also=also, terms=terms)
    assert back == dataclasses.replace(mended(one), also=also, terms=terms)


@given(notifications)
def test_a_notification_comes_back_as_it_was(one: Notification) -> None:
    back = decode_notification(one.account, one.remote_id, microseconds(one.at), encode_notification(one))
    assert mended(back) == mended(one)


@given(moments)
def test_instants_are_exact(moment: Any) -> None:
    assert decode_post(encode_post(post(1, created_at=moment))).created_at == moment


@pytest.mark.parametrize(
    "damage",
    ["", "nonsense", "[]", "null", "{}", '{"v":1}', '{"v":99}', "[" * 100_000, '{"v":1,"author":[],"at":"x"}'],
)
def test_damaged_bodies_are_one_named_error(damage: str) -> None:
    with pytest.raises(CodecError, match="post"):
        decode_post(damage)


@given(posts, st.data())
def test_a_wrong_type_anywhere_never_breaks_differently(one: Post, data: st.DataObject) -> None:
    fields = json.loads(encode_post(one))
    name = data.draw(st.sampled_from(sorted(fields)))
    fields[name] = data.draw(st.sampled_from([None, 7, [], {}, [[]], "x", True]))
    with contextlib.suppress(CodecError):
        decode_post(json.dumps(fields))
