"""The streams of the tests' Mastodon: server-sent events beside its API, WebSockets at a port of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

PATH = "/api/v1/streaming"


class Lines:
    """All open lines. `events`: what each line of server-sent events is still to be sent, None cuts it, empty ends it.

    `knows` tells whether a token is good. `refuse`: the status of the next handshakes. `handshakes`: as they came.
    """

    def __init__(self, knows: Callable[[str], bool], *, sockets: bool) -> None:
        self._knows = knows
        self._opens_sockets = sockets
        self._server: Server | None = None
        self.sockets: set[ServerConnection] = set()
        self.events: list[asyncio.Queue[bytes | None]] = []
        self.handshakes: list[Request] = []
        self.refuse: list[HTTPStatus] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, process_request=self._admit, select_subprotocol=_the_first
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def tell(self, event: str, payload: object) -> None:
        """To every open line; who has none then never hears of it. The payload is JSON as a text, or an id."""
        text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        for queue in self.events:
            queue.put_nowait(f"event: {event}\ndata: {text}\n\n".encode())
        self.say({"stream": ["user"], "event": event, "payload": text})

    def say(self, frame: object) -> None:
        """A frame as it stands, to every socket."""
        broadcast(self.sockets, frame if isinstance(frame, str | bytes) else json.dumps(frame, ensure_ascii=False))

    def cut(self) -> None:
        """Every line breaks, as a cable does."""
        for queue in self.events:
            queue.put_nowait(None)
        self.events.clear()
        for socket in tuple(self.sockets):
            self.sockets.discard(socket)
            socket.transport.abort()

    # ------------------------------------------------------------ server-sent events

    def stream(self) -> AsyncIterator[bytes]:
        """A line that hears all from now on, though its first byte is still to be sent."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.events.append(queue)
        return _told(queue)

    # ------------------------------------------------------------ sockets

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """The token stands in a header, in the address or as a subprotocol (Mastodon facts 9)."""
        self.handshakes.append(request)
        if self.refuse:
            return connection.respond(self.refuse.pop(0), "no\n")
        address = urlsplit(request.path)
        query = parse_qs(address.query)
        if not self._opens_sockets or address.path != PATH or query.get("stream") != ["user"]:
            return connection.respond(HTTPStatus.NOT_FOUND, "not here\n")
        token = (
            request.headers.get("Authorization", "").removeprefix("Bearer ")
            or "".join(query.get("access_token", []))
            or request.headers.get("Sec-WebSocket-Protocol", "")
        )
        return None if self._knows(token) else connection.respond(HTTPStatus.UNAUTHORIZED, "no\n")

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.add(socket)
        try:
            await socket.wait_closed()
        finally:
            self.sockets.discard(socket)


def _the_first(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return offered[0] if offered else None


async def _told(queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    yield b":)\n\n"
    with contextlib.suppress(asyncio.CancelledError):
        while (event := await queue.get()) != b"":
            if event is None:
                raise ConnectionResetError
            yield b":thump\n"
            yield event
