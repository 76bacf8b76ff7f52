"""Posts that a server keeps until their time: handed over, looked for, moved and gone there, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.events import Notice
from mbclient.core.handover import LOOK_AFTER
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.account import Account, Known
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.errors import AuthError, RejectedError, SecretError, UnreachableError, UsageError
from mbclient.policy.model import Machine
from tests.core.fakes import TUESDAY, Office, a_draft

TOMORROW = datetime(2026, 11, 25, 7, 40, tzinfo=UTC)  # 08:40 in Stockholm


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "keeping")
    made.remote.schedules = "yes"
    yield made
    made.close()


def for_later(text: str = "Hej", due: datetime = TOMORROW, **fields: object) -> Draft:
    return a_draft(text, due=due, on_server=True, **fields)


async def handed_over(office: Office, draft: Draft | None = None) -> OutboxRow:
    office.desk.composer.submit(draft or for_later())
    await office.desk.sender.flush()
    return the_row(office)


def the_row(office: Office) -> OutboxRow:
    (row,) = office.desk.outbox.rows()
    return row


async def later(office: Office, **time: float) -> OutboxRow:
    """Time goes by, at the server too, and what is due is handled."""
    office.clock.pass_(**time)
    office.remote.time_goes_by(office.clock.now())
    await office.desk.sender.flush()
    return the_row(office)


def until_after(office: Office, due: datetime = TOMORROW) -> float:
    return (due + LOOK_AFTER - office.clock.now()).total_seconds()


# ---------------------------------------------------------------- the way there


async def test_it_goes_to_the_server_at_once_and_is_planned_until_it_is_seen(keeping: Office) -> None:
    row = await handed_over(keeping)
    assert row.state is SendState.QUEUED
    assert row.scheduled_id in keeping.remote.held
    assert keeping.remote.texts("work") == []
    tomorrow = keeping.desk.judge.status(now=TOMORROW - timedelta(hours=1))
    assert (tomorrow.count, tomorrow.planned) == (0, 1)

    keeping.clock.pass_(hours=3)
    asked = len(keeping.remote.asked)
    await keeping.desk.sender.flush()
    assert len(keeping.remote.asked) == asked  # nothing is to be asked before its time

    row = await later(keeping, seconds=until_after(keeping))
    assert (row.state, row.sent_at, row.scheduled_id) == (SendState.SENT, TOMORROW, "")
    assert keeping.remote.texts("work") == ["Hej"]
    assert (keeping.desk.judge.status().count, keeping.desk.judge.status().planned) == (1, 0)


async def test_it_goes_out_though_no_program_runs(keeping: Office) -> None:
    await handed_over(keeping)
    keeping.clock.pass_(days=3)
    keeping.remote.time_goes_by(keeping.clock.now())
    keeping.crash()
    assert keeping.desk.sender.claim()
    await keeping.desk.sender.flush()
    assert the_row(keeping).state is SendState.SENT
    assert keeping.remote.texts("work") == ["Hej"]


async def test_a_lost_answer_is_found_among_what_the_server_keeps(keeping: Office) -> None:
    keeping.remote.fault("work", "publish", "drop")
    assert (await handed_over(keeping)).state is SendState.UNKNOWN
    row = await later(keeping, seconds=10)
    assert (row.state, row.scheduled_id in keeping.remote.held) == (SendState.QUEUED, True)
    assert len(keeping.remote.held) == 1


async def test_what_a_server_publishes_at_once_is_out_and_said_to_be(keeping: Office) -> None:
    keeping.remote.schedules = "ignored"
    told: list[str] = []
    keeping.desk.bus.listen(lambda event: told.append(event.text) if isinstance(event, Notice) else None)
    row = await handed_over(keeping)
    assert row.state is SendState.SENT
    assert any("at once" in text for text in told)
    assert keeping.desk.judge.status().count == 1


async def test_offline_until_its_time_is_too_near_waits_for_the_user(keeping: Office) -> None:
    keeping.remote.online = False
    assert (await handed_over(keeping)).state is SendState.QUEUED
    keeping.remote.online = True
    row = await later(keeping, seconds=(TOMORROW - keeping.clock.now()).total_seconds() - 120)
    assert (row.state, keeping.remote.held) == (SendState.HELD, {})
    assert "too near" in row.reason

    keeping.desk.unsent.retry(row.outbox)  # two minutes are left: planned here, and kept
    row = the_row(keeping)
    assert (row.draft.due, row.draft.on_server, row.state) == (TOMORROW, False, SendState.QUEUED)
    await keeping.desk.sender.flush()
    assert keeping.remote.texts("work") == []
    assert (await later(keeping, seconds=130)).state is SendState.SENT


async def test_it_is_judged_as_of_its_time_when_it_is_handed_over(keeping: Office) -> None:
    """In the evening on a private computer anybody may be anonymous; at 08:40 nobody may."""
    keeping.computer.machine = Machine.PRIVATE
    evening = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
    keeping.desk.composer.submit(for_later(due=evening))
    keeping.desk.accounts.confirm("work", employer=Known.NO, real_name=Known.NO)
    await keeping.desk.sender.flush()
    assert the_row(keeping).scheduled_id

    other = keeping.desk.composer.check(for_later("Igen"))
    assert other.verdict.stops


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (for_later(due=TUESDAY + timedelta(minutes=5)), "at least 6 minutes"),
        (for_later(kind=Kind.EDIT, edit_of="work:1"), "only a new post"),
        (Draft("Hej", ("notes",), due=TOMORROW, on_server=True), "cannot keep posts"),
    ],
)
async def test_what_no_server_could_keep_is_said(keeping: Office, draft: Draft, problem: str) -> None:
    if "notes" in draft.accounts:
        keeping.desk.world.accounts.save(Account("notes", "local", handle="me", remote_id="me"))
    assert any(problem in found for found in keeping.desk.composer.check(draft).problems)


# ---------------------------------------------------------------- what happens to it there


async def test_moved_at_the_server_it_is_planned_for_then(keeping: Office) -> None:
    row = await handed_over(keeping)
    account, key, text, due = keeping.remote.held[row.scheduled_id]
    keeping.remote.held[row.scheduled_id] = (account, key, text, due + timedelta(days=1))
    row = await later(keeping, seconds=until_after(keeping))
    assert (row.state, row.draft.due) == (SendState.QUEUED, TOMORROW + timedelta(days=1))
    row = await later(keeping, days=1)
    assert row.state is SendState.SENT


async def test_gone_at_the_server_is_said_and_never_sent_again_by_itself(keeping: Office) -> None:
    row = await handed_over(keeping)
    keeping.remote.held.clear()
    assert (await later(keeping, seconds=until_after(keeping))).state is SendState.QUEUED
    row = await later(keeping, seconds=61)
    assert row.state is SendState.FAILED
    assert "neither" in row.reason
    await later(keeping, days=1)
    assert keeping.remote.texts("work") == []
    keeping.desk.unsent.retry(row.outbox)
    await keeping.desk.sender.flush()
    assert keeping.remote.texts("work") == ["Hej"]


async def test_out_of_reach_at_its_time_it_is_asked_for_later(keeping: Office) -> None:
    await handed_over(keeping)
    keeping.remote.online = False
    row = await later(keeping, seconds=until_after(keeping))
    assert (row.state, bool(row.scheduled_id)) == (SendState.QUEUED, True)
    keeping.remote.online = True
    assert (await later(keeping, seconds=400)).state is SendState.SENT


@pytest.mark.parametrize("asked", ["scheduled", "find"])
async def test_a_keyring_that_does_not_answer_at_its_time_is_asked_again_later(keeping: Office, asked: str) -> None:
    await handed_over(keeping)
    keeping.remote.fault("work", asked, SecretError("the keyring is locked", "unlock it and try again"))
    row = await later(keeping, seconds=until_after(keeping))
    assert (row.state, bool(row.scheduled_id)) == (SendState.QUEUED, True)
    assert row.reason == "the keyring is locked"
    assert (await later(keeping, seconds=400)).state is SendState.SENT


@pytest.mark.parametrize("published", [True, False])
async def test_its_account_gone_at_its_time_and_back_again_it_is_looked_for(keeping: Office, published: bool) -> None:
    row = await handed_over(keeping)
    account = keeping.desk.accounts.get("work")
    keeping.desk.world.accounts.remove("work")
    if not published:
        name, key, text, due = keeping.remote.held[row.scheduled_id]
        keeping.remote.held[row.scheduled_id] = (name, key, text, due + timedelta(days=1))
    row = await later(keeping, seconds=until_after(keeping))
    assert row.state is SendState.FAILED
    keeping.desk.world.accounts.save(account)
    keeping.desk.accounts.confirm("work", employer=Known.YES, real_name=Known.YES)
    with pytest.raises(UsageError, match="moved"):
        keeping.desk.unsent.move(row.outbox, None)
    keeping.desk.unsent.retry(row.outbox)
    await keeping.desk.sender.flush()
    assert the_row(keeping).state is (SendState.SENT if published else SendState.QUEUED)
    assert (await later(keeping, days=1)).state is SendState.SENT
    assert keeping.remote.texts("work") == ["Hej"]


# ---------------------------------------------------------------- the user's hand


async def test_taken_back_it_is_nowhere_and_the_words_are_kept(keeping: Office) -> None:
    row = await handed_over(keeping)
    with pytest.raises(UsageError, match="the server keeps"):
        keeping.desk.unsent.cancel(row.outbox)
    (cancelled,) = await keeping.desk.unsent.take_back(row.outbox)
    assert cancelled.state is SendState.CANCELLED
    assert keeping.remote.held == {}
    again = keeping.desk.composer.taken_back([cancelled])
    assert again is not None
    assert (again.text, again.due, again.on_server) == ("Hej", None, False)
    await later(keeping, days=2)
    assert keeping.remote.texts("work") == []


async def test_out_of_reach_it_cannot_be_taken_back_and_stays_planned(keeping: Office) -> None:
    row = await handed_over(keeping)
    keeping.remote.online = False
    with pytest.raises(UnreachableError):
        await keeping.desk.unsent.take_back(row.outbox)
    assert the_row(keeping) == row


async def test_the_server_was_quicker(keeping: Office) -> None:
    row = await handed_over(keeping)
    keeping.clock.pass_(seconds=until_after(keeping))
    keeping.remote.time_goes_by(keeping.clock.now())
    with pytest.raises(UsageError, match="sent"):
        await keeping.desk.unsent.take_back(row.outbox)
    assert the_row(keeping).state is SendState.SENT


async def test_a_cross_post_is_taken_back_everywhere(keeping: Office) -> None:
    keeping.desk.composer.submit(Draft("Hej", ("work", "sky"), due=TOMORROW, on_server=True))
    await keeping.desk.sender.flush()
    assert len(keeping.remote.held) == 2
    outbox = keeping.desk.outbox.rows()[0].outbox
    assert len(await keeping.desk.unsent.take_back(outbox)) == 2
    assert keeping.remote.held == {}


async def test_what_another_program_handed_over_is_listed_and_taken_back(keeping: Office) -> None:
    keeping.remote.keep("work", "their-key", "Theirs", TOMORROW)
    (waiting,) = await keeping.desk.handover.held_by("work")
    assert (waiting.text, waiting.due) == ("Theirs", TOMORROW)
    assert await keeping.desk.handover.drop("work", waiting.id)
    assert not await keeping.desk.handover.drop("work", waiting.id)


@pytest.mark.parametrize(
    "fault", [AuthError("signed out", account="work"), RejectedError("no", account="work", status=422)]
)
async def test_a_retry_keeps_a_time_that_is_still_to_come(keeping: Office, fault: Exception) -> None:
    keeping.remote.fault("work", "publish", fault)
    row = await handed_over(keeping)
    assert row.state in (SendState.HELD, SendState.FAILED)
    keeping.desk.unsent.retry(row.outbox)
    await keeping.desk.sender.flush()
    assert [due for _account, _key, _text, due in keeping.remote.held.values()] == [TOMORROW]
    assert keeping.remote.texts("work") == []


# ---------------------------------------------------------------- moved, planned here


async def test_what_is_planned_here_is_moved_and_goes_then(office: Office) -> None:
    (row,) = office.desk.composer.submit(a_draft(due=TUESDAY + timedelta(hours=1)))
    office.desk.unsent.move(row.outbox, TUESDAY + timedelta(hours=3))
    assert (await later(office, hours=2)).state is SendState.QUEUED
    assert (await later(office, hours=1)).state is SendState.SENT


async def test_moved_to_now_it_goes_now(office: Office) -> None:
    (row,) = office.desk.composer.submit(a_draft(due=TOMORROW))
    office.desk.unsent.move(row.outbox, None)
    await office.desk.sender.flush()
    assert the_row(office).state is SendState.SENT


async def test_a_late_one_is_moved_to_another_time(office: Office) -> None:
    (row,) = office.desk.composer.submit(a_draft(due=TUESDAY + timedelta(hours=1)))
    row = await later(office, hours=2)
    assert row.state is SendState.HELD
    office.desk.unsent.move(row.outbox, TOMORROW)
    assert (the_row(office).state, the_row(office).reason) == (SendState.QUEUED, "")
    assert (await later(office, seconds=until_after(office))).state is SendState.SENT


@pytest.mark.parametrize("kind", list(Idempotency))
async def test_what_a_server_has_or_may_have_is_not_moved(tmp_path: Path, kind: Idempotency) -> None:
    office = Office(tmp_path / "moving", idempotency=kind)
    office.remote.fault("work", "publish", "drop")
    (row,) = office.desk.composer.submit(a_draft())
    await office.desk.sender.flush()
    with pytest.raises(UsageError, match="cannot be moved"):
        office.desk.unsent.move(row.outbox, TOMORROW)
    await later(office, seconds=70)
    assert the_row(office).state is SendState.SENT
    with pytest.raises(UsageError, match="cannot be moved"):
        office.desk.unsent.move(row.outbox, TOMORROW)
    office.close()


async def test_what_a_server_keeps_is_not_moved_from_here(keeping: Office) -> None:
    row = await handed_over(keeping)
    with pytest.raises(UsageError, match="cannot be moved"):
        keeping.desk.unsent.move(row.outbox, TOMORROW + timedelta(days=1))


async def test_a_planned_post_held_for_another_reason_keeps_its_time(office: Office) -> None:
    """Signed out on Tuesday, signed in again: what was planned for Wednesday does not go on Tuesday."""
    (row,) = office.desk.composer.submit(a_draft(due=TUESDAY + timedelta(minutes=1)))
    office.remote.fault("work", "publish", AuthError("signed out", account="work"))
    office.desk.composer.submit(a_draft("Second", due=TUESDAY + timedelta(minutes=1)))
    office.clock.pass_(minutes=1)
    await office.desk.sender.flush()
    states = [each.state for each in office.desk.outbox.rows()]
    assert states == [SendState.HELD, SendState.HELD]
    office.clock.at = TUESDAY  # the clock was set back meanwhile: the time is to come again
    office.desk.unsent.retry(row.outbox)
    kept = next(each for each in office.desk.outbox.rows() if each.outbox == row.outbox)
    assert kept.draft.due == TUESDAY + timedelta(minutes=1)
