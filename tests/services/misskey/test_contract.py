"""The contract over the adapter, for each kind of server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.core.ports import Service
from mbclient.domain.errors import RateLimitedError
from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench, outgoing, unique
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


class TestContractAtMisskeyIo(TestContract):
    @pytest.fixture(params=["misskey.io"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with MisskeyServer(str(request.param)) as server:
            server.people["anna"].policies["canSearchNotes"] = True
            service = opened(server, kit)
            await service.load_capabilities()
            yield OwnBench(service, server)

    async def test_two_equal_posts_are_two(self, bench: Bench, service: Service) -> None:
        """The second has to wait: within a minute the server takes it for a repeat."""
        text = unique()
        await service.publish(await service.prepare(outgoing(text)))
        with pytest.raises(RateLimitedError):
            await service.publish(await service.prepare(outgoing(text)))
        assert await bench.count(text) == 1
