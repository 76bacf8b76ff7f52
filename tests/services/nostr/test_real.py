"""The adapter against two real relays: nostr-sdk's LocalRelay and nostr-relay, alone and together (Nostr facts 2)."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from mbclient.core.ports import PostDeleted, StreamOpened
from mbclient.domain.account import Account
from mbclient.domain.errors import OutcomeUnknownError, RejectedError
from mbclient.domain.post import Post
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import Event, signed
from mbclient.services.nostr.keys import Key
from mbclient.services.nostr.relays import address_of
from mbclient.services.nostr.service import Nostr
from tests.servers.nostr import NostrRelays
from tests.servers.processes import READY_SECONDS
from tests.services.contract import AdapterContract, Bench, outgoing, unique
from tests.services.nostr.support import now, person, plugin

pytestmark = pytest.mark.server
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class RealBench(Bench):
    """People of the test's own, for the relays keep what other tests wrote; posts go to the relays in turn."""

    patience = READY_SECONDS

    def __init__(self, service: Nostr, urls: Sequence[str], me: Key, bo: Key) -> None:
        super().__init__(service)
        self.nostr, self.urls, self.me, self.bo = service, urls, me, bo
        self.turns = itertools.cycle([[url] for url in urls])
        self.at = now() - 900

    async def put(self, key: Key, kind: int, text: str, tags: Sequence[tuple[str, ...]] = (), *, at: int) -> Event:
        """An event by somebody, past the adapter's writing half."""
        event = signed(key, at, kind, tags, text)
        for url in next(self.turns) if key is self.bo and kind == 1 else self.urls:
            (answer,) = await told(url, ["EVENT", event.raw()])
            if not answer[2] and _CONTROL.search(text):
                pytest.skip("this relay reckons control characters otherwise, and takes none")
            assert answer[2], answer
        return event

    async def seed(self, texts: Sequence[str]) -> list[str]:
        ids = []
        for text in texts:
            self.at += 1
            ids.append((await self.put(self.bo, 1, text, at=self.at)).id)
        return ids

    async def reply_as_other(self, post: Post, text: str) -> str:
        tags = [("e", post.remote_id, "", "root"), ("p", self.me.pubkey)]
        return (await self.put(self.bo, 1, text, tags, at=now())).id

    async def count(self, text: str) -> int:
        wanted = {"kinds": [1], "authors": [self.me.pubkey]}
        found = [message for url in self.urls for message in await told(url, ["REQ", "x", wanted])]
        return len({message[2]["id"] for message in found if message[2]["content"] == text})


async def told(url: str, message: list[Any]) -> list[Any]:
    """What a relay says to a message: its verdict on an event, or the events that answer a question."""
    found: list[Any] = []
    async with connect(url, proxy=None) as line:
        await line.send(json.dumps(message))
        async for raw in line:
            answer = json.loads(raw)
            if answer[0] in ("OK", "EOSE"):
                return [answer] if answer[0] == "OK" else found
            found += [answer] if answer[0] == "EVENT" else []
    raise AssertionError(f"{url} hung up")


async def opened(kit: Kit, urls: Sequence[str]) -> RealBench:
    me, bo = person(uuid4().hex), person(uuid4().hex)
    kit.secrets.set("nostr", me.nsec())
    service = plugin().open(Account("nostr", "nostr", address_of(urls), remote_id=me.pubkey), kit)
    assert isinstance(service, Nostr)
    bench = RealBench(service, urls, me, bo)
    await bench.put(me, 3, "", [("p", bo.pubkey)], at=now() - 1000)
    await service.load_capabilities()
    return bench


@pytest.fixture(params=["local", "stored", "both"])
async def bench(request: pytest.FixtureRequest, kit: Kit, nostr_relays: NostrRelays) -> AsyncIterator[RealBench]:
    which = {"local": [nostr_relays.local], "stored": [nostr_relays.stored], "both": [*nostr_relays.both]}
    bench = await opened(kit, which[str(request.param)])
    yield bench
    await bench.nostr.aclose()


class TestContract(AdapterContract):
    """Over each of them, and over both."""

    @pytest.fixture
    async def bench(self, bench: RealBench) -> Bench:
        return bench


async def test_the_same_event_again_is_a_success_whatever_the_relay_calls_it(bench: RealBench) -> None:
    """`OK true "duplicate: …"` of the one, `OK false "duplicate: …"` of the other."""
    text = unique()
    prepared = await bench.nostr.prepare(outgoing(text))
    first = await bench.nostr.publish(prepared)
    for _number in range(3):
        assert (await bench.nostr.publish(prepared)).remote_id == first.remote_id
    assert await bench.count(text) == 1


async def test_a_changed_event_is_refused_or_never_answered_and_never_a_yes(bench: RealBench) -> None:
    """One refuses by name, the other late and without an id: nothing of it is stored."""
    event = signed(bench.me, now(), 1, [], unique())
    await bench.nostr.page()  # tells which relays are one's own
    for url in bench.urls:
        (taken,) = await bench.nostr.session.pool.publish([url], {**event.raw(), "sig": "00" * 64})
        assert not taken.ok
        assert taken.unknown or isinstance(taken.error, RejectedError | OutcomeUnknownError)
    assert event.id not in await bench.nostr.session.pool.stored(bench.urls, [{"ids": [event.id]}])


async def test_what_is_taken_back_is_gone_and_cannot_come_back(bench: RealBench) -> None:
    text = unique()
    prepared = await bench.nostr.prepare(outgoing(text))
    published = await bench.nostr.publish(prepared)
    assert published.post is not None
    await bench.nostr.delete(published.post)
    assert published.remote_id not in [post.remote_id for post in (await bench.nostr.page()).posts]
    with pytest.raises(RejectedError):
        await bench.nostr.post(published.remote_id)


async def test_a_deletion_is_told_by_the_stream(bench: RealBench) -> None:
    async with aclosing(bench.nostr.stream()) as events:
        assert isinstance(await anext(events), StreamOpened)
        event = await bench.put(bench.bo, 1, unique(), at=now())
        post = await anext(events)
        assert isinstance(post, Post)
        assert post.remote_id == event.id
        for url in bench.urls:
            await replace_urls(bench, [url]).put(bench.bo, 5, "", [("e", event.id), ("k", "1")], at=now())
        assert await anext(events) == PostDeleted(event.id)


def replace_urls(bench: RealBench, urls: Sequence[str]) -> RealBench:
    """The same people at some of the relays."""
    return RealBench(bench.nostr, urls, bench.me, bench.bo)


async def test_who_writes_at_the_other_relay_is_read_there(kit: Kit, nostr_relays: NostrRelays) -> None:
    """The outbox model between two programs that know nothing of each other."""
    bench = await opened(kit, [nostr_relays.local])
    there = replace_urls(bench, [nostr_relays.stored])
    await bench.put(bench.bo, 10002, "", [("r", nostr_relays.stored, "write")], at=now() - 500)
    event = await there.put(bench.bo, 1, unique(), at=now() - 5)
    assert [post.remote_id for post in (await bench.nostr.page()).posts] == [event.id]
    await bench.nostr.aclose()
