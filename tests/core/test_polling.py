"""Polls on their way out: within every account's limits, read by the policy, and never sent as a question alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.core.polling import shared_limits
from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.domain.draft import Attachment, Draft, Kind
from mbclient.domain.errors import UsageError
from mbclient.domain.poll import NewPoll, PollLimits
from tests.core.fakes import Office, a_draft
from tests.core.test_composing import limit

DAY = 86_400
YES_NO = NewPoll(("Yes", "No"))


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (a_draft(poll=NewPoll(("Yes",))), "a poll has two choices or more, all different"),
        (a_draft(poll=NewPoll(("Yes", "Yes"))), "a poll has two choices or more, all different"),
        (a_draft(poll=NewPoll(("1", "2", "3", "4", "5"))), "work takes 4 choices, and the poll has 5"),
        (a_draft(poll=NewPoll(("Yes", "å" * 51))), f"work takes 50 characters in a choice: {'å' * 51}"),
        (a_draft(poll=NewPoll(("Yes", "No"), seconds=60)), "work has no polls open for 1 min"),
        (a_draft(poll=NewPoll(("Yes", "No"), hide_totals=True)), "work shows the votes of a poll at once"),
        (a_draft(poll=NewPoll(("Yes", "No"), seconds=90 * DAY)), "work has no polls open for 90 d"),
        (a_draft(poll=replace(YES_NO, multiple=True)), "work takes one choice of each who votes"),
        (a_draft(poll=YES_NO, media=(Attachment("a"),)), "work takes attachments or a poll, not both"),
        (
            a_draft(poll=YES_NO, kind=Kind.EDIT, edit_of="work:1"),
            "a poll cannot be changed or added once a post is out",
        ),
    ],
)
def test_a_poll_that_a_service_would_refuse_is_told_and_kept(office: Office, draft: Draft, problem: str) -> None:
    limit(office, "work", poll=PollLimits(multiple=False))
    assert office.desk.composer.check(draft).problems == (problem,)
    with pytest.raises(UsageError, match="the draft is kept"):
        office.desk.composer.submit(draft, confirmed=True)
    assert [kept.draft for kept in office.desk.drafts.list()] == [draft]


def test_a_service_without_polls_says_so_in_one_sentence(office: Office) -> None:
    check = office.desk.composer.check(a_draft(poll=NewPoll(("Yes", "Yes"), seconds=1)))
    assert check.problems == ("work has no polls: remove the poll or the account",)
    assert office.desk.composer.poll_limits(a_draft()) is None


async def test_a_poll_reaches_the_adapter(office: Office) -> None:
    limit(office, "work", poll=PollLimits())
    office.desk.composer.submit(a_draft(poll=YES_NO), confirmed=True)
    await office.desk.sender.flush()
    (row,) = office.desk.outbox.rows()
    assert row.prepared is not None
    assert (row.state, row.prepared["poll"]) == (SendState.SENT, ["Yes", "No"])


async def test_a_server_that_has_lost_its_polls_meanwhile_gets_no_question_alone(office: Office) -> None:
    limit(office, "work", poll=PollLimits())
    office.desk.composer.submit(a_draft(poll=YES_NO), confirmed=True)
    limit(office, "work", poll=None)
    await office.desk.sender.flush()
    (row,) = office.desk.outbox.rows()
    assert (row.state, row.reason) == (SendState.FAILED, "work has no polls: remove the poll or the account")
    assert not office.remote.texts("work")


async def test_in_a_thread_the_poll_stands_at_the_first_part(office: Office) -> None:
    limit(office, "work", poll=PollLimits())
    text = " ".join(["word"] * 20)
    office.desk.composer.submit(a_draft(text, poll=YES_NO, threaded=True), confirmed=True)
    rows = sorted(office.desk.outbox.rows(), key=lambda row: row.position)
    assert [row.draft.poll for row in rows] == [YES_NO, *[None] * (len(rows) - 1)]
    assert len(rows) > 1


def test_what_is_taken_back_has_its_poll_again(office: Office) -> None:
    limit(office, "work", poll=PollLimits())
    (row,) = office.desk.composer.submit(a_draft(poll=YES_NO), confirmed=True, undo_seconds=60)
    taken = office.desk.taking_back.here(row.outbox)
    kept = office.desk.drafts.get(taken.draft_id)
    assert kept is not None
    assert kept.draft.poll == YES_NO


def test_the_policy_reads_the_choices(office: Office) -> None:
    limit(office, "work", poll=PollLimits())
    office.desk.accounts.confirm("work", employer=Known.NO)
    named = office.desk.composer.check(a_draft("Bäst bredband?", poll=NewPoll(("Grönkvist", "Blåbet"))))
    plain = office.desk.composer.check(a_draft("Bäst bredband?", poll=NewPoll(("Grönkvist", "annat"))))
    assert [found.id for found in named.verdict.findings if found.id.startswith("P5")]
    assert not [found.id for found in plain.verdict.findings if found.id.startswith("P5")]


UNTIMED = PollLimits(shortest=0, longest=0, timed=False)


@pytest.mark.parametrize(
    ("limits", "seconds", "problems"),
    [
        (UNTIMED, 0, ()),
        (UNTIMED, DAY, ("work decides itself how long a poll is open: change the poll or remove the account",)),
        (PollLimits(), 0, ("work has to be told how long a poll is open: change the poll",)),
        (PollLimits(shortest=0), 0, ("work has to be told how long a poll is open: change the poll",)),
    ],
)
def test_no_end_is_promised_that_the_service_sets_itself(
    office: Office, limits: PollLimits, seconds: int, problems: tuple[str, ...]
) -> None:
    limit(office, "work", poll=limits)
    assert office.desk.composer.check(a_draft(poll=replace(YES_NO, seconds=seconds))).problems == problems


def test_where_one_account_wants_a_time_it_is_asked_for() -> None:
    assert shared_limits([UNTIMED, PollLimits()]) == PollLimits()
    assert not shared_limits([UNTIMED, UNTIMED]).timed


def test_the_limits_that_suit_several_servers_are_the_narrowest() -> None:
    wide = PollLimits(choices=10, length=200, shortest=60, longest=0, with_media=True)
    assert shared_limits([wide]) == wide
    assert shared_limits([wide, PollLimits()]) == PollLimits()
    assert shared_limits([wide, replace(wide, shortest=600)]) == replace(wide, shortest=600)
    assert not shared_limits([wide, replace(wide, multiple=False)]).multiple
