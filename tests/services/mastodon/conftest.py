"""What the Mastodon tests share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from mbclient.core.ports import Secrets
from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import Bench
from tests.services.kit import MemorySecrets, kit_in
from tests.services.mastodon_server import MastodonServer


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit_in(tmp_path) as kit:
        yield kit


@pytest.fixture
async def server() -> AsyncIterator[MastodonServer]:
    async with MastodonServer() as server:
        yield server


def opened(server: MastodonServer, kit: Kit, **fields: str) -> Mastodon:
    """anna's account on the server, with her token in the kit's secrets."""
    account = Account("work", "mastodon", server.url, "anna@" + server.domain, remote_id="1", **fields)  # type: ignore[arg-type]  # only texts are given
    secrets: Secrets = kit.secrets
    secrets.set("work", Secret("anna-token"))
    return Mastodon(account, kit)


@pytest.fixture
def service(server: MastodonServer, kit: Kit) -> Mastodon:
    return opened(server, kit)


class OwnBench(Bench):
    """The contract's hands on the tests' own server."""

    def __init__(self, service: Mastodon, server: MastodonServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.write(self.server.people["bo"], text).id for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return self.server.write(self.server.people["bo"], text, parent=post.remote_id).id

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"id": 1}, {"id": "9", "created_at": "never", "account": {}}]

    async def fail(self, fault: str) -> None:
        if fault == "auth":
            self.server.fault(
                "GET", "/api/v1/timelines/home", "status", status=401, body={"error": "The access token was revoked"}
            )
        elif fault == "garbage":
            self.server.fault("GET", "/api/v1/timelines/home", "garbage")
        else:
            status = {"limited": 429, "down": 503, "refused": 403}[fault]
            self.server.fault("GET", "/api/v1/timelines/home", "status", status=status, body={"error": "no"})

    async def lose_answer(self) -> None:
        self.server.fault("POST", "/api/v1/statuses", "drop-after")


__all__ = ["MemorySecrets", "OwnBench", "opened"]
