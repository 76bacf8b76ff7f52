"""Any order of composing, planning, sending, faults, crashes and clock jumps: no post is lost, none is there twice.

Lost: accepted by `submit` and neither on the server nor in a row that the user can see. Doubled: one row's post on the
server twice, or a text there more often than it was submitted. The same words may be meant twice: none is then taken
for the other, also where the service knows posts by their words alone, and also in another run of the program. None
goes while the policy stops its account, none before its time, and none late without the user's word.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mbclient.core.compose import StoppedError
from mbclient.core.stores import OutboxRow, SendState
from mbclient.core.waits import JITTER
from mbclient.domain.account import Known
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.draft import Draft
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    StorageError,
    UnreachableError,
    UsageError,
)
from tests.core.fakes import Office, a_draft

ACCOUNTS = ("work", "sky")
FAULTS = ("drop", "lost", "down", "401", "429", "422")
CALLS = ("publish", "prepare", "find")
PICK = st.integers(0, 9)  # of what there is at that moment
RUNS, STEPS = 25, 25
# A thousand runs in all; where CI runs, a tenth of that.
ROUNDS = range(1 if os.environ.get("CI") else 14)


class Sending(RuleBasedStateMachine):
    """One folder, one server that outlives every crash."""

    kind: Idempotency

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(self.folder / "office", idempotency=self.kind)
        self.office.remote.by_words = self.kind is not Idempotency.CLIENT_ID
        self.office.desk.sender.claim()
        self.submitted: dict[tuple[str, str], str] = {}  # the text of each row: account, act
        self.set_back = False
        self.jitter = patch.object(JITTER, "random", Random(7).random)  # a failing order fails again
        self.jitter.start()
        self.frozen: dict[str, int] = {}  # how many posts an account had when the policy began to stop it

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.jitter.stop()
            self.office.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def picked(self, pick: int) -> str:
        """One of the acts so far."""
        acts = list(dict.fromkeys(outbox for _account, outbox in self.submitted))
        return acts[pick % len(acts)]

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(work)

    @rule(accounts=st.sampled_from([("work",), ("sky",), ACCOUNTS]), undo=st.sampled_from([0, 5]))
    def compose(self, accounts: tuple[str, ...], undo: float) -> None:
        self.submit(a_draft(f"post {len(self.submitted)}", *accounts), undo)

    def submit(self, draft: Draft, undo: float = 0) -> None:
        """What the policy stops is a draft, and nothing else."""
        composer = self.office.desk.composer
        try:
            rows = composer.submit(draft, confirmed=True, undo_seconds=undo)
        except StoppedError as stopped:
            kept = self.office.desk.drafts.get(stopped.draft_id)
        else:
            assert not self.frozen.keys() & set(draft.accounts)
            self.submitted |= {(row.account, row.outbox): draft.text for row in rows}
            return
        assert self.frozen.keys() & set(draft.accounts)
        assert kept is not None

    @rule(pick=PICK, restart=st.booleans(), again=st.sampled_from([0, 5]))
    def the_same_words_again(self, pick: int, restart: bool, again: float) -> None:
        """Meant twice, perhaps in another run of the program, whatever became of the first."""
        if self.submitted:
            outbox = self.picked(pick)
            accounts = [account for account, act in self.submitted if act == outbox]
            if restart:
                self.restart()
            self.submit(a_draft(self.submitted[accounts[0], outbox], *accounts), again)

    @rule(accounts=st.sampled_from([("work",), ACCOUNTS]), minutes=st.sampled_from([5, 90]))
    def plan(self, accounts: tuple[str, ...], minutes: float) -> None:
        due = self.office.clock.now() + timedelta(minutes=minutes)
        self.submit(a_draft(f"post {len(self.submitted)}", *accounts, due=due))

    @rule(account=st.sampled_from(ACCOUNTS), shown=st.sampled_from([Known.NO, Known.YES, Known.YES]))
    def employer_shown(self, account: str, shown: Known) -> None:
        """On a work computer rule 4 stops an account that does not show the employer."""
        self.office.desk.accounts.confirm(account, employer=shown, real_name=Known.YES)
        if shown is Known.YES:
            self.frozen.pop(account, None)
        else:
            self.frozen.setdefault(account, len(self.office.remote.texts(account)))

    @rule()
    def send(self) -> None:
        self.run(self.office.desk.sender.flush())

    @rule(
        account=st.sampled_from(ACCOUNTS), outcome=st.sampled_from(["", "", "drop", "lost", "422"]), ends=st.booleans()
    )
    def the_disk_fills_before_the_answer_is_kept(self, account: str, outcome: str, ends: bool) -> None:
        """And takes it when it is asked to again, or the program has ended by then."""
        self.office.remote.online = True
        outbox = self.office.desk.outbox
        really = outbox.advance

        def advance(row: OutboxRow, expected: Sequence[SendState]) -> bool:
            if row.state is not SendState.SENDING:
                raise StorageError("the disk is full")
            return really(row, expected)

        if outcome:
            self.fault(account, "publish", outcome)
        self.compose((account,), 0)
        with patch.object(outbox, "advance", advance), suppress(StorageError):
            self.send()
        if ends:
            self.restart()
        self.send()
        assert not self.office.desk.outbox.rows(states=(SendState.SENDING,))

    @rule(account=st.sampled_from(ACCOUNTS), again=st.booleans())
    def send_and_lose_the_answer(self, account: str, again: bool) -> None:
        """And press retry at once, or not."""
        self.office.remote.online = True
        self.office.remote.faults[account, "publish"] = ["drop"]
        self.compose((account,), 0)
        self.send()
        unsure = {row.outbox for row in self.office.desk.outbox.rows(states=(SendState.UNKNOWN,))}
        for outbox in sorted(unsure) if again else ():
            self.office.desk.unsent.retry(outbox)
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

    @rule(seconds=st.sampled_from([1, 10, 70, 1200, 4000]))
    def wait(self, seconds: float) -> None:
        self.office.clock.pass_(seconds=seconds)

    @rule(hours=st.sampled_from([-2, 2]))
    def jump(self, hours: float) -> None:
        self.office.clock.at += timedelta(hours=hours)
        self.set_back = self.set_back or hours < 0

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

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        if self.submitted:
            outbox = self.picked(pick)
            try:
                self.office.desk.unsent.cancel(outbox)
            except UsageError:
                return

    @rule(pick=PICK)
    def edit(self, pick: int) -> None:
        """Taken back, changed, and sent as another post."""
        if self.submitted:
            outbox = self.picked(pick)
            try:
                rows = self.office.desk.unsent.cancel(outbox)
            except UsageError:
                return
            draft = self.office.desk.composer.taken_back(rows)
            assert draft is not None
            self.submit(replace(draft, text=f"post {len(self.submitted)}", due=None))

    @rule(pick=PICK, minutes=st.sampled_from([None, 30]))
    def move(self, pick: int, minutes: float | None) -> None:
        if self.submitted:
            outbox = self.picked(pick)
            due = None if minutes is None else self.office.clock.now() + timedelta(minutes=minutes)
            try:
                self.office.desk.unsent.move(outbox, due)
            except UsageError:
                return

    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        """The user's word, on what is theirs to decide."""
        stuck = [
            row.outbox
            for row in self.office.desk.outbox.rows(states=(SendState.UNKNOWN, SendState.HELD, SendState.FAILED))
        ]
        if stuck:
            self.office.desk.unsent.retry(stuck[pick % len(stuck)])
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
            keys = [key for _account, key, _text in self.office.remote.accepted]
            assert len(keys) == len(set(keys))
            meant = Counter((account, text) for (account, _act), text in self.submitted.items())
            there = Counter((account, text) for account, _key, text in self.office.remote.accepted)
            assert there <= meant

    @invariant()
    def none_is_lost(self) -> None:
        if hasattr(self, "office"):
            rows = {(row.account, row.outbox): row for row in self.office.desk.outbox.rows()}
            assert {name: row.draft.text for name, row in rows.items()} == self.submitted
            sent = [row for row in rows.values() if row.state is SendState.SENT]
            for row in sent:
                account, _key, text = self.office.remote.accepted[int(row.remote_id) - 1]
                assert (account, text) == (row.account, row.draft.text)
            assert len({row.remote_id for row in sent}) == len(sent)  # each has a post of its own

    @invariant()
    def none_goes_while_the_policy_stops_it(self) -> None:
        if hasattr(self, "office"):
            for account, number in self.frozen.items():
                assert len(self.office.remote.texts(account)) == number

    @invariant()
    def none_goes_before_its_time_or_late(self) -> None:
        if hasattr(self, "office"):
            limits = self.office.desk.judge.policy
            for row in self.office.desk.outbox.rows(states=(SendState.SENT,)):
                assert row.sent_at is not None
                if row.draft.due is not None:
                    assert row.draft.due <= row.sent_at <= row.draft.due + limits.max_late
                elif not self.set_back:  # else send may have been pressed anew "before" it went
                    assert row.sent_at <= row.created_at + limits.max_queue

    @invariant()
    def the_count_is_that_of_the_sent(self) -> None:
        if hasattr(self, "office"):
            sent = {row.outbox for row in self.office.desk.outbox.rows() if row.state is SendState.SENT}
            entries = self.office.desk.judge.facts(self.office.clock.now()).ledger
            assert sent <= {entry.group for entry in entries if entry.status.value == "sent"}


def run(kind: Idempotency, number: int, runs: int) -> None:
    machine = seed(number)(type("Machine", (Sending,), {"kind": kind}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.parametrize("kind", list(Idempotency))
def test_nothing_lost_nothing_doubled(kind: Idempotency) -> None:
    run(kind, 0, 8)


@pytest.mark.slow
@pytest.mark.parametrize("number", ROUNDS)
@pytest.mark.parametrize("kind", list(Idempotency))
def test_nothing_lost_nothing_doubled_in_a_thousand_runs(kind: Idempotency, number: int) -> None:
    run(kind, 1 + number, RUNS)
