"""What the Mastodon tests share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.core.ports import Secrets
from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import Bench, unique
from tests.services.kit import MemorySecrets
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import Poll


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

    async def seed_poll(self, text: str, choices: Sequence[str], *, multiple: bool = False) -> str:
        poll = Poll(unique("poll").split()[1], list(choices), datetime.now(UTC) + timedelta(hours=1), multiple)
        return self.server.write(self.server.people["bo"], text, poll=poll).id

    async def end_poll(self, remote_id: str) -> None:
        poll = self.server.statuses[remote_id].poll
        assert poll is not None
        poll.ends = datetime.now(UTC)

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
