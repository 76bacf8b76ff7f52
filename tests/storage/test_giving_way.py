"""What is being stored gives way to keys, and a key that waits for it does not wait for itself."""

from __future__ import annotations

import asyncio

from mbclient.core.pieces import key_came, key_painted
from mbclient.core.stores import Arrival, Stored, Stores
from tests.gates import Gate
from tests.storage.posts import post


async def storing(stores: Stores, gate: Gate) -> asyncio.Task[Stored]:
    """As soon as it waits for a key, in the midst of a transaction."""
    key_came()
    arrivals = [Arrival(post(number), frozenset()) for number in range(1, 6)]
    task = asyncio.create_task(asyncio.to_thread(stores.archive.store, arrivals))
    await gate.waits()
    return task


async def test_posts_are_stored_when_the_key_is_painted(stores: Stores, gate: Gate) -> None:
    task = await storing(stores, gate)
    key_painted()
    assert len((await task).new) == 5
    assert gate.ended == [True]


async def test_what_the_key_itself_writes_waits_for_no_patience_to_end(stores: Stores, gate: Gate) -> None:
    task = await storing(stores, gate)
    stores.archive.set_place("work", 7)
    assert stores.archive.place("work") == 7
    assert len((await task).new) == 5
    assert gate.ended == [True]
