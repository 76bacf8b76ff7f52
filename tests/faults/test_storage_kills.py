"""Killed at any point of writing: what was acknowledged is there, and the file is sound (reliability facts 4.2).

One folder goes through all the kills of a test, as a user's would. Drafts, rows of the outbox and counted posts are
acknowledged one by one; after each kill the folder is opened as the next start opens it.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.clock import SystemClock
from mbclient.core.stores import Stores
from mbclient.storage import open_stores
from tests.faults.program import Home, Launcher, launcher
from tests.services.mastodon_server import MastodonServer

pytestmark = pytest.mark.slow
KILLS = 50  # in one test
ROUNDS = range(2 if os.environ.get("CI") else 10)
NEVER = 10**9  # calls
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def found(stores: Stores) -> set[str]:
    """All that is there, in the words of the acknowledgements; a draft must be whole."""
    draft = stores.drafts.get("open")
    names = {f"row {row.outbox}" for row in stores.outbox.rows()}
    names |= {f"counted {entry.group}" for entry in stores.ledger.entries(LONG_AGO, datetime.now(UTC) + timedelta(1))}
    if draft is not None:
        name = draft.draft.text.split()[0]
        assert draft.draft.text == f"{name} " * 99
        names.add(f"draft {name}")
    return names


def checked(home: Home, before: int) -> int:
    """Opens the folder; `before`: how much was acknowledged until the last time, gives how much is now."""
    home.rows()  # and the file is sound
    told = home.kept()
    drafts = [one for one in told if one.startswith("draft")]
    stores = open_stores(home.data, SystemClock())
    try:
        assert not [notice for notice in stores.notices if "damaged" in notice]
        there = found(stores)
        assert {*told} - {*drafts} <= there
        assert not drafts or max(one for one in there if one.startswith("draft")) >= drafts[-1]
        if any(one in drafts for one in told[before:]):
            assert [left.id for left in stores.drafts.left_open()] == ["open"]  # the next start offers it
        stores.drafts.let_go("open")
    finally:
        stores.close()
    return len(told)


async def killed(home: Home, program: Launcher, at: int) -> bool:
    return (await program.run(home, keep=str(home.data), early=at)).killed


@pytest.mark.timeout(900)  # fifty kills on a machine that is busy
@pytest.mark.parametrize("round_", ROUNDS)
async def test_what_was_acknowledged_is_there_after_every_kill(tmp_path: Path, round_: int) -> None:
    chance = random.Random(round_)
    home = Home(tmp_path / "home", "mastodon", MastodonServer())  # nobody asks the server anything
    async with launcher(home) as program:
        assert (await program.run(home, keep=str(home.data))).status == 0
        acknowledged = checked(home, 0)
        assert acknowledged == 3 * 8
        whole = (await program.run(home, keep=str(home.data), early=NEVER)).calls
        kills = 0
        while kills < KILLS:
            kills += await killed(home, program, chance.randint(whole // 10, whole))
            acknowledged = checked(home, acknowledged)
        assert acknowledged > 4 * KILLS  # else most of them came too early to prove anything
