"""A Mastodon-shaped server of this machine with so many posts by one person; prints its address, runs until killed."""

from __future__ import annotations

import asyncio
import sys

from tests.services.mastodon_server import MastodonServer


async def serve(number: int) -> None:
    async with MastodonServer() as server:
        for place in range(number):
            server.write(
                server.people["bo"], f"post number {place}, with some words to fill a line or two of the screen"
            )
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
