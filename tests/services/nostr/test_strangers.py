"""Other people's relays: what they are asked, what they are sent, and what they are never told (Nostr facts 3, 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Post
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import signed
from mbclient.services.nostr.outbox import shared
from mbclient.services.nostr.service import Nostr
from tests.services.contract import outgoing
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, EVE, now, opened

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


# ---------------------------------------------------------------- where people write, they are read


async def test_who_writes_elsewhere_is_read_there(anna: Nostr, relays: Two, theirs: Double) -> None:
    """With the name that only that relay knows; it is asked for its own people and never hears of Anna."""
    await relays[0].write(BO, 10002, "", [["r", theirs.url, "write"]], at=now() - 50)
    await theirs.write(BO, 0, '{"name": "Bo B"}', at=now() - 50)
    there = await theirs.write(BO, 1, "bara hos mig", at=now() - 9)
    await theirs.write(EVE, 1, "köp!", at=now() - 5)
    here = await relays[1].write(BO, 1, "hos dig", at=now() - 7)
    page = await anna.page()
    assert [post.remote_id for post in page.posts] == [here.id, there.id]
    assert page.posts[1].author.name == "Bo B"
    assert (await anna.post(there.id)).text == "bara hos mig"
    assert [post.remote_id for post in (await anna.page(Feed("author", BO.pubkey))).posts] == [here.id, there.id]
    named = {author for message in theirs.asked for each in message[2:] for author in each.get("authors", ())}
    assert named == {BO.pubkey}
    later = await theirs.write(BO, 1, "nytt", at=now())
    assert page.newer is not None
    assert [post.remote_id for post in (await anna.page(after=page.newer)).posts] == [later.id]


async def test_what_is_taken_back_there_is_not_shown(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url]], at=now() - 50)
    event = signed(BO, now() - 9, 1, [], "ångrad")
    await relays[1].store(event.raw())
    await theirs.write(BO, 5, "", [["e", event.id]], at=now())
    assert (await anna.page()).posts == ()


async def test_a_strangers_relay_that_is_down_hides_nothing(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url]], at=now() - 50)
    theirs.down = 100
    event = await relays[0].write(BO, 1, "hej", at=now())
    assert [post.remote_id for post in (await anna.page()).posts] == [event.id]


PEOPLE, RELAYS = st.sampled_from("abcdefgh"), st.sampled_from(["own", "r1", "r2", "r3", "r4"])


@given(st.dictionaries(PEOPLE, st.lists(RELAYS, max_size=3)), st.integers(0, 3))
def test_a_few_relays_reach_the_most(writing: dict[str, list[str]], most: int) -> None:
    """Never more than allowed, never one's own, each person once, only where they write; none left with room left."""
    chosen = shared(writing, ["own"], most)
    assert len(chosen) <= most
    asked = [author for there in chosen.values() for author in there]
    elsewhere = {author for author, names in writing.items() if names and "own" not in names}
    assert len(asked) == len(set(asked))
    assert set(asked) <= elsewhere
    assert all(name in writing[author] for name, there in chosen.items() for author in there)
    assert len(chosen) == most or set(asked) == elsewhere
    sizes = [len(there) for there in chosen.values()]
    assert sizes == sorted(sizes, reverse=True)
