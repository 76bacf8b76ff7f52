"""What the tests of this adapter share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.x.service import X
from mbclient.services.x.session import Tokens
from tests.services.contract import Bench
from tests.services.x.server import CLIENT, XServer
from tests.services.x.shapes import problem

FAULTS = {"limited": 429, "down": 503, "refused": 403}


@pytest.fixture
async def server() -> AsyncIterator[XServer]:
    async with XServer() as server:
        yield server


def keep_tokens(server: XServer, kit: Kit, name: str = "anna", *, lasts: timedelta = timedelta(hours=2)) -> Tokens:
    """A session in the kit's secrets."""
    access, refresh = server.sign_in(name)
    tokens = Tokens(CLIENT, Secret(access), Secret(refresh), datetime.now(UTC) + lasts)
    kit.secrets.set("work", tokens.pack())
    return tokens


def opened(server: XServer, kit: Kit, **fields: Any) -> X:
    """anna's account on the server, signed in."""
    keep_tokens(server, kit)
    account = Account("work", "x", server.url, "anna", remote_id="1", plan="full" if server.full else "")
    return X(replace(account, **fields), kit)


@pytest.fixture
def service(server: XServer, kit: Kit) -> X:
    return opened(server, kit)


class OwnBench(Bench):
    """The contract's hands on the tests' own server."""

    def __init__(self, service: X, server: XServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.write(self.server.people["bo"], text).id for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        return self.server.write(self.server.people["bo"], text, kind="replied_to", target=post.remote_id).id

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"id": "1"}, {"id": [], "text": "x"}, {"id": "x", "text": 7}]

    async def fail(self, fault: str) -> None:
        home = "/2/users/1/timelines/reverse_chronological"
        if fault == "auth":  # 401s, and what renewing makes of them: test_session
            body = problem("about:blank", 403, "Your account is suspended and is not permitted to access this feature.")
            self.server.fault("GET", home, "status", status=403, body=body)
        elif fault == "garbage":
            self.server.fault("GET", home, "garbage")
        else:
            body = problem("about:blank", FAULTS[fault], "no")
            self.server.fault("GET", home, "status", status=FAULTS[fault], body=body)

    async def lose_answer(self) -> None:
        self.server.fault("POST", "/2/tweets", "drop-after")
