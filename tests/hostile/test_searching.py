"""Search words are never syntax: not of SQL, not of its full text search (reliability facts 4.5)."""

from __future__ import annotations

import pytest

from mbclient.core.stores import Stores
from tests.hostile.corpus import POSTS
from tests.storage.conftest import clock, data_dir, stores
from tests.storage.posts import arrival, post

__all__ = ["clock", "data_dir", "stores"]

SYNTAX = (
    "a AND b", "a OR b", "NOT a", "NEAR(a b)", "NEAR/2", "text:a", "^a", "befor*", '"a', '"a" "', "a + b", "-a",
    "{a b}: c",
    "'; DROP TABLE entry; --", '" OR 1=1 --', "%", "_", "a\x00b", "((((", "))))", "*", '"' * 500, "(" * 2000,
    "a " * 3000,
)  # fmt: skip


@pytest.mark.parametrize("query", SYNTAX)
def test_syntax_is_words(stores: Stores, query: str) -> None:
    stores.archive.store([arrival(post(1, f"before {query} after")), arrival(post(2, "nothing of it: xyzzy"))])
    words = any(each.isalnum() for each in query)
    found = [str(entry.post.text)[:6] for entry in stores.archive.search(query)]
    assert found == (["before"] if words else [])
    assert len(stores.archive.search("xyzzy")) == 1


def test_every_hostile_post_can_be_looked_for(stores: Stores) -> None:
    stores.archive.store([arrival(post(1, "xyzzy"))])
    for text in POSTS.values():
        assert [str(entry.post.text) for entry in stores.archive.search(text)] == []
    assert len(stores.archive.search("xyzzy")) == 1
