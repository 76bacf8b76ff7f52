"""The contract over the adapter: bounds of time that include their second or not, whole pages or short ones."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.threads.conftest import OwnBench, opened
from tests.services.threads.server import ThreadsServer


class TestContract(AdapterContract):
    @pytest.fixture(params=["inclusive", "exclusive", "short pages"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        short = request.param == "short pages"
        async with ThreadsServer(inclusive=request.param != "exclusive", most=4 if short else 100) as server:
            service = opened(server, kit)
            await service.load_capabilities()
            yield OwnBench(service, server)
