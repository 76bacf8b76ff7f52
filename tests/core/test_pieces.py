"""Pieces of work, on the loop and in threads: one a round, whoever has how many, and keys first."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core import pieces
from mbclient.core.pieces import hurry, in_thread, is_held_down, key_came, key_painted, turn, unhurried
from tests.gates import PATIENCE_S, Gate

EVERY_S = 0.033  # a key that is held down


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


async def test_a_key_comes_first_and_then_whoever_waited_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "WRITTEN_S", 0.0)
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
    assert done[0] - painted_in <= 4
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


async def test_what_is_painted_is_written_before_anybody_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY_S", "ONE_EACH_S"):
        monkeypatch.setattr(pieces, name, 3600.0)
    monkeypatch.setattr(pieces, "WRITTEN_S", 1.0)
    rounds, done = Rounds(), list[int]()
    key_came()
    working = asyncio.create_task(work(rounds, 2, done))
    await asyncio.sleep(0)
    key_painted()
    for _round in range(5):
        await asyncio.sleep(0)
    assert done == []
    async with asyncio.timeout(PATIENCE_S):
        await working
    rounds.stop()


class OwnTime(asyncio.SelectorEventLoop):
    """A loop whose time goes on when it is told to."""

    now = 100.0

    def time(self) -> float:
        return self.now

    async def pass_to(self, moment: float) -> None:
        """And some rounds with it."""
        self.now = moment
        for _round in range(5):
            await asyncio.sleep(0)


async def held_down(loop: OwnTime) -> float:
    """Three keys, each painted in 5 ms; gives when the next one is due."""
    for number in range(3):
        if number:
            await loop.pass_to(loop.now + EVERY_S - 0.005)
        key_came()
        await loop.pass_to(loop.now + 0.005)
        key_painted()
    return loop.now + EVERY_S - 0.005


def in_own_time(test: Callable[[OwnTime, list[float]], Awaitable[None]]) -> None:
    """`test` gets a list of the moments in which somebody who has many pieces did one."""
    loop, begun = OwnTime(), list[float]()

    async def work() -> None:
        while True:
            await turn()
            begun.append(loop.now)

    async def go() -> None:
        working = asyncio.create_task(work())
        try:
            await test(loop, begun)
        finally:
            working.cancel()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(go())


async def works_at(loop: OwnTime, begun: list[float], moment: float) -> bool:
    """Whether pieces are begun then; one that was begun before may still come."""
    await loop.pass_to(moment)
    before = len(begun)
    await loop.pass_to(moment)
    return len(begun) > before


def test_while_a_key_is_held_down_nothing_is_begun_shortly_before_the_next_one() -> None:
    async def go(loop: OwnTime, begun: list[float]) -> None:
        due = await held_down(loop)
        assert await works_at(loop, begun, due - 0.015), "between two keys there is time"
        assert not await works_at(loop, begun, due - 0.01)
        assert not await works_at(loop, begun, due + 0.005), "it is late"
        key_came()
        assert not await works_at(loop, begun, due + 0.009)
        key_painted()
        assert await works_at(loop, begun, due + 0.011)

    in_own_time(go)


def test_a_key_that_was_let_go_is_waited_for_a_moment_only() -> None:
    async def go(loop: OwnTime, begun: list[float]) -> None:
        due = await held_down(loop)
        assert is_held_down()
        assert not await works_at(loop, begun, due - 0.001)
        assert await works_at(loop, begun, due + 0.0125)
        await loop.pass_to(due + 0.1)
        assert not is_held_down()

    in_own_time(go)


def test_keys_that_share_frames_leave_a_piece_to_each_frame() -> None:
    async def go(loop: OwnTime, begun: list[float]) -> None:
        await loop.pass_to(loop.now + 1)
        begun.clear()
        for _frame in range(10):
            for _key in range(16):
                key_came()
                await loop.pass_to(loop.now + 0.001)
            key_painted()
            await loop.pass_to(loop.now + 0.0005)
        assert len(begun) >= 9

    in_own_time(go)


def test_nor_are_those_expected() -> None:
    async def go(loop: OwnTime, begun: list[float]) -> None:
        for _key in range(3):
            key_came()
            await loop.pass_to(loop.now + 0.008)
        key_came()
        await loop.pass_to(loop.now + 0.002)
        key_painted()
        await loop.pass_to(loop.now + 0.003)
        assert await works_at(loop, begun, loop.now + 0.002)

    in_own_time(go)


def test_keys_at_leisure_are_not_expected() -> None:
    async def go(loop: OwnTime, begun: list[float]) -> None:
        for _key in range(2):
            await loop.pass_to(loop.now + 0.2)
            key_came()
            await loop.pass_to(loop.now + 0.001)
            key_painted()
        assert not is_held_down()
        for _step in range(30):
            assert await works_at(loop, begun, loop.now + 0.01)

    in_own_time(go)


async def test_what_is_done_in_a_thread_waits_for_a_key_too(gate: Gate) -> None:
    done: list[int] = []
    key_came()
    working = asyncio.create_task(asyncio.to_thread(lambda: done.extend(unhurried(range(3)))))
    await gate.waits()
    assert done == []
    key_painted()
    await working
    assert (done, gate.ended) == ([0, 1, 2], [True])


async def test_nor_is_a_single_piece_begun(gate: Gate) -> None:
    done: list[int] = []
    key_came()
    working = asyncio.create_task(in_thread(done.append, 1))
    await gate.waits()
    assert done == []
    key_painted()
    await working
    assert done == [1]


async def test_but_for_one_that_is_never_painted_a_moment_only(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "KEY_S", 3.0)
    key_came()
    assert await asyncio.to_thread(lambda: list(unhurried(range(3)))) == [0, 1, 2]
    assert gate.ended == [False], "and once"


async def test_nor_for_more_of_those(gate: Gate) -> None:
    """At the end of a list a key that is held down paints nothing."""
    key_came()
    waited_for = pieces._gate._closed_until
    key_came()
    assert pieces._gate._closed_until == waited_for > 0


async def test_a_thread_waits_for_a_key_that_is_about_to_come(gate: Gate) -> None:
    done: list[int] = []
    pieces._gate.expected = (monotonic() - 1, monotonic() + PATIENCE_S)
    working = asyncio.create_task(asyncio.to_thread(lambda: done.extend(unhurried(range(3)))))
    await gate.waits()
    assert done == []
    key_came()
    key_painted()
    await working
    assert (done, gate.ended) == ([0, 1, 2], [True])


async def test_the_loop_itself_waits_for_nobody(gate: Gate) -> None:
    key_came()
    assert list(unhurried(range(3))) == [0, 1, 2]
    assert gate.ended == []


async def test_a_key_that_comes_late_is_waited_for_all_the_same(gate: Gate) -> None:
    done: list[int] = []
    pieces._gate.expected = (monotonic() - 1, monotonic() + PATIENCE_S)
    working = asyncio.create_task(asyncio.to_thread(lambda: done.extend(unhurried(range(3)))))
    await gate.waits()
    key_came()
    assert pieces._gate.expected == (0.0, 0.0)
    gate.set()  # as if what was expected had had its time
    await gate.waits()
    assert done == []
    key_painted()
    await working
    assert done == [0, 1, 2]


async def test_nobody_gives_way_to_a_key_that_waits_for_them(gate: Gate) -> None:
    key_came()
    working = asyncio.create_task(asyncio.to_thread(lambda: list(unhurried(range(3)))))
    await gate.waits()
    pieces._gate.expected = (monotonic() - 1, monotonic() + PATIENCE_S)
    await asyncio.to_thread(hurry)
    assert gate.ended == [], "who waits in another thread keeps no key waiting"
    hurry()
    assert await working == [0, 1, 2]
    assert gate.ended == [True]


def test_of_a_loop_that_has_ended_nothing_is_kept() -> None:
    before = len(pieces._turns)
    for _run in range(5):
        asyncio.run(turn())
    gc.collect()
    assert len(pieces._turns) <= before
