"""Other people's relays: what they are asked, what they are sent, and what they are never told (Nostr facts 3, 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Post
from mbclient.services.kit import Kit
from mbclient.services.nostr.service import Nostr
from tests.services.contract import outgoing
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, now, opened

Two = tuple[Double, Double]


@pytest.fixture
async def theirs() -> AsyncIterator[Double]:
    async with Double() as relay:
        yield relay


async def bo_reads_at(theirs: Double, own: Double, service: Nostr) -> Post:
    """A post of Bo's, who reads at another relay than Anna."""
    await own.write(BO, 10002, "", [["r", theirs.url, "read"]], at=now())
    event = await own.write(BO, 1, "hej", at=now())
    return await service.post(event.id)


def told(relay: Double) -> list[object]:
    """Who has signed in there."""
    return [message[1]["pubkey"] for message in relay.asked if message[0] == "AUTH"]


# ---------------------------------------------------------------- who asks


async def test_a_strangers_relay_is_not_told_who_sends(anna: Nostr, relays: Two, theirs: Double) -> None:
    theirs.auth = True
    parent = await bo_reads_at(theirs, relays[0], anna)
    prepared = await anna.prepare(outgoing("svar", reply_to=parent))
    published = await anna.publish(prepared)
    assert published.remote_id in relays[0].events
    assert [raw["id"] for raw in theirs.sent] == [published.remote_id]
    assert await anna.find(prepared) is not None
    assert told(theirs) == []


async def test_an_indexer_is_not_told_who_asks(kit: Kit, monkeypatch: pytest.MonkeyPatch, theirs: Double) -> None:
    monkeypatch.setattr("mbclient.services.nostr.relays.is_local", lambda _names: False)
    theirs.auth = True
    async with Double(auth=True) as own:
        service = await opened(kit, [own])
        session = replace(service.session, indexers=(theirs.url,))
        other = Nostr(service.account, kit, session)
        await other.page()
        assert any(message[0] == "REQ" for message in theirs.asked)
        assert (told(theirs), told(own)) == ([], [ANNA.pubkey])
        await other.aclose()
        await service.aclose()


async def test_a_strangers_closed_door_is_not_the_accounts(anna: Nostr, relays: Two, theirs: Double) -> None:
    """Only the own relays' word can say that one is signed out."""
    theirs.auth = True
    prepared = await anna.prepare(outgoing("svar", reply_to=await bo_reads_at(theirs, relays[0], anna)))
    for relay in relays:
        relay.refuse = "blocked: no"
    with pytest.raises(RejectedError):
        await anna.publish(prepared)


# ---------------------------------------------------------------- where a post went, its deletion goes


async def test_a_deletion_goes_where_the_post_went(anna: Nostr, relays: Two, theirs: Double) -> None:
    prepared = await anna.prepare(outgoing("svar", reply_to=await bo_reads_at(theirs, relays[0], anna)))
    published = await anna.publish(prepared)
    assert published.post is not None
    assert published.remote_id in theirs.events
    await anna.delete(published.post)
    for relay in (*relays, theirs):
        assert published.remote_id not in relay.events


async def test_another_run_takes_a_post_back_as_well(anna: Nostr, kit: Kit, relays: Two, theirs: Double) -> None:
    """Whom a post names is read from it again; what is gone already can be asked back once more."""
    prepared = await anna.prepare(outgoing("svar", reply_to=await bo_reads_at(theirs, relays[0], anna)))
    published = await anna.publish(prepared)
    assert published.post is not None
    again = await opened(kit, relays)
    await again.delete(published.post)
    assert published.remote_id not in theirs.events
    await again.delete(published.post)
    await again.aclose()
