"""Boosts taken back: the right one goes, alone, and quickly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.stores import Archive, Arrival, Stored, Stores, ViewQuery
from mbclient.domain.post import Author, Booster, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.storage import boosts, ways
from mbclient.storage.codec import dump, repaired
from mbclient.storage.codec_posts import encode_post
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
    stored = archive.take_back_boost("work", "b1")
    assert stored is not None
    assert [(str(entry.post.text), entry.post.boosts) for entry in stored.edited] == [("1", ())]
    assert sorted(shown(archive)) == [("1", ""), ("2", "b2")]
    assert archive.take_back_boost("work", "b2") == Stored(gone="work:work-2")
    archive.store([arrival(boost(2, "b2"))])
    assert archive.take_back_boost("work", "b1") is None
    assert archive.search("1") != []
    assert archive.search("2") != []


def by(archive: Archive) -> list[str]:
    (entry,) = archive.page(ViewQuery())
    return [str(each.author.handle) for each in entry.post.boosts]


def boosted_by(*names: str) -> list[Arrival]:
    """One post, boosted by these, each an hour after the one before, Eva first of all."""
    hours = {name: NOON + timedelta(hours=place) for place, name in enumerate(dict.fromkeys(("eva", *names)))}
    return [arrival(boost(1, f"b-{name}", boosted_by=Author(SafeText(name)), boosted_at=hours[name])) for name in names]


def test_whoever_boosts_the_same_post_is_named_and_the_archive_says_that_there_is_one_more(archive: Archive) -> None:
    archive.store(boosted_by("eva"))
    stored = archive.store(boosted_by("nils"))
    assert ([entry.post.boosters for entry in stored.edited], stored.new) == (
        [(Booster(Author(SafeText("nils")), "b-nils", NOON + timedelta(hours=1), "work"),)],
        (),
    )
    assert archive.store(boosted_by("nils", "eva")).edited == ()
    archive.store(boosted_by("nils", "cy"))
    assert by(archive) == ["eva", "nils", "cy"]


@pytest.mark.parametrize(
    ("gone", "left"), [("eva", ["nils", "cy"]), ("nils", ["eva", "cy"]), ("cy", ["eva", "nils"]), ("bo", None)]
)
def test_of_several_boosts_the_one_that_is_taken_back_goes_alone(
    archive: Archive, gone: str, left: list[str] | None
) -> None:
    archive.store(boosted_by("eva", "nils", "cy"))
    assert (archive.take_back_boost("work", f"b-{gone}") is not None) is (left is not None)
    assert by(archive) == (left or ["eva", "nils", "cy"])
    for name in left or ():
        archive.take_back_boost("work", f"b-{name}")
    assert bool(archive.page(ViewQuery())) is (left is None)


def test_the_boosts_of_a_stranger_under_the_same_address_name_nobody(archive: Archive) -> None:
    archive.store(boosted_by("eva"))
    forged = boost(1, "x", account="other", boosted_by=Author(SafeText("mallory")), author=Author(SafeText("m")))
    archive.store([arrival(replace(forged, uri=boost(1, "b").uri))])
    assert by(archive) == ["eva"]


def test_a_thousand_boosts_of_a_post_are_not_all_written_down(archive: Archive) -> None:
    archive.store(boosted_by(*(f"who{number}" for number in range(100)))[::-1])
    assert by(archive) == [f"who{number}" for number in range(ways.MOST)]


@pytest.mark.parametrize(("account", "boost_id"), [("work", "b"), ("work", ""), ("other", "b1"), ("work", 'b1"')])
def test_what_is_not_this_boost_stays(archive: Archive, account: str, boost_id: str) -> None:
    archive.store([arrival(boost(1, "b1")), arrival(post(2, '"b1" "b"'))])
    assert archive.take_back_boost(account, boost_id) is None
    assert len(shown(archive)) == 2


def test_a_boost_that_another_account_has_too_stays_there(archive: Archive) -> None:
    uri = "https://else.example/1"
    archive.store([arrival(boost(1, "b1", uri=uri)), arrival(boost(1, "x1", uri=uri, account="other"))])
    assert archive.take_back_boost("work", "b1") is not None
    assert shown(archive) == [("1", "x1")]
    assert not archive.page(ViewQuery(accounts=("work",)))


def test_without_the_earliest_boost_the_next_one_says_where_it_stands(archive: Archive) -> None:
    archive.store([*boosted_by("eva", "nils"), arrival(post(90))])
    stored = archive.take_back_boost("work", "b-eva")
    assert stored is not None
    ((_before, entry),) = stored.placed
    assert entry.post.sorted_at == NOON + timedelta(hours=1)
    archive.take_back_boost("work", "b-nils")
    assert [str(entry.post.text) for entry in archive.page(ViewQuery())] == ["post number 90"]


def test_only_the_newest_are_looked_through(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosts, "_CANDIDATES", boosts._CANDIDATES.replace(str(boosts.REACH), "3"))
    archive.store([arrival(boost(number, f"b{number}")) for number in range(5)])
    assert archive.take_back_boost("work", "b1") is None
    assert archive.take_back_boost("work", "b2") is not None


@given(boost_id=st.text(min_size=1, max_size=20))
def test_an_id_is_found_in_what_was_stored_under_it(boost_id: str) -> None:
    """The search looks for the id as the codec writes it."""
    assert dump(repaired(boost_id)) in encode_post(boost(1, boost_id))
