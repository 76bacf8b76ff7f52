"""Dates in headers: whatever a server writes there, nobody who reckons with them ends by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.services.answers import Answer
from mbclient.services.bluesky.dpop import Key, Proofs
from mbclient.services.http import Http
from mbclient.services.httpdate import http_date, server_time
from mbclient.services.limits import MAX_WAIT, UNTOLD, limited_until
from mbclient.services.oauth1 import ServerClock
from tests.services.kit import StoppedClock

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FAR_OFF = [
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -0100",
    "Mon, 01 Jan 0100 00:00:00 GMT",
]
NONE = [
    "",
    "yesterday",
    "Tue, 99 Nov 99999 99:99:99 GMT",
    "Mon, 01 Jan 2024 00:00:00 +9999",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999999",
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2024 99999999999999999999:00:00 GMT",
]
PIECES = ["Mon,", "1", "Jan", "Dec", "2024", "9999", "00:00:00", "GMT", "-0100", "+", "9" * 20, "²", "١", ":", ".", ","]


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 24 Nov 2026 12:00:00 GMT",
        "Tuesday, 24-Nov-26 12:00:00 GMT",
        "Tue Nov 24 12:00:00 2026",
        "Tue, 24 Nov 2026 13:00:00 +0100",
        "Tue, 24 Nov 2026 12:00:00 -0000",
    ],
)
def test_a_date_is_read_in_each_form(date: str) -> None:
    assert http_date(date) == server_time(date) == NOW


@pytest.mark.parametrize("date", NONE)
def test_what_is_no_date(date: str) -> None:
    assert http_date(date) is None


@given(st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from(["", " "]))
def test_anything_may_stand_there(pieces: list[str], between: str) -> None:
    when = server_time(between.join(pieces))
    assert when is None or 1970 <= when.year < 9000


@pytest.mark.parametrize("date", NONE + FAR_OFF)
async def test_a_bad_date_is_no_clock_of_the_servers(date: str) -> None:
    clock = StoppedClock(NOW)
    http, proofs, oauth = Http(clock), Proofs(Key.made(), clock), ServerClock(clock)
    http._note_date("mastodon.example", date)
    assert list(http.dates) == []
    answer = Answer(401, {"date": date}, b"", "https://pds.example/x")
    assert not oauth.learn(answer)
    assert oauth.stamp() == int(NOW.timestamp())
    asked = []

    async def send(headers: object) -> Answer:
        asked.append(headers)
        clock.time += timedelta(days=1)
        return answer

    assert await proofs.send("GET", answer.url, send) is answer
    assert await proofs.send("GET", answer.url, send) is answer
    assert len(asked) == 2  # no other time, so nothing to ask again with


@pytest.mark.parametrize("date", NONE + FAR_OFF)
def test_a_wait_beside_a_bad_date_is_counted_from_here(date: str) -> None:
    assert limited_until({"retry-after": "90", "date": date}, NOW) == NOW + timedelta(seconds=90)
    assert limited_until({"ratelimit": "remaining=0, reset=90", "date": date}, NOW) == NOW + timedelta(seconds=90)


def test_a_wait_until_a_bad_date() -> None:
    assert {limited_until({"retry-after": date}, NOW) for date in NONE} == {NOW + UNTOLD}
    assert limited_until({"retry-after": FAR_OFF[0]}, NOW) == NOW + MAX_WAIT
