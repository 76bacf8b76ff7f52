"""The gate and the decision log: a reason and a yes are two things, and the log says what became of a post (10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.compose import StoppedError
from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.policy.model import Finding, Level, Machine, Verdict
from tests.core.fakes import TUESDAY, Office, a_draft

RUDE = "Blåbet är idioter"
REASON = "they asked us to"


@pytest.fixture
def evening(office: Office) -> Office:
    """A private computer after work, an account that hides the employer: rule 5 asks, rule 4 does not."""
    office.confirm("work", Known.NO, Known.YES, TUESDAY.date())
    office.clock.at = TUESDAY.replace(hour=19)
    office.computer.machine = Machine.PRIVATE
    return office


def test_a_reason_is_no_confirmation(evening: Office) -> None:
    with pytest.raises(StoppedError) as stopped:
        evening.desk.composer.submit(a_draft(RUDE), reason=REASON)
    assert stopped.value.unconfirmed
    assert not evening.desk.outbox.rows()


def test_a_confirmation_is_no_reason(evening: Office) -> None:
    with pytest.raises(StoppedError) as stopped:
        evening.desk.composer.submit(a_draft(RUDE), confirmed=True)
    assert not stopped.value.unconfirmed


def test_both_together_let_it_go(evening: Office) -> None:
    (row,) = evening.desk.composer.submit(a_draft(RUDE), confirmed=True, reason=REASON)
    assert row.override_reason == REASON


async def test_the_log_names_every_finding_that_a_reason_overrode(evening: Office) -> None:
    evening.desk.composer.submit(a_draft("Grattis Blåbet!"), reason=REASON, undo_seconds=5)
    evening.clock.pass_(seconds=6)
    await evening.desk.sender.flush()
    (entry,) = evening.desk.world.stores.log.entries()
    assert entry["override"] == {"id": "P5-ID", "ids": ["P5-ID"], "reason": REASON}
    assert len(str(entry["id"])) == 26
    assert entry["outcome"] == "sent"


async def test_a_post_is_not_in_its_own_figures(office: Office) -> None:
    rows = office.desk.composer.submit(a_draft(), undo_seconds=5)
    office.desk.unsent.cancel(rows[0].outbox)
    office.desk.composer.submit(a_draft("Hej", due=TUESDAY + timedelta(hours=1)), confirmed=True)
    office.clock.at = TUESDAY + timedelta(hours=1)
    await office.desk.sender.flush()
    entries = office.desk.world.stores.log.entries()
    assert [(one["outcome"], one["count"], one["planned"]) for one in entries] == [
        ("cancelled", 0, 0),
        ("sent", 0, 0),
    ]


async def test_the_rest_of_a_half_sent_post_taken_back_is_partial(office: Office) -> None:
    rows = office.desk.composer.submit(a_draft("Hej", "work", "sky"), confirmed=True)

    office.desk.world.stores.outbox.update(replace(rows[0], state=SendState.SENT))
    office.desk.unsent.cancel(rows[0].outbox)
    assert office.desk.world.stores.log.entries()[-1]["outcome"] == "partial"


def test_one_reason_over_two_findings_names_both(office: Office) -> None:
    found = Verdict(Level.BLOCK, (Finding("P4", Level.BLOCK), Finding("P5-ID", Level.REQUIRE_DISCLOSURE)))
    office.desk.judge.record(a_draft(), found, "sent", draft_id="D", reason=REASON)
    (entry,) = office.desk.world.stores.log.entries()
    assert entry["override"] == {"id": "P4", "ids": ["P4", "P5-ID"], "reason": REASON}
