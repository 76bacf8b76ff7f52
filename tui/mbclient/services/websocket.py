"""The one door for WebSockets (RFC 6455): same TLS and addresses as `http`, bounded frames, faults by their names.

    async with open_socket(kit, "wss://relay.example", account="work") as socket:
        await socket.send(["REQ", "1", {"limit": 20}])
        async for value in socket:          # decoded JSON, until a `ServiceError` ends the line
            ...

A line is broken when nothing at all comes in for a minute, though pings go out (reliability facts 4.1). Secrets travel
in headers or subprotocols; no error, log or address here ever holds one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from mbclient import __version__
from mbclient.domain.errors import UnreachableError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer, decode_json, raise_for_status
from mbclient.services.http import CONNECT_S, LOOPBACK, STREAM_S, reason_of
from mbclient.services.kit import Kit
from mbclient.services.near import far_socket, is_proxied
from mbclient.services.redaction import redacted
from mbclient.texts import _

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection, connect

MAX_FRAME = 1_000_000  # bytes of one message, fragments together
MAX_NONSENSE = 100  # messages in a row that are no JSON: then the other side speaks another language
CLOSE_S = 1.0  # for the closing handshake: who leaves does not wait for a peer that may be gone
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110 5.6.2: what may stand as a subprotocol
_LINE = re.compile(r"[\x20-\x7e]*\Z")


class Socket:
    """An open line. `skipped`: messages that were binary or no JSON, and were passed over."""

    def __init__(self, connection: ClientConnection, host: str, account: str) -> None:
        self._connection = connection
        self._host = host
        self._account = account
        self.skipped = 0

    async def send(self, value: object) -> None:
        """One JSON text frame. Raises `UnreachableError` when the line is broken."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(json.dumps(value, separators=(",", ":")))
        except (ConnectionClosed, OSError) as error:
            raise self._broken(error) from error

    async def receive(self) -> Any:
        """The next message's JSON, free of lone surrogates. A cancelled wait loses none (`asyncio.timeout` is fine).

        Raises `UnreachableError` when the line is broken or closed, by whomever.
        """
        from websockets.exceptions import ConnectionClosed

        for _number in range(MAX_NONSENSE):
            try:
                message = await self._connection.recv()
            except (ConnectionClosed, OSError) as error:
                raise self._broken(error) from error
            try:
                if isinstance(message, str):
                    return decode_json(message.encode())
            except (ValueError, RecursionError):
                pass
            self.skipped += 1
        raise UnreachableError(
            _("{host} answered with something that is not JSON").format(host=self._host), account=self._account
        )

    async def __aiter__(self) -> AsyncIterator[Any]:
        while True:
            yield await self.receive()

    def _broken(self, error: Exception) -> UnreachableError:
        return UnreachableError(
            _("the stream of {host} broke ({reason})").format(host=self._host, reason=reason_of(error)),
            account=self._account,
        )


@asynccontextmanager
async def open_socket(
    kit: Kit,
    url: str,
    *,
    account: str = "",
    headers: Mapping[str, str] | None = None,
    subprotocols: Sequence[str] = (),
    max_frame: int = MAX_FRAME,
    outside: bool = False,
) -> AsyncIterator[Socket]:
    """Opens a line and closes it at the end. Redirects are refused, nothing is packed, frames past the bound break it.

    `headers` and `subprotocols` may hold a token. `outside`: somebody else has named the host, so it must not lead into
    this computer's network. Proxies of the environment are used, except for this machine itself.
    Raises the `ServiceError` tree (a refused handshake by its status), `UsageError` for an address that is not wss or
    a header that cannot be sent.
    """
    parts = check_socket_address(url)
    host = parts.hostname or ""
    _check_sendable(host, headers or {}, subprotocols)
    connector, tls = await asyncio.to_thread(_connector), await kit.http.tls()
    where: dict[str, Any] = {}
    if outside and not is_proxied(url):
        where["sock"] = await _far_socket(kit, url, account)
    connection = await _connected(
        connector(
            url,
            ssl=tls if parts.scheme == "wss" else None,
            additional_headers=dict(headers or {}),
            subprotocols=[*subprotocols] or None,  # type: ignore[list-item]  # its NewType of str
            user_agent_header=f"mbclient/{__version__}",
            compression=None,
            proxy=None if host in LOOPBACK else True,
            open_timeout=CONNECT_S,
            ping_interval=STREAM_S / 2,
            ping_timeout=None,  # `Watched` knows better
            close_timeout=CLOSE_S,
            max_size=max_frame,
            logger=_silent(),
            **where,
        ),
        kit,
        url,
        account,
        {**(headers or {}), "Sec-WebSocket-Protocol": ", ".join(subprotocols)},
    )
    try:
        yield Socket(connection, host, account)
    finally:
        await connection.close()


async def _connected(opening: connect, kit: Kit, url: str, account: str, told: Mapping[str, str]) -> ClientConnection:
    """The open connection, or what went wrong, by name. No cause is kept that may quote address or headers."""
    from websockets.exceptions import InvalidStatus, WebSocketException

    host = urlsplit(url).hostname or ""
    try:
        return await opening
    except InvalidStatus as error:
        response = error.response
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        plain = url.partition("?")[0]
        body = redacted(bytes(response.body or b""), told, url=url)
        answer = Answer(response.status_code, headers, body, plain, account=account)
        raise_for_status(answer, kit.clock.now(), account=account, write=False)
        raise UnreachableError(
            _("{host} opens no stream ({status})").format(host=host, status=response.status_code), account=account
        ) from None
    except (OSError, WebSocketException, ImportError) as error:
        # an ImportError: a SOCKS proxy, for which a package lacks
        raise _unreachable(host, error, account) from None


async def _far_socket(kit: Kit, url: str, account: str) -> socket.socket:
    """A connection to where the host leads, which is not near. Raises `UnreachableError`."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        return await far_socket(host, port, kit.http.resolve, CONNECT_S)
    except OSError as error:
        raise _unreachable(host, error, account) from None


def _unreachable(host: str, error: Exception, account: str) -> UnreachableError:
    why = reason_of(error) if isinstance(error, OSError | ImportError) else type(error).__name__
    return UnreachableError(
        _("{host} cannot be reached ({reason})").format(host=host, reason=why),
        _("check the network and the account's url"),
        account=account,
    )


@cache
def _connector() -> type[connect]:
    """The library's opener: no redirects, no patience. Called in a thread: importing takes 250 ms."""
    from websockets.asyncio.client import ClientConnection, connect

    class Watched(ClientConnection):
        """Hangs up after a minute of silence; whoever broke a rule has `CLOSE_S` to do so.

        Any byte is a sign of life, the other side's own pings too: some servers answer none of ours.
        """

        _heard = 0.0
        _broke_a_rule = False
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._heard = self.loop.time()
            self._timer = self.loop.call_later(STREAM_S, self._watch)

        def data_received(self, data: bytes) -> None:
            self._heard = self.loop.time()
            super().data_received(data)
            if self.protocol.close_expected() and not self._broke_a_rule:
                self._broke_a_rule = True
                self._watch_from(CLOSE_S)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._timer is not None:
                self._timer.cancel()
            super().connection_lost(exc)

        def _watch_from(self, seconds: float) -> None:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self.loop.call_later(seconds, self._watch)

        def _watch(self) -> None:
            left = self._heard + STREAM_S - self.loop.time()
            if self._broke_a_rule or left <= 0:
                self.transport.abort()
            else:
                self._watch_from(left)

    class Straight(connect):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, create_connection=Watched, **options)

        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    return Straight


@cache
def _silent() -> logging.Logger:
    """The library's log quotes headers and messages: nothing of it is kept."""
    logger = logging.getLogger("mbclient.websocket")
    logger.disabled = True
    return logger


def _check_sendable(host: str, headers: Mapping[str, str], subprotocols: Sequence[str]) -> None:
    good = all(_TOKEN.match(name) and _LINE.match(value) for name, value in headers.items())
    if good and all(_TOKEN.match(name) for name in subprotocols):
        return
    raise UsageError(
        _("the request to {host} cannot be written: its address or the secret holds a wrong character").format(
            host=host
        ),
        _("sign in again"),
    )


def is_subprotocol(text: str) -> bool:
    """Whether a token may be sent as a subprotocol, which is how browsers sign in to a socket."""
    return _TOKEN.match(text) is not None


def check_socket_address(url: str) -> SplitResult:
    """wss anywhere; plain ws only to this machine. Raises `UsageError`, which quotes no query: a token may be there."""
    try:
        parts = urlsplit(url)
        host, _port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        raise _no_socket(url) from None
    clean = url.isascii() and url.isprintable() and " " not in url and not parts.fragment
    if host and clean and user is None and (parts.scheme == "wss" or (parts.scheme == "ws" and host in LOOPBACK)):
        return parts
    raise _no_socket(url)


def socket_address(typed: str) -> str:
    """`wss://host[:port][/path]` of what somebody typed or a list named. Raises `UsageError`.

    The host follows the rules of `server_address`: punycode, no user part, no address in figures but loopback.
    """
    text = typed.strip()
    try:
        parts = urlsplit(text if "://" in text else f"wss://{text}")
        web = {"wss": "https", "ws": "http"}[parts.scheme]
        base = server_address(f"{web}://{parts.netloc}")
    except (ValueError, KeyError, UsageError):
        raise _no_socket(typed) from None
    address = base.replace("http", "ws", 1) + parts.path.rstrip("/")
    if parts.query or not address.isascii():
        raise _no_socket(typed)
    check_socket_address(address)
    return address


def _no_socket(url: str) -> UsageError:
    return UsageError(
        _("{url} is not a wss address").format(url=SafeText.line(url.partition("?")[0], max_characters=80)),
        _("write it as wss://host"),
    )
