"""Times, dates and durations in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.texts import set_language
from mbclient.texts.times import age, clock, clock_in, day_word, duration, listed, minutes_up, when, when_short, whole
from tests.texts.conftest import STOCKHOLM, at

NOW = at("10:28")


def test_the_clock_has_a_point_in_swedish() -> None:
    assert clock(time(8, 40)) == "08:40"
    set_language("sv")
    assert clock(time(8, 40)) == "08.40"


def test_an_instant_is_shown_in_the_zone_asked_for() -> None:
    assert clock_in(STOCKHOLM, at("11:40")) == "11:40"
    assert clock_in(ZoneInfo("America/New_York"), at("11:40")) == "05:40"


@pytest.mark.parametrize(
    ("instant", "english", "swedish"),
    [
        (at("11:40"), "11:40", "11.40"),
        (at("08:40", "2026-11-25"), "tomorrow 08:40", "i morgon 08.40"),
        (at("08:40", "2026-11-23"), "yesterday 08:40", "i går 08.40"),
        (at("08:40", "2026-11-30"), "Mon 08:40", "mån 08.40"),
        (at("08:40", "2026-12-01"), "1 Dec 08:40", "1 dec 08.40"),
        (at("08:40", "2027-01-07"), "7 Jan 08:40", "7 jan 08.40"),
        (at("08:40", "2025-01-07"), "7 Jan 2025 08:40", "7 jan 2025 08.40"),
        (at("23:30", "2026-11-24"), "23:30", "23.30"),
        (at("00:10", "2026-11-25"), "tomorrow 00:10", "i morgon 00.10"),
    ],
)
def test_when(instant: datetime, english: str, swedish: str) -> None:
    assert when(instant, NOW, STOCKHOLM) == english
    set_language("sv")
    assert when(instant, NOW, STOCKHOLM) == swedish


@pytest.mark.parametrize(
    ("instant", "english", "swedish"),
    [
        (at("11:40"), "Tue 24 Nov 11:40", "tis 24 nov 11.40"),
        (at("23:59", "2026-11-23"), "Mon 23 Nov 23:59", "mån 23 nov 23.59"),
        (at("08:40", "2025-01-07"), "Tue 7 Jan 2025 08:40", "tis 7 jan 2025 08.40"),
    ],
)
def test_a_whole_time_names_day_and_clock(instant: datetime, english: str, swedish: str) -> None:
    assert whole(instant, NOW, STOCKHOLM) == english
    set_language("sv")
    assert whole(instant, NOW, STOCKHOLM) == swedish


def test_when_short_names_the_weekday() -> None:
    assert when_short(at("08:40", "2026-11-25"), NOW, STOCKHOLM) == "Wed 08:40"
    assert when_short(at("11:40"), NOW, STOCKHOLM) == "11:40"
    assert when_short(at("08:40", "2027-01-07"), NOW, STOCKHOLM) == "7 Jan 08:40"


def test_the_day_is_the_zones_own() -> None:
    """23:30 in Stockholm is still 24 November there, and already the 25th in Tokyo."""
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    assert when(late, NOW, STOCKHOLM) == "23:30"
    assert when(late, NOW, ZoneInfo("Asia/Tokyo")) == "tomorrow 07:30"


def test_today() -> None:
    assert day_word(date(2026, 11, 24), date(2026, 11, 24)) == "today"


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=30), "1 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=1, microseconds=1), "2 min"),
        (timedelta(minutes=72), "1 h 12 min"),
        (timedelta(minutes=119, seconds=1), "2 h"),
        (timedelta(hours=26), "26 h"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_durations_round_up(length: timedelta, shown: str) -> None:
    assert duration(length) == shown


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_a_shown_duration_is_never_too_short_and_less_than_a_minute_too_long(length: timedelta) -> None:
    shown = timedelta(minutes=minutes_up(length))
    assert length <= shown < length + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ago", "english", "swedish"),
    [
        (timedelta(seconds=-40), "now", "nu"),
        (timedelta(seconds=59), "now", "nu"),
        (timedelta(minutes=3, seconds=59), "3 min", "3 min"),
        (timedelta(hours=2, minutes=59), "2 h", "2 h"),
        (timedelta(days=4, hours=23), "4 d", "4 d"),
        (timedelta(days=7), "17 Nov", "17 nov"),
        (timedelta(days=400), "20 Oct 2025", "20 okt 2025"),
    ],
)
def test_age(ago: timedelta, english: str, swedish: str) -> None:
    assert age(NOW - ago, NOW, STOCKHOLM) == english
    set_language("sv")
    assert age(NOW - ago, NOW, STOCKHOLM) == swedish


def test_listed() -> None:
    assert [listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    set_language("sv")
    assert listed(["a", "b", "c"]) == "a, b och c"
