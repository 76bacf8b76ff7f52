"""Taking back while it is being sent: what the user cancelled stays cancelled, and what is out is said to be out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.clock import SystemClock
from mbclient.core.delivery import Delivery
from mbclient.core.events import Bus
from mbclient.core.handover import Handover
from mbclient.core.ports import Published
from mbclient.core.rows import Rows
from mbclient.core.send import Sender
from mbclient.core.stores import OutboxRow, SendState, Stores
from mbclient.core.unsent import Unsent
from mbclient.domain.draft import Draft
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, UnreachableError, UsageError
from mbclient.storage import open_stores

CLOCK = SystemClock()


class SlowService:
    """Each step waits to be let go on, so that a test can act in between."""

    def __init__(self) -> None:
        self.reached = {"prepare": asyncio.Event(), "publish": asyncio.Event()}
        self.go = {"prepare": asyncio.Event(), "publish": asyncio.Event()}
        self.fault: dict[str, Exception] = {}
        self.published = 0

    async def _step(self, name: str) -> None:
        self.reached[name].set()
        await self.go[name].wait()
        if name in self.fault:
            raise self.fault[name]

    async def prepare(self, outgoing: object) -> dict[str, object]:
        await self._step("prepare")
        return {"ready": True}

    async def publish(self, prepared: object) -> Published:
        self.published += 1
        await self._step("publish")
        return Published("1", "u", "", datetime.now(CLOCK.now().tzinfo))


class World:
    """A sender over a real outbox and one slow service."""

    def __init__(self, stores: Stores) -> None:
        self.service = SlowService()
        self.outbox = stores.outbox
        answers = {"hold_reason": _nothing, "check": _nothing, "record": _nothing, "corrected_now": _now}
        allowing: Any = type("Judge", (), answers)()
        accounts: Any = type("Accounts", (), {"service": lambda _self, _name: self.service})()
        refresher: Any = None  # a post that was not handed back is not stored either
        rows = Rows(stores.outbox, stores.archive, stores.ledger, accounts, allowing, refresher, CLOCK, Bus())
        handover = Handover(rows, accounts, CLOCK)
        delivery = Delivery(rows, handover, accounts, CLOCK)
        self.sender = Sender(rows, delivery, CLOCK)
        self.unsent = Unsent(rows, delivery, handover, CLOCK)
        now = CLOCK.now() - timedelta(seconds=1)
        self.outbox.add([OutboxRow("A1", "work", "k", Draft("text", ("work",)), SendState.QUEUED, now, now)])

    @property
    def state(self) -> SendState:
        return self.outbox.rows()[0].state


def _now(*_: object) -> datetime:
    return CLOCK.now()


def _nothing(*_: object, **__: object) -> None:
    return None


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    stores = open_stores(tmp_path / "data", CLOCK)
    yield World(stores)
    stores.close()


async def at(world: World, step: str, act: Callable[[], object]) -> None:
    """Lets the sender run to `step`, acts, and lets it run to the end."""
    flush = asyncio.ensure_future(world.sender.flush())
    for name in ("prepare", "publish"):
        if name == step:
            await asyncio.wait_for(world.service.reached[name].wait(), 60)
            act()
        world.service.go[name].set()
    await asyncio.wait_for(flush, 60)


async def test_cancelled_while_preparing_is_never_sent(world: World) -> None:
    await at(world, "prepare", lambda: world.unsent.cancel("A1"))
    assert (world.state, world.service.published) == (SendState.CANCELLED, 0)


@pytest.mark.parametrize("fault", [UnreachableError("down"), RejectedError("no")])
async def test_a_fault_does_not_bring_it_back(world: World, fault: Exception) -> None:
    world.service.fault["prepare"] = fault
    await at(world, "prepare", lambda: world.unsent.cancel("A1"))
    assert world.state is SendState.CANCELLED


async def test_what_is_on_its_way_is_not_cancelled(world: World) -> None:
    def cancel() -> None:
        with pytest.raises(UsageError, match="being sent already"):
            world.unsent.cancel("A1")

    await at(world, "publish", cancel)
    assert (world.state, world.service.published) == (SendState.SENT, 1)


async def test_another_programs_cancel_meets_the_row_as_it_is_now(world: World) -> None:
    """It read `queued`; by the time it writes, the first byte may be out."""
    (seen,) = world.outbox.rows()
    world.service.fault["publish"] = OutcomeUnknownError("lost")

    def cancel() -> None:
        assert not world.outbox.advance(replace(seen, state=SendState.CANCELLED), (SendState.QUEUED,))

    await at(world, "publish", cancel)
    assert world.state is SendState.UNKNOWN
