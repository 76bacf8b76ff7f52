"""Ten thousand wrong events of a relay: broken ones, and such as somebody has signed who wants to do harm."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from mbclient.services.nostr.events import signed
from mbclient.services.nostr.service import Nostr
from tests.hostile.mutations import JUNK, mutated
from tests.services.contract import assert_safe
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import BO, now

PAGES, EVENTS = 20, 50
KINDS = (*[1] * 12, 0, 3, 5, 6, 7, 16, 1111, 1984, 9735, 10000, 10002, 30023)
CONTENT = "hej #tag nostr:npub1x https://example.org/a.png"
TAGS = [["e", "a" * 64, "wss://r.example", "root"], ["p", BO.pubkey], ["t", "tag"], ["q", "b" * 64], ["imeta", "url x"]]


def evil(chance: random.Random) -> Any:
    """An event of somebody followed: signed whatever it says, or with something wrong in what was signed."""
    tags = mutated(TAGS, chance)
    words = (
        [[str(word)[:300] for word in tag] for tag in tags if isinstance(tag, list)] if isinstance(tags, list) else []
    )
    said = str(chance.choice([*JUNK, CONTENT, "{}", '{"name": 5, "nip05": []}']))[:3000]
    said = said.encode("utf-8", "replace").decode()
    written = [[word.encode("utf-8", "replace").decode() for word in tag] for tag in words]
    event = signed(BO, now() - chance.randrange(1000), chance.choice(KINDS), written, said).raw()
    wrong = event if chance.random() < 0.5 else mutated(event, chance)
    return json.loads(json.dumps(wrong, ensure_ascii=False).encode("utf-8", "replace"))  # what can be sent at all


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
async def test_ten_thousand_wrong_events_harm_nothing(anna: Nostr, relays: tuple[Double, Double], seed: int) -> None:
    chance = random.Random(seed)
    good = await relays[1].write(BO, 1, "hel", at=now() + 5)
    read = 0
    for _page in range(PAGES):
        relays[0].extra = [evil(chance) for _event in range(EVENTS)]
        page = await anna.page()
        assert good.id in [post.remote_id for post in page.posts]
        read += len(page.posts) - 1
        thread = await anna.thread(page.posts[-1])
        for post in (*page.posts, *thread.ancestors, thread.post, *thread.descendants):
            assert_safe(post)
        for notification in (await anna.notifications()).notifications:
            if notification.post is not None:
                assert_safe(notification.post)
    assert read > PAGES  # some are read past what is wrong in them
