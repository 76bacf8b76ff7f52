"""Other people's relays: what they are asked, what they are sent, and what they are never told (Nostr facts 3, 4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed, PostDeleted, StreamOpened
from mbclient.domain.errors import RejectedError, UnreachableError
from mbclient.domain.post import Notification, Post
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import signed
from mbclient.services.nostr.nip19 import nevent
from mbclient.services.nostr.outbox import MAX_OTHERS, Homes, Outbox, shared
from mbclient.services.nostr.service import Nostr
from tests.services.contract import outgoing
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, EVE, now, opened, person

Two = tuple[Double, Double]
CY = person("cy")


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


async def test_the_own_list_goes_along_once(anna: Nostr, kit: Kit, relays: Two, theirs: Double) -> None:
    """Who answers there learns from it where Anna reads (NIP-65); her own relays have it already."""
    mine = await relays[0].write(ANNA, 10002, "", [["r", relay.url] for relay in relays], at=now() - 90)
    parent = await bo_reads_at(theirs, relays[0], anna)
    sent = [
        (await anna.publish(await anna.prepare(outgoing(text, reply_to=parent)))).remote_id for text in ("ett", "två")
    ]
    await anna.aclose()
    assert sorted(raw["id"] for raw in theirs.sent) == sorted([*sent, mine.id])
    assert [raw["id"] for raw in relays[0].sent] == sent


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


def never_named(relay: Double) -> bool:
    """Nobody there was asked for Anna, by her name or as one who is named."""
    asked = [each for message in relay.asked if message[0] == "REQ" for each in message[2:]]
    return bool(asked) and not any(ANNA.pubkey in (*each.get("#p", ()), *each.get("authors", ())) for each in asked)


async def test_a_conversation_is_read_where_its_people_are(anna: Nostr, relays: Two, theirs: Double) -> None:
    """An answer goes to where the answered one reads: neither it nor the post above need be at an own relay."""
    await relays[0].write(BO, 10002, "", [["r", theirs.url]], at=now() - 90)
    root = await theirs.write(BO, 1, "fråga", at=now() - 50)
    below = ["e", root.id, "", "root", BO.pubkey]
    middle = await relays[1].write(CY, 1, "svar", [below, ["p", BO.pubkey]], at=now() - 40)
    again = [below, ["e", middle.id, "", "reply"], ["p", BO.pubkey], ["p", CY.pubkey]]
    last = await theirs.write(EVE, 1, "svar på svar", again, at=now() - 30)
    thread = await anna.thread(await anna.post(middle.id))
    assert [post.remote_id for post in thread.ancestors] == [root.id]
    assert [post.remote_id for post in thread.descendants] == [last.id]
    assert never_named(theirs)
    assert told(theirs) == []


async def test_a_conversation_stands_though_a_strangers_relay_is_down(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url]], at=now() - 90)
    theirs.down = 100
    root = await relays[0].write(BO, 1, "fråga", at=now() - 50)
    tags = [["e", root.id, "", "root"], ["p", BO.pubkey]]
    answer = await relays[1].write(EVE, 1, "svar", tags, at=now() - 40)
    thread = await anna.thread(await anna.post(root.id))
    assert [post.remote_id for post in thread.descendants] == [answer.id]


async def test_a_name_that_tells_its_author_finds_the_post_there(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(CY, 10002, "", [["r", theirs.url, "write"]], at=now() - 90)
    note = await theirs.write(CY, 1, "här", at=now() - 50)
    assert (await anna.post(nevent(note.id, CY.pubkey))).text == "här"
    with pytest.raises(RejectedError) as caught:
        await anna.post(nevent("ab" * 32, CY.pubkey))
    assert caught.value.status == 404


async def test_who_names_me_only_there_is_told_and_nobody_there_hears_of_me(
    anna: Nostr, relays: Two, theirs: Double
) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url, "write"]], at=now() - 90)
    here = await relays[0].write(EVE, 1, "hej", [["p", ANNA.pubkey]], at=now() - 60)
    there = await theirs.write(BO, 1, "Anna?", [["p", ANNA.pubkey]], at=now() - 50)
    await anna.page()
    page = await anna.notifications()
    assert [item.remote_id for item in page.notifications] == [there.id, here.id]
    assert never_named(theirs)


async def test_the_stream_hears_who_writes_elsewhere(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url, "write"]], at=now() - 90)
    async with asyncio.timeout(20), aclosing(anna.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        note = await theirs.write(BO, 1, "Anna?", [["p", ANNA.pubkey]], at=now())
        post, notice = await anext(events), await anext(events)
        assert isinstance(post, Post)
        assert isinstance(notice, Notification)
        assert (post.remote_id, notice.remote_id) == (note.id, note.id)
        await theirs.write(BO, 5, "", [["e", note.id]], at=now())
        assert await anext(events) == PostDeleted(note.id)
        assert never_named(theirs)
        for relay in relays:
            relay.down = 100
            await relay.cut()
        with pytest.raises(UnreachableError):  # it stands by the own relays alone
            await anext(events)


async def test_a_strangers_relay_that_is_down_keeps_no_stream_waiting(anna: Nostr, relays: Two, theirs: Double) -> None:
    await relays[0].write(BO, 10002, "", [["r", theirs.url, "write"]], at=now() - 90)
    theirs.down = 1000
    async with asyncio.timeout(20), aclosing(anna.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        note = await relays[0].write(BO, 1, "hej", at=now())
        post = await anext(events)
        assert isinstance(post, Post)
        assert post.remote_id == note.id


PEOPLE, RELAYS = st.sampled_from("abcdefgh"), st.sampled_from(["own", "r1", "r2", "r3", "r4"])


@given(st.lists(st.tuples(st.lists(RELAYS, max_size=3), st.lists(RELAYS, max_size=3)), max_size=4))
async def test_each_of_a_conversation_has_a_relay_asked_before_anyone_has_two(
    people: list[tuple[list[str], list[str]]],
) -> None:
    """By the lists alone: at most six, none of them one's own, the first of everybody's before the second."""

    @dataclass
    class Owner:
        read: tuple[str, ...] = ("own",)

        async def lists(self) -> Owner:
            return self

    class OfLists(Outbox):
        async def _homes(self, authors: Sequence[str]) -> dict[str, Homes]:
            return {name: Homes(tuple(people[int(name)][0]), tuple(people[int(name)][1])) for name in authors}

    outbox = OfLists(Owner())  # type: ignore[arg-type]  # of the account it asks for nothing but the own lists
    asked = await outbox.around([str(number) for number in range(len(people))])
    assert len(asked) == len(set(asked)) <= MAX_OTHERS
    assert "own" not in asked
    firsts = {each[0] for one in people for each in one if each} - {"own"}
    assert set(asked[: len(firsts)]) == firsts


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
