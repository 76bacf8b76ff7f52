"""The token is nowhere but in the request: not in errors, tracebacks, logs, files; and nothing heavy loads early."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import outgoing
from tests.services.mastodon.conftest import opened
from tests.services.mastodon.test_login import Browser, sign_in
from tests.services.mastodon_server import MastodonServer

CANARY = "canary-0123456789abcdef"
CALLS: dict[str, Callable[[Mastodon, Post], Awaitable[object]]] = {
    "page": lambda service, post: service.page(),
    "own_posts": lambda service, post: service.own_posts(datetime.now(UTC)),
    "search": lambda service, post: service.search("x"),
    "post": lambda service, post: service.post(post.remote_id),
    "thread": lambda service, post: service.thread(post),
    "notifications": lambda service, post: service.notifications(),
    "verify": lambda service, post: service.verify(),
    "publish": lambda service, post: _publish(service),
    "delete": lambda service, post: service.delete(post),
    "like": lambda service, post: service.set_liked(post, True),
    "boost": lambda service, post: service.set_boosted(post, True),
    "bookmark": lambda service, post: service.set_bookmarked(post, True),
    "stream": lambda service, post: _listen(service),
}


async def _listen(service: Mastodon) -> object:
    """Until it ends: a line with nonsense on it stands at first."""
    return [event async for event in service.stream()]


async def _publish(service: Mastodon) -> object:
    return await service.publish(await service.prepare(outgoing("hej")))


@pytest.mark.parametrize("kind", ["drop-before", "garbage", "status"])
@pytest.mark.parametrize("name", CALLS)
async def test_no_error_holds_the_token(
    server: MastodonServer, kit: Kit, name: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.people["anna"].token = CANARY
    service = opened(server, kit)
    kit.secrets.set("work", Secret(CANARY))
    caplog.set_level(logging.DEBUG)
    post = await service.post(server.write(server.people["anna"], "x").id)
    for method in ("GET", "GET", "POST", "POST", "DELETE"):
        server.fault(method, "*", kind, status=401, body={"error": "nope"})
    with pytest.raises(MbclientError) as caught:
        await CALLS[name](service, post)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(service.api) + caplog.text
    assert CANARY not in told
    assert any(CANARY in request.headers["authorization"] for request in server.wire.requests)  # the canary lives


async def test_signing_in_leaves_no_token_behind(
    server: MastodonServer, kit: Kit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.people["anna"].token = CANARY
    caplog.set_level(logging.DEBUG)
    signed = await sign_in(server, kit, Browser(paste=True))
    assert signed.secret == Secret(CANARY)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert all(CANARY.encode() not in file.read_bytes() for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert CANARY not in caplog.text + repr(signed)


def test_the_adapter_loads_no_http_library() -> None:
    """It is loaded with the first request, after the first paint."""
    code = (
        "import sys, mbclient.services.mastodon, mbclient.services.registry\n"
        "print(sorted({'httpx', 'anyio', 'grapheme', 'textual', 'keyring'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
