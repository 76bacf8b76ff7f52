"""A Mastodon-shaped server of this machine with so many posts by one person, which answers after so many seconds.

Prints its address. Then each line that it reads is a number of posts more, or `connections`, and is answered by a line
with the number that it has now. It ends with its input.
"""

from __future__ import annotations

import asyncio
import sys

from tests.services.mastodon_server import MastodonServer
from tests.services.wire import Reply, Request


class SlowServer(MastodonServer):
    """Every answer takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def _handle(self, request: Request) -> Reply:
        self.used = 0  # of the requests that a server allows: this one allows any number
        await asyncio.sleep(self._seconds)
        return await super()._handle(request)


async def serve(number: int, seconds: float) -> None:
    async with SlowServer(seconds) as server:
        _write(server, number)
        print(server.url, flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line == "connections":
                print(server.wire.connections, flush=True)
            else:
                _write(server, int(line))
                print(len(server.statuses), flush=True)


def _write(server: MastodonServer, number: int) -> None:
    for _number in range(number):
        place = len(server.statuses)
        server.write(
            server.people["bo"],
            f"post number {place} of https://example.com/some/long/path/{place} with #words to fill a line or two of"
            " the screen, and @anna in it",
        )


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
