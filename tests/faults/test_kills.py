"""Killed at any point between composing and sent: the post is there once, or its row is.

Lost: the program had it on disk and it is neither on the server nor in a row that the user can see. Doubled: the server
holds it more than once. The goal is 0 of each in 500 kills (reliability facts 4.1); where CI runs, a fifth of that.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.program import SERVERS, Home, Launcher, launcher

pytestmark = pytest.mark.slow
KILLS = 50  # in one test
ROUNDS = range(1 if os.environ.get("CI") else 5)  # for each of the two services
IDENTITY = ("account", "confirm", "work", "--employer", "yes", "--real-name", "yes")
EARLY = 100_000  # calls from the start to the first row, more or less
READ_BACK = 3  # minutes: by then what was unsure has been looked up
PATH = {"mastodon": "/api/v1/statuses", "gnusocial": "statuses/update.json"}


@pytest.fixture(params=SERVERS)
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    async with SERVERS[request.param]() as server:
        yield Home(tmp_path / "home", request.param, server)


@pytest.fixture
async def program(home: Home) -> AsyncIterator[Launcher]:
    async with launcher(home) as started:
        assert (await started.run(home, *IDENTITY)).status == 0
        yield started


def post(text: str) -> tuple[str, ...]:
    return "post", text, "--yes"


async def settle(program: Launcher, home: Home) -> None:
    """What the next starts of the program do, the user's word on what is unsure included."""
    for later in (0, READ_BACK, 2 * READ_BACK):
        await program.run(home, "outbox", "flush", later=later)
    for text, state in home.rows().items():
        if state == "unknown":
            assert home.on_the_server(text) == 0, "it could have been found"
    for outbox in home.unsure():
        await program.run(home, "outbox", "retry", outbox, later=3 * READ_BACK)


def nothing_lost_nothing_doubled(home: Home) -> None:
    rows = home.rows()
    for text in {*home.kept(), *rows}:
        assert text in rows, f"{text} is in no row"
        assert home.on_the_server(text) <= 1, f"{text} is doubled"
        assert (home.on_the_server(text), rows[text]) == (1, "sent"), text
    assert home.counted() == sorted(rows)  # each once


@pytest.mark.timeout(900)
async def test_at_every_named_step(home: Home, program: Launcher) -> None:
    """Before and after each commit and each request of an undisturbed run, also of the run that mends the first."""
    await program.run(home, *post("the first learns what the server can"))
    whole = await program.run(home, *post("undisturbed"))
    assert whole.status == 0, whole.err
    assert {"OutboxStore.add after", "Http.request before", "Http.request after", "LedgerStore.record after"} <= {
        *whole.steps
    }
    for number in range(1, len(whole.steps) + 1):
        ended = await program.run(home, *post(f"step {number}"), step=number)
        assert ended.killed
        rows = home.rows()
        assert rows.get(f"step {number}", "sent") in ("queued", "sending", "unknown", "sent")
        await program.run(home, "outbox", "flush", step=1 + number % 5)
    await settle(program, home)
    nothing_lost_nothing_doubled(home)
    assert len(home.kept()) >= len(whole.steps)


@pytest.mark.timeout(900)  # fifty kills on a machine that is busy
@pytest.mark.parametrize("round_", ROUNDS)
async def test_at_random_points(home: Home, program: Launcher, round_: int) -> None:
    """Mostly from where there is something to lose; the next starts are killed, and answers are lost, as well."""
    chance = random.Random(f"{home.service} {round_}")
    await program.run(home, *post("the first learns what the server can"))
    whole = await program.run(home, *post("undisturbed"))
    assert whole.status == 0, whole.err
    kills, number = 0, 0
    while kills < KILLS:
        number += 1
        if chance.random() < 0.2:
            home.server.fault("POST", PATH[home.service], chance.choice(["drop-before", "drop-after"]))
        when = {"early": chance.randint(1, EARLY)} if chance.random() < 0.1 else {"at": chance.randint(1, whole.calls)}
        kills += (await program.run(home, *post(f"{round_} {number}"), **when)).killed
        while kills < KILLS and chance.random() < 0.4:
            kills += (await program.run(home, "outbox", "flush", at=chance.randint(1, whole.calls))).killed
        home.server.faults.clear()
    await settle(program, home)
    nothing_lost_nothing_doubled(home)
    assert len(home.kept()) > KILLS / 4
