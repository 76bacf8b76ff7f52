"""From the outbox to the server: at most once without the user's word, in order, never earlier than told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from mbclient.core.events import OutboxChanged
from mbclient.core.ports import Json, Published
from mbclient.core.stores import OutboxRow, SendState, Stored
from mbclient.domain.account import Known
from mbclient.domain.draft import Kind
from mbclient.domain.errors import (
    AuthError,
    CapReachedError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from tests.core.fakes import TUESDAY, Office, a_draft, a_post, mine

LOST = OutcomeUnknownError("no answer came")
DOWN = UnreachableError("refused")


def states(office: Office) -> dict[str, SendState]:
    return {row.account: row.state for row in office.desk.outbox.rows()}


def row_of(office: Office, account: str = "work") -> OutboxRow:
    return next(row for row in office.desk.outbox.rows() if row.account == account)


async def send(office: Office, text: str = "Hej", *accounts: str) -> str:
    rows = office.desk.composer.submit(a_draft(text, *accounts), confirmed=True)
    office.desk.sender.claim()
    await office.desk.sender.flush()
    return rows[0].outbox


async def test_a_sent_post_is_counted_kept_and_logged(office: Office) -> None:
    await send(office)
    assert states(office) == {"work": SendState.SENT}
    assert office.desk.judge.status().count == 1
    assert [entry["outcome"] for entry in office.desk.world.stores.log.entries()] == ["sent"]


async def test_nothing_goes_before_its_undo_time(office: Office) -> None:
    office.desk.composer.submit(a_draft(), undo_seconds=5)
    await office.desk.sender.flush()
    assert not office.remote.accepted
    office.clock.pass_(seconds=5)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]


async def test_one_target_failing_takes_nothing_from_the_other_and_counts_once(office: Office) -> None:
    office.remote.fault("sky", "publish", RejectedError("too rude", status=422))
    outbox = await send(office, "Hej", "work", "sky")
    assert states(office) == {"work": SendState.SENT, "sky": SendState.FAILED}
    assert "too rude" in row_of(office, "sky").reason
    assert office.desk.judge.status().count == 1
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT, "sky": SendState.SENT}
    assert (len(office.remote.accepted), office.desk.judge.status().count) == (2, 1)


async def test_an_upload_without_answer_is_tried_again(office: Office) -> None:
    """Nothing was posted by it."""
    office.remote.fault("work", "prepare", LOST)
    await send(office)
    assert states(office) == {"work": SendState.QUEUED}
    office.clock.pass_(seconds=3)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]


@pytest.mark.parametrize("seconds", [0.4, 7, 90, 1800, 3000])
async def test_never_earlier_than_a_limit_tells(office: Office, seconds: float) -> None:
    until = office.clock.now() + timedelta(seconds=seconds)
    office.remote.fault("work", "publish", RateLimitedError("slow down", until=until))
    await send(office, "one")
    office.desk.composer.submit(a_draft("two"), confirmed=True)  # the limit is the account's, not the post's
    step = max(seconds / 50, 0.05)
    for _time in range(100):
        await office.desk.sender.flush()
        if office.remote.requests("work", "publish") > 1:
            break
        assert office.remote.requests("work") == 2  # prepared and published once
        office.clock.pass_(seconds=step)
    assert office.clock.now() >= until
    await office.desk.sender.flush()
    office.clock.pass_(seconds=step)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["one", "two"]


async def test_a_limit_in_the_past_makes_no_storm(office: Office) -> None:
    past = office.clock.now() - timedelta(days=1)
    office.remote.fault("work", "publish", *[RateLimitedError("slow down", until=past)] * 100)
    await send(office)
    for _tick in range(100):
        await office.desk.sender.flush()
        office.clock.pass_(milliseconds=10)
    assert office.remote.requests("work", "publish") <= 3


async def test_a_limit_of_more_than_an_hour_waits_for_the_user(office: Office) -> None:
    until = office.clock.now() + timedelta(hours=2)
    office.remote.fault("work", "publish", RateLimitedError("come back tomorrow", until=until))
    await send(office)
    assert (row_of(office).state, "tomorrow" in row_of(office).reason) == (SendState.HELD, True)


@pytest.mark.parametrize("hours", [0.5, 200])
async def test_a_post_that_the_cap_holds_holds_none_that_costs_less(office: Office, hours: float) -> None:
    until = office.clock.now() + timedelta(hours=hours)
    office.remote.fault("work", "publish", CapReachedError("would pass your cap", "raise it", until=until))
    for text in ("dear", "cheap"):
        office.desk.composer.submit(a_draft(text), confirmed=True)
    await office.desk.sender.flush()
    rows = {row.draft.text: row for row in office.desk.outbox.rows()}
    assert (rows["dear"].state, rows["cheap"].state) == (SendState.HELD, SendState.SENT)
    assert "would pass your cap" in rows["dear"].reason
    assert office.remote.texts("work") == ["cheap"]


async def test_a_revoked_account_is_asked_once_and_keeps_every_post(office: Office) -> None:
    office.remote.fault("work", "publish", AuthError("signed out", "log in again"))
    for text in ("one", "two", "three"):
        office.desk.composer.submit(a_draft(text), confirmed=True)
    office.desk.composer.submit(a_draft("else", "sky"), confirmed=True)
    await office.desk.sender.flush()
    assert office.remote.requests("work", "prepare", "publish") <= 2
    assert [row.state for row in office.desk.outbox.rows() if row.account == "work"] == [SendState.HELD] * 3
    assert office.remote.texts("sky") == ["else"]


async def test_out_of_reach_backs_off_and_keeps_the_order(office: Office) -> None:
    office.remote.online = False
    for text in ("one", "two", "three"):
        office.desk.composer.submit(a_draft(text), confirmed=True)
    for _second in range(300):
        await office.desk.sender.flush()
        office.clock.pass_(seconds=1)
    assert office.remote.requests("work") <= 25
    office.remote.online = True
    for _second in range(700):
        await office.desk.sender.flush()
        office.clock.pass_(seconds=1)
    assert office.remote.texts("work") == ["one", "two", "three"]


async def test_a_young_row_goes_within_three_seconds_of_recovery(office: Office) -> None:
    office.remote.fault("work", "prepare", DOWN)
    await send(office)
    office.clock.pass_(seconds=3)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]


async def test_judged_again_at_the_instant_of_sending(office: Office) -> None:
    """Allowed when written, anonymous by the time it would go (5.2)."""
    office.desk.composer.submit(a_draft(), undo_seconds=5)
    office.desk.accounts.confirm("work", employer=Known.NO)
    office.clock.pass_(seconds=6)
    await office.desk.sender.flush()
    row = row_of(office)
    assert (row.state, office.remote.accepted) == (SendState.HELD, [])
    assert "rule 4" in row.reason
    assert office.desk.judge.status().planned == 0  # held is in no figure
    assert office.desk.world.stores.log.entries()[-1]["outcome"] == "held"


@pytest.mark.parametrize(("minutes", "state"), [(14, SendState.SENT), (16, SendState.HELD)])
async def test_a_planned_post_much_too_late_is_held(office: Office, minutes: int, state: SendState) -> None:
    due = TUESDAY + timedelta(hours=1)
    office.desk.composer.submit(a_draft(due=due), confirmed=True)
    office.clock.at = due + timedelta(minutes=minutes)
    await office.desk.sender.flush()
    assert states(office) == {"work": state}


async def test_what_waited_over_an_hour_is_held_and_goes_when_the_user_says(office: Office) -> None:
    outbox = office.desk.composer.submit(a_draft())[0].outbox
    office.clock.pass_(minutes=61)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.HELD}
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.SENT}


async def test_cancelled_is_never_sent_and_said_in_the_log(office: Office) -> None:
    outbox = office.desk.composer.submit(a_draft("Hej", "work", "sky"), undo_seconds=5)[0].outbox
    rows = office.desk.unsent.cancel(outbox[:20].lower())
    office.clock.pass_(hours=1)
    await office.desk.sender.flush()
    assert not office.remote.accepted
    taken = office.desk.composer.taken_back(rows)
    assert taken is not None
    assert (taken.text, taken.accounts) == ("Hej", ("work", "sky"))
    assert office.desk.world.stores.log.entries()[-1]["outcome"] == "cancelled"
    assert office.desk.judge.status().planned == 0
    with pytest.raises(UsageError):
        office.desk.unsent.cancel(outbox)


def test_an_id_that_is_not_there(office: Office) -> None:
    with pytest.raises(UsageError, match="no single outbox item"):
        office.desk.unsent.cancel("01")


async def test_a_row_of_a_removed_account_keeps_its_words(office: Office) -> None:
    office.desk.composer.submit(a_draft("kept words"))
    office.desk.world.accounts.remove("work")
    await office.desk.sender.flush()
    row = row_of(office)
    assert (row.state, row.draft.text) == (SendState.FAILED, "kept words")


@pytest.mark.parametrize("kind", [Kind.POST, Kind.EDIT])
async def test_an_account_removed_while_its_post_went_out_leaves_it_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    """Told to go again it would be there twice."""

    async def publish(_prepared: Json) -> Published:
        office.desk.world.accounts.remove("work")
        return Published("77", "uri", "https://one.example/77", office.clock.now(), mine(remote_id="77"))

    monkeypatch.setattr(office.service("work"), "publish", publish)
    await office.desk.refresher.take([mine(remote_id="77")], office.desk.accounts.get("work"))
    draft = a_draft("Nytt", kind=kind, edit_of="work:77" if kind is Kind.EDIT else "")
    outbox = office.desk.composer.submit(draft, confirmed=True)[0].outbox
    await office.desk.sender.flush()
    row = row_of(office)
    assert (row.state, row.remote_id, row.url) == (SendState.SENT, "77", "https://one.example/77")
    assert office.desk.world.stores.log.entries()[-1]["outcome"] == "sent"
    with pytest.raises(UsageError):
        office.desk.unsent.retry(outbox)


async def test_what_is_out_stays_so_whatever_fails_after_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def publish(_prepared: Json) -> Published:
        return Published("77", "uri", "https://one.example/77", office.clock.now(), mine(remote_id="77"))

    async def removed(*_args: object) -> Stored:
        raise UsageError("there is no account 'work'")

    monkeypatch.setattr(office.service("work"), "publish", publish)
    monkeypatch.setattr(office.desk.refresher, "take", removed)
    await send(office)
    row = row_of(office)
    assert (row.state, row.remote_id, row.url) == (SendState.SENT, "77", "https://one.example/77")


async def test_two_flushes_at_once_send_once(office: Office) -> None:
    office.desk.composer.submit(a_draft())
    await asyncio.gather(*(office.desk.sender.flush() for _time in range(5)))
    assert office.remote.texts("work") == ["Hej"]
    assert office.remote.requests("work", "publish") == 1


async def test_a_hanging_account_delays_no_other(office: Office) -> None:
    """Also what is written while one hangs goes at once."""
    sky = office.service("sky")
    sky.hang.add("publish")
    sent = asyncio.Event()
    office.desk.bus.listen(
        lambda event: (
            sent.set()
            if isinstance(event, OutboxChanged) and (event.row.account, event.row.state) == ("work", SendState.SENT)
            else None
        )
    )
    office.desk.composer.submit(a_draft("stuck", "sky"), confirmed=True)
    running = asyncio.ensure_future(office.desk.sender.run())
    await asyncio.wait_for(sky.reached.wait(), 5)
    office.desk.composer.submit(a_draft("free", "work"), confirmed=True)
    await asyncio.wait_for(sent.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert office.remote.accepted[0][2] == "free"


# ---------------------------------------------------------------- boosts


async def test_a_boost_waits_can_be_taken_back_and_is_no_post_of_the_day(office: Office) -> None:
    post = a_post(remote_id="77")
    await office.desk.refresher.take([post], office.desk.accounts.get("work"))
    first = office.desk.composer.submit_boost(post, undo_seconds=5)
    assert office.desk.composer.taken_back(office.desk.unsent.cancel(first.outbox)) is None
    office.desk.composer.submit_boost(post, undo_seconds=5)
    office.clock.pass_(seconds=6)
    await office.desk.sender.flush()
    assert office.remote.requests("work", "boost") == 1
    known = office.desk.reading.known("work:77")
    assert known is not None
    assert (known.mine.boosted, known.counts.boosts) == (True, 1)
    assert (office.desk.judge.status().count, office.desk.judge.status().planned) == (0, 0)


async def test_a_boost_whose_answer_was_lost_is_tried_again(office: Office) -> None:
    office.remote.fault("work", "boost", "drop")
    office.desk.composer.submit_boost(a_post(remote_id="77"))
    await office.desk.sender.flush()
    office.clock.pass_(seconds=5)
    await office.desk.sender.flush()
    assert (states(office), office.remote.requests("work", "boost")) == ({"work": SendState.SENT}, 2)


async def test_a_cross_reply_uses_each_accounts_own_id(office: Office) -> None:
    """The same post on two services: each target answers the one it knows (`also`)."""
    uri = "https://else.example/shared"
    await office.desk.refresher.take([a_post("work", "10", uri=uri)], office.desk.accounts.get("work"))
    await office.desk.refresher.take([a_post("sky", "at10", uri=uri)], office.desk.accounts.get("sky"))
    draft = a_draft("Svar", "work", "sky", kind=Kind.REPLY, reply_to="work:10")
    rows = office.desk.composer.submit(draft, confirmed=True)
    assert {row.account: row.draft.reply_to for row in rows} == {"work": "work:10", "sky": "sky:at10"}
    await office.desk.sender.flush()
    prepared = {row.account: dict(row.prepared or {})["reply_to"] for row in office.desk.outbox.rows()}
    assert prepared == {"work": "work:10", "sky": "sky:at10"}
