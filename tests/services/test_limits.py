"""Rate limits in every form that services write them in; a date is the server's, whatever this clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.services.limits import MAX_WAIT, Budget, limited_until, read_budget

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = 86_400
X_DAY_USED_UP = {
    "x-rate-limit-limit": "100",
    "x-rate-limit-remaining": "12",
    "x-rate-limit-reset": str(int(NOW.timestamp()) + 600),
    "x-user-limit-24hour-limit": "50",
    "x-user-limit-24hour-remaining": "0",
    "x-user-limit-24hour-reset": str(int(NOW.timestamp()) + 50_000),
}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Tue, 24 Nov 2026 12:02:00 GMT"}, 120),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0),
        ({"x-ratelimit-reset": "2026-11-24T12:05:00.123456Z"}, 300.123456),
        ({"x-ratelimit-reset": "2026-11-24T13:05:00+01:00"}, 300),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": "90"}, 90),
        ({"ratelimit-reset": "45"}, 45),
        ({"retry-after": "10", "x-ratelimit-reset": "90"}, 10),
        ({"retry-after": "soon", "x-ratelimit-reset": "90"}, 90),
        ({"retry-after": "-5"}, 60),
        ({"retry-after": "1e9"}, 60),
        ({"retry-after": "7200"}, 7200),
        ({"retry-after": "30, 120"}, 120),
        ({"retry-after": "1000000000000"}, DAY),
        ({"retry-after": "999999"}, DAY),
        ({"x-ratelimit-reset": "1000000000000"}, DAY),
        ({"x-ratelimit-reset": "2099-01-01T00:00:00Z"}, DAY),
        ({"x-ratelimit-reset": "0001-01-01T00:00:00+14:00"}, 60),
        ({"x-ratelimit-reset": str((int(NOW.timestamp()) + 90) * 1000)}, 90),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset-after": "12.5"}, 12.5),
        ({"ratelimit": "limit=100, remaining=0, reset=45"}, 45),
        ({"ratelimit": '"burst";r=3;t=5, "hour";r=0;t=900', "ratelimit-policy": '"burst";q=9,"hour";q=99'}, 900),
        ({"ratelimit": '"burst";r=3'}, 60),
        (X_DAY_USED_UP, 50_000),
        ({"x-ratelimit-reset": "9999-99-99"}, 60),
        ({"retry-after": "Tue, 99 Nov 99999 99:99:99 GMT"}, 60),
        ({}, 60),
    ],
)
def test_limits_in_every_form(headers: dict[str, str], seconds: float) -> None:
    assert limited_until(headers, NOW) == NOW + timedelta(seconds=seconds)


EPOCH = str(int(NOW.timestamp()) + 120)
AS_SENT: dict[str, tuple[dict[str, str], float, Budget | None]] = {
    # What each service sends with a 429: the headers, the seconds to wait, what is left in all.
    "mastodon": (
        {
            "x-ratelimit-limit": "300",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": "2026-11-24T12:02:00.000000Z",
            "date": "Tue, 24 Nov 2026 12:00:00 GMT",
        },
        120,
        Budget(300, 0, NOW + timedelta(seconds=120)),
    ),
    "gotosocial": (
        {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-24T12:02:00Z"},
        120,
        Budget(300, 0, NOW + timedelta(seconds=120)),
    ),
    "gotosocial, throttled": ({"retry-after": "30"}, 30, None),
    "bluesky": (
        {
            "ratelimit-limit": "3000",
            "ratelimit-remaining": "0",
            "ratelimit-reset": EPOCH,
            "ratelimit-policy": "3000;w=300",
            "retry-after": "121",
        },
        121,
        Budget(3000, 0, NOW + timedelta(seconds=120)),
    ),
    "x": (
        {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": EPOCH},
        120,
        Budget(100, 0, NOW + timedelta(seconds=120)),
    ),
    "x, the day's posts": (X_DAY_USED_UP, 50_000, Budget(50, 0, NOW + timedelta(seconds=50_000))),
    "misskey": ({"retry-after": "2412"}, 2412, None),
    "gnusocial": ({"x-ratelimit-limit": "150", "x-ratelimit-remaining": "150"}, 60, None),
    "threads, micropub, jaiku": ({"content-type": "application/json"}, 60, None),
    "feed": ({"retry-after": "Tue, 24 Nov 2026 13:00:00 GMT"}, 3600, None),
}


@pytest.mark.parametrize(("headers", "seconds", "budget"), AS_SENT.values(), ids=AS_SENT.keys())
def test_each_services_own_form(headers: dict[str, str], seconds: float, budget: Budget | None) -> None:
    assert limited_until(headers, NOW) == NOW + timedelta(seconds=seconds)
    assert read_budget(headers, NOW) == budget


@given(st.sampled_from(["retry-after", "x-ratelimit-reset", "ratelimit-reset"]), st.text(max_size=40))
def test_a_limit_is_never_past_and_never_over_a_day(name: str, value: str) -> None:
    assert NOW <= limited_until({name: value}, NOW) <= NOW + MAX_WAIT


@given(st.integers(0, 3600))
def test_a_limit_is_never_earlier_than_told(seconds: int) -> None:
    told = NOW + timedelta(seconds=seconds)
    forms = [
        {"retry-after": str(seconds)},
        {"retry-after": told.strftime("%a, %d %b %Y %H:%M:%S GMT")},
        {"x-ratelimit-reset": told.isoformat()},
        {"x-ratelimit-reset": str(int(told.timestamp()))},
    ]
    assert [limited_until(headers, NOW) for headers in forms] == [told] * 4


def test_budgets() -> None:
    until = NOW + timedelta(seconds=90)
    both = {"limit": "300", "remaining": "7", "reset": "90"}
    assert read_budget({f"x-ratelimit-{name}": value for name, value in both.items()}, NOW) == Budget(300, 7, until)
    assert read_budget({f"ratelimit-{name}": value for name, value in both.items()}, NOW) == Budget(300, 7, until)
    assert read_budget({"x-ratelimit-limit": "300"}, NOW) is None
    assert read_budget({f"x-ratelimit-{name}": "many" for name in both}, NOW) is None
    assert read_budget({}, NOW) is None


def test_the_counter_nearest_its_end_is_the_budget() -> None:
    assert read_budget(X_DAY_USED_UP, NOW) == Budget(50, 0, NOW + timedelta(seconds=50_000))
    structured = {"ratelimit": '"a";r=9;t=5, "b";r=3;t=60', "ratelimit-policy": '"a";q=10;w=10, "b";q=100;w=60'}
    assert read_budget(structured, NOW) == Budget(100, 3, NOW + timedelta(seconds=60))
    assert read_budget({"ratelimit": "limit=100, remaining=50, reset=30"}, NOW) == Budget(
        100, 50, NOW + timedelta(seconds=30)
    )


@pytest.mark.parametrize("hours", [-30, -2, 0, 2, 30])
@given(seconds=st.integers(0, 7200))
def test_a_date_is_read_by_the_servers_clock(hours: int, seconds: int) -> None:
    """However wrong this clock is, the wait is as long as the server meant it."""
    there = NOW + timedelta(hours=hours)
    told = there + timedelta(seconds=seconds)
    date = there.strftime("%a, %d %b %Y %H:%M:%S GMT")
    forms = [
        {"retry-after": told.strftime("%a, %d %b %Y %H:%M:%S GMT")},
        {"retry-after": str(seconds)},
        {"x-ratelimit-reset": told.isoformat()},
        {"x-ratelimit-reset": str(int(told.timestamp()))},
    ]
    assert [limited_until(form | {"date": date}, NOW) for form in forms] == [NOW + timedelta(seconds=seconds)] * 4


@given(st.dictionaries(st.sampled_from(["ratelimit", "ratelimit-policy", "date", "x-ratelimit-reset"]), st.text()))
def test_nonsense_is_a_minute_or_a_wait_within_bounds(headers: dict[str, str]) -> None:
    assert NOW <= limited_until(headers, NOW) <= NOW + MAX_WAIT
    budget = read_budget(headers, NOW)
    assert budget is None or NOW <= budget.until <= NOW + MAX_WAIT
