"""The painted lines of the main screen and the small rules behind them, without a running program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.draft import Draft
from mbclient.ui.secondpress import APART_S, Press, SecondPress
from mbclient.ui.ticking import Minutes
from mbclient.ui.waiting import can_be_taken_back, changes_by_the_second, waiting_words

NOW = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)


def row(state: SendState, *, wait: float = 0, due: datetime | None = None, attempts: int = 0) -> OutboxRow:
    return OutboxRow(
        outbox="01",
        account="work",
        key="k",
        draft=Draft(text="Hej", accounts=("work",), due=due),
        state=state,
        created_at=NOW,
        not_before=NOW + timedelta(seconds=wait),
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ""),
        ([row(SendState.QUEUED, wait=4.6)], "sending in 5 s · u takes it back"),
        ([row(SendState.QUEUED, wait=0.2)], "sending in 1 s · u takes it back"),
        ([row(SendState.QUEUED, wait=30, attempts=1)], "sending …"),
        ([row(SendState.SENDING)], "sending …"),
        ([row(SendState.QUEUED, due=NOW + timedelta(hours=1))] * 2, "2 planned"),
        ([row(SendState.HELD), row(SendState.FAILED), row(SendState.UNKNOWN)],
         "1 waiting for you (O) · 1 unsure (O) · 1 failed (O)"),
    ],
)  # fmt: skip
def test_what_waits_is_said_in_words(rows: list[OutboxRow], words: str) -> None:
    assert waiting_words(rows, NOW) == words


def test_only_what_moves_is_counted_down() -> None:
    assert changes_by_the_second([row(SendState.QUEUED, wait=5)], NOW)
    assert changes_by_the_second([row(SendState.QUEUED, due=NOW + timedelta(seconds=50))], NOW)
    assert not changes_by_the_second([row(SendState.QUEUED, due=NOW + timedelta(hours=1))], NOW)
    assert not changes_by_the_second([row(SendState.FAILED), row(SendState.HELD)], NOW)


def test_what_has_been_tried_is_not_taken_back() -> None:
    assert can_be_taken_back(row(SendState.QUEUED))
    assert not can_be_taken_back(row(SendState.QUEUED, attempts=1))
    assert not can_be_taken_back(row(SendState.SENDING))


def test_a_press_counts_half_a_second_after_the_one_before() -> None:
    presses, draft = SecondPress(), Draft(text="Hej")
    assert presses.press(draft, 10.0) is Press.FIRST
    assert presses.press(draft, 10.0 + APART_S - 0.01) is Press.TOO_SOON
    assert presses.press(draft, 10.0 + APART_S + 0.01) is Press.TOO_SOON  # the key is held
    assert presses.press(draft, 11.5) is Press.AGAIN
    assert presses.press(Draft(text="Hej!"), 13.0) is Press.FIRST
    presses.forget()
    assert presses.press(Draft(text="Hej!"), 15.0) is Press.FIRST


def test_each_border_of_the_minute_is_noticed_once_and_sleep_at_once() -> None:
    minutes = Minutes()
    assert minutes.passed(NOW)
    assert not minutes.passed(NOW + timedelta(seconds=0.5))
    assert minutes.passed(NOW + timedelta(seconds=1))
    assert not minutes.passed(NOW + timedelta(seconds=59.9))
    assert minutes.passed(NOW + timedelta(seconds=60))
    assert minutes.passed(NOW + timedelta(hours=7))  # slept
    assert minutes.passed(NOW)  # the clock was set back
    skew = timedelta(seconds=90)
    assert minutes.passed(NOW, skew)
    assert minutes.passed(NOW + timedelta(seconds=30), skew)  # the corrected clock's minute


def test_where_no_window_may_end_a_minute_has_one_border() -> None:
    minutes = Minutes()
    assert minutes.passed(NOW, parted=False)
    assert not minutes.passed(NOW + timedelta(seconds=1), parted=False)
    assert minutes.passed(NOW + timedelta(seconds=2), parted=True)  # one has just opened
    assert minutes.passed(NOW + timedelta(seconds=60), parted=False)
    assert not minutes.due(NOW + timedelta(seconds=119), parted=False)


@pytest.mark.parametrize("seconds", range(0, 600, 7))
def test_asked_every_second_no_border_is_missed(seconds: int) -> None:
    minutes = Minutes()
    start = NOW + timedelta(seconds=seconds / 7)
    asked = [start + timedelta(seconds=step) for step in range(200)]
    noticed = [at for at in asked if minutes.due(at) and minutes.passed(at)]
    for border in (NOW + timedelta(minutes=3), NOW + timedelta(minutes=3, seconds=1)):
        if asked[0] < border <= asked[-1] - timedelta(seconds=1):
            assert any(border <= at < border + timedelta(seconds=1) for at in noticed)
