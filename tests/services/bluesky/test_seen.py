"""How far the notifications are read: told to the network, and never taken back there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.abilities import Marking
from mbclient.domain.errors import RateLimitedError, RejectedError, UnreachableError, UnsupportedError
from mbclient.services.bluesky import seen
from mbclient.services.bluesky.service import Bluesky
from tests.services.bluesky.double import Double, Fault
from tests.services.bluesky.support import opened_double
from tests.services.kit import kit_in

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
LIST, UPDATE = "app.bsky.notification.listNotifications", "app.bsky.notification.updateSeen"
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with Double() as double:
        for minute in (3, 2, 1):
            double.notifications.append(
                {
                    "uri": f"at://{double.other.did}/app.bsky.graph.follow/3kaaaaaaaaa2{minute + 1}",
                    "cid": "bafyx",
                    "author": double.other.view,
                    "reason": "follow",
                    "record": {},
                    "isRead": False,
                    "indexedAt": f"2026-11-24T09:0{minute}:00.123Z",
                }
            )
        yield double


@pytest.fixture
async def service(double: Double, tmp_path: Path) -> AsyncIterator[Bluesky]:
    async with kit_in(tmp_path) as kit:
        yield await opened_double(double, kit)


async def test_what_was_read_here_is_read_everywhere(service: Bluesky) -> None:
    marking: Marking = service
    assert isinstance(service, Marking)  # by which the core knows it
    assert (await marking.read_marks(), list(marking.places)) == ({}, ["notifications"])
    newest, middle, oldest = (await service.notifications()).notifications
    mark = marking.mark(middle.remote_id, middle.at)
    assert await marking.set_mark("notifications", mark)
    assert [each.read for each in (await service.notifications()).notifications] == [False, True, True]
    told = (await marking.read_marks())["notifications"]
    reached = [marking.reaches(told, marking.mark(each.remote_id, each.at)) for each in (newest, middle, oldest)]
    assert reached == [False, True, True]


async def test_who_read_further_elsewhere_is_not_taken_back(double: Double, service: Bluesky) -> None:
    double.seen = "2026-11-24T10:00:00.000Z"
    assert not await service.set_mark("notifications", seen.mark(AT))
    assert double.seen == "2026-11-24T10:00:00.000Z"


@pytest.mark.parametrize("raw", [7, None, "yesterday", "", []])
async def test_nonsense_is_no_mark(double: Double, service: Bluesky, raw: object) -> None:
    double.seen = raw  # type: ignore[assignment]  # what no server should say
    assert await service.read_marks() == {}


@pytest.mark.parametrize("nsid", [LIST, UPDATE])
@pytest.mark.parametrize(
    ("status", "expected"),
    [(403, RejectedError), (429, RateLimitedError), (501, UnsupportedError), (503, UnreachableError)],
)
async def test_a_fault_has_its_name(
    double: Double, service: Bluesky, nsid: str, status: int, expected: type[Exception]
) -> None:
    double.faults.append(Fault(nsid, "error", status))
    with pytest.raises(expected):
        await service.set_mark("notifications", seen.mark(AT))


@given(moments, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_mark_is_later_than_what_it_is_of_and_keeps_the_order(at: datetime, later: timedelta) -> None:
    assert datetime.fromisoformat(seen.mark(at)) > at
    assert seen.reaches(seen.mark(at + later), seen.mark(at))
    if later >= timedelta(milliseconds=1):
        assert not seen.reaches(seen.mark(at), seen.mark(at + later))
