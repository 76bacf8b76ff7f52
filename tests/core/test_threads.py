"""A thread: offered and never forced, sent in order as answers, each part once, none lost, counted by its length."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.compose import StoppedError
from mbclient.core.events import OutboxChanged
from mbclient.core.parts import folded, siblings
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.account import Known
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.draft import Attachment, Draft, Kind
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.post import Visibility
from tests.core.fakes import TUESDAY, Office, a_draft

LONG = "The first sentence of it all stands here, and is long. The second one follows it. And the third one ends it."
PARTS = [
    "The first sentence of it all stands here, and is long.",
    "The second one follows it. And the third one ends it.",
]
THREE = " ".join(["One more sentence that is as long as most of them are now."] * 3)


def thread(text: str = LONG, *accounts: str, **fields: object) -> Draft:
    return replace(a_draft(text, *accounts), threaded=True, **fields)  # type: ignore[arg-type]  # any field, by name


def submit(office: Office, draft: Draft) -> str:
    rows = office.desk.composer.submit(draft, confirmed=True)
    office.desk.sender.claim()
    return rows[0].outbox


def states(office: Office) -> list[SendState]:
    return [row.state for row in in_order(office)]


def in_order(office: Office, account: str = "work") -> list[OutboxRow]:
    rows = [row for row in office.desk.outbox.rows() if row.account == account]
    return siblings(office.desk.outbox, rows[0])


# ---------------------------------------------------------------- offered


def test_it_is_offered_and_never_forced(office: Office) -> None:
    check = office.desk.composer.check(a_draft(LONG))
    assert (check.offered, check.threads, check.sendable) == (2, {}, False)
    asked = office.desk.composer.check(thread())
    assert (asked.offered, asked.sendable) == (0, True)
    assert [part.text for part in asked.threads["work"]] == PARTS
    assert (asked.lengths["work"].used, asked.lengths["work"].limit) == (54, 60)


def test_what_fits_is_one_post_whatever_was_asked(office: Office) -> None:
    check = office.desk.composer.check(thread("Hej"))
    assert (check.threads, check.offered) == ({}, 0)
    submit(office, thread("Hej"))
    assert [(row.draft.kind, row.draft.text, row.part) for row in office.desk.outbox.rows()] == [(Kind.POST, "Hej", "")]


@pytest.mark.parametrize(
    "draft",
    [
        thread(visibility=Visibility.DIRECT),
        thread(kind=Kind.EDIT, edit_of="work:1"),
        thread(due=TUESDAY + timedelta(hours=1), on_server=True),
    ],
)
def test_where_there_can_be_none_it_is_too_long_as_ever(office: Office, draft: Draft) -> None:
    check = office.desk.composer.check(draft)
    assert (check.threads, check.offered) == ({}, 0)
    assert any("too many for work" in problem for problem in check.problems)


def test_an_account_without_answers_takes_none(office: Office) -> None:
    service = office.service("work")
    service.capabilities = replace(service.capabilities, reply=False)
    check = office.desk.composer.check(thread(LONG, "work", "sky"))
    assert (list(check.threads), check.offered, check.sendable) == (["sky"], 0, False)


def test_the_warning_takes_its_room_in_each_part(office: Office) -> None:
    check = office.desk.composer.check(thread(cw="politics!!"))
    assert all(len(part.text) <= 50 for part in check.threads["work"])
    assert len(check.threads["work"]) == 3


# ---------------------------------------------------------------- counted


async def test_a_thread_counts_its_parts_once_for_all_targets(office: Office) -> None:
    service = office.service("sky")
    service.capabilities = replace(service.capabilities, max_length=500)
    submit(office, thread(LONG, "work", "sky"))
    assert office.desk.judge.status().planned == 2
    await office.desk.sender.flush()
    assert office.remote.texts("work") == PARTS
    assert office.remote.texts("sky") == [LONG]
    status = office.desk.judge.status()
    assert (status.count, status.planned) == (2, 0)
    assert [entry["outcome"] for entry in office.desk.world.stores.log.entries()] == ["sent", "sent"]


async def test_eight_a_day_are_eight_parts(office: Office) -> None:
    """W08: five sent, a thread of four."""
    for number in range(5):
        submit(office, a_draft(f"post {number}"))
    await office.desk.sender.flush()
    four = thread(" ".join([THREE, LONG[:50]]))
    assert len(office.desk.composer.check(four).threads["work"]) == 4
    with pytest.raises(StoppedError) as stopped:
        office.desk.composer.submit(four)
    assert [finding.id for finding in stopped.value.verdict.findings] == ["P2-COUNT"]
    assert office.desk.drafts.list()[0].draft == four
    three = thread(THREE)
    assert office.desk.composer.check(three).verdict.findings == ()


# ---------------------------------------------------------------- sent


async def test_each_part_answers_the_one_before_it(office: Office) -> None:
    draft = thread(THREE, numbered=True, media=(Attachment("a.png", "a"),), cw="w", lang="sv")
    outbox = submit(office, draft)
    await office.desk.sender.flush()
    rows = in_order(office)
    assert [row.draft.text[-4:] for row in rows] == [f" {n}/{len(rows)}" for n in range(1, len(rows) + 1)]
    assert [row.draft.reply_to for row in rows] == ["", *(f"work:{row.remote_id}" for row in rows[:-1])]
    assert [row.prepared["reply_to"] for row in rows if row.prepared] == [row.draft.reply_to for row in rows]
    assert [len(row.draft.media) for row in rows] == [1, *([0] * (len(rows) - 1))]
    assert {(row.outbox, row.draft.cw, row.draft.lang, row.draft.kind) for row in rows} == {
        (outbox, "w", "sv", Kind.THREAD)
    }
    assert len({row.key for row in rows}) == len(rows)
    assert "".join(row.part for row in rows) == THREE


async def test_an_answer_stays_one_at_its_beginning(office: Office) -> None:
    submit(office, thread(kind=Kind.REPLY, reply_to="work:77"))
    await office.desk.sender.flush()
    assert [row.draft.reply_to for row in in_order(office)] == ["work:77", "work:1"]
    assert office.desk.judge.status().count == 2


async def test_who_signs_at_the_end_has_signed_it_all(office: Office) -> None:
    """Rule 4 reads the whole text, when it is checked and right before each part goes."""
    office.desk.accounts.confirm("work", employer=Known.NO, real_name=Known.NO)
    with pytest.raises(StoppedError):
        office.desk.composer.submit(thread(), confirmed=True)
    submit(office, thread(f"{LONG}\n– Anna Ek, Grönkvist"))
    await office.desk.sender.flush()
    assert set(states(office)) == {SendState.SENT}
    assert len(office.remote.texts("work")) == 3


async def test_a_failed_part_holds_those_after_it(office: Office) -> None:
    office.desk.composer.submit(thread(THREE), confirmed=True)
    office.desk.sender.claim()
    office.remote.fault("work", "publish", "", RejectedError("no", status=422))
    await office.desk.sender.flush()
    assert states(office) == [SendState.SENT, SendState.FAILED, SendState.HELD]
    assert "before it has not gone" in in_order(office)[2].reason
    [one] = folded(office.desk.outbox.rows())
    assert (one.state, one.position, one.draft.text) == (SendState.FAILED, 1, THREE)
    office.desk.unsent.retry(one.outbox)
    await office.desk.sender.flush()
    assert set(states(office)) == {SendState.SENT}
    assert len(office.remote.accepted) == 3
    assert office.desk.judge.status().count == 3


async def test_nothing_follows_a_part_nobody_is_sure_of(tmp_path: Path) -> None:
    office = Office(tmp_path / "unsure", idempotency=Idempotency.READ_BACK)
    office.remote.fault("work", "publish", OutcomeUnknownError("lost"))
    outbox = submit(office, thread())
    await office.desk.sender.flush()
    for _look in range(9):
        office.clock.pass_(seconds=70)
        await office.desk.sender.flush()
    assert states(office) == [SendState.UNKNOWN, SendState.QUEUED]
    assert not office.remote.accepted
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == PARTS
    office.close()


async def test_the_dispatcher_sends_all_by_itself(office: Office) -> None:
    out, all_out = [], asyncio.Event()

    def heard(event: object) -> None:
        if isinstance(event, OutboxChanged) and event.row.state is SendState.SENT:
            out.append(event.row.draft.text)
            if len(out) == 3:
                all_out.set()

    office.desk.bus.listen(heard)
    outbox = submit(office, thread(THREE))
    task = asyncio.create_task(office.desk.sender.run())
    await all_out.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert out == office.remote.texts("work") == [row.draft.text for row in office.desk.outbox.rows(outbox=outbox)]


async def test_what_has_not_gone_is_taken_back_word_for_word(office: Office) -> None:
    draft = thread(f"{THREE}\n\n  and the end", "work", "sky")
    outbox = submit(office, draft)
    taken = office.desk.taking_back.here(outbox)
    kept = office.desk.drafts.get(taken.draft_id)
    assert kept is not None
    assert kept.draft == draft
    assert [entry["outcome"] for entry in office.desk.world.stores.log.entries()] == ["cancelled", "cancelled"]


async def test_the_rest_of_a_thread_goes_on_where_it_ended(office: Office) -> None:
    outbox = submit(office, thread())
    office.remote.fault("work", "publish", "", RejectedError("no", status=422))
    await office.desk.sender.flush()
    taken = office.desk.taking_back.here(outbox)
    kept = office.desk.drafts.get(taken.draft_id)
    assert kept is not None
    assert (kept.draft.text, kept.draft.kind, kept.draft.reply_to) == (PARTS[1], Kind.REPLY, "work:1")


async def test_what_follows_a_part_that_is_out_nobody_knows_where_waits_for_the_user(office: Office) -> None:
    """An answer to nothing must not go out, and what is out not a second time."""
    outbox = submit(office, thread())
    office.remote.fault("work", "publish", "nowhere")
    await office.desk.sender.flush()
    first, second = in_order(office)
    assert (first.state, first.remote_id, second.state) == (SendState.SENT, "", SendState.HELD)
    assert "does not say where" in second.reason
    assert office.remote.texts("work") == PARTS[:1]
    kept = office.desk.drafts.get(office.desk.taking_back.here(outbox).draft_id)
    assert kept is not None
    assert (kept.draft.text, kept.draft.reply_to) == (PARTS[1], "")


FAULTS = st.sampled_from(["", "", "drop", "lost", "down", "401", "422", "429", "crash", "crash-after"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    faults=st.lists(FAULTS, max_size=8),
    kind=st.sampled_from(list(Idempotency)),
    numbered=st.booleans(),
    retry=st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_whatever_happens_each_part_is_there_once_and_in_order(
    faults: list[str], kind: Idempotency, numbered: bool, retry: list[bool]
) -> None:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder), idempotency=kind)
        asyncio.run(_through(office, faults, numbered, retry))
        office.close()


async def _through(office: Office, faults: list[str], numbered: bool, retry: list[bool]) -> None:
    outbox = submit(office, thread(THREE, numbered=numbered))
    wanted = [row.draft.text for row in in_order(office)]
    left = list(faults)
    for again in retry:
        if left:
            await _go_wrong(office, left.pop(0))
        else:
            await office.desk.sender.flush()
        there = office.remote.texts("work")
        assert there == wanted[: len(there)]
        if again or not left:
            with suppress(UsageError):
                office.desk.unsent.retry(outbox)
        office.clock.pass_(seconds=70)
    assert office.remote.texts("work") == wanted
    assert set(states(office)) == {SendState.SENT}
    assert office.desk.judge.status().count == len(wanted)


async def _go_wrong(office: Office, fault: str) -> None:
    until = office.clock.now() + timedelta(seconds=20)
    ends: dict[str, Exception | str] = {
        "": "",
        "drop": "drop",
        "lost": OutcomeUnknownError("lost"),
        "down": UnreachableError("down"),
        "401": AuthError("signed out"),
        "422": RejectedError("no", status=422),
        "429": RateLimitedError("slow", until=until),
    }
    if fault in ends:
        office.remote.fault("work", "publish", ends[fault])
        await office.desk.sender.flush()
        return
    service = office.service("work")
    service.hang.add("publish")
    service.dies_after = fault == "crash-after"
    flush = asyncio.create_task(office.desk.sender.flush())
    for _turn in range(200):
        await asyncio.sleep(0.001)
        if flush.done() or service.reached.is_set():
            break
    flush.cancel()
    await asyncio.gather(flush, return_exceptions=True)
    office.crash()
    assert office.desk.sender.claim()
