"""The contract over the Mastodon adapter, for each kind of server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.mastodon.conftest import OwnBench, opened
from tests.services.mastodon_server import MastodonServer

SOFTWARE = [
    "mastodon",
    "mastodon-4.6",
    "mastodon-4.2",
    "glitch",
    "hometown",
    "gotosocial",
    "pleroma",
    "akkoma",
    "pixelfed",
    "takahe",
    "snac",
    "hollo",
]


class TestContract(AdapterContract):
    @pytest.fixture(params=SOFTWARE)
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with MastodonServer(str(request.param)) as server:
            service = opened(server, kit)
            await service.load_capabilities()
            yield OwnBench(service, server)
