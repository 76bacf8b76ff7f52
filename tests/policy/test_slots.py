"""Windows that meet, capacity, load, and what lies ahead (policy facts 8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from mbclient.policy.counting import Group
from mbclient.policy.model import Policy
from mbclient.policy.slots import (
    capacity,
    current_slot,
    load,
    next_slot,
    next_workday_slot,
    slot_instants,
    window_end,
    window_of,
)
from tests.policy.world import at, parsed

POLICY = parsed()


def groups(*whens: str, reply: bool = False, segments: int = 1) -> list[Group]:
    return [Group(at(when), segments, sent=True, reply=reply) for when in whens]


@pytest.mark.parametrize(
    ("limit", "slots", "given", "expected"),
    [
        (8, 3, "auto", 3),
        (8, 4, "auto", 2),
        (9, 3, "auto", 3),
        (0, 3, "auto", 0),
        ("none", 3, "auto", None),
        (8, 3, 1, 1),
        ("none", 3, 2, 2),
        (8, 0, "auto", None),
    ],
)
def test_capacity(limit: object, slots: int, given: object, expected: int | None) -> None:
    times = ["08:40", "11:40", "15:00", "16:00"][:slots]
    assert capacity(parsed(posting={"daily_soft_limit": limit, "slot_capacity": given, "slots": times})) == expected


def test_where_windows_meet_the_nearest_slot_wins_and_then_the_earlier() -> None:
    policy = parsed(posting={"slots": ["10:00", "10:10"]})
    assert window_of(policy, at("10:04")) == at("10:00")
    assert window_of(policy, at("10:05")) == at("10:00")
    assert window_of(policy, at("10:05:01")) == at("10:10")
    assert window_end(policy, at("10:00")) == at("10:05")
    assert window_end(policy, at("10:10")) == at("10:20")


def test_windows_are_to_the_second() -> None:
    late = timedelta(milliseconds=999)
    assert window_of(POLICY, at("11:50:00") + late) == at("11:40")
    assert window_of(POLICY, at("11:50:01")) is None
    assert window_of(POLICY, at("11:29:59") + late) is None
    assert load(POLICY, [Group(at("11:50:00") + late, 1, sent=True, reply=False)], at("11:40")) == 1


def test_load_counts_planned_groups_and_threads_once_and_no_replies() -> None:
    planned = Group(at("11:31"), 4, sent=False, reply=False)
    everything = [*groups("11:30", "11:50"), planned, *groups("11:29", "12:00"), *groups("11:40", reply=True)]
    assert load(POLICY, everything, at("11:40")) == 3


def test_both_are_the_same_slot_before_it_and_not_after() -> None:
    assert current_slot(POLICY, [], at("11:35")) == next_slot(POLICY, [], at("11:35")) == at("11:40")
    assert current_slot(POLICY, [], at("11:45")) == at("11:40")
    assert next_slot(POLICY, [], at("11:45")) == at("15:00")
    assert current_slot(POLICY, [], at("12:00")) is None


def test_a_full_window_is_no_current_slot() -> None:
    assert current_slot(POLICY, groups("11:35", "11:36", "11:37"), at("11:40")) is None
    assert current_slot(POLICY, groups("11:35", "11:36"), at("11:40")) == at("11:40")


def test_a_slot_outside_work_time_is_none() -> None:
    policy = parsed(posting={"slots": ["07:00", "17:00", "16:59"]})
    assert slot_instants(policy, date(2026, 11, 24)) == (at("16:59"),)


def test_two_times_that_become_one_instant_are_one_slot() -> None:
    nights = {day: ["00:00-24:00"] for day in ("sat", "sun")}
    policy = parsed(work=nights, posting={"slots": ["02:30", "03:30"]})
    assert slot_instants(policy, date(2026, 3, 29)) == (at("2026-03-29 03:30"),)


@pytest.mark.parametrize(
    "posting", [{"slots": []}, {"slots": ["06:00"]}, {"daily_soft_limit": 0}, {"slot_capacity": 0}]
)
def test_no_slot_lies_ahead(posting: dict[str, object]) -> None:
    policy = parsed(posting=posting)
    assert next_slot(policy, [], at("07:00")) is None
    assert next_workday_slot(policy, [], at("07:00")) is None


def test_the_search_goes_a_year_ahead_and_no_further() -> None:
    away = {"absences": [{"from": "2026-11-24", "to": "2027-11-24"}]}
    assert next_slot(parsed(work=away), [], at("07:00")) == at("2027-11-25 08:40")
    longer = {"absences": [{"from": "2026-11-24", "to": "2027-11-25"}]}
    assert next_slot(parsed(work=longer), [], at("07:00")) is None


def test_the_morning_after_a_night_shift_is_no_workday_to_recommend() -> None:
    """Saturday 02:30 is still Friday's work time, so its window is good, but nobody is sent there."""
    night = {day: ["22:00-06:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    policy = parsed(work=night, posting={"slots": ["02:30"]})
    assert next_slot(policy, [], at("2026-11-27 12:00")) == at("2026-12-01 02:30")
    assert window_of(policy, at("2026-11-28 02:35")) == at("2026-11-28 02:30")


def test_next_workday_leaves_today_out() -> None:
    assert next_workday_slot(POLICY, [], at("07:00")) == at("2026-11-25 08:40")
    assert next_workday_slot(POLICY, [], at("2026-11-27 07:00")) == at("2026-11-30 08:40")


def test_slots_of_a_wide_tolerance_never_share_an_instant() -> None:
    policy: Policy = replace(POLICY, slot_tolerance=timedelta(hours=12))
    borders = [window_of(policy, at(when)) for when in ("10:09", "10:10", "10:10:01", "13:20", "13:20:01")]
    assert borders == [at("08:40"), at("08:40"), at("11:40"), at("11:40"), at("15:00")]
