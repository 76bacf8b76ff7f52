"""The contract over the adapter, for each kind of server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.misskey.conftest import OwnBench, opened
from tests.services.misskey.server import MisskeyServer


class TestContract(AdapterContract):
    @pytest.fixture(params=["misskey", "before-2024.5", "sharkey"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with MisskeyServer(str(request.param)) as server:
            server.people["anna"].policies["canSearchNotes"] = True
            service = opened(server, kit)
            await service.load_capabilities()
            yield OwnBench(service, server)
