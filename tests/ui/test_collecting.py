"""The garbage collector looks at everything while nobody presses a key, and then alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from mbclient.core.desk import Desk
from mbclient.ui import collecting
from tests.ui.running import MovableClock, running


@pytest.fixture
def full() -> Iterator[list[str]]:
    """Each full collection, as it begins."""
    found: list[str] = []

    def heard(phase: str, about: dict[str, int]) -> None:
        if phase == "start" and about["generation"] == 2:
            found.append(phase)

    gc.collect()
    gc.callbacks.append(heard)
    yield found
    gc.callbacks.remove(heard)


def make_it_due() -> None:
    for _time in range(collecting.DUE):
        gc.collect(1)


async def test_no_key_meets_a_full_collection(own: Desk, clock: MovableClock, full: list[str]) -> None:
    async with running(own, clock) as program:
        full.clear()
        kept = []
        for _key in range(3):
            await program.press("j")
            make_it_due()
            kept.append([[number] for number in range(20_000)])  # the interpreter itself would find it due here
            program.main._second()
        assert not full
        program.app.last_deed -= collecting.REST_S
        program.main._second()
        assert len(full) == 1
        program.main._second()
        assert len(full) == 1, "nothing is due any more"
