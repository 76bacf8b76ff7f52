"""A program that ends soon, behind another one that sends: it waits its turn, within bounds, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mbclient.core import send
from mbclient.core.send import HandedOver
from mbclient.core.stores import SendState
from mbclient.storage.locks import FileLock
from tests.core.fakes import Office, a_draft
from tests.core.test_sending import DOWN, row_of, states


@pytest.fixture
def other(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileLock]:
    """Another program, which holds the folder's sending and does nothing."""
    monkeypatch.setattr(send, "TURN_EVERY_S", 0)
    monkeypatch.setattr(send, "TURN_TRIES", 30)
    monkeypatch.setattr(send, "HANDED_OVER_TRIES", 5)
    lock = FileLock(office.folder / "data" / "sender.lock")
    assert lock.take()
    yield lock
    lock.release()


def polls(office: Office, monkeypatch: pytest.MonkeyPatch, at: int, then: object = None) -> list[int]:
    """Counts how often the turn was asked for; at the n-th time something happens."""
    asked = [0]
    really = office.desk.outbox.claim_sending

    def claim() -> bool:
        asked[0] += 1
        if asked[0] == at and callable(then):
            then()
        return really()

    monkeypatch.setattr(office.desk.outbox, "claim_sending", claim)
    return asked


@pytest.mark.parametrize("named", [True, False])
async def test_the_waiter_takes_over_when_the_one_that_hangs_ends(
    office: Office, other: FileLock, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """Long after a program that stays would have taken the post over."""
    polls(office, monkeypatch, 20, other.release)
    outbox = office.desk.composer.submit(a_draft())[0].outbox
    assert await office.desk.sender.turn(outbox if named else "") is None
    await office.desk.sender.flush(outbox if named else "")
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])


async def test_the_wait_is_bounded_and_the_next_one_sends_it(
    office: Office, other: FileLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = polls(office, monkeypatch, 0)
    outbox = office.desk.composer.submit(a_draft())[0].outbox
    row = row_of(office)
    assert await office.desk.sender.turn(outbox) == HandedOver([row], untouched=True)
    assert asked == [30]
    assert row_of(office) == row
    other.release()
    assert await office.desk.sender.turn() is None
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]


@pytest.mark.parametrize("state", [SendState.SENDING, SendState.SENT, SendState.QUEUED])
async def test_what_the_other_has_begun_with_is_not_waited_for_longer(
    office: Office, other: FileLock, monkeypatch: pytest.MonkeyPatch, state: SendState
) -> None:
    """It is out at once, or shown as it stands after ten seconds: on its way, or to be tried again."""
    outbox = office.desk.composer.submit(a_draft())[0].outbox

    def begin() -> None:
        office.desk.outbox.update(replace(row_of(office), state=state, attempts=1))

    asked = polls(office, monkeypatch, 2, begin)
    handed_over = await office.desk.sender.turn(outbox)
    assert handed_over is not None
    assert (handed_over.untouched, [row.state for row in handed_over.rows]) == (False, [state])
    assert asked == [2 if state is SendState.SENT else 6]


async def test_a_second_try_that_nobody_has_begun_is_waited_for(
    office: Office, other: FileLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That there were tries before says nothing."""
    other.release()
    office.remote.fault("work", "publish", DOWN)
    outbox = office.desk.composer.submit(a_draft())[0].outbox
    assert await office.desk.sender.turn(outbox) is None
    await office.desk.sender.flush(outbox)
    assert row_of(office).attempts == 1
    office.crash()
    assert other.take()
    office.clock.pass_(minutes=1)
    handed_over = await office.desk.sender.turn(outbox)
    assert handed_over is not None
    assert handed_over.untouched


async def test_nothing_due_is_not_waited_for(office: Office, other: FileLock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = polls(office, monkeypatch, 0)
    office.desk.composer.submit(a_draft(), undo_seconds=60)
    assert await asyncio.wait_for(office.desk.sender.turn(), 10) == HandedOver([])
    assert asked == [1]
