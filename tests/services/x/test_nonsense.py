"""Answers that nobody would vouch for: whatever stands in them, nothing breaks and nothing unsafe comes out."""

from __future__ import annotations

import contextlib
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.cache import JsonCache
from mbclient.services.fields import Garbage
from mbclient.services.x.cursors import Cursor
from mbclient.services.x.faults import problem_in
from mbclient.services.x.marks import KEPT, Marks
from mbclient.services.x.posts import Around, Decoder, readable
from mbclient.services.x.prices import posts_read
from mbclient.services.x.session import Tokens
from tests.services.contract import assert_safe
from tests.services.x.server import XServer

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=12)
    | st.sampled_from(["\x1b[31m", "https://t.co/x", "RT @bo: hej", "9" * 30, "2026-11-24T08:00:00Z", "javascript:x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def _page() -> dict[str, Any]:
    """A page with all that a post can have."""
    server = XServer()
    anna, bo = server.people["anna"], server.people["bo"]
    bo.link, bo.badge = "https://gronkvist.example", "Grönkvist"
    original = server.write(anna, "x" * 300 + " #tagg @bo https://example.org/a", media=["3_1"])
    tweets = [
        original,
        server.write(bo, "", kind="retweeted", target=original.id),
        server.write(bo, "se", kind="quoted", target=original.id),
        server.write(bo, "svar", kind="replied_to", target=original.id),
    ]
    page = server._page(tweets, {"next_token": "page-1"}).body
    assert isinstance(page, dict)
    return json.loads(json.dumps(page))  # type: ignore[no-any-return]  # it was a dict before


PAGE = _page()


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    if isinstance(value, dict):
        return found + [place for key, inner in value.items() for place in _places(inner, (*way, key))]
    if isinstance(value, list):
        return found + [place for number, inner in enumerate(value) for place in _places(inner, (*way, number))]
    return found


PLACES = _places(PAGE)


def _decoder(folder: Path = Path("/nowhere")) -> Decoder:
    return Decoder("work", "1", "https://x.com", Marks(JsonCache(folder), "m"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=4))
def test_a_page_with_anything_anywhere(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    page = copy.deepcopy(PAGE)
    for (*way, last), value in changes:
        inner: Any = page
        with contextlib.suppress(KeyError, IndexError, TypeError):
            for step in way:
                inner = inner[step]
            inner[last] = value
    around = Around.of(page)
    for entry in page["data"] if isinstance(page["data"], list) else [page["data"]]:
        with contextlib.suppress(Garbage):
            post = _decoder().post(entry, around)
            assert_safe(post)
            assert post.entry_id.isdecimal()
            assert post.account == "work"
    assert all(item.price == 5_000 for item in posts_read(5).billed(page))


@given(JSON)
def test_anything_for_a_person_a_problem_or_tokens(value: object) -> None:
    with contextlib.suppress(Garbage):
        profile = _decoder().profile(value)
        assert isinstance(profile.text, SafeText)
    problem = problem_in(value)
    assert isinstance(problem.reason, str)
    tokens = Tokens.read(Secret(json.dumps(value)))
    assert tokens is None or tokens.access


@given(st.text(max_size=40))
def test_a_cursor_is_read_as_it_was_written_or_not_at_all(text: str) -> None:
    cursor = Cursor.read(text)
    assert cursor is None or cursor.write() == (text if ">" in text else f"{text}>")


@given(st.text(max_size=60))
def test_a_text_without_entities_stays_as_it_is(text: str) -> None:
    assert readable({"text": text.replace("&", "&amp;")})[0] == text.strip()


def test_marks_are_kept_within_bounds(tmp_path: Path) -> None:
    cache = JsonCache(tmp_path)
    marks = Marks(cache, "m")
    marks._kept["liked"] = dict.fromkeys(map(str, range(KEPT)))
    marks.set("liked", "new", True)
    again = Marks(cache, "m")
    assert again.has("liked", "new")
    assert not again.has("liked", "0")
    assert again.has("liked", "1")
    cache.write("m", {"liked": 7, "boosted": [1, None, "x"]})
    assert Marks(cache, "m").has("boosted", "x")


def test_the_page_is_whole_before_it_is_spoilt() -> None:
    posts = [_decoder().post(entry, Around.of(PAGE)) for entry in PAGE["data"]]
    assert [post.kind for post in posts] == ["post", "boost", "quote", "reply"]
    assert posts[0].text.endswith("https://example.org/a")
    assert posts[0].created_at <= datetime.now(UTC)
