"""The contract over the adapter, on each plan and in each spelling of the fields."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.contract import AdapterContract, Bench
from tests.services.x.conftest import OwnBench, opened
from tests.services.x.server import XServer


class TestFull(AdapterContract):
    """A plan that has likes, quotes, and replies to anybody."""

    @pytest.fixture(params=["tweet", "post", "bare-post"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with XServer(full=True, generation=str(request.param)) as server:
            yield OwnBench(opened(server, kit), server)


class TestSelfServe(AdapterContract):
    """What everybody buys: no likes, no quotes, and replies only to who has mentioned one."""

    @pytest.fixture
    async def bench(self, kit: Kit) -> AsyncIterator[Bench]:
        async with XServer() as server:
            service = opened(server, kit)
            server.quoted_me.add("bo")
            called = server.write(server.people["bo"], "@anna?").id
            await service.post(called)
            del server.tweets[called]
            yield OwnBench(service, server)
