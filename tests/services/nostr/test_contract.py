"""The contract over a relay of our own, and over three with a third of the posts each; `test_real` has real ones."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from mbclient.domain.post import Post
from mbclient.services.nostr.service import Nostr
from tests.services.contract import AdapterContract, Bench
from tests.services.kit import kit_in
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, now, opened

FAULTS = {
    "auth": ["CLOSED", "$SUB", "auth-required: members only"],
    "limited": ["CLOSED", "$SUB", "rate-limited: slow down"],
    "refused": ["CLOSED", "$SUB", "blocked: you are banned"],
}


class DoubleBench(Bench):
    """Bo's posts go to the relays in turn; each second has several."""

    def __init__(self, service: Nostr, relays: Sequence[Double]) -> None:
        super().__init__(service)
        self.relays = relays
        self.turns = itertools.count()
        self.at = now() - 900

    async def seed(self, texts: Sequence[str]) -> list[str]:
        ids = []
        for text in texts:
            self.at += 1
            event = await self.relays[next(self.turns) % len(self.relays)].write(BO, 1, text, at=self.at)
            ids.append(event.id)
        return ids

    async def reply_as_other(self, post: Post, text: str) -> str:
        tags = [["e", post.remote_id, "", "root"], ["p", ANNA.pubkey]]
        return (await self.relays[0].write(BO, 1, text, tags, at=now())).id

    async def count(self, text: str) -> int:
        events = {raw["id"]: raw for relay in self.relays for raw in relay.events.values()}
        return sum(1 for raw in events.values() if raw["content"] == text and raw["pubkey"] == ANNA.pubkey)

    async def spoil(self) -> None:
        for relay in self.relays:
            relay.extra = [None, "x", {}, {"id": "0" * 64}]

    async def fail(self, fault: str) -> None:
        for relay in self.relays:
            if fault == "down":
                relay.hang_up = 1
            elif fault == "garbage":
                relay.say = ["no json"] * 150
            else:
                relay.say = [FAULTS[fault]]

    async def lose_answer(self) -> None:
        for relay in self.relays:
            relay.lose = 1


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Bench]:
        async with Double() as relay, kit_in(tmp_path) as kit:
            service = await opened(kit, [relay])
            await service.load_capabilities()
            yield DoubleBench(service, [relay])
            await service.aclose()


class TestContractOverThree(AdapterContract):
    """Each relay has a third of the posts; one says little at a time, one is terse."""

    @pytest.fixture
    async def bench(self, tmp_path: Path) -> AsyncIterator[Bench]:
        async with Double() as one, Double(cap=4) as two, Double(terse=True) as three, kit_in(tmp_path) as kit:
            service = await opened(kit, [one, two, three])
            await service.load_capabilities()
            yield DoubleBench(service, [one, two, three])
            await service.aclose()
