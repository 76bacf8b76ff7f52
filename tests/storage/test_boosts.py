"""Boosts taken back: the right one goes, alone, and quickly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.stores import Archive, Stores, ViewQuery
from mbclient.domain.post import Author, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.storage import boosts
from mbclient.storage.codec import dump, encode_post, repaired
from tests.storage.posts import NOON, arrival, post


@pytest.fixture
def archive(stores: Stores) -> Archive:
    return stores.archive


def boost(number: int, boost_id: str, **fields: Any) -> Post:
    fixed: dict[str, Any] = {
        "kind": PostKind.BOOST,
        "boosted_by": Author(SafeText("cy")),
        "boost_id": boost_id,
        "boosted_at": NOON + timedelta(minutes=number),
    }
    return post(number, str(number), **(fixed | fields))


def shown(archive: Archive) -> list[tuple[str, str]]:
    return [(str(entry.post.text), entry.post.boost_id) for entry in archive.page(ViewQuery())]


def test_the_boost_goes_and_the_post_stays(archive: Archive) -> None:
    archive.store([arrival(post(1, "1")), arrival(boost(1, "b1")), arrival(boost(2, "b2"))])
    gone = archive.take_back_boost("work", "b1")
    assert gone is not None
    assert gone.boost_id == "b1"
    assert sorted(shown(archive)) == [("1", ""), ("2", "b2")]
    assert archive.take_back_boost("work", "b1") is None
    assert archive.search("1") != []
    assert archive.search("2") != []


@pytest.mark.parametrize(("account", "boost_id"), [("work", "b"), ("work", ""), ("other", "b1"), ("work", 'b1"')])
def test_what_is_not_this_boost_stays(archive: Archive, account: str, boost_id: str) -> None:
    archive.store([arrival(boost(1, "b1")), arrival(post(2, '"b1" "b"'))])
    assert archive.take_back_boost(account, boost_id) is None
    assert len(shown(archive)) == 2


def test_a_boost_that_another_account_has_too_stays(archive: Archive) -> None:
    uri = "https://else.example/1"
    archive.store([arrival(boost(1, "b1", uri=uri)), arrival(boost(1, "x1", uri=uri, account="other"))])
    assert archive.take_back_boost("work", "b1") is None
    assert len(shown(archive)) == 1


def test_only_the_newest_are_looked_through(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosts, "_CANDIDATES", boosts._CANDIDATES.replace(str(boosts.REACH), "3"))
    archive.store([arrival(boost(number, f"b{number}")) for number in range(5)])
    assert archive.take_back_boost("work", "b1") is None
    assert archive.take_back_boost("work", "b2") is not None


@given(boost_id=st.text(min_size=1, max_size=20))
def test_an_id_is_found_in_what_was_stored_under_it(boost_id: str) -> None:
    """The search looks for the id as the codec writes it."""
    assert dump(repaired(boost_id)) in encode_post(boost(1, boost_id))
