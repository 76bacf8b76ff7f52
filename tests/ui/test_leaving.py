"""Leaving with something on its way: said in one question, sent if wanted, and nobody is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.desk import Desk
from mbclient.core.events import OutboxChanged
from mbclient.core.ports import Published
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.errors import StorageError, UnreachableError
from mbclient.services.local.adapter import LocalService
from tests.ui.running import MovableClock, Program, own_desk, running


def undoing(desk: Desk, seconds: float = 60) -> Desk:
    desk.preferences = replace(desk.preferences, undo_seconds=seconds)
    return desk


async def sent_off(program: Program, text: str = "strax") -> None:
    await program.composing()
    await program.type(text)
    await program.press("ctrl+s")
    await program.until(lambda: program.rows(SendState.QUEUED))


async def asked(program: Program, key: str = "q") -> str:
    await program.press(key)
    await program.screen("LeaveScreen")
    return said(program)


def said(program: Program) -> str:
    return "\n".join(str(program.app.screen.query_one(name).render()) for name in ("#behind", "#answers"))


def ended(program: Program) -> bool:
    return program.app.return_value is not None


async def test_with_nothing_on_its_way_it_just_ends(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        await program.press("q")
        await program.until(lambda: ended(program))


async def test_what_waits_is_said_and_staying_changes_nothing(own: Desk, clock: MovableClock) -> None:
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        words = await asked(program)
        assert "1 post has not gone yet." in words
        assert "notes · strax" in words
        assert "Nothing goes out while no mbclient runs." in words
        before = program.rows()
        await program.press("escape")
        await program.screen("MainScreen")
        assert program.rows() == before
        await program.press("u")
        await program.drafts_are("strax")
        await program.press("escape", "q")
        await program.until(lambda: ended(program))


async def test_sent_at_once_and_left(own: Desk, home: Path, clock: MovableClock) -> None:
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        await asked(program)
        await program.press("s")
        await program.until(lambda: ended(program))
    assert [row.state for row in reread(home, clock)] == [SendState.SENT]


def reread(home: Path, clock: MovableClock) -> list[OutboxRow]:
    """As the next start finds them."""
    again = own_desk(home, clock)
    try:
        return list(again.outbox.rows())
    finally:
        again.world.stores.close()


@pytest.mark.parametrize(("first", "second"), [("q", "q"), ("ctrl+c", "ctrl+c"), ("q", "ctrl+c")])
async def test_the_second_press_leaves_and_the_next_start_has_it(
    own: Desk, home: Path, clock: MovableClock, first: str, second: str
) -> None:
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        await asked(program, first)
        await program.press(second)
        await program.until(lambda: ended(program))
    assert [row.state for row in reread(home, clock)] == [SendState.QUEUED]


async def test_it_leaves_by_itself_when_the_seconds_are_over(own: Desk, home: Path, clock: MovableClock) -> None:
    """Leaving was what was asked for, and nothing speaks against it any more."""
    async with running(undoing(own, 20), clock) as program:
        await sent_off(program)
        await asked(program)
        clock.ahead += timedelta(seconds=21)
        own.bus.publish(OutboxChanged(program.rows()[0]))  # the sender sleeps for seconds otherwise
        await program.until(lambda: ended(program))
    assert [row.state for row in reread(home, clock)] == [SendState.SENT]


async def test_what_does_not_go_says_why_and_the_question_stands(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: LocalService, prepared: object) -> Published:
        raise UnreachableError("the network is away")

    monkeypatch.setattr(LocalService, "publish", away)
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        await asked(program)
        await program.press("s")
        await program.until(lambda: "the network is away" in said(program))
        assert "send now" not in said(program)  # it waits for more than its time
        assert not ended(program)
        await program.press("q")
        await program.until(lambda: ended(program))


async def test_one_that_hangs_keeps_nobody(own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    reached = asyncio.Event()

    async def hang(self: LocalService, prepared: object) -> Published:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(LocalService, "publish", hang)
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        await asked(program)
        await program.press("s")
        await program.until(reached.is_set)
        assert "Sending …" in said(program)
        await program.press("q")
        await program.until(lambda: ended(program))


def plan(desk: Desk, minutes: int, text: str = "planerat") -> None:
    due = desk.clock.now() + timedelta(minutes=minutes)
    desk.composer.submit(replace(desk.drafting.new(), text=text, due=due), confirmed=True)


async def test_planned_for_soon_is_sent_at_once_if_wanted(own: Desk, home: Path, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        plan(own, 30)
        assert "planerat · planned 12:1" in await asked(program)
        await program.press("s")
        await program.until(lambda: ended(program))
    (row,) = reread(home, clock)
    assert (row.state, row.draft.due) == (SendState.SENT, None)


async def test_planned_for_later_is_told_the_first_time_with_when_and_how_it_goes(
    own: Desk, home: Path, clock: MovableClock
) -> None:
    async with running(own, clock) as program:
        plan(own, 24 * 60)
        words = await asked(program)
        assert "planerat · planned tomorrow 11:4" in words
        assert "Nothing goes out while no mbclient runs. A timer that runs `mbclient outbox flush`" in words
        assert "send now" not in words
        await program.press("s")
        assert not ended(program)
        await program.press("q")
        await program.until(lambda: ended(program))
    (row,) = reread(home, clock)
    assert row.state is SendState.QUEUED
    async with running(own_desk(home, clock), clock) as program:
        await program.press("q")
        await program.until(lambda: ended(program))


async def test_what_waits_is_sent_and_what_is_planned_for_later_is_not(
    own: Desk, home: Path, clock: MovableClock
) -> None:
    async with running(undoing(own), clock) as program:
        plan(own, 24 * 60)
        await sent_off(program)
        assert "2 posts have not gone yet." in await asked(program)
        await program.press("s")
        await program.until(lambda: ended(program))
    assert {row.draft.text: row.state for row in reread(home, clock)} == {
        "planerat": SendState.QUEUED,
        "strax": SendState.SENT,
    }


async def test_another_program_that_sends_goes_on_with_it(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(undoing(own), clock) as program:
        await sent_off(program)
        monkeypatch.setattr(own.sender, "sends", False)
        await program.press("q")
        await program.until(lambda: ended(program))


async def test_a_file_that_cannot_be_read_keeps_nobody(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> list[OutboxRow]:
        raise StorageError("the data file is damaged")

    async with running(undoing(own), clock) as program:
        await sent_off(program)
        monkeypatch.setattr(own.leaving, "behind", damaged)
        await program.press("q")
        await program.until(lambda: ended(program))


async def test_many_are_counted_and_a_few_are_named(own: Desk, clock: MovableClock) -> None:
    async with running(undoing(own), clock) as program:
        for number in range(5):
            own.composer.submit(replace(own.drafting.new(), text=f"post {number}"), confirmed=True, undo_seconds=60)
        words = await asked(program)
        assert "5 posts have not gone yet." in words
        assert "post 2" in words
        assert "post 3" not in words
        assert "and 2 more" in words
        await program.press("q")
        await program.until(lambda: ended(program))
