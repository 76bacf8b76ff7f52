"""Reading time as policy facts 14 define it: stretches, gaps, tails, borders, clock jumps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.attention import Attended, Attention, Stretch, cut
from mbclient.core.figurestores import Activity, ReadingPiece
from mbclient.core.stores import Stores
from mbclient.domain.errors import StorageError
from mbclient.domain.post import Post
from mbclient.policy.model import Policy
from mbclient.storage import open_stores
from tests.core.remote import TUESDAY, Clock, a_post

POLICY = Policy(ZoneInfo("Europe/Stockholm"))
WORKPOST = a_post("work", "1", terms=("openssl", "cve"))
CHATTER = a_post("sky", "2")
SECRET = a_post("alias", "3")


_opened: list[Stores] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


class Desk:
    """Attention over a clock that is moved by hand, and what lies under the cursor."""

    def __init__(self, folder: Path, at: datetime = TUESDAY) -> None:
        self.clock = Clock(at)
        self.stores = open_stores(folder, self.clock)
        _opened.append(self.stores)
        self.post: Post | None = WORKPOST
        self.wanted = True
        self.attention = Attention(
            lambda: POLICY, self.stores.reading, self.clock, measured=lambda: self.wanted, unmeasured=lambda: ("alias",)
        )
        self.read()

    def read(self) -> None:
        self.attention.front(Activity.READING, lambda: self.post)

    def act(self, *seconds: float) -> None:
        """An interaction after each of these pauses."""
        for pause in seconds:
            self.clock.pass_(seconds=pause)
            self.attention.interact()

    def leave(self, seconds: float = 0) -> None:
        self.clock.pass_(seconds=seconds)
        self.attention.leave()

    def seconds(self) -> float:
        return total(self.attention.take())


def total(pieces: list[ReadingPiece]) -> float:
    return sum((piece.length for piece in pieces), timedelta()).total_seconds()


@pytest.mark.parametrize(
    ("pauses", "end", "expected"),
    [
        ((0, 10, 20), 5, 35),  # gaps in full, and what is left after the last
        ((0, 120), 0, 120),  # as long as the idle timeout still counts in full
        ((0, 120.5), 0, 15),  # longer: the tail instead
        ((0,), 600, 15),  # after the last: the tail at most
        ((0,), 4, 4),
        ((), 600, 0),  # nobody did anything
        ((30, 600, 10), 100, 15 + 10 + 15),  # what lies before the first does not count
    ],
)
def test_the_worked_examples(tmp_path: Path, pauses: tuple[float, ...], end: float, expected: float) -> None:
    desk = Desk(tmp_path)
    desk.act(*pauses)
    desk.leave(end)
    assert desk.seconds() == pytest.approx(expected)


def test_a_gap_goes_to_the_post_that_was_under_the_cursor_meanwhile(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0)
    desk.act(30)  # thirty seconds on the first post, then a key that moves on
    desk.post = CHATTER
    desk.act(10)
    desk.leave()
    first, second = desk.attention.take()
    assert (first.service, first.terms, first.length) == ("mastodon", ("openssl", "cve"), timedelta(seconds=30))
    assert (second.service, second.terms, second.length) == ("bluesky", (), timedelta(seconds=10))
    assert (first.account, second.account) == (WORKPOST.account, CHATTER.account)


async def test_what_is_kept_knows_through_which_account_it_was_read(tmp_path: Path) -> None:
    """So that it can be left out when that account is made pseudonymous."""
    desk = Desk(tmp_path)
    desk.act(0, 30)
    desk.leave()
    await desk.attention.keep()
    (one,) = desk.stores.reading.sums(TUESDAY.date(), TUESDAY.date())
    assert (one.account, one.length) == (WORKPOST.account, timedelta(seconds=30))
    assert {term.account for term in desk.stores.reading.term_sums(one.day, one.day)} == {WORKPOST.account}


def test_many_keys_on_one_post_are_one_piece(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(*[1.0] * 50)
    desk.leave()
    assert [piece.length for piece in desk.attention.take()] == [timedelta(seconds=49)]


def test_composing_is_kept_apart_and_names_no_post(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0)
    desk.attention.front(Activity.COMPOSING, lambda: None)
    desk.act(1, 40)
    desk.leave()
    (piece,) = desk.attention.take()
    assert (piece.activity, piece.service, piece.terms) == (Activity.COMPOSING, "", ())
    assert piece.length == timedelta(seconds=40)


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_jump_of_the_clock_ends_the_stretch(tmp_path: Path, jump: timedelta) -> None:
    desk = Desk(tmp_path)
    desk.act(0, 10)
    desk.clock.at += jump  # asleep, or set: the steady clock knows nothing of it
    desk.act(3, 10)
    desk.leave()
    pieces = desk.attention.take()
    assert total(pieces) == pytest.approx(10 + 3 + 10)
    assert pieces[-1].at == TUESDAY + timedelta(seconds=13) + jump


def test_five_seconds_apart_is_no_jump(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0)
    desk.clock.at += timedelta(seconds=5)
    desk.act(30)
    desk.leave()
    (piece,) = desk.attention.take()
    assert piece.length == timedelta(seconds=30)


def test_a_stretch_is_cut_at_the_end_of_work_and_at_midnight(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a", datetime(2026, 11, 24, 15, 59, tzinfo=UTC))  # 16:59 in Stockholm
    desk.act(0, 100)
    desk.leave()
    before, after = desk.attention.take()
    assert (before.in_work_time, before.length) == (True, timedelta(seconds=60))
    assert (after.in_work_time, after.length) == (False, timedelta(seconds=40))

    desk = Desk(tmp_path / "b", datetime(2026, 11, 24, 22, 59, 30, tzinfo=UTC))
    desk.act(0, 100)
    desk.leave()
    days = [(piece.day, piece.length.total_seconds()) for piece in desk.attention.take()]
    assert days == [(date(2026, 11, 24), 30), (date(2026, 11, 25), 70)]


def test_a_pause_measures_nothing_and_keeps_what_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0, 10)
    desk.attention.pause(on=True)
    desk.act(10, 10)
    desk.attention.pause(on=False)
    desk.act(1, 5)
    desk.leave()
    assert desk.seconds() == pytest.approx(15)


def test_nothing_is_measured_where_it_is_not_wanted(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.leave()
    desk.wanted = False
    desk.read()
    desk.act(0, 10)
    desk.leave()
    assert desk.attention.take() == []


def test_posts_of_a_pseudonymous_account_are_in_no_figure(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.post = SECRET
    desk.act(0, 10)
    desk.leave()
    assert desk.attention.take() == []


def test_what_is_taken_on_the_way_is_not_counted_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0, 10)
    assert desk.seconds() == pytest.approx(10)
    desk.act(20)
    desk.leave(5)
    assert desk.seconds() == pytest.approx(25)
    assert desk.attention.take() == []


async def test_what_the_disk_does_not_take_waits_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.act(0, 10)
    today = date(2026, 11, 24)

    def full(_pieces: object) -> None:
        raise StorageError("no space left", "make room")

    with monkeypatch.context() as patch:
        patch.setattr(desk.stores.reading, "add", full)
        with pytest.raises(StorageError):
            await desk.attention.keep()
    desk.act(7)
    await desk.attention.keep()
    await desk.attention.keep()
    desk.leave()
    desk.attention.keep_now()
    assert total(list(desk.stores.reading.pieces(today, today))) == pytest.approx(17)
    assert desk.stores.reading.days(today, today) == [today]


async def test_all_is_forgotten_and_the_day_begins_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.act(0, 10)
    await desk.attention.keep()
    desk.act(5)
    today = date(2026, 11, 24)
    assert await desk.attention.forget() == 1
    assert desk.stores.reading.days(today, today) == []
    desk.act(7)
    await desk.attention.keep()
    assert total(list(desk.stores.reading.pieces(today, today))) == pytest.approx(7)
    assert desk.stores.reading.days(today, today) == [today]


async def test_what_is_being_written_is_forgotten_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    begun, go = threading.Event(), threading.Event()
    add = desk.stores.reading.add

    def slowly(pieces: Sequence[ReadingPiece]) -> None:
        begun.set()
        go.wait(5)
        add(pieces)

    monkeypatch.setattr(desk.stores.reading, "add", slowly)
    desk.act(0, 10)
    kept = asyncio.ensure_future(desk.attention.keep())
    await asyncio.to_thread(begun.wait, 5)
    desk.act(5)
    forgotten = asyncio.ensure_future(desk.attention.forget())
    for _step in range(50):  # it comes as far as it can
        await asyncio.to_thread(bool)
    go.set()
    await kept
    assert await forgotten == 1
    desk.act(7)
    await desk.attention.keep()
    today = date(2026, 11, 24)
    assert total(list(desk.stores.reading.pieces(today, today))) == pytest.approx(7)


async def test_what_cannot_be_deleted_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)

    def locked() -> int:
        raise StorageError("the data file is locked")

    desk.act(0, 10)
    with monkeypatch.context() as patch:
        patch.setattr(desk.stores.reading, "delete", locked)
        with pytest.raises(StorageError):
            await desk.attention.forget()
    await desk.attention.keep()
    today = date(2026, 11, 24)
    assert total(list(desk.stores.reading.pieces(today, today))) == pytest.approx(10)


async def test_what_waits_for_the_log_is_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert not desk.attention.is_kept  # the log does not know that anything is measured today
    await desk.attention.keep()
    assert desk.attention.is_kept
    desk.act(0, 10)
    assert not desk.attention.is_kept
    await desk.attention.keep()
    assert desk.attention.is_kept
    desk.act(1)
    desk.leave()
    assert not desk.attention.is_kept
    await desk.attention.keep()
    desk.wanted = False
    assert desk.attention.is_kept


async def test_a_day_of_which_nothing_was_measured_is_not_called_zero(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.wanted = False
    await desk.attention.keep()
    today = date(2026, 11, 24)
    assert desk.stores.reading.days(today, today) == []


moments = st.lists(st.floats(0, 400), max_size=30).map(sorted)


@given(moments, st.floats(0, 100))
def test_seconds_are_the_sum_that_the_rule_says(times: list[float], rest: float) -> None:
    stretch = Stretch(Activity.READING, TUESDAY, 0.0, POLICY.idle_timeout, POLICY.tail)
    for index, moment in enumerate(times):
        stretch.interact(moment, (WORKPOST, CHATTER, None)[index % 3])
    end = (times[-1] if times else 0.0) + rest
    stretch.end(end, CHATTER)
    gaps = [after - before for before, after in pairwise(times)]
    expected = sum(gap if gap <= 120 else 15 for gap in gaps) + (min(15, rest) if times else 0)
    counted = stretch.take()
    assert sum(each.length.total_seconds() for each in counted) == pytest.approx(expected, abs=1e-3)
    for before, after in pairwise(counted):
        assert before.start + before.length <= after.start + timedelta(microseconds=2)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  # made aware below
    st.integers(0, 3 * 86_400_000_000),
)
def test_cutting_changes_nothing_in_the_sum(naive: datetime, microseconds: int) -> None:
    attended = Attended(naive.replace(tzinfo=UTC), timedelta(microseconds=microseconds), Activity.READING, WORKPOST)
    pieces = list(cut(POLICY, attended))
    assert sum((piece.length for piece in pieces), timedelta()) == attended.length
    at = attended.start
    for piece in pieces:
        assert piece.at == at
        last = piece.at + piece.length - timedelta(microseconds=1)
        assert last.astimezone(POLICY.zone).date() == piece.day
        at += piece.length
