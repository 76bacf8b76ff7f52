"""Turns on the event loop: one piece a round, whoever has how many."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.pieces import turn

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
