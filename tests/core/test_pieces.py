"""Turns on the event loop: one piece a round, whoever has how many, and keys first."""

from __future__ import annotations

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core import pieces
from mbclient.core.pieces import key_came, key_painted, turn

PATIENCE_S = 20.0


class Rounds:
    """Counts the rounds of the loop, as a key goes through them: each of its steps is for the next one."""

    def __init__(self) -> None:
        self.number, self._on = 0, True
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self.number += 1
        if self._on:
            asyncio.get_running_loop().call_soon(self._next)

    def stop(self) -> None:
        self._on = False


async def work(rounds: Rounds, pieces: int, done: list[int]) -> None:
    for _piece in range(pieces):
        await turn()
        done.append(rounds.number)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_in_each_round_one_piece_is_done(many: list[int]) -> None:
    async def go() -> list[int]:
        rounds, done = Rounds(), list[int]()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(work(rounds, pieces, done) for pieces in many))
        rounds.stop()
        return done

    done = asyncio.run(go())
    assert len(done) == sum(many)
    assert len(set(done)) == len(done), "no two in one round"
    assert done[-1] - done[0] <= len(done) + 2, "and no round is left empty but before the second"


async def test_whoever_has_many_lets_those_with_one_go_in_between() -> None:
    rounds, many, one = Rounds(), list[int](), list[int]()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(work(rounds, 50, many), work(rounds, 1, one))
    rounds.stop()
    assert one[0] < many[3]


async def test_who_waits_no_more_holds_nobody_up() -> None:
    rounds, done = Rounds(), list[int]()
    waiting = [asyncio.create_task(work(rounds, 3, done)) for _task in range(4)]
    await asyncio.sleep(0)
    for task in waiting[1:3]:
        task.cancel()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*waiting, return_exceptions=True)
        await work(rounds, 2, done)
    rounds.stop()
    assert len(done) == 3 + 3 + 2


async def test_a_key_comes_first_and_then_whoever_waited_goes_on_at_once() -> None:
    rounds, done = Rounds(), list[int]()
    key_came()
    working = asyncio.create_task(work(rounds, 3, done))
    for _round in range(20):
        await asyncio.sleep(0)
    assert done == []
    painted_in = rounds.number
    key_painted()
    key_painted()
    async with asyncio.timeout(PATIENCE_S):
        await working
    rounds.stop()
    assert done[0] - painted_in <= 3
    assert len(set(done)) == 3, "no two in one round, however often it was said"


async def test_a_key_that_is_never_painted_is_waited_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "KEY_S", 0.01)
    rounds, done = Rounds(), list[int]()
    key_came()
    async with asyncio.timeout(PATIENCE_S):
        await work(rounds, 2, done)
    rounds.stop()
    assert len(done) == 2


async def test_a_key_that_is_held_stops_nobodys_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "KEY_S", 3600.0)
    monkeypatch.setattr(pieces, "ONE_EACH_S", 0.001)
    rounds, done = Rounds(), list[int]()
    key_came()
    async with asyncio.timeout(PATIENCE_S):
        await work(rounds, 5, done)
    rounds.stop()
    assert len(done) == 5


async def test_nor_do_keys_that_take_as_long_to_paint_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is painted when the next one is there already."""
    monkeypatch.setattr(pieces, "KEY_S", 3600.0)
    monkeypatch.setattr(pieces, "ONE_EACH_S", 0.001)
    rounds, done = Rounds(), list[int]()
    working = asyncio.create_task(work(rounds, 5, done))
    async with asyncio.timeout(PATIENCE_S):
        while not working.done():
            key_painted()
            key_came()
            await asyncio.sleep(0)
    rounds.stop()
    assert len(done) == 5


def test_of_a_loop_that_has_ended_nothing_is_kept() -> None:
    before = len(pieces._turns)
    for _run in range(5):
        asyncio.run(turn())
    gc.collect()
    assert len(pieces._turns) <= before
