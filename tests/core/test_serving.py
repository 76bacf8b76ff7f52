"""The sender at work for as long as the program runs: whatever it meets is told, and ends nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from mbclient.core.events import Event, Notice, OutboxChanged
from mbclient.core.ports import Service
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.errors import SettingsError, StorageError
from tests.core.fakes import Office, a_draft
from tests.core.test_sending import row_of


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
