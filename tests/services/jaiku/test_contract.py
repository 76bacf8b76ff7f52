"""The contract over the adapter."""

from __future__ import annotations

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.jaiku.conftest import JaikuBench, opened
from tests.services.jaiku.server import JaikuServer


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, kit: Kit, server: JaikuServer) -> Bench:
        service = opened(server, kit)
        await service.load_capabilities()
        return JaikuBench(service, server)
