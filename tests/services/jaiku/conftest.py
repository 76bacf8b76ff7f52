"""What these tests share: a kit, a server, anna's account, and the contract's bench."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.jaiku.service import Jaiku
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import Credentials, Pair
from tests.services.contract import Bench
from tests.services.jaiku.server import CONSUMER, JaikuServer
from tests.services.jaiku.shapes import NAMESPACE

FAULTS: dict[str, int] = {"auth": 3, "limited": 9, "refused": 5}


@pytest.fixture
async def server() -> AsyncIterator[JaikuServer]:
    async with JaikuServer() as server:
        yield server


ANNA = Pair("anna-token", Secret("anna-secret"))


def stored(token: Pair = ANNA) -> Secret:
    return Credentials(consumer=Pair(CONSUMER[0], Secret(CONSUMER[1])), token=token).pack()


def opened(server: JaikuServer, kit: Kit) -> Jaiku:
    """anna's account, with her token in the kit's secrets."""
    nick = f"anna@{NAMESPACE}"
    kit.secrets.set("work", stored())
    return Jaiku(Account("work", "jaiku", server.url, nick, remote_id=nick), kit)


@pytest.fixture
async def service(server: JaikuServer, kit: Kit) -> Jaiku:
    service = opened(server, kit)
    await service.load_capabilities()
    return service


class JaikuBench(Bench):
    """The contract's hands on the tests' own server."""

    def __init__(self, service: Jaiku, server: JaikuServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.name(self.server.write("bo", text)) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        parent = self.server.entries[post.remote_id.rpartition("/")[2]]
        return self.server.name(self.server.write("bo", text, parent=parent))

    async def count(self, text: str) -> int:
        return len(self.server.by("anna", text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"uuid": "zz"}, {"uuid": "aa", "stream": "stream/x@y/presence"}]

    async def fail(self, fault: str) -> None:
        """Home first asks for nothing else than the overview."""
        if fault == "down":
            self.server.fault("entry_get_actor_overview", "status", status=503)
        else:
            self.server.fault("entry_get_actor_overview", FAULTS.get(fault, "garbage"))

    async def lose_answer(self) -> None:
        self.server.fault("post", "drop-after")
