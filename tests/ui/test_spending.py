"""What calls have cost stands beside the account's state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mbclient.core import events
from mbclient.core.desk import Desk
from mbclient.core.events import AccountHealth, AccountState
from mbclient.core.purse import Billed
from mbclient.domain.capabilities import Length
from tests.ui.running import MovableClock, running


async def test_an_account_that_costs_says_what(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(100, 24)) as program:
        number = demo.spending.reserve("den", "posts-read", 2_500_000)
        demo.spending.settle("den", number, [Billed("posts-read", 1_230_000)])
        state = AccountState("den", AccountHealth.SIGNED_OUT)
        demo.refresher.states["den"] = state
        demo.bus.publish(events.AccountChanged(state))
        line = program.main.query_one("AccountLine")
        await program.until(lambda: str(line.render()).startswith("✗ den signed out · $1.23 "))
        assert str(line.render()).count("$") == 1


async def test_a_limit_that_ends_on_another_day_says_which(demo: Desk, clock: MovableClock) -> None:
    async with running(demo, clock, size=(100, 24)) as program:
        until = datetime(2026, 12, 1, tzinfo=UTC)
        state = AccountState("den", AccountHealth.LIMITED, until=until)
        demo.refresher.states["den"] = state
        demo.bus.publish(events.AccountChanged(state))
        line = program.main.query_one("AccountLine")
        await program.until(lambda: "den limited until 1 Dec 01:00" in str(line.render()))


async def test_the_counter_says_what_sending_costs(
    own: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = own.accounts.service("notes")
    monkeypatch.setattr(service, "measure", lambda text, cw="", **_about: Length(len(text), 280, 200_000))
    async with running(own, clock) as program:
        await program.composing()
        await program.type("Hej")
        await program.until(lambda: "notes 3/280 $0.20 " in str(program.main.query_one("VerdictView").render()))
