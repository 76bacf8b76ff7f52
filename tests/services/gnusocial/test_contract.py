"""The contract over the adapter, for each kind of server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.gnusocial.conftest import OwnBench, opened
from tests.services.gnusocial.server import TwitterServer


class TestContract(AdapterContract):
    @pytest.fixture(params=["gnusocial", "statusnet", "index.php", "twitter"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with TwitterServer(str(request.param)) as server:
            service = opened(server, kit)
            await service.load_capabilities()
            yield OwnBench(service, server)
