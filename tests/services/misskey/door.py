"""One port for both: requests go to the wire, sockets to the websockets library's own server."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class Door:
    """`async with Door(http_port, socket_port) as door`; bytes are handed on as they come."""

    def __init__(self, http_port: int, socket_port: int) -> None:
        self._ports = (http_port, socket_port)
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
                head = await reader.readuntil(b"\r\n\r\n")
                port = self._ports[b"upgrade: websocket" in head.lower()]
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
                inner_writer.write(head)
                try:
                    await self._between((reader, inner_writer), (inner_reader, writer))
                finally:
                    inner_writer.close()
        finally:
            self._open.discard(task)
            writer.close()

    @staticmethod
    async def _between(*ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Until either side ends."""
        pumps = [asyncio.ensure_future(_pump(source, sink)) for source, sink in ways]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
