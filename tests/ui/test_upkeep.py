"""What time and events make other on the main screen: accounts, meter, counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, AccountState
from mbclient.ui.tabs import AccountLine
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
        await program.until(lambda: str(program.main.query_one("AccountLine").render()).startswith("✗ den signed out"))
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


async def test_a_minute_in_which_nothing_happened_counts_and_paints_nothing(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own, clock) as program:
        clock.jump_to(12, 20)
        program.main.second_passed()
        await program.until(lambda: own.attention.is_kept and not program.main._figuring and not program.main._later)
        counted: list[str] = []
        monkeypatch.setattr(program.main, "show_figures", lambda: counted.append("figures"))
        monkeypatch.setattr(program.main, "tell_meter", lambda: counted.append("meter"))
        clock.jump_to(12, 21)
        program.main.second_passed()
        assert counted == ["meter"]
        clock.jump_to(12, 21, 31)
        program.main.second_passed()
        assert counted == ["meter"]
        await program.press("j")
        clock.ahead += timedelta(seconds=9)
        await program.press("j")  # nine seconds on a post
        clock.jump_to(12, 22)
        program.main.second_passed()
        await program.until(lambda: counted == ["meter", "meter", "figures"])


async def test_what_all_accounts_say_at_once_is_painted_once(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo, clock) as program:
        states = demo.refresher.states
        await program.until(lambda: all(state.health is AccountHealth.OK for state in states.values()) and states)
        main, line = program.main, program.main.query_one(AccountLine)
        await program.until(lambda: main._accounts_later is None)
        shown: list[object] = []
        monkeypatch.setattr(line, "refresh", lambda: shown.append(1))
        for name in tuple(states):
            states[name] = replace(states[name], health=AccountHealth.STALE, reason="away")
            demo.bus.publish(events.AccountChanged(states[name]))
        await program.until(lambda: shown)
        await program.until(lambda: main._accounts_later is None)
        main.show_accounts()
        assert len(shown) == 1  # and not again for the same words


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
