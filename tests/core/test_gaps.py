"""What a refresh could not catch up with stays marked, and is fetched on demand, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mbclient.core.events import GapsChanged
from mbclient.core.ports import Page
from mbclient.core.refresh import MAX_PAGES
from mbclient.core.stores import Gap, ViewQuery
from mbclient.domain.errors import UnreachableError
from mbclient.domain.post import Post
from tests.core.fakes import TUESDAY, Office, a_post


def posts(hour: int, first: int, last: int) -> tuple[Post, ...]:
    """One a second after that hour, newest first."""
    return tuple(
        a_post(remote_id=str(n), created_at=TUESDAY + timedelta(hours=hour, seconds=n))
        for n in range(last, first - 1, -1)
    )


def keys(office: Office) -> list[int]:
    return [entry.key for entry in office.desk.reading.page(ViewQuery("home"), limit=5000)]


def gaps(office: Office, view: str = "home", *accounts: str) -> list[Gap]:
    return list(office.desk.reading.gaps(ViewQuery(view, accounts)))


async def away_too_long(office: Office) -> Gap:
    """Twenty pages of ten came meanwhile; one refresh takes the upper eleven."""
    service = office.service("work")
    service.pages = [Page(posts(0, 1, 3), older="1", newer="3")]
    await office.desk.refresher.refresh(["work"])
    office.clock.pass_(hours=5)
    tops = [Page(posts(4, n - 9, n), older=str(n - 9), newer=str(n), complete=False) for n in range(210, 10, -10)]
    service.pages = tops[: MAX_PAGES + 1]
    told: list[object] = []
    office.desk.bus.listen(told.append)
    await office.desk.refresher.refresh(["work"])
    (gap,) = gaps(office)
    assert GapsChanged(new=(gap,)) in told
    service.pages = [*tops[MAX_PAGES + 1 :], Page(posts(0, 1, 3), older="0")]
    return gap


async def test_what_is_missing_is_marked_between_what_is_known(office: Office) -> None:
    gap = await away_too_long(office)
    found = keys(office)
    assert sum(key > gap.key for key in found) == 10 * (MAX_PAGES + 1)
    assert sum(key < gap.key for key in found) == 3
    assert gaps(office, "work", "work") == [gap]
    assert not gaps(office, "home", "sky")
    assert not gaps(office, "mentions")
    assert not gaps(office, "mine")


async def test_it_is_filled_from_above_and_closes_at_what_is_known(office: Office) -> None:
    gap: Gap | None = await away_too_long(office)
    rounds = 0
    while gap is not None:
        before = gap
        gap, new = await office.desk.refresher.fill_gap(gap)
        rounds += 1
        if gap is not None:
            assert new == 10
            assert gap.key < before.key
            assert gaps(office) == [gap]
    assert not gaps(office)
    assert len(keys(office)) == 203
    assert rounds == 10


async def test_an_error_leaves_the_gap_as_it_was(office: Office) -> None:
    gap = await away_too_long(office)
    office.remote.fault("work", "page", UnreachableError("down"))
    with pytest.raises(UnreachableError):
        await office.desk.refresher.fill_gap(gap)
    assert gaps(office) == [gap]
