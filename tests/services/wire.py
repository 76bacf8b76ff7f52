"""A small HTTP/1.1 server on 127.0.0.1 in the test's own event loop, which can also misbehave.

`Wire(handle)` calls `handle(request)` for each request; what it gives is written as it says: a whole `Reply`, one that
is cut, nothing at all. Every request is kept in `requests`, so a test can count what was really asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(slots=True)
class Request:
    """One request as it came. Header names are lower case; `path` is decoded, without the query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(slots=True)
class Reply:
    """What is answered. `drop`: the connection ends after the request was read, with nothing written.

    `cut`: only so many bytes of the body are sent, though all are promised. `chunks`: an endless or slow body, sent
    chunked as they come.
    """

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: int | None = None
    chunks: AsyncIterator[bytes] | None = None

    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode("utf-8", "surrogatepass")


Handler = Callable[[Request], Awaitable[Reply]]


class Listener(ABC):
    """A port on 127.0.0.1, and the lines that came in over it."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            # a cancelled connection is the end of the test, and asyncio's streams log what they did not expect
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    @abstractmethod
    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One line, until it ends."""


class Wire(Listener):
    """`async with Wire(handle) as wire:`; clients talk to `wire.url`."""

    def __init__(self, handle: Handler) -> None:
        super().__init__()
        self._handle = handle
        self.requests: list[Request] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await self._exchange(reader, writer):
            pass

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the connection ends with it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _version = head[0].split(" ", 2)
        headers = {
            name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        request = Request(method, target, headers, body)
        self.requests.append(request)
        reply = await self._handle(request)
        if reply.drop:
            return False
        lines = [f"HTTP/1.1 {reply.status} Status"]
        payload = reply.payload()
        named = {name.lower() for name in reply.headers}
        if "content-type" not in named:
            lines.append("Content-Type: application/json; charset=utf-8")
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.chunks is not None:
            writer.write("\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode())
            async for chunk in reply.chunks:
                writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                await writer.drain()
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            return True
        lines.append(f"Content-Length: {len(payload)}")
        writer.write("\r\n".join([*lines, "", ""]).encode("utf-8") + payload[: reply.cut])
        await writer.drain()
        return reply.cut is None and headers.get("connection", "").lower() != "close"
