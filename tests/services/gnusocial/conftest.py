"""What the tests of this adapter share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.kit import Kit
from tests.services.contract import Bench
from tests.services.gnusocial.server import TwitterServer

FAULTS = {"auth": 401, "limited": 429, "down": 503, "refused": 403}


@pytest.fixture
async def server() -> AsyncIterator[TwitterServer]:
    async with TwitterServer() as server:
        yield server


def opened(server: TwitterServer, kit: Kit, **fields: str) -> GnuSocial:
    """anna's account on the server, with her password in the kit's secrets."""
    account = Account("work", "gnusocial", server.url, f"anna@127.0.0.1:{server.wire.port}", remote_id="1")
    kit.secrets.set("work", Secret("anna-password"))
    return GnuSocial(Api(replace(account, **fields), kit))  # type: ignore[arg-type]  # only texts are given


@pytest.fixture
async def service(server: TwitterServer, kit: Kit) -> GnuSocial:
    service = opened(server, kit)
    await service.load_capabilities()
    return service


class OwnBench(Bench):
    """The contract's hands on the tests' own server."""

    def __init__(self, service: GnuSocial, server: TwitterServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [str(self.server.write(self.server.people["bo"], text).id) for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return str(self.server.write(self.server.people["bo"], text, parent=int(post.remote_id)).id)

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"id": 1}, {"id": 9, "created_at": "never", "user": {}}]

    async def fail(self, fault: str) -> None:
        (home,) = {"home_timeline", "friends_timeline"} & {
            name for name in ("home_timeline", "friends_timeline") if name in self.server.behaviour.lists
        } - ({"friends_timeline"} if "home_timeline" in self.server.behaviour.lists else set())
        if fault == "garbage":
            self.server.fault("GET", f"statuses/{home}.json", "garbage")
        else:
            self.server.fault("GET", f"statuses/{home}.json", "status", status=FAULTS[fault], body={"error": "no"})

    async def lose_answer(self) -> None:
        self.server.fault("POST", "statuses/update.json", "drop-after")
