"""Any order of composing, sending, faults, crashes and clock jumps: no post is lost, none is there twice.

Lost: accepted by `submit` and neither on the server nor in a row that the user can see. Doubled: on the server more
often than it was submitted, unless the user asked for another try after being told that the outcome is unsure.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mbclient.core.stores import SendState
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from tests.core.fakes import Office, a_draft

ACCOUNTS = ("work", "sky")
FAULTS = ("drop", "lost", "down", "401", "429", "422")
CALLS = ("publish", "prepare", "find")


class Sending(RuleBasedStateMachine):
    """One folder, one server that outlives every crash."""

    kind: Idempotency

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(self.folder / "office", idempotency=self.kind)
        self.office.desk.sender.claim()
        self.submitted: dict[tuple[str, str], str] = {}
        self.told: dict[str, Any] = {}

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.office.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(work)

    @rule(accounts=st.sampled_from([("work",), ("sky",), ACCOUNTS]), undo=st.sampled_from([0, 5]))
    def compose(self, accounts: tuple[str, ...], undo: float) -> None:
        text = f"post {len(self.submitted)}"
        rows = self.office.desk.composer.submit(a_draft(text, *accounts), confirmed=True, undo_seconds=undo)
        self.submitted |= {(row.account, text): row.outbox for row in rows}

    @rule()
    def send(self) -> None:
        self.run(self.office.desk.sender.flush())

    @rule(account=st.sampled_from(ACCOUNTS), again=st.booleans())
    def send_and_lose_the_answer(self, account: str, again: bool) -> None:
        """And press retry at once, or not."""
        self.office.remote.online = True
        self.office.remote.faults[account, "publish"] = ["drop"]
        self.compose((account,), 0)
        self.send()
        unsure = {row.outbox for row in self.office.desk.outbox.rows(states=(SendState.UNKNOWN,))}
        for outbox in sorted(unsure) if again else ():
            self.office.desk.sender.retry(outbox)
            self.send()

    @rule(account=st.sampled_from(ACCOUNTS), call=st.sampled_from(CALLS), what=st.sampled_from(FAULTS))
    def fault(self, account: str, call: str, what: str) -> None:
        if what in ("drop", "lost") and call != "publish":
            return
        until = self.office.clock.now() + timedelta(seconds=20)
        ends: dict[str, Exception | str] = {
            "drop": "drop",
            "lost": OutcomeUnknownError("lost"),
            "down": UnreachableError("down"),
            "401": AuthError("signed out"),
            "429": RateLimitedError("slow", until=until),
            "422": RejectedError("no", status=422),
        }
        self.office.remote.fault(account, call, ends[what])

    @rule(online=st.sampled_from([True, True, False]))
    def network(self, online: bool) -> None:
        self.office.remote.online = online

    @rule(seconds=st.sampled_from([1, 10, 70, 1200]))
    def wait(self, seconds: float) -> None:
        self.office.clock.pass_(seconds=seconds)

    @rule(hours=st.sampled_from([-2, 2]))
    def jump(self, hours: float) -> None:
        self.office.clock.at += timedelta(hours=hours)

    @rule(account=st.sampled_from(ACCOUNTS), after=st.booleans())
    def crash_while_sending(self, account: str, after: bool) -> None:
        """Killed with the request half-way: the server may have taken it or not."""
        service = self.office.service(account)
        service.hang.add("publish")
        service.dies_after = after
        flush = self.loop.create_task(self.office.desk.sender.flush())
        for _turn in range(200):
            self.loop.run_until_complete(asyncio.sleep(0.001))
            if flush.done() or service.reached.is_set():
                break
        flush.cancel()
        self.loop.run_until_complete(asyncio.gather(flush, return_exceptions=True))
        self.restart()

    @rule()
    def restart(self) -> None:
        self.office.crash()
        assert self.office.desk.sender.claim()

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.submitted:
            outbox = data.draw(st.sampled_from(sorted(set(self.submitted.values()))))
            try:
                self.office.desk.sender.cancel(outbox)
            except UsageError:
                return

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """The user's word, on what is theirs to decide."""
        stuck = [
            row.outbox
            for row in self.office.desk.outbox.rows(states=(SendState.UNKNOWN, SendState.HELD, SendState.FAILED))
        ]
        if stuck:
            self.office.desk.sender.retry(data.draw(st.sampled_from(stuck)))
            self.send()

    @rule()
    def all_is_well_for_a_while(self) -> None:
        self.office.remote.online = True
        self.office.remote.faults.clear()
        for _minute in range(4):
            self.office.clock.pass_(seconds=70)
            self.send()

    @invariant()
    def none_is_doubled(self) -> None:
        if hasattr(self, "office"):
            for account in ACCOUNTS:
                texts = self.office.remote.texts(account)
                assert len(texts) == len(set(texts))

    @invariant()
    def none_is_lost(self) -> None:
        if hasattr(self, "office"):
            rows = {(row.account, row.draft.text): row for row in self.office.desk.outbox.rows()}
            assert rows.keys() == self.submitted.keys()
            for (account, text), row in rows.items():
                if row.state is SendState.SENT:
                    assert text in self.office.remote.texts(account)

    @invariant()
    def the_count_is_that_of_the_sent(self) -> None:
        if hasattr(self, "office"):
            sent = {row.outbox for row in self.office.desk.outbox.rows() if row.state is SendState.SENT}
            entries = self.office.desk.judge.facts(self.office.clock.now()).ledger
            assert sent <= {entry.group for entry in entries if entry.status.value == "sent"}


@pytest.mark.parametrize("kind", list(Idempotency))
def test_nothing_lost_nothing_doubled(kind: Idempotency) -> None:
    machine = type("Machine", (Sending,), {"kind": kind})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
