"""Which relays: those of the account's address, of the own list (NIP-65), else the usual ones; and what they are like.

An address names one relay, and more of them as `?relay=…&relay=…`; typed, they may stand with commas between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from mbclient.domain.errors import ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.answers import is_passing
from mbclient.services.http import LOOPBACK
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import Event
from mbclient.services.redirects import is_figures
from mbclient.services.websocket import socket_address

USUAL = ("wss://relay.damus.io", "wss://nos.lol", "wss://relay.primal.net")
INDEXERS = ("wss://purplepag.es", "wss://user.kindpag.es")  # keep everybody's profiles and lists
MAX_OWN = 8


def relays_of(address: str) -> tuple[str, ...]:
    """The relays of an account's address. Raises `UsageError` for what is none."""
    typed: list[str] = []
    for part in address.replace(" ", ",").split(","):
        if not part:
            continue
        plain, _mark, query = part.partition("?")
        typed += [plain, *(value for name, value in parse_qsl(query) if name == "relay")]
    return tuple(dict.fromkeys(socket_address(name.replace("https://", "wss://", 1)) for name in typed))[:MAX_OWN]


def address_of(relays: Iterable[str]) -> str:
    """The relays as one address."""
    first, *others = relays
    return f"{first}?{'&'.join(f'relay={name}' for name in others)}" if others else first


def is_local(relays: Iterable[str]) -> bool:
    """Whether all are on this machine: then nobody elsewhere is asked either."""
    return all((urlsplit(name).hostname or "") in LOOPBACK for name in relays)


def listed(event: Event | None, mark: str, *, local: bool) -> tuple[str, ...]:
    """The relays of a kind 10002 with this mark (read, write), or none at all, which means both."""
    found: dict[str, None] = {}
    for tag in event.named("r") if event is not None else ():
        if len(tag) < 3 or tag[2] in (mark, ""):
            try:
                address = socket_address(tag[1])
            except UsageError:
                continue
            host = urlsplit(address).hostname or ""
            if local or not (host in LOOPBACK or is_figures(host)):  # a list from outside leads to nothing near by
                found[address] = None
    return tuple(found)[:MAX_OWN]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a relay says of itself (NIP-11); 0 where it says nothing."""

    content: int = 0
    frame: int = 0
    search: bool = False
    software: str = ""

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Limits:
        search, software = kept.get("search") is True, kept.get("software")
        content, frame = _count(kept.get("content")), _count(kept.get("frame"))
        return cls(content, frame, search, software if isinstance(software, str) else "")


async def limits_of(kit: Kit, relay: str, account: str) -> Limits | None:
    """Asks a relay what it is like; nothing is known of one that does not say. None for one that is down."""
    url = relay.replace("ws", "http", 1)
    try:
        answer = await kit.http.request("GET", url, headers={"Accept": "application/nostr+json"}, max_wire=200_000)
        if is_passing(answer):
            return None
        value = answer.json() if answer.ok else {}
    except ServiceError:
        return None
    if not isinstance(value, Mapping):
        return Limits()
    limitation = value.get("limitation")
    limitation = limitation if isinstance(limitation, Mapping) else {}
    nips = value.get("supported_nips")
    software = value.get("software")
    return Limits(
        _count(limitation.get("max_content_length")),
        _count(limitation.get("max_message_length")),
        50 in nips if isinstance(nips, list) else False,
        software if isinstance(software, str) else "",
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else 0
