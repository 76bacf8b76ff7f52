"""Reading time on the disk: sums hold what the pieces hold, and both go when their time has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.figurestores import Activity, ReadingPiece
from mbclient.core.stores import Stores
from mbclient.storage import open_stores
from tests.core.remote import Clock

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


@pytest.fixture
def stores(tmp_path: Path, clock: Clock) -> Iterator[Stores]:
    opened = open_stores(tmp_path, clock)
    yield opened
    opened.close()


def piece(
    seconds: float, *terms: str, service: str = "mastodon", day: date = DAY, at: datetime = AT, work: bool = True
) -> ReadingPiece:
    return ReadingPiece(at, timedelta(seconds=seconds), day, work, Activity.READING, service, terms)


def test_sums_hold_exactly_what_the_pieces_hold(stores: Stores) -> None:
    log = stores.reading
    pieces = [
        piece(0.1, "cve"),
        piece(0.2, "cve", "openssl"),
        piece(5, service="bluesky"),
        piece(7, work=False),
        ReadingPiece(AT, timedelta(seconds=60), DAY, True, Activity.COMPOSING),
    ]
    log.add(pieces[:2])
    log.add(pieces[2:])
    assert log.pieces(DAY, DAY) == pieces
    sums = log.sums(DAY, DAY)
    assert sum((each.length for each in sums), timedelta()) == timedelta(seconds=72.3)
    related = [each for each in sums if each.related]
    assert [(each.service, each.length) for each in related] == [("mastodon", timedelta(seconds=0.3))]
    terms = {each.term: each.length for each in log.term_sums(DAY, DAY)}
    assert terms == {"cve": timedelta(seconds=0.3), "openssl": timedelta(seconds=0.2)}


def test_a_day_without_reading_is_zero_only_if_the_program_ran(stores: Stores) -> None:
    stores.reading.ran(DAY)
    stores.reading.ran(DAY)
    assert stores.reading.days(DAY - timedelta(days=1), DAY) == [DAY]
    assert stores.reading.sums(DAY, DAY) == []


def test_pieces_go_after_ninety_days_and_sums_after_four_hundred(stores: Stores, clock: Clock) -> None:
    log = stores.reading
    log.add([piece(3, "cve")])
    clock.pass_(days=90)
    log.ran(DAY + timedelta(days=90))
    assert len(log.pieces(DAY, DAY)) == 1
    clock.pass_(days=1)
    log.ran(DAY + timedelta(days=91))
    assert log.pieces(DAY, DAY) == []
    assert len(log.sums(DAY, DAY)) == 1
    clock.pass_(days=310)
    log.ran(DAY + timedelta(days=401))
    assert (log.sums(DAY, DAY), log.term_sums(DAY, DAY), log.days(DAY, DAY)) == ([], [], [])


def test_all_of_it_is_deleted_at_once(stores: Stores) -> None:
    log = stores.reading
    log.add([piece(3, "cve"), piece(3, day=DAY - timedelta(days=1))])
    assert log.delete() == 2
    for left in (log.pieces, log.sums, log.term_sums, log.days):
        assert list(left(DAY - timedelta(days=9), DAY)) == []


def test_a_damaged_file_brings_reading_time_back_from_its_copy(tmp_path: Path, clock: Clock) -> None:
    opened = open_stores(tmp_path, clock)
    opened.reading.add([piece(3, "cve")])
    opened.close()
    clock.pass_(days=1)
    open_stores(tmp_path, clock).close()  # makes the copy of the day
    (tmp_path / "mbclient.db").write_bytes(b"not a database")
    again = open_stores(tmp_path, clock)
    assert [each.length for each in again.reading.sums(DAY, DAY)] == [timedelta(seconds=3)]
    again.close()
