"""The server's own schedule: only where it truly keeps a post, listed, found, taken back (Mastodon facts 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.abilities import Scheduling
from mbclient.core.ports import Published
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, UnreachableError, UnsupportedError
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import outgoing
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer

POST = ("POST", "/api/v1/statuses")
LIST = ("GET", "/api/v1/scheduled_statuses")
KEEPING = ("mastodon", "mastodon-4.6", "glitch", "gotosocial", "pleroma")


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)


async def hand_over(service: Mastodon, text: str, due: datetime, **fields: object) -> Published:
    return await service.publish(await service.prepare(outgoing(text, due=due, **fields)))


@pytest.mark.parametrize("software", KEEPING)
async def test_kept_listed_and_taken_back(kit: Kit, software: str) -> None:
    async with MastodonServer(software) as server:
        service = opened(server, kit)
        assert (await service.load_capabilities()).schedule
        assert isinstance(service, Scheduling)
        due = in_hours(2)
        published = await hand_over(service, "hej [b]då[/b] \x1b[31m", due)
        assert (published.scheduled, published.at, published.post) == (True, due, None)
        (waiting,) = await service.scheduled()
        assert (waiting.id, waiting.due) == (published.remote_id, due)
        assert "\x1b" not in waiting.text
        assert await service.unschedule(waiting.id)
        assert await service.scheduled() == []
        assert not await service.unschedule(waiting.id)
        assert server.by(server.people["anna"], "hej") == []


async def test_what_waits_is_found_and_what_is_out_too(server: MastodonServer, service: Mastodon) -> None:
    prepared = await service.prepare(outgoing("hej", due=in_hours(2)))
    published = await service.publish(prepared)
    assert await service.find(prepared) == published
    stored = server.time_has_come(published.remote_id)
    found = await service.find(prepared)
    assert found is not None
    assert (found.remote_id, found.scheduled) == (stored.id, False)


async def test_two_equal_ones_are_told_apart(server: MastodonServer, service: Mastodon) -> None:
    due = in_hours(2)
    first = await hand_over(service, "hej", due)
    second = await service.prepare(outgoing("hej", due=due))
    assert await service.find(second) is None
    assert (await service.publish(second)).remote_id != first.remote_id
    found = await service.find(second)
    assert found is not None
    assert found.remote_id != first.remote_id


async def test_more_than_a_page_are_listed(server: MastodonServer, service: Mastodon) -> None:
    due = in_hours(5)
    ids = [(await hand_over(service, f"nr {number}", due)).remote_id for number in range(85)]
    assert sorted(int(waiting.id) for waiting in await service.scheduled()) == sorted(map(int, ids))
    oldest = await service.prepare(outgoing("nr 0", due=due))
    found = await opened(server, service.api.kit).find(oldest)
    assert found is not None
    assert found.remote_id == ids[0]


async def test_a_lost_answer_is_unknown_and_then_found(server: MastodonServer, service: Mastodon) -> None:
    prepared = await service.prepare(outgoing("hej", due=in_hours(2)))
    server.fault(*POST, "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await service.find(prepared)
    assert found is not None
    assert found.scheduled
    assert len(server.scheduled) == 1


async def test_a_scheduled_repeat_is_found_although_the_server_says_404(
    server: MastodonServer, service: Mastodon
) -> None:
    prepared = await service.prepare(outgoing("hej", due=in_hours(2)))
    first = await service.publish(prepared)
    assert await service.publish(prepared) == first
    assert len(server.scheduled) == 1


@pytest.mark.parametrize("answer", ["garbage", "down"])
async def test_a_list_that_cannot_be_read_says_nothing_of_what_waits(
    server: MastodonServer, service: Mastodon, answer: str
) -> None:
    published = await hand_over(service, "hej", in_hours(2))
    server.fault(*LIST, "garbage" if answer == "garbage" else "status", status=503)
    with pytest.raises(UnreachableError):
        await service.scheduled()
    assert [waiting.id for waiting in await service.scheduled()] == [published.remote_id]


async def test_an_entry_of_nonsense_is_left_out(server: MastodonServer, service: Mastodon) -> None:
    published = await hand_over(service, "hej", in_hours(2))
    server.scheduled["90"] = {"id": "90", "scheduled_at": "never", "params": None}
    server.scheduled["91"] = {"params": {"text": 7}}
    assert [waiting.id for waiting in await service.scheduled()] == [published.remote_id]


async def test_a_refusal_to_take_it_back_leaves_it_waiting(server: MastodonServer, service: Mastodon) -> None:
    published = await hand_over(service, "hej", in_hours(2))
    server.fault("DELETE", f"{LIST[1]}/{published.remote_id}", "status", status=503)
    with pytest.raises((UnreachableError, OutcomeUnknownError)):
        await service.unschedule(published.remote_id)
    assert len(server.scheduled) == 1


@pytest.mark.parametrize("minutes", [-60, 0, 5])
async def test_a_near_time_is_never_sent(server: MastodonServer, service: Mastodon, minutes: int) -> None:
    """Some servers publish at once, some backdate."""
    prepared = await service.prepare(outgoing("hej", due=datetime.now(UTC) + timedelta(minutes=minutes)))
    with pytest.raises(RejectedError) as caught:
        await service.publish(prepared)
    assert caught.value.code == "too-soon"
    assert server.asked(*POST) == []


async def test_servers_that_ignore_the_schedule_are_not_asked_for_one(kit: Kit) -> None:
    for software in ("takahe", "snac", "hollo", "mastodon-4.2"):
        async with MastodonServer(software) as server:
            service = opened(server, kit)
            assert not (await service.load_capabilities()).schedule
            with pytest.raises(UnsupportedError):
                await hand_over(service, "hej", in_hours(1))
            assert server.asked(*POST) == []


async def test_a_server_that_published_at_once_is_taken_at_its_word(
    server: MastodonServer, service: Mastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "behaviour", replace(server.behaviour, schedule="ignored"))
    published = await hand_over(service, "hej", in_hours(1))
    assert not published.scheduled
    assert published.post is not None
