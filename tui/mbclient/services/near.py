"""Where a name leads. What somebody outside has named must not lead into the network that this computer stands in.

A name is looked up once, every address of it is looked at, and the connection goes to one of these very addresses: a
name that leads elsewhere the next time (DNS rebinding) gains nothing (reliability facts 4.5, SSRF). The user's own
server may stand anywhere, and so may what it leads to while it stands in such a network itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from mbclient.texts import _

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

TRY_S = 2.0  # for one of several addresses
_TRANSLATED = "64:ff9b::/96"  # RFC 6052: an IPv4 address in its last 32 bits
_ASSIGNED = "192.0.0.0/24"  # RFC 6890: Python before 3.11.9 knows a part of it


class NearError(OSError):
    """A name that leads into this network, or nowhere."""


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, best first, as the system knows them. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_kind, address in found))


def is_near(address: str) -> bool:
    """Whether an address is of this machine, of a private network, or of no single host on the internet.

    Addresses that stand for another (mapped, translated, 6to4) are what they stand for; what is none is near.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, ipaddress.IPv6Address):
        within = found.ipv4_mapped or found.sixtofour
        if within is None and found in ipaddress.IPv6Network(_TRANSLATED):
            within = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if within is not None:
            return is_near(str(within))
        if found.is_site_local:
            return True
    elif found in ipaddress.IPv4Network(_ASSIGNED):
        return True
    return not found.is_global or found.is_multicast or found.is_reserved


async def far_addresses(host: str, port: int, resolve: Resolve = look_up) -> Sequence[str]:
    """The addresses of a name, none of which is near. Raises `NearError` when one is, `OSError` for no such name."""
    addresses = await resolve(host, port)
    if not addresses or any(map(is_near, addresses)):
        raise NearError(_("it leads into this computer's own network, and somebody else named it"))
    return addresses


async def far_socket(host: str, port: int, resolve: Resolve, seconds: float) -> socket.socket:
    """A connection to one of them. Raises `OSError`, `TimeoutError` among them."""
    async with asyncio.timeout(seconds):
        error: OSError | None = None
        for address in await far_addresses(host, port, resolve):
            try:
                return await asyncio.wait_for(dial(address, port), TRY_S)
            except OSError as failed:
                error = failed
        raise error or NearError(host)


async def dial(address: str, port: int) -> socket.socket:
    """A connection to an address in figures."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def is_proxied(url: str) -> bool:
    """Whether a proxy of the environment is asked: then it alone knows where names lead."""
    from urllib.request import getproxies, proxy_bypass  # late: a whole HTTP client that the first paint can do without

    parts = urlsplit(url)
    proxies = getproxies()
    secure = ("wss", "https") if parts.scheme in ("wss", "https") else ("ws", "http")
    names = (*secure, "socks", "all") if parts.scheme in ("ws", "wss") else (parts.scheme, "all")
    return any(name in proxies for name in names) and not proxy_bypass(parts.netloc)
