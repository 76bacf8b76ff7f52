"""The sender at work for as long as the program runs: whatever it meets is told, and ends nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.events import Event, Notice, OutboxChanged
from mbclient.core.guard import Guard
from mbclient.core.ports import Json, Published, Service
from mbclient.core.send import SECOND_THOUGHTS, Sender
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.errors import SettingsError, StorageError, UnreachableError
from tests.core.fakes import TUESDAY, Office, a_draft
from tests.core.test_sending import row_of, states


async def test_a_full_disk_is_told_and_sends_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told = asyncio.Event()
    office.desk.bus.listen(lambda event: told.set() if isinstance(event, Notice) else None)
    office.desk.composer.submit(a_draft())

    def full(*_args: object) -> bool:
        raise StorageError("the disk is full")

    monkeypatch.setattr(office.desk.outbox, "advance", full)
    running = asyncio.ensure_future(office.desk.sender.run())
    await asyncio.wait_for(told.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert office.remote.requests("work", "publish") == 0


async def runs_until_sent(office: Office, *accounts: str) -> list[str]:
    """The sender at work until each of the accounts has sent something; what it told meanwhile."""
    told: list[str] = []
    missing, done = set(accounts), asyncio.Event()

    def tell(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(event.text)
        if isinstance(event, OutboxChanged) and event.row.state is SendState.SENT:
            missing.discard(event.row.account)
            if not missing:
                done.set()

    office.desk.bus.listen(tell)
    running = asyncio.ensure_future(office.desk.sender.run())
    waiting = asyncio.ensure_future(done.wait())
    await asyncio.wait([running, waiting], timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert done.is_set()
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return told


async def test_settings_that_cannot_be_read_are_told_and_end_no_sending(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbclient.core.send.RETRY_STORAGE_S", 0.001)
    faults = [SettingsError("can't be read: no rights", file="accounts.toml")]
    really = office.desk.accounts.service

    def service(name: str) -> Service:
        if name == "work" and faults:
            raise faults.pop()
        return really(name)

    office.desk.composer.submit(a_draft("Hej", "work", "sky"), confirmed=True)
    monkeypatch.setattr(office.desk.accounts, "service", service)
    assert await runs_until_sent(office, "work", "sky") == ["accounts.toml: can't be read: no rights"]
    assert (office.remote.texts("work"), office.remote.texts("sky")) == (["Hej"], ["Hej"])


async def test_an_outbox_that_cannot_be_read_is_told_and_read_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mbclient.core.send.RETRY_STORAGE_S", 0.001)
    faults = [StorageError("the data file is locked")] * 2
    really = office.desk.outbox.rows

    def rows(*, states: Sequence[SendState] = (), outbox: str = "") -> Sequence[OutboxRow]:
        if faults:
            raise faults.pop()
        return really(states=states, outbox=outbox)

    office.desk.composer.submit(a_draft())
    monkeypatch.setattr(office.desk.outbox, "rows", rows)
    assert await runs_until_sent(office, "work") == ["the data file is locked"] * 2


@pytest.mark.parametrize("stays", [True, False])
async def test_what_a_crash_left_is_told_in_the_thread_of_the_loop(office: Office, stays: bool) -> None:
    office.desk.composer.submit(a_draft())
    office.desk.outbox.update(replace(row_of(office), state=SendState.SENDING, first_sent_at=office.clock.now()))
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    threads: list[threading.Thread] = []

    def tell(event: Event) -> None:
        if isinstance(event, OutboxChanged) and event.row.state is SendState.UNKNOWN:
            threads.append(threading.current_thread())
            loop.call_soon_threadsafe(told.set)

    office.desk.bus.listen(tell)
    sender = office.desk.sender
    claiming = asyncio.ensure_future(sender.serve() if stays else sender.turn())
    await asyncio.wait_for(told.wait(), 5)
    claiming.cancel()
    await asyncio.gather(claiming, return_exceptions=True)
    assert threads == [threading.current_thread()]


async def test_a_disk_that_takes_nothing_at_the_start_is_told_and_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, claimed = asyncio.get_running_loop(), asyncio.Event()
    told: list[str] = []
    office.desk.bus.listen(lambda event: told.append(event.text) if isinstance(event, Notice) else None)
    answers = [StorageError("the disk is full"), StorageError("the disk is full")]

    def claim() -> bool:
        if answers:
            raise answers.pop()
        loop.call_soon_threadsafe(claimed.set)
        return True

    monkeypatch.setattr(office.desk.outbox, "claim_sending", claim)
    monkeypatch.setattr("mbclient.core.send.RETRY_STORAGE_S", 0.001)
    serving = asyncio.ensure_future(office.desk.sender.serve())
    await asyncio.wait_for(claimed.wait(), 20)
    assert told == ["the disk is full"] * 2
    assert not serving.done()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


# ---------------------------------------------------------------- an adapter that errs

LEFT = "1 post had not gone when mbclient ended; it goes in 10 s unless you take it back."


class Noted:
    """What the screen's guard is: it notes a fault, and ends nothing."""

    def __init__(self) -> None:
        self.faults: list[KeyError] = []

    async def guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except KeyError as fault:
            self.faults.append(fault)


def told_by(office: Office) -> list[str]:
    told: list[str] = []
    office.desk.bus.listen(lambda event: told.append(event.text) if isinstance(event, Notice) else None)
    return told


def row_is(office: Office, account: str, is_so: Callable[[OutboxRow], bool]) -> asyncio.Event:
    """Set once a row of the account is stored so."""
    seen = asyncio.Event()

    def look(event: Event) -> None:
        if isinstance(event, OutboxChanged) and event.row.account == account and is_so(event.row):
            seen.set()

    office.desk.bus.listen(look)
    return seen


async def ended(task: asyncio.Future[None]) -> None:
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def let_time_pass(office: Office, seconds: int) -> None:
    office.clock.pass_(seconds=seconds)
    await office.desk.sender.flush()


@pytest.mark.parametrize("call", ["prepare", "publish"])
async def test_an_adapter_that_errs_stops_no_other_account(office: Office, call: str) -> None:
    """The other one's post is on its way meanwhile; the one that met the fault goes later, once."""
    noted, told, sky = Noted(), told_by(office), office.service("sky")
    sky.hang.add("publish")
    office.remote.fault("work", call, *[KeyError("id")] * 3)
    put_off = row_is(office, "work", lambda row: bool(row.reason))
    sent = row_is(office, "sky", lambda row: row.state is SendState.SENT)
    office.desk.composer.submit(a_draft("other", "sky"), confirmed=True)
    left = row_is(office, "sky", lambda row: row.not_before > TUESDAY)
    serving = asyncio.ensure_future(office.desk.sender.serve(guard=noted.guard))
    await asyncio.wait_for(left.wait(), 5)
    office.clock.pass_(seconds=11)
    office.desk.composer.submit(a_draft("Hej", "work"), confirmed=True)
    await asyncio.wait_for(sky.reached.wait(), 5)
    await asyncio.wait_for(put_off.wait(), 5)
    row = row_of(office)
    assert (row.state, row.attempts, row.reason) == (
        SendState.QUEUED if call == "prepare" else SendState.UNKNOWN,
        1,
        "a fault in mbclient itself",
    )
    assert row.not_before > office.clock.now()
    assert row_of(office, "sky").state is SendState.SENDING
    sky.go.set()
    await asyncio.wait_for(sent.wait(), 5)
    assert (office.remote.texts("sky"), len(noted.faults), office.remote.requests("work", call)) == (["other"], 1, 1)
    assert told == [LEFT]
    await ended(serving)
    office.remote.faults.clear()
    await let_time_pass(office, 10)
    assert (states(office)["work"], office.remote.texts("work")) == (SendState.SENT, ["Hej"])


@pytest.mark.parametrize("idempotency", [Idempotency.KEY, Idempotency.READ_BACK])
async def test_a_fault_after_the_service_took_a_post_sends_no_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, idempotency: Idempotency
) -> None:
    office, noted = Office(tmp_path / "office", idempotency=idempotency), Noted()
    work = office.service("work")
    really = work.publish

    async def publish(prepared: Json) -> Published:
        await really(prepared)
        raise KeyError("id")

    monkeypatch.setattr(work, "publish", publish)
    unsure = row_is(office, "work", lambda row: row.state is SendState.UNKNOWN)
    office.desk.composer.submit(a_draft())
    running = asyncio.ensure_future(office.desk.sender.run(noted.guard))
    await asyncio.wait_for(unsure.wait(), 5)
    await ended(running)
    office.remote.fault("work", "find", UnreachableError("refused"))
    await let_time_pass(office, 10)
    assert states(office) == {"work": SendState.UNKNOWN}
    await let_time_pass(office, 10)
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    assert office.remote.requests("work", "publish") == 1
    office.close()


async def test_a_fault_in_the_look_for_a_post_leaves_it_unsure_and_looks_later(office: Office) -> None:
    noted = Noted()
    office.desk.composer.submit(a_draft())
    office.remote.fault("work", "publish", "drop")
    await office.desk.sender.flush()
    office.remote.fault("work", "find", KeyError("id"))
    put_off = row_is(office, "work", lambda row: row.attempts == 2)
    office.clock.pass_(seconds=3)
    running = asyncio.ensure_future(office.desk.sender.run(noted.guard))
    await asyncio.wait_for(put_off.wait(), 5)
    await ended(running)
    assert states(office) == {"work": SendState.UNKNOWN}
    assert row_of(office).not_before > office.clock.now()
    await let_time_pass(office, 10)
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])


async def test_an_adapter_that_errs_for_ever_ends_with_the_user(office: Office) -> None:
    noted = Noted()
    office.remote.fault("work", "prepare", *[KeyError("id")] * 100)
    put_off = row_is(office, "work", lambda row: bool(row.attempts))
    office.desk.composer.submit(a_draft())
    running = asyncio.ensure_future(office.desk.sender.run(noted.guard))
    await asyncio.wait_for(put_off.wait(), 5)
    await ended(running)
    await let_time_pass(office, 24 * 3600)
    assert states(office) == {"work": SendState.HELD}
    assert (len(noted.faults), office.remote.accepted) == (1, [])


async def test_a_fault_that_cannot_be_kept_is_told_and_kept_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row was `sending`: nothing would look for it for as long as the program runs."""
    monkeypatch.setattr("mbclient.core.send.RETRY_STORAGE_S", 0.001)
    noted, told = Noted(), told_by(office)
    really = office.desk.outbox.advance
    full = [StorageError("the disk is full")]

    def advance(row: OutboxRow, expected: Sequence[SendState]) -> bool:
        if full and row.state is SendState.UNKNOWN:
            raise full.pop()
        return really(row, expected)

    monkeypatch.setattr(office.desk.outbox, "advance", advance)
    office.remote.fault("work", "publish", KeyError("id"))
    unsure = row_is(office, "work", lambda row: row.state is SendState.UNKNOWN)
    office.desk.composer.submit(a_draft())
    running = asyncio.ensure_future(office.desk.sender.run(noted.guard))
    await asyncio.wait_for(unsure.wait(), 5)
    await ended(running)
    assert (states(office), told) == ({"work": SendState.UNKNOWN}, ["the disk is full"])


async def test_a_fault_of_no_row_is_met_once_a_minute(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as fast as the computer can."""
    noted, met = Noted(), asyncio.Event()

    async def line(_sender: Sender, account: str, _rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
        met.set()
        raise KeyError(account)

    monkeypatch.setattr(Sender, "_line", line)
    office.desk.composer.submit(a_draft())
    running = asyncio.ensure_future(office.desk.sender.run(noted.guard))
    await asyncio.wait_for(met.wait(), 5)
    office.desk.composer.submit(a_draft("two"), confirmed=True)  # wakes it
    for _round in range(20):
        await asyncio.sleep(0)
    await ended(running)
    assert len(noted.faults) == 1


async def test_what_an_ended_program_left_is_put_off_and_told_once_a_program(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sending that is begun again after a fault finds only what this program put there."""
    told, faults = told_by(office), [KeyError("id"), KeyError("id")]

    async def run(_sender: Sender, _guard: Guard) -> None:
        raise faults.pop()

    monkeypatch.setattr(Sender, "run", run)
    office.desk.composer.submit(a_draft())
    times = []
    while faults:
        with pytest.raises(KeyError):
            await office.desk.sender.serve()
        times.append(row_of(office).not_before)
        office.clock.pass_(seconds=5)
    assert times == [TUESDAY + SECOND_THOUGHTS] * 2
    assert told == [LEFT]
