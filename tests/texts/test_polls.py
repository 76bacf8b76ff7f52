"""What a poll says of itself, and how a choice is read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.poll import Choice, Poll
from mbclient.domain.safetext import SafeText
from mbclient.texts.polls import choice_words, poll_words

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YES, NO = Choice(SafeText("Yes"), 3), Choice(SafeText("No"), 2, mine=True)
OPEN = Poll((YES, NO), ends=NOON + timedelta(hours=3))


@pytest.mark.parametrize(
    ("poll", "said"),
    [
        (OPEN, "5 votes, one choice, ends 15:00, you have voted"),
        (replace(OPEN, multiple=True, voters=1), "1 person voted, any number of choices, ends 15:00, you have voted"),
        (replace(OPEN, ends=None, choices=(YES,)), "3 votes, one choice"),
        (replace(OPEN, ends=NOON), "5 votes, the poll is over, you have voted"),
        (replace(OPEN, closed=True), "5 votes, the poll is over, you have voted"),
        (replace(OPEN, choices=(Choice(SafeText("Yes")),)), "the figures are not told yet, one choice, ends 15:00"),
    ],
)
def test_a_poll_says_how_it_stands(poll: Poll, said: str) -> None:
    assert ", ".join(poll_words(poll, NOON, UTC)) == said


@pytest.mark.parametrize(
    ("poll", "said"),
    [
        (OPEN, ["Yes: 60 %, 3 votes", "No: 40 %, 2 votes, your vote"]),
        (replace(OPEN, multiple=True, voters=4), ["Yes: 75 %, 3 votes", "No: 50 %, 2 votes, your vote"]),
        (Poll((Choice(SafeText("Yes"), 0), Choice(SafeText("No"), 0))), ["Yes: 0 %, 0 votes", "No: 0 %, 0 votes"]),
        (Poll((YES, Choice(SafeText("No"), mine=True))), ["Yes", "No: your vote"]),
    ],
)
def test_a_choice_is_told_with_its_figures_where_all_are_known(poll: Poll, said: list[str]) -> None:
    assert [choice_words(poll, choice) for choice in poll.choices] == said


def test_more_votes_than_voters_are_no_more_than_all() -> None:
    """A server may count late."""
    assert replace(OPEN, multiple=True, voters=2).share(YES) == 1.0
