"""What the tests of this adapter share: a kit, an account, a server, and the bench of the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.service import Misskey
from tests.services.contract import Bench
from tests.services.misskey.server import MisskeyServer
from tests.services.misskey.shapes import iso

FAULTS = {
    "auth": (401, "AUTHENTICATION_FAILED"),
    "limited": (429, "RATE_LIMIT_EXCEEDED"),
    "down": (503, "INTERNAL_ERROR"),
    "refused": (400, "INVALID_PARAM"),
}


@pytest.fixture
async def server() -> AsyncIterator[MisskeyServer]:
    async with MisskeyServer() as server:
        yield server


def opened(server: MisskeyServer, kit: Kit, **fields: str) -> Misskey:
    """anna's account on the server, with her token in the kit's secrets."""
    account = Account("work", "misskey", server.url, f"anna@{server.domain}", remote_id="uanna")
    kit.secrets.set("work", Secret("anna-token"))
    return Misskey(Api(replace(account, **fields), kit))  # type: ignore[arg-type]  # only texts are given


@pytest.fixture
async def service(server: MisskeyServer, kit: Kit) -> Misskey:
    service = opened(server, kit)
    await service.load_capabilities()
    return service


def error(code: str, message: str = "no", info: object = None) -> dict[str, object]:
    """An error's body."""
    inner = {"message": message, "code": code, "id": "x", "kind": "client"}
    return {"error": inner if info is None else {**inner, "info": info}}


class OwnBench(Bench):
    """The contract's hands on the tests' own server."""

    addressee = "@bo "

    def __init__(self, service: Misskey, server: MisskeyServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [self.server.write(self.server.people["bo"], text).id for text in texts]

    async def reply_as_other(self, post: Post, text: str) -> str:
        bo, mine = self.server.people["bo"], self.server.notes[post.remote_id]
        note = self.server.write(bo, text, reply=mine)
        self.server.notify(mine.user, "reply", bo, note)
        return note.id

    async def count(self, text: str) -> int:
        return len(self.server.by(self.server.people["anna"], text))

    async def seed_poll(self, text: str, choices: Sequence[str], *, multiple: bool = False) -> str:
        shown = [{"text": choice, "votes": 0} for choice in choices]
        poll = {"choices": shown, "multiple": multiple, "expiresAt": None}
        return self.server.write(self.server.people["bo"], text, poll=poll).id

    async def end_poll(self, remote_id: str) -> None:
        poll = self.server.notes[remote_id].poll
        assert poll is not None
        poll["expiresAt"] = iso(datetime.now(UTC))

    async def spoil(self) -> None:
        self.server.nonsense = [None, 7, "x", [], {"id": "1"}, {"id": "9", "createdAt": "never", "user": {}}]

    async def fail(self, fault: str) -> None:
        if fault == "garbage":
            self.server.fault("notes/timeline", "garbage")
        else:
            status, code = FAULTS[fault]
            self.server.fault("notes/timeline", "status", status=status, body=error(code))

    async def lose_answer(self) -> None:
        self.server.fault("notes/create", "drop-after")
