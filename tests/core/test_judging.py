"""What the policy is told: the clock's fault, the ledger, what waits; and what is written down of its word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.domain.draft import Kind
from mbclient.policy.model import LedgerStatus, Machine
from tests.core.fakes import TUESDAY, Office, a_draft, mine

SECRET = "Ett hemligt utkast om Blåbet, 7 idioter"


@pytest.mark.parametrize(
    ("samples", "seconds"),
    [
        ([], 0),
        ([("one", 240.0)] * 5, 0),  # one host of two could be the one that is wrong
        ([("one", 240.0), ("two", 240.0)], 240),
        ([("one", 900.0)] * 4 + [("two", 1.0), ("one", 2.0), ("two", 3.0), ("one", 900.0), ("two", -900.0)], 2),
        ([("one", 0.0), ("two", 300.0), ("one", 301.0)], 300),
    ],
)
def test_skew_is_the_median_of_the_last_five_of_two_hosts(
    office: Office, samples: list[tuple[str, float]], seconds: float
) -> None:
    office.services.skew = samples
    assert office.desk.judge.skew() == timedelta(seconds=seconds)


def test_one_host_is_enough_where_there_is_only_one(office: Office) -> None:
    office.desk.world.accounts.remove("sky")
    office.services.skew = [("one", 240.0)]
    status = office.desk.judge.status()
    assert status.skew == timedelta(seconds=240)
    assert status.now == TUESDAY + timedelta(seconds=240)


async def test_posts_by_the_servers_clock_count_however_wrong_this_one_is(office: Office) -> None:
    office.services.skew = [("one", 3 * 86400.0), ("two", 3 * 86400.0)]
    office.service("work").own = [mine(created_at=TUESDAY + timedelta(days=3))]
    await office.desk.refresher.refresh()
    assert office.desk.judge.status().count == 1


@pytest.mark.parametrize(
    ("state", "due", "status", "planned"),
    [
        (SendState.QUEUED, None, LedgerStatus.QUEUED, 1),
        (SendState.QUEUED, timedelta(hours=2), LedgerStatus.SCHEDULED, 1),
        (SendState.QUEUED, timedelta(days=2), LedgerStatus.SCHEDULED, 0),
        (SendState.SENDING, None, LedgerStatus.UNKNOWN, 1),
        (SendState.UNKNOWN, None, LedgerStatus.UNKNOWN, 1),
        (SendState.HELD, None, LedgerStatus.HELD, 0),
        (SendState.FAILED, None, None, 0),
        (SendState.CANCELLED, None, None, 0),
    ],
)
def test_the_outbox_in_the_ledger(
    office: Office, state: SendState, due: timedelta | None, status: LedgerStatus | None, planned: int
) -> None:
    draft = a_draft("Hej", "work", "sky", due=TUESDAY + due if due else None)
    for row in office.desk.composer.submit(draft, confirmed=True):
        office.desk.outbox.update(replace(row, state=state))
    entries = office.desk.judge.facts(TUESDAY).ledger
    assert {entry.status for entry in entries} == ({status} if status else set())
    meter = office.desk.judge.status()
    assert (meter.count, meter.planned) == (0, planned)  # a cross-post is one


def test_what_waits_over_midnight_is_the_new_days(office: Office) -> None:
    office.clock.at = TUESDAY.replace(hour=22, minute=59, second=58)  # 23:59:58 in Stockholm
    office.desk.composer.submit(a_draft(), undo_seconds=5)
    assert office.desk.judge.status().planned == 0
    office.clock.pass_(seconds=3)
    assert office.desk.judge.status().planned == 1


def test_a_draft_is_not_counted_against_itself(office: Office) -> None:
    for number in range(7):
        office.desk.composer.submit(a_draft(f"post {number}"), confirmed=True)
    rows = office.desk.composer.submit(a_draft("the eighth"), confirmed=True)
    assert "P2-COUNT" not in {
        found.id for found in office.desk.judge.check(a_draft(), without=(rows[0].outbox,)).findings
    }
    assert "P2-COUNT" in {found.id for found in office.desk.judge.check(a_draft()).findings}


async def test_hold_reasons_are_sentences(office: Office) -> None:
    (row,) = office.desk.composer.submit(a_draft(due=TUESDAY + timedelta(hours=1)), confirmed=True)
    judge = office.desk.judge
    assert judge.hold_reason(row, TUESDAY + timedelta(hours=1)) is None
    assert "planned time" in (judge.hold_reason(row, TUESDAY + timedelta(hours=2)) or "")
    (now,) = office.desk.composer.submit(a_draft("now"), confirmed=True)
    assert "more than 1 h" in (judge.hold_reason(now, TUESDAY + timedelta(minutes=61)) or "")
    office.desk.accounts.confirm("work", real_name=Known.NO)
    assert "rule 4" in (judge.hold_reason(now, TUESDAY) or "")


async def test_an_override_covers_its_text_alone(office: Office) -> None:
    office.confirm("work", Known.NO, Known.YES, TUESDAY.date())
    office.clock.at = TUESDAY.replace(hour=19)
    office.computer.machine = Machine.PRIVATE
    draft = a_draft("Grattis Blåbet!")
    (row,) = office.desk.composer.submit(draft, reason="they asked us to")
    assert office.desk.judge.hold_reason(row, office.clock.now()) is None
    other = replace(row, draft=a_draft("Provade Blåbets app"))
    assert "rule 5" in (office.desk.judge.hold_reason(other, office.clock.now()) or "")


async def test_the_decision_log_holds_no_text(office: Office) -> None:
    office.desk.composer.submit(a_draft(SECRET), confirmed=True, fixes_used=("insert-signature",))
    await office.desk.sender.flush()
    outbox = office.desk.composer.submit(a_draft(SECRET, kind=Kind.POST), confirmed=True, undo_seconds=5)
    office.desk.unsent.cancel(outbox[0].outbox)
    entries = office.desk.world.stores.log.entries()
    assert [entry["outcome"] for entry in entries] == ["sent", "cancelled"]
    written = json.dumps(entries, ensure_ascii=False)
    assert not any(word in written for word in ("hemligt", "Blåbet", "idioter"))
    first = entries[0]
    assert first["findings"] == [
        {"id": "P5-ID", "level": "nudge"},
        {"id": "P5-RESPECT", "level": "nudge"},
    ]
    assert first["fixes_used"] == ["insert-signature"]
    assert (first["machine"], first["work_time"], first["accounts"]) == ("work", True, ["work"])


def test_facts_are_logged_as_well(office: Office) -> None:
    office.desk.judge.record_fact("machine", "private")
    assert office.desk.world.stores.log.entries()[-1]["value"] == "private"
