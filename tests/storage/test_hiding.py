"""Posts that belong to a view and are hidden in it: passed over, not counted, there when one peeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.stores import Archive, Stores, ViewQuery, hidden_mark
from mbclient.domain.post import FilterAction, Filtered
from mbclient.domain.safetext import SafeText
from tests.storage.posts import NOON, arrival, post

EVERYTHING, WORK = ViewQuery(), ViewQuery("work")


@pytest.fixture
def archive(stores: Stores) -> Archive:
    return stores.archive


def texts(archive: Archive, query: ViewQuery = EVERYTHING, **how: int) -> list[str]:
    return [str(entry.post.text) for entry in archive.page(query, **how)]


def test_what_is_hidden_in_a_view_is_passed_over_and_not_counted(archive: Archive) -> None:
    for number in range(12):
        marks = ("work", hidden_mark("work")) if number % 3 else ("work",)
        archive.store([arrival(post(number, str(number)), *marks)])
    assert texts(archive, WORK, limit=3) == ["9", "6", "3"]
    keys = [entry.key for entry in archive.page(EVERYTHING, limit=20)]
    assert texts(archive, WORK, after=keys[9], limit=2) == ["6", "3"]  # directly above the post 2
    assert texts(archive, WORK, before=keys[4], limit=2) == ["6", "3"]
    assert (archive.count(WORK), archive.count(WORK, after=keys[4])) == (4, 1)
    whole = replace(WORK, peek=True)
    assert (archive.count(whole), len(archive.page(whole)), archive.count(EVERYTHING)) == (12, 12, 12)
    entries = archive.page(EVERYTHING, limit=20)
    assert [entry.shown_in("work") for entry in entries[-4:]] == [True, False, False, True]
    assert all(entry.shown_in("home") for entry in entries)


def test_for_one_account_as_for_all(archive: Archive) -> None:
    archive.store([arrival(post(1, account="work"), hidden_mark("home")), arrival(post(2, account="sky"))])
    archive.store([arrival(post(1, account="sky"))])
    for accounts, shown in (((), 1), (("work",), 0), (("sky",), 1), (("work", "sky"), 1)):
        query = ViewQuery("home", accounts)
        assert archive.count(query) == len(archive.page(query)) == shown, accounts


def test_an_edit_decides_anew_what_is_hidden(archive: Archive) -> None:
    archive.store([arrival(post(1), hidden_mark("home"))])
    archive.store([arrival(post(1, "mended", edited_at=NOON + timedelta(hours=1)))])
    assert texts(archive) == ["mended"]


def test_the_filters_of_every_account_are_kept_each_as_last_said(archive: Archive) -> None:
    def filters(account: str, *titles: str) -> tuple[Filtered, ...]:
        return tuple(Filtered(account, SafeText(title), FilterAction.HIDE) for title in titles)

    def kept() -> list[tuple[str, str]]:
        (entry,) = archive.page(EVERYTHING)
        return [(each.account, str(each.title)) for each in entry.post.filtered]

    archive.store([arrival(post(1, account="work", filtered=filters("work", "Sport")))])
    archive.store([arrival(post(1, account="sky", filtered=filters("sky", "Films")))])
    assert kept() == [("sky", "Films"), ("work", "Sport")]
    archive.store([arrival(post(1, account="work"))])
    assert kept() == [("sky", "Films")]
