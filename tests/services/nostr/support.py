"""What the tests of the Nostr adapter share: people, and accounts opened on relays."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from mbclient.domain.account import Account
from mbclient.services.kit import Kit
from mbclient.services.nostr.keys import Key
from mbclient.services.nostr.plugin import NostrPlugin
from mbclient.services.nostr.relays import address_of
from mbclient.services.nostr.service import Nostr
from tests.services.nostr.relay_server import Double


def person(name: str) -> Key:
    """A key that is made of a name: the same in every run."""
    return Key(hashlib.sha256(name.encode()).digest())


ANNA, BO, EVE = person("anna"), person("bo"), person("eve")


def now() -> int:
    return int(time.time())


def plugin() -> NostrPlugin:
    """One that knows no relay outside this machine."""
    return NostrPlugin(usual=("ws://127.0.0.1:9",), indexers=())


async def opened(kit: Kit, relays: Sequence[Double], key: Key = ANNA, follows: Sequence[Key] = (BO,)) -> Nostr:
    """Opened with a key in the keyring, following Bo."""
    kit.secrets.set("nostr", key.nsec())
    for relay in relays:
        await relay.write(key, 3, "", [["p", other.pubkey] for other in follows], at=now() - 1000)
    account = Account("nostr", "nostr", address_of(relay.url for relay in relays), remote_id=key.pubkey)
    service = plugin().open(account, kit)
    assert isinstance(service, Nostr)
    return service
