"""Relays and an account on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from mbclient.services.kit import Kit
from mbclient.services.nostr.service import Nostr
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import opened


@pytest.fixture
async def relays() -> AsyncIterator[tuple[Double, Double]]:
    async with AsyncExitStack() as stack:
        yield (await stack.enter_async_context(Double()), await stack.enter_async_context(Double()))


@pytest.fixture
async def anna(kit: Kit, relays: tuple[Double, Double]) -> AsyncIterator[Nostr]:
    """Anna on both relays, following Bo."""
    service = await opened(kit, relays)
    yield service
    await service.aclose()
