"""A Mastodon-shaped server of this machine with so many posts by one person, which answers after so many seconds.

With `whole` behind these it tells everything that Mastodon does of itself and of people: other programs insist on it.

Prints its address. Then each line that it reads is a number of posts more, or `connections`, and is answered by a line
with the number that it has now. It ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import Any

from tests.services.mastodon_server import MastodonServer
from tests.services.wire import Reply, Request

HEARTBEAT_S = 15.0  # as Mastodon's streams have it
PERSON = {
    "avatar_static": "",
    "header": "",
    "header_static": "",
    "created_at": "2020-01-01T00:00:00.000Z",
    "statuses_count": 1,
    "followers_count": 1,
    "following_count": 1,
}
INSTANCE = {
    "title": "Test",
    "short_description": "",
    "description": "",
    "email": "",
    "stats": {"user_count": 2, "status_count": 40, "domain_count": 1},
    "languages": ["en"],
    "registrations": False,
    "approval_required": False,
}
MEDIA = {"supported_mime_types": ["image/png"], "image_size_limit": 1 << 24, "video_size_limit": 1 << 24}


class SlowServer(MastodonServer):
    """Every answer takes its time."""

    def __init__(self, seconds: float, *, whole: bool = False) -> None:
        super().__init__()
        self._seconds = seconds
        self._whole = whole

    async def _handle(self, request: Request) -> Reply:
        self.used = 0  # of the requests that a server allows: this one allows any number
        await asyncio.sleep(self._seconds)
        reply = await super()._handle(request)
        return replace(reply, body=self._completed(reply.body)) if self._whole else reply

    def _completed(self, told: object) -> object:
        if isinstance(told, list):
            return [self._completed(each) for each in told]
        if not isinstance(told, dict):
            return told
        whole: dict[str, Any] = {name: self._completed(value) for name, value in told.items()}
        if "acct" in whole and "note" in whole:
            return PERSON | whole
        if whole.get("uri") == self.domain:
            settings = whole["configuration"] | {"media_attachments": MEDIA}
            return INSTANCE | whole | {"configuration": settings, "urls": {"streaming_api": self._streaming()}}
        return whole


async def serve(number: int, seconds: float, *, whole: bool) -> None:
    async with SlowServer(seconds, whole=whole) as server:
        beating = asyncio.create_task(_beat(server))
        _write(server, number)
        print(server.url, flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line == "connections":
                print(server.wire.connections, flush=True)
            else:
                _write(server, int(line))
                print(len(server.statuses), flush=True)
        beating.cancel()


async def _beat(server: SlowServer) -> None:
    """A stream that is silent for a minute is a broken one."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        for line in server.lines.events:
            line.put_nowait(b":thump\n")


def _write(server: MastodonServer, number: int) -> None:
    for _number in range(number):
        place = len(server.statuses)
        server.write(
            server.people["bo"],
            f"post number {place} of https://example.com/some/long/path/{place} with #words to fill a line or two of"
            " the screen, and @anna in it",
        )


if __name__ == "__main__":
    asyncio.run(
        serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0, whole="whole" in sys.argv[3:])
    )
