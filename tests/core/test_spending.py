"""The spending meter: counted by UTC months, refused with one clear line before a call would pass the cap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mbclient.core.purse import Billed
from mbclient.core.spending import Spending
from mbclient.core.stores import Stores
from mbclient.domain.account import Account
from mbclient.domain.errors import CapReachedError
from mbclient.storage import open_stores
from mbclient.texts.money import dollars, expense_word
from tests.core.fakes import Office
from tests.services.kit import StoppedClock


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 30, 23, 0, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path, clock: StoppedClock) -> Iterator[Stores]:
    made = open_stores(tmp_path, clock)
    yield made
    made.close()


def purse(stores: Stores, clock: StoppedClock, cap: float | None = 5) -> Spending:
    return Spending(stores.expenses, lambda: [Account("x", "x", monthly_cap_usd=cap)], clock)


def spend(spending: Spending, amount: int) -> None:
    number = spending.reserve("x", "posts-sent", amount)
    spending.settle("x", number, [Billed("posts-sent", amount)])


def test_one_clear_line_before_the_call_that_would_pass_the_cap(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock)
    spend(spending, 4_900_000)
    assert spending.left("x") == 100_000
    with pytest.raises(CapReachedError) as caught:
        spending.reserve("x", "posts-sent-with-link", 200_000)
    assert str(caught.value) == (
        "x has spent $4.90 this month, and a call for up to $0.20 would pass your cap of $5.00; "
        "raise monthly_cap_usd in config.toml, or wait until 2026-12-01"
    )
    assert (caught.value.account, caught.value.until) == ("x", datetime(2026, 12, 1, tzinfo=UTC))
    spend(spending, 100_000)
    assert spending.left("x") == 0


def test_to_ask_sets_nothing_aside(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock, 1)
    spending.check("x", 1_000_000)
    assert spending.left("x") == 1_000_000
    with pytest.raises(CapReachedError, match=r"up to \$1.01 would pass your cap of \$1.00"):
        spending.check("x", 1_010_000)
    purse(stores, clock, None).check("x", 1_000_000_000)


def test_a_new_month_begins_at_midnight_utc(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock, 1)
    spend(spending, 1_000_000)
    clock.time = datetime(2026, 12, 1, tzinfo=UTC)
    assert spending.left("x") == 1_000_000
    spend(spending, 1_000_000)
    with pytest.raises(CapReachedError) as caught:
        spending.reserve("x", "posts-sent", 1)
    assert caught.value.until == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_cap_of_nothing_lets_nothing_through(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock, 0)
    assert spending.left("x") == 0
    with pytest.raises(CapReachedError) as caught:
        spending.reserve("x", "posts-read", 5_000)
    assert str(caught.value).endswith("; raise monthly_cap_usd in config.toml")  # the next month leaves no more


def test_without_a_cap_it_only_counts(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock, None)
    assert spending.words("x") == ""
    spend(spending, 1_234_567)
    assert spending.left("x") is None
    assert spending.words("x") == "$1.24"
    assert not spending.of("x").near


def test_what_is_shown(stores: Stores, clock: StoppedClock) -> None:
    spending = purse(stores, clock, 5)
    assert spending.words("x") == "$0.00 of $5.00"
    spend(spending, 4_000_000)
    spent = spending.of("x")
    assert (spent.words, spent.near) == ("$4.00 of $5.00", True)
    assert [(one.what, one.number, one.amount) for one in spent.expenses] == [("posts-sent", 1, 4_000_000)]
    assert spending.words("notebook") == ""


@pytest.mark.parametrize(
    ("millionths", "shown"),
    [(0, "$0.00"), (1, "$0.01"), (5_000, "$0.01"), (15_000, "$0.02"), (1_234_567_890, "$1,234.57")],
)
def test_nothing_that_cost_looks_free(millionths: int, shown: str) -> None:
    assert dollars(millionths) == shown


def test_kinds_have_words() -> None:
    assert expense_word("posts-read") == "posts read"
    assert expense_word("another plug-in's") == "another plug-in's"


async def test_nothing_is_searched_for_by_itself_where_each_find_costs(office: Office) -> None:
    service = office.service("work")
    service.capabilities = replace(service.capabilities, billed=True)
    await office.desk.refresher.refresh(["work"])
    assert office.remote.requests("work", "search") == 0
    service.capabilities = replace(service.capabilities, billed=False)
    await office.desk.refresher.refresh(["work"])
    assert office.remote.requests("work", "search") == 1


def test_every_account_stands_with_what_it_has_cost(office: Office) -> None:
    number = office.desk.spending.reserve("work", "posts-read", 10_000)
    office.desk.spending.settle("work", number, [Billed("posts-read", 5_000)])
    assert {state.account: state.spent for state in office.desk.account_states()}["work"] == "$0.01"
