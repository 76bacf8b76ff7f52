"""Holidays, work hours and days, on ordinary and on odd dates (policy facts 3.1 and 3.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.policy.calendar import (
    after_work,
    day_bounds,
    day_start,
    easter,
    hours,
    local_date,
    resolve,
    swedish_holidays,
    work_time,
    workday,
    workdays_between,
)
from mbclient.policy.model import Absence, Interval, Policy
from tests.policy import strategies as some
from tests.policy.world import STOCKHOLM, at, parsed

OFFICE = Policy(zone=STOCKHOLM)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (1943, "1943-04-25"),  # as late as it gets
        (2008, "2008-03-23"),
        (2016, "2016-03-27"),
        (2026, "2026-04-05"),
        (2027, "2027-03-28"),
        (2038, "2038-04-25"),
        (2285, "2285-03-22"),  # as early as it gets
    ],
)
def test_easter(year: int, expected: str) -> None:
    assert easter(year).isoformat() == expected


@given(st.integers(1900, 2999))
def test_easter_is_a_sunday_in_its_season(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_holidays_of_a_year() -> None:
    red = [
        *["01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24", "06-06", "06-20", "10-31"],
        *["12-25", "12-26"],
    ]
    eves = ["06-19", "12-24", "12-31"]
    assert sorted(f"{day:%m-%d}" for day in swedish_holidays(2026, False)) == sorted(red)
    assert sorted(f"{day:%m-%d}" for day in swedish_holidays(2026, True)) == sorted(red + eves)


@pytest.mark.parametrize("day", ["2026-01-05", "2026-04-02", "2026-05-15", "2026-10-30", "2026-12-23"])
def test_other_half_days_and_days_between_are_workdays(day: str) -> None:
    assert workday(OFFICE, date.fromisoformat(day))


def test_a_weekend_worker_has_the_holiday_off_too() -> None:
    weekends = replace(OFFICE, week=((),) * 5 + ((Interval(600, 900),),) * 2)
    assert not workday(weekends, date(2026, 12, 26))  # a Saturday
    assert workday(replace(weekends, holidays="none"), date(2026, 12, 26))
    assert not workday(weekends, date(2026, 12, 28))


def test_absence_before_exception_before_holiday_before_weekday() -> None:
    day = date(2026, 12, 25)
    assert hours(OFFICE, day) == ()
    worked = replace(OFFICE, exceptions={day: (Interval(480, 720),)})
    assert hours(worked, day) == (Interval(480, 720),)
    away = replace(worked, absences=(Absence(date(2026, 12, 20), day),))
    assert hours(away, day) == ()
    assert hours(away, date(2026, 12, 28)) == OFFICE.week[0]
    assert hours(replace(OFFICE, exceptions={date(2026, 11, 24): ()}), date(2026, 11, 24)) == ()


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("07:59:59", False),
        ("08:00", True),
        ("12:00", True),
        ("16:59:59", True),
        ("17:00", False),
        ("2026-11-28 12:00", False),
    ],
)
def test_office_hours_are_half_open(when: str, expected: bool) -> None:
    assert work_time(OFFICE, at(when)) is expected


def test_lunch_is_work_time_unless_the_hours_leave_it_out() -> None:
    policy = parsed(work={"tue": ["13:00-17:00", "08:00-12:00"]})
    assert [work_time(policy, at(when)) for when in ("11:59", "12:00", "12:59", "13:00")] == [True, False, False, True]


def test_hours_past_midnight_belong_to_the_day_they_start_on() -> None:
    policy = parsed(work={"mon": [], "tue": ["22:00-06:00"], "wed": []})
    assert work_time(policy, at("2026-11-25 05:59"))
    assert not work_time(policy, at("2026-11-25 06:00"))
    assert not work_time(policy, at("2026-11-24 05:00"))
    assert workday(policy, date(2026, 11, 24))
    assert not workday(policy, date(2026, 11, 25))


def test_a_day_may_end_at_24() -> None:
    policy = parsed(work={"tue": ["08:00-24:00"], "wed": []})
    assert work_time(policy, at("23:59:59"))
    assert not work_time(policy, at("2026-11-25 00:00"))


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (datetime(2026, 3, 29, 2, 30), "2026-03-29T01:30:00+00:00"),  # noqa: DTZ001 - a wall clock that does not exist
        (datetime(2026, 10, 25, 2, 30), "2026-10-25T00:30:00+00:00"),  # noqa: DTZ001 - one that exists twice
    ],
)
def test_wall_clocks_of_change_days(wall: datetime, expected: str) -> None:
    assert resolve(STOCKHOLM, wall.date(), wall.time()).isoformat() == expected


@pytest.mark.parametrize(
    ("zone", "day", "first", "length"),
    [
        ("Europe/Stockholm", "2026-03-29", "00:00", 23),
        ("Europe/Stockholm", "2026-10-25", "00:00", 25),
        ("Europe/Stockholm", "2026-11-24", "00:00", 24),
        ("America/Havana", "2026-03-08", "01:00", 23),  # midnight is skipped
        ("America/Toronto", "1919-03-31", "00:30", 23.5),  # half of the skipped hour lies in the day before
        ("Pacific/Apia", "2011-12-29", "00:00", 24),
        ("Pacific/Apia", "2011-12-30", "00:00", 0),  # a day that never was
    ],
)
def test_day_bounds(zone: str, day: str, first: str, length: float) -> None:
    start, end = day_bounds(ZoneInfo(zone), date.fromisoformat(day))
    assert f"{start.astimezone(ZoneInfo(zone)):%H:%M}" == first
    assert end - start == timedelta(hours=length)


@given(st.sampled_from(some.ZONES), some.instants)
def test_a_day_holds_the_instants_of_its_date(zone: ZoneInfo, instant: datetime) -> None:
    policy = Policy(zone=zone)
    start, end = day_bounds(zone, local_date(policy, instant))
    assert start <= instant < end
    assert local_date(policy, start) == local_date(policy, instant)
    assert local_date(policy, start - timedelta(microseconds=1)) < local_date(policy, instant)
    assert day_start(zone, local_date(policy, end)) == end


@given(some.policies(), some.instants)
def test_after_work_is_the_first_free_instant(policy: Policy, instant: datetime) -> None:
    free = after_work(policy, instant)
    if free is not None:
        assert free >= instant
        assert not work_time(policy, free)
        assert free == instant or work_time(policy, free - timedelta(seconds=1))


def test_after_work_never_comes_where_work_never_ends() -> None:
    always = replace(OFFICE, week=((Interval(0, 1440),),) * 7, holidays="none")
    assert after_work(always, at("12:00")) is None


def test_workdays_between_counts_neither_end() -> None:
    assert workdays_between(OFFICE, date(2026, 11, 20), date(2026, 11, 23)) == 0
    assert workdays_between(OFFICE, date(2026, 11, 20), date(2026, 11, 24)) == 1
    assert workdays_between(OFFICE, date(2026, 11, 24), date(2026, 11, 20)) == 0


def test_the_zone_of_the_policy_decides_not_that_of_the_instant() -> None:
    tokyo = datetime.combine(date(2026, 11, 24), time(20), tzinfo=ZoneInfo("Asia/Tokyo"))  # noon in Stockholm
    assert work_time(OFFICE, tokyo)
    assert work_time(OFFICE, tokyo.astimezone(UTC))
