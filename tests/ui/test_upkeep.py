"""What time and events make other on the main screen: accounts, meter, counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, AccountState
from tests.ui.running import MovableClock, running

# ---------------------------------------------------------------- accounts, meter, time


async def test_the_loudest_account_comes_first_where_there_is_little_room(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(60, 24)) as program:
        states = demo.refresher.states
        names = {account.name for account in demo.accounts.all()}
        await program.until(
            lambda: {name for name, known in states.items() if known.health is AccountHealth.OK} == names,
            "the first refresh is done",
        )
        state = AccountState("den", AccountHealth.SIGNED_OUT)
        demo.refresher.states["den"] = state
        demo.bus.publish(events.AccountChanged(state))
        await program.pilot.pause()
        line = str(program.main.query_one("AccountLine").render())
        assert line.startswith("✗ den signed out")
        await program.pilot.resize_terminal(40, 24)
        await program.until(
            lambda: str(program.main.query_one("AccountLine").render()).split() == ["✗", "den", "signed", "out", "+2"]
        )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((11, 29, 30), (11, 30, 0), "Now: the 11:40 time"),
        ((11, 50, 0), (11, 50, 1), "Next time: 15:00"),
        ((10, 27, 30), (10, 28, 1), "in 1 h 12 min"),
        ((7, 59, 30), (8, 0, 0), "working hours"),
        ((16, 59, 30), (17, 0, 0), "ANONYMOUS ALLOWED"),
        ((23, 59, 30), (24, 0, 0), "0 of 8"),
    ],
    ids=["window opens", "window closes", "minute", "work begins", "work ends", "midnight"],
)
async def test_the_meter_is_right_the_second_after_each_border(
    demo: Desk, clock: MovableClock, before: tuple[int, int, int], after: tuple[int, int, int], expected: str
) -> None:
    from mbclient.domain.account import Known
    from mbclient.policy.model import Machine

    demo.world.machine.declare(Machine.PRIVATE)
    if "hours" in expected or "ANONYMOUS" in expected:
        for name in ("masto", "sky"):
            demo.accounts.confirm(name, employer=Known.NO, real_name=Known.NO)
    async with running(demo, clock) as program:
        clock.jump_to(*before)
        program.main.second_passed()
        await program.pilot.pause()
        assert expected not in program.meter()
        hour, minute, second = after
        clock.jump_to(hour % 24, minute, second, day=24 + hour // 24)
        program.main.second_passed()
        await program.pilot.pause()
        assert expected in program.meter()


async def test_the_second_is_heard_without_being_told(demo: Desk, clock: MovableClock) -> None:
    """As after the computer slept: the clock is far ahead, no timer was due."""
    async with running(demo, clock) as program:
        clock.jump_to(14, 59)
        await program.until(lambda: "Now: the 15:00 time" in program.meter())


async def test_a_post_from_another_client_counts_when_it_is_seen(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock) as program:
        await program.until(lambda: program.main._later is None)
        before = demo.judge.status().count
        post = program.selected()
        account = demo.accounts.get("masto")
        mine = replace(
            post, account="masto", service="mastodon", remote_id="new", uri="https://harbour.example/new", also=(),
            author=replace(post.author, handle=type(post.author.handle)(account.handle)), created_at=clock.now(),
            text=type(post.text)("Från telefonen"), boosted_by=None, in_reply_to=None,
        )  # fmt: skip
        demo.refresher.fill(account, [mine])
        demo.bus.publish(events.PostsArrived(()))
        await program.until(lambda: f"{before + 1} of 8" in program.meter())
