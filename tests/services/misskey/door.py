"""One port for both: requests go to the wire, sockets to the websockets library's own server."""

from __future__ import annotations

import asyncio
import contextlib

from tests.services.wire import Listener


class Door(Listener):
    """`async with Door(http_port, socket_port) as door`; bytes are handed on as they come."""

    def __init__(self, http_port: int, socket_port: int) -> None:
        super().__init__()
        self._ports = (http_port, socket_port)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        port = self._ports[b"upgrade: websocket" in head.lower()]
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        inner_writer.write(head)
        try:
            await self._between((reader, inner_writer), (inner_reader, writer))
        finally:
            inner_writer.close()

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
