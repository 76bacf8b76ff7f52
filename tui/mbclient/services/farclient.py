"""The HTTP client for hosts that somebody outside has named: it connects to no address that is near."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from mbclient.services.near import TRY_S, Resolve, far_addresses


class FarBackend(httpcore.AnyIOBackend):
    """Looks names up itself, and connects to the addresses that it has looked at."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the base class's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await far_addresses(host, port, self._resolve)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for address in addresses[:-1]:
            try:
                return await super().connect_tcp(address, port, TRY_S, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


class FarTransport(httpx.AsyncHTTPTransport):
    """The usual transport over that backend; it takes one in no other way."""

    def __init__(self, context: ssl.SSLContext, resolve: Resolve) -> None:
        super().__init__(verify=context)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=FarBackend(resolve))
