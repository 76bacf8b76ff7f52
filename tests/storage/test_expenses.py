"""What was set aside, settled and summed, by month and day, among programs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.core.figurestores import Expense
from mbclient.core.purse import Billed
from mbclient.core.stores import Stores
from mbclient.storage import open_stores
from tests.services.kit import StoppedClock

DAY, NEXT = date(2026, 11, 24), date(2026, 11, 25)
MONTH = "2026-11"


def opened(folder: Path) -> Stores:
    return open_stores(folder, StoppedClock(datetime(2026, 11, 24, 10, 40, tzinfo=UTC)))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    made = opened(tmp_path / "data")
    yield made
    made.close()


def spend(stores: Stores, *billed: Billed, most: int = 1000, day: date = DAY) -> None:
    number = stores.expenses.reserve("x", MONTH, "posts-read", most, None)
    assert number is not None
    stores.expenses.settle(number, day, billed)


def test_a_resource_costs_once_a_day_and_a_deed_each_time(stores: Stores) -> None:
    post, deed = Billed("posts-read", 5, "post 1"), Billed("deeds", 15)
    spend(stores, post, post, deed)
    spend(stores, post, deed)
    assert stores.expenses.of("x", MONTH) == [Expense("deeds", 2, 30), Expense("posts-read", 1, 5)]
    spend(stores, post, day=NEXT)
    spend(stores, post, day=NEXT)
    assert stores.expenses.total("x", MONTH) == 40


def test_accounts_and_months_are_apart(stores: Stores) -> None:
    spend(stores, Billed("posts-read", 5, "post 1"))
    assert stores.expenses.total("y", MONTH) == 0
    assert stores.expenses.total("x", "2026-12") == 0


def test_what_is_set_aside_counts_until_it_is_settled(stores: Stores) -> None:
    number = stores.expenses.reserve("x", MONTH, "posts-sent", 200, 1000)
    assert number is not None
    assert stores.expenses.total("x", MONTH) == 200
    assert stores.expenses.of("x", MONTH) == [Expense("posts-sent", 1, 200)]
    stores.expenses.settle(number, DAY, [Billed("posts-sent", 15)])
    stores.expenses.settle(number, DAY, [Billed("posts-sent", 15)])  # once
    assert stores.expenses.total("x", MONTH) == 15


def test_the_cap_is_reached_and_not_passed(stores: Stores) -> None:
    assert stores.expenses.reserve("x", MONTH, "a", 60, 100) is not None
    assert stores.expenses.reserve("x", MONTH, "a", 41, 100) is None
    assert stores.expenses.reserve("x", MONTH, "a", 40, 100) is not None
    assert stores.expenses.reserve("x", MONTH, "a", 1, 100) is None
    assert stores.expenses.reserve("x", MONTH, "a", 0, 100) is not None
    assert stores.expenses.total("x", MONTH) == 100


def test_a_program_that_was_killed_has_spent_what_it_set_aside(tmp_path: Path) -> None:
    stores = opened(tmp_path)
    stores.expenses.reserve("x", MONTH, "posts-sent", 200, None)
    stores.close()
    again = opened(tmp_path)
    assert again.expenses.total("x", MONTH) == 200
    again.close()


def test_two_programs_cannot_both_spend_the_last_of_it(tmp_path: Path) -> None:
    both = [opened(tmp_path), opened(tmp_path)]
    given: list[int | None] = []

    def take(stores: Stores) -> None:
        given.extend(stores.expenses.reserve("x", MONTH, "a", 10, 100) for _number in range(20))

    threads = [threading.Thread(target=take, args=(stores,)) for stores in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([number for number in given if number is not None]) == 10
    assert both[0].expenses.total("x", MONTH) == 100
    for stores in both:
        stores.close()


CALLS = st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 4), st.integers(0, 60)), max_size=12)


@settings(max_examples=20, deadline=None)
@given(calls=CALLS, cap=st.integers(0, 150))
def test_no_month_ever_passes_its_cap(
    calls: list[tuple[int, bool, int, int]], cap: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However calls end: settled by less than what was set aside, or never."""
    stores = opened(tmp_path_factory.mktemp("spend"))
    for most, settled, resource, cost in calls:
        number = stores.expenses.reserve("x", MONTH, "a", most, cap)
        assert number is not None or stores.expenses.total("x", MONTH) + most > cap
        if number is not None and settled:
            stores.expenses.settle(number, DAY, [Billed("a", min(cost, most), f"post {resource}")])
        assert stores.expenses.total("x", MONTH) <= cap
    stores.close()
