"""A disk that fails between a service's answer and the note of it: that is kept later, and nothing goes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from mbclient.core.events import Event, OutboxChanged
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, ServiceError, StorageError, UnreachableError
from tests.core.fakes import Office, a_draft, a_post
from tests.core.test_sending import row_of, states
from tests.core.test_serving import ended, row_is, told_by

KEPT_LATER = (
    "the disk is full; what work answered cannot be kept yet;"
    " do not send it again: mbclient finds out what became of it"
)


def full_after_the_answer(office: Office, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The disk takes that a post is being sent, and then nothing for a while."""
    monkeypatch.setattr("mbclient.core.send.RETRY_STORAGE_S", 0.001)
    really, full = office.desk.outbox.advance, [StorageError("the disk is full", "nothing was sent")] * times

    def advance(row: OutboxRow, expected: Sequence[SendState]) -> bool:
        if full and row.state is not SendState.SENDING:
            raise full.pop()
        return really(row, expected)

    monkeypatch.setattr(office.desk.outbox, "advance", advance)


@pytest.mark.parametrize("idempotency", list(Idempotency))
async def test_an_answer_that_the_disk_does_not_take_is_kept_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, idempotency: Idempotency
) -> None:
    """The user is told, the post behind it still goes, nothing is looked for and nothing sent twice."""
    office = Office(tmp_path / "office", idempotency=idempotency)
    told, both = told_by(office), asyncio.Event()

    def look(event: Event) -> None:
        if isinstance(event, OutboxChanged) and {row.state for row in office.desk.outbox.rows()} == {SendState.SENT}:
            both.set()

    office.desk.composer.submit(a_draft())
    office.desk.composer.submit(a_draft("two"), confirmed=True)
    full_after_the_answer(office, monkeypatch, 2)
    office.desk.bus.listen(look)
    running = asyncio.ensure_future(office.desk.sender.run())
    await asyncio.wait_for(both.wait(), 5)
    await ended(running)
    assert told == [KEPT_LATER] * 2
    assert office.remote.texts("work") == ["Hej", "two"]
    assert (office.remote.requests("work", "publish"), office.remote.requests("work", "find")) == (2, 0)
    assert office.desk.judge.status().count == 2
    office.close()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (RejectedError("too rude", status=422), SendState.FAILED),
        (UnreachableError("refused"), SendState.QUEUED),
        (OutcomeUnknownError("lost"), SendState.UNKNOWN),
    ],
)
async def test_what_was_not_taken_is_kept_later_too(
    office: Office, monkeypatch: pytest.MonkeyPatch, answer: ServiceError, state: SendState
) -> None:
    told, kept = told_by(office), row_is(office, "work", lambda row: row.state is state and bool(row.reason))
    office.remote.fault("work", "publish", answer)
    office.desk.composer.submit(a_draft())
    full_after_the_answer(office, monkeypatch, 1)
    running = asyncio.ensure_future(office.desk.sender.run())
    await asyncio.wait_for(kept.wait(), 5)
    await ended(running)
    assert (told, answer.problem in row_of(office).reason) == ([KEPT_LATER], True)
    assert office.remote.requests("work", "publish") == 1


async def test_a_boost_that_the_disk_does_not_take_is_kept_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = row_is(office, "work", lambda row: row.state is SendState.SENT)
    office.desk.composer.submit_boost(a_post(remote_id="77"))
    full_after_the_answer(office, monkeypatch, 1)
    running = asyncio.ensure_future(office.desk.sender.run())
    await asyncio.wait_for(kept.wait(), 5)
    await ended(running)
    assert office.remote.requests("work", "boost") == 1


async def test_what_fails_once_it_is_kept_that_a_post_is_out_is_told_as_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be seen in the outbox: nothing has to be found out, and nothing is written a second time."""

    def full(*_arrivals: object) -> None:
        raise StorageError("the disk is full", "make room")

    monkeypatch.setattr(office.desk.sender._rows, "log", full)
    office.desk.composer.submit(a_draft())
    office.desk.sender.claim()
    with pytest.raises(StorageError, match=r"^the disk is full; make room$"):
        await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT}
    assert not office.desk.sender._delivery._unwritten


async def test_the_sender_that_is_begun_again_knows_what_was_answered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.composer.submit(a_draft())
    full_after_the_answer(office, monkeypatch, 1)
    office.desk.sender.claim()
    with pytest.raises(StorageError):
        await office.desk.sender.flush()
    office.desk.sender.claim()
    assert states(office) == {"work": SendState.SENDING}
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT}
    assert (office.remote.requests("work", "publish"), office.remote.requests("work", "find")) == (1, 0)


async def test_a_program_that_ends_before_it_can_keep_the_answer_looks_for_the_post(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.composer.submit(a_draft())
    full_after_the_answer(office, monkeypatch, 1)
    office.desk.sender.claim()
    with pytest.raises(StorageError, match="do not send it again"):
        await office.desk.sender.flush()
    office.crash()
    office.desk.sender.claim()
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    assert office.remote.requests("work", "publish") == 1
