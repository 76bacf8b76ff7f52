"""The time budget: quiet, once a day, and only of what was measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from mbclient.core.budget import TimeBudget, farewell
from mbclient.core.figures import Day, Inflow, Reading
from mbclient.core.preferences import Measuring

TODAY = Day(
    date(2026, 11, 24),
    5,
    Inflow(),
    workday=True,
    reading=Reading(timedelta(minutes=34), timedelta(minutes=5), timedelta(minutes=20)),
)


def test_it_speaks_from_the_budget_on_and_stays_until_it_is_put_away() -> None:
    budget = TimeBudget(lambda: Measuring(budget_minutes=39))
    assert "39 min today" in budget.words(TODAY)
    assert budget.words(TODAY)
    budget.put_away()
    assert budget.words(TODAY) == ""
    assert budget.words(replace(TODAY, date=date(2026, 11, 25)))


def test_it_keeps_silent_below_the_budget_without_one_and_where_nothing_was_measured() -> None:
    assert TimeBudget(lambda: Measuring(budget_minutes=40)).words(TODAY) == ""
    assert TimeBudget(Measuring).words(TODAY) == ""
    assert TimeBudget(lambda: Measuring(budget_minutes=1)).words(replace(TODAY, reading=None)) == ""


def test_the_day_in_one_sentence() -> None:
    said = farewell(TODAY, 8)
    assert said == "Today: 5 posts of 8; read 34 min in work time, 20 min of it on work, and 5 min outside."
    assert farewell(replace(TODAY, reading=None, posts=1), None) == "Today: 1 post."
