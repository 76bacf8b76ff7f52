"""An answer that never came: looked for, repeated only where that is harmless, and never sent a second time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from mbclient.core.stores import SendState
from mbclient.domain.account import Known
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.errors import RejectedError, SecretError
from tests.core.fakes import Office, a_draft
from tests.core.test_sending import DOWN, LOST, row_of, send, states


@pytest.mark.parametrize("idempotency", list(Idempotency))
async def test_a_lost_answer_never_doubles(tmp_path: Path, idempotency: Idempotency) -> None:
    office = Office(tmp_path / "office", idempotency=idempotency)
    office.remote.fault("work", "publish", "drop")
    await send(office)
    assert states(office) == {"work": SendState.UNKNOWN}
    office.clock.pass_(minutes=2)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    office.close()


async def test_read_back_twice_a_minute_apart_then_the_user_is_asked(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", idempotency=Idempotency.READ_BACK)
    office.remote.fault("work", "publish", LOST)  # it never arrived
    outbox = await send(office)
    times = []
    for _second in range(600):
        before = office.remote.requests("work", "find")
        await office.desk.sender.flush()
        if office.remote.requests("work", "find") > before:
            times.append(office.clock.now())
        office.clock.pass_(seconds=1)
    assert len(times) == 2
    assert times[1] - times[0] >= timedelta(seconds=60)
    assert not office.remote.accepted
    row = row_of(office)
    assert (row.state, "unsure" in row.reason) == (SendState.UNKNOWN, True)
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]
    assert row_of(office).key == row.key
    office.close()


async def test_an_earlier_post_of_the_same_words_is_never_taken_for_it(tmp_path: Path) -> None:
    """Also in another run of the program: a service that tells posts by their words has to be told which are taken."""
    office = Office(tmp_path / "office", idempotency=Idempotency.READ_BACK)
    await send(office)
    first = row_of(office)
    assert first.state is SendState.SENT
    office.crash()
    office.remote.fault("work", "publish", LOST)
    await send(office)
    office.crash()
    office.clock.pass_(minutes=2)
    await office.desk.sender.flush()
    (asked, *_more) = office.service("work").looked_for
    assert asked["taken"] == [first.remote_id]
    office.close()


async def test_the_users_retry_looks_before_it_sends_again(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", idempotency=Idempotency.READ_BACK)
    office.remote.fault("work", "publish", "drop")
    outbox = await send(office)
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    office.close()


async def test_a_refused_look_is_no_refused_post(tmp_path: Path) -> None:
    """The post may be out: it stays unsure, and the next word of the user looks before it sends."""
    office = Office(tmp_path / "office", idempotency=Idempotency.READ_BACK)
    office.remote.fault("work", "publish", "drop")
    outbox = await send(office)
    office.remote.fault("work", "find", RejectedError("no such page", status=404))
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), "no such page" in row_of(office).reason) == ({"work": SendState.UNKNOWN}, True)
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    office.close()


@pytest.mark.parametrize("idempotency", list(Idempotency))
async def test_a_keyring_that_does_not_answer_leaves_it_unsure_until_it_does(
    tmp_path: Path, idempotency: Idempotency
) -> None:
    office = Office(tmp_path / "office", idempotency=idempotency)
    office.remote.fault("work", "publish", "drop")
    await send(office)
    office.remote.fault("work", "find", *[SecretError("the keyring is locked", "unlock it and try again")] * 2)
    for _time in range(2):
        office.clock.pass_(minutes=5)
        await office.desk.sender.flush()
        assert (states(office), row_of(office).reason) == ({"work": SendState.UNKNOWN}, "the keyring is locked")
    office.clock.pass_(minutes=5)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])
    office.close()


async def test_failed_after_an_unsure_try_is_looked_for_before_it_goes_again(office: Office) -> None:
    """The account was removed and added again meanwhile."""
    office.remote.fault("work", "publish", "drop")
    outbox = await send(office)
    account = office.desk.accounts.get("work")
    office.desk.world.accounts.remove("work")
    office.clock.pass_(minutes=1)
    await office.desk.sender.flush()
    assert states(office) == {"work": SendState.FAILED}
    office.desk.world.accounts.save(account)
    office.desk.accounts.confirm("work", employer=Known.YES, real_name=Known.YES)
    office.desk.unsent.retry(outbox)
    await office.desk.sender.flush()
    assert (states(office), office.remote.texts("work")) == ({"work": SendState.SENT}, ["Hej"])


async def test_a_key_is_not_trusted_past_its_time(office: Office) -> None:
    """Lost, then out of reach until the key has lapsed: a blind repeat would be a second post."""
    office.remote.fault("work", "publish", "drop", DOWN)
    office.remote.fault("work", "find", DOWN)
    await send(office)
    for _minute in range(58):
        office.clock.pass_(minutes=1)
        office.remote.online = False
        await office.desk.sender.flush()
    office.remote.online = True
    for _minute in range(30):
        office.clock.pass_(minutes=1)
        await office.desk.sender.flush()
    assert office.remote.texts("work") == ["Hej"]
    assert row_of(office).state in (SendState.SENT, SendState.HELD)


async def test_a_crash_while_sending_leaves_an_unknown_row(office: Office) -> None:
    office.service("work").hang.add("publish")
    office.desk.composer.submit(a_draft())
    office.desk.sender.claim()
    flush = asyncio.ensure_future(office.desk.sender.flush())
    await asyncio.wait_for(office.service("work").reached.wait(), 5)
    flush.cancel()
    await asyncio.gather(flush, return_exceptions=True)
    assert states(office) == {"work": SendState.SENDING}
    office.crash()
    assert office.desk.sender.claim()
    assert states(office) == {"work": SendState.UNKNOWN}
