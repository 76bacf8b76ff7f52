"""What the tests of this adapter share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.threads.api import Api
from mbclient.services.threads.service import Threads
from tests.services.contract import Bench
from tests.services.threads.server import ThreadsServer

FAULTS = {
    "auth": (400, 190, "Error validating access token"),
    "limited": (403, 4, "Application request limit reached"),
    "down": (503, 2, "Service temporarily unavailable"),
    "refused": (400, 100, "Invalid parameter"),
}


@pytest.fixture
async def server() -> AsyncIterator[ThreadsServer]:
    async with ThreadsServer() as server:
        yield server


def opened(server: ThreadsServer, kit: Kit, **fields: str) -> Threads:
    """anna's account, with her token in the kit's secrets."""
    account = Account("work", "threads", server.url, "anna", remote_id="1001")
    kit.secrets.set("work", Secret("anna-token"))
    return Threads(Api(replace(account, **fields), kit))  # type: ignore[arg-type]  # only texts are given


@pytest.fixture
async def service(server: ThreadsServer, kit: Kit) -> Threads:
    service = opened(server, kit)
    await service.load_capabilities()
    return service


class OwnBench(Bench):
    """The contract's hands. Nobody's timeline is to be had: what mentions me comes instead."""

    def __init__(self, service: Threads, server: ThreadsServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.write(self.server.people["bo"], text, mentions={"anna"}).id for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return self.server.write(self.server.people["bo"], text, parent=self.server.media[post.remote_id]).id

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"id": "1"}, {"id": "9", "timestamp": "never"}]

    async def fail(self, fault: str) -> None:
        if fault == "garbage":
            self.server.fault("GET", "me/threads", "garbage")
        else:
            for _time in range(1 + (fault == "refused")):  # which is asked once more, for less
                self.server.fault("GET", "me/threads", "error", *FAULTS[fault])

    async def lose_answer(self) -> None:
        self.server.fault("POST", "me/threads_publish", "drop-after")
