"""A post that some relays took is offered again to those that had no time for it (Nostr facts 4)."""

from __future__ import annotations

import pytest

from mbclient.services.kit import Kit
from mbclient.services.nostr import repeats
from mbclient.services.nostr.service import Nostr
from tests.services.contract import outgoing
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import BO, opened

Two = tuple[Double, Double]
BUSY = "rate-limited: slow down"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "WAITS_S", (0, 0))


async def run_again(kit: Kit, relays: Two) -> None:
    """Another run of the program, which only reads."""
    service = await opened(kit, relays)
    await service.page()
    await service.aclose()


async def test_the_other_relay_gets_it_later(anna: Nostr, kit: Kit, relays: Two) -> None:
    relays[1].refuse = BUSY
    published = await anna.publish(await anna.prepare(outgoing("halv")))
    await anna.aclose()
    relays[1].refuse = ""
    await run_again(kit, relays)
    assert published.remote_id in relays[1].events
    number = len(relays[1].sent)
    await run_again(kit, relays)
    assert len(relays[1].sent) == number
    assert len(relays[0].sent) == 1


@pytest.mark.parametrize(("reason", "offers"), [(BUSY, 3), ("blocked: you are banned", 1)])
async def test_nobody_is_asked_for_ever(anna: Nostr, kit: Kit, relays: Two, reason: str, offers: int) -> None:
    relays[1].refuse = reason
    await anna.publish(await anna.prepare(outgoing("halv")))
    await anna.aclose()
    for _number in range(4):
        await run_again(kit, relays)
    assert len(relays[1].sent) == offers


async def test_another_persons_account_of_the_same_name_offers_nothing(anna: Nostr, kit: Kit, relays: Two) -> None:
    relays[1].refuse = BUSY
    await anna.publish(await anna.prepare(outgoing("halv")))
    await anna.aclose()
    number = len(relays[1].sent)
    service = await opened(kit, relays, key=BO)
    await service.page()
    await service.aclose()
    assert len(relays[1].sent) == number


async def test_what_is_taken_back_is_not_offered_again(anna: Nostr, kit: Kit, relays: Two) -> None:
    relays[1].refuse = BUSY
    published = await anna.publish(await anna.prepare(outgoing("halv")))
    await anna.aclose()
    assert published.post is not None
    await anna.delete(published.post)
    relays[1].refuse = ""
    relays[1].sent.clear()
    await run_again(kit, relays)
    assert published.remote_id not in [raw["id"] for raw in relays[1].sent]
    assert [raw["kind"] for raw in relays[1].events.values()].count(5) == 1
