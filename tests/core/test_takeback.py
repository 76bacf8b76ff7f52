"""Taking back: whatever ends it half-way, the words are in the outbox or among the drafts, and never nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.stores import SendState
from mbclient.domain.draft import Draft
from mbclient.domain.errors import UnreachableError, UsageError
from tests.core.fakes import Office, a_draft, a_post
from tests.core.test_handover import TOMORROW, keeping
from tests.core.test_sending import send, states

__all__ = ["keeping"]  # the fixture


def drafts(office: Office) -> list[Draft]:
    return [saved.draft for saved in office.desk.drafts.list()]


def planned(office: Office, *accounts: str) -> str:
    due = office.clock.now() + timedelta(hours=2)
    return office.desk.composer.submit(a_draft("Senare", *accounts, due=due))[0].outbox


async def test_the_draft_is_for_the_accounts_that_it_did_not_reach(office: Office) -> None:
    office.remote.fault("sky", "publish", UnreachableError("away"))
    outbox = await send(office, "Hej", "work", "sky")
    taken = office.desk.taking_back.here(outbox)
    assert [row.account for row in taken.rows] == ["sky"]
    assert drafts(office) == [a_draft("Hej", "sky")]
    assert office.desk.drafts.list()[0].id == taken.draft_id


async def test_its_time_stays_where_that_is_wanted(office: Office) -> None:
    due = office.clock.now() + timedelta(hours=2)
    await office.desk.taking_back.anywhere(planned(office), until=office.clock.now())
    assert drafts(office) == [a_draft("Senare", due=due)]
    office.clock.pass_(seconds=1)
    await office.desk.taking_back.anywhere(planned(office), until=due + timedelta(seconds=1))
    assert drafts(office)[0] == a_draft("Senare")


async def test_ended_between_the_two_the_words_are_a_draft(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = planned(office)
    really = office.desk.unsent.cancel

    def cancel(outbox: str) -> None:
        really(outbox)
        raise KeyboardInterrupt  # killed here

    monkeypatch.setattr(office.desk.unsent, "cancel", cancel)
    with pytest.raises(KeyboardInterrupt):
        office.desk.taking_back.here(outbox)
    office.crash()
    assert states(office) == {"work": SendState.CANCELLED}
    assert [draft.text for draft in drafts(office)] == ["Senare"]


async def test_what_was_cancelled_before_a_server_failed_is_a_draft(keeping: Office) -> None:
    keeping.desk.composer.submit(Draft("Hej", ("work", "sky"), due=TOMORROW, on_server=True))
    await keeping.desk.sender.flush()
    outbox = keeping.desk.outbox.rows()[0].outbox
    keeping.remote.fault("sky", "unschedule", UnreachableError("away"))
    with pytest.raises(UnreachableError):
        await keeping.desk.taking_back.anywhere(outbox)
    assert states(keeping) == {"work": SendState.CANCELLED, "sky": SendState.QUEUED}
    assert drafts(keeping) == [Draft("Hej", ("work",))]


async def test_what_cannot_be_taken_back_leaves_no_draft(office: Office) -> None:
    outbox = await send(office)
    for _time in range(2):
        with pytest.raises(UsageError):
            office.desk.taking_back.here(outbox)
    with pytest.raises(UsageError):
        await office.desk.taking_back.anywhere(planned(office)[:3])
    being_sent = planned(office)
    (row,) = office.desk.outbox.rows(outbox=being_sent)
    office.desk.outbox.update(replace(row, state=SendState.SENDING))
    with pytest.raises(UsageError):
        office.desk.taking_back.here(being_sent)
    assert drafts(office) == []


async def test_a_boost_has_no_words(office: Office) -> None:
    row = office.desk.composer.submit_boost(a_post(), undo_seconds=5)
    taken = office.desk.taking_back.here(row.outbox)
    assert ([one.state for one in taken.rows], taken.draft_id, drafts(office)) == ([SendState.CANCELLED], "", [])
