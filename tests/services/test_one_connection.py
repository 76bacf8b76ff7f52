"""Speed facts G15: nothing heavy is built on the event loop, and a service has one connection, however often asked."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from mbclient.bootstrap import build, read_settings
from tests.services.built import built_on
from tests.services.mastodon_server import MastodonServer

_ACCOUNT = """
[[accounts]]
name = "{name}"
service = "mastodon"
url = "{url}"
handle = "anna"
token_command = ["printf", "anna-token"]
"""


@pytest.mark.parametrize("refreshes", [10, pytest.param(100, marks=pytest.mark.slow)])
async def test_refreshes_build_nothing_on_the_loop_and_keep_their_connection(tmp_path: Path, refreshes: int) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(MastodonServer()) for _number in range(2)]
        accounts = (_ACCOUNT.format(name=f"at{n}", url=server.url) for n, server in enumerate(servers))
        (tmp_path / "config.toml").write_text("schema = 1\n" + "".join(accounts), "utf-8")
        desk = build(read_settings(config=str(tmp_path / "config.toml"), data_dir=str(tmp_path / "data")))
        with built_on() as built:
            for number in range(refreshes):
                servers[0].write(servers[0].people["bo"], f"number {number}")
                servers[0].used = servers[1].used = 0  # of the requests that the server allows
                done = await desk.refresher.refresh()
                assert [(one.new, one.error) for one in done] == [(1, None), (0, None)]
        await desk.aclose()
        assert built.on_loop == 0
        assert 1 <= built.beside <= 2, "one client; the TLS context may be there already"
        assert [server.wire.connections for server in servers] == [1, 1]
