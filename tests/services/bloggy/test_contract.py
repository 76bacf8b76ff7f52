"""The contract, with the Twitter-like API and by the known calls alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mbclient.services.kit import Kit
from tests.services.bloggy.conftest import BloggyBench, opened
from tests.services.bloggy.server import BloggyServer
from tests.services.contract import AdapterContract, Bench


class TestContract(AdapterContract):
    @pytest.fixture(params=["api", "plain"])
    async def bench(self, request: pytest.FixtureRequest, kit: Kit) -> AsyncIterator[Bench]:
        async with BloggyServer(api=request.param == "api") as server:
            yield BloggyBench(await opened(server, kit), server)
