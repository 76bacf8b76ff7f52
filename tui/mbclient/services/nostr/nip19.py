"""The names that people see: bech32 (BIP-173, not bech32m) with the prefixes and fields of NIP-19.

Whatever is malformed is a `ValueError`; fields of an unknown kind are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mbclient.domain.lazydataclass import dataclass

MAX_CHARACTERS = 5000
_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: number for number, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_ID, _RELAY, _AUTHOR, _KIND = range(4)  # NIP-19's fields
_KINDS = {"npub": "profile", "nprofile": "profile", "note": "event", "nevent": "event"}

# A gateway's address holds a name too, in its path or its host: it is one link, and whoever wrote it names nobody.
_ADDRESS = r"(?:https?|wss?)://[^\s<>\"]+|(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?[/?#][^\s<>\"]*"
_NAME = r"(?<!\w)(?:nostr:)?@?(?P<name>(?:npub|nprofile|note|nevent)1[02-9ac-hj-np-z]{20,4900})\b(?!\.\w)"
_NAMES = re.compile(rf"(?i:{_ADDRESS})|{_NAME}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a name points at: `kind` is profile or event, `id` in hex; `relays` are hints that nobody vouches for."""

    kind: str
    id: str
    relays: tuple[str, ...] = ()
    author: str = ""


def encode(prefix: str, data: bytes) -> str:
    """bech32 of the bytes."""
    values = list(_regrouped(data, 8, 5, pad=True))
    check = _polymod([*_expanded(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_ALPHABET[value] for value in values)}"


def decode(text: str) -> tuple[str, bytes]:
    """(prefix, bytes). Raises `ValueError` for mixed case, a wrong letter, a wrong checksum."""
    if len(text) > MAX_CHARACTERS or (text.lower() != text and text.upper() != text):
        raise ValueError("not bech32")
    prefix, separator, body = text.lower().rpartition("1")
    if not separator or not prefix or not prefix.isascii() or len(body) < 6 or not set(body) <= _VALUES.keys():
        raise ValueError("not bech32")
    values = [_VALUES[letter] for letter in body]
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise ValueError("wrong checksum")
    return prefix, bytes(_regrouped(values[:-6], 5, 8, pad=False))


def read(text: str) -> Pointer:
    """What `npub1…`, `nprofile1…`, `note1…` or `nevent1…` points at, with or without `nostr:` or `@` before it."""
    prefix, data = decode(text.removeprefix("nostr:").removeprefix("@"))
    kind = _KINDS.get(prefix)
    if kind is None:
        raise ValueError("another kind of name")
    if prefix in ("npub", "note"):
        if len(data) != 32:
            raise ValueError("wrong length")
        return Pointer(kind, data.hex())
    event_id, author, relays = "", "", list[str]()
    for field, value in _fields(data):
        if field == _ID and len(value) == 32 and not event_id:
            event_id = value.hex()
        elif field == _RELAY and value.isascii():
            relays.append(value.decode())
        elif field == _AUTHOR and len(value) == 32:
            author = value.hex()
    if not event_id:
        raise ValueError("no id in it")
    return Pointer(kind, event_id, tuple(relays), author)


def names(text: str) -> Iterator[str]:
    """What in a text looks like a name, outside web addresses: `npub1…`, without what stands before it."""
    return (found["name"] for found in _NAMES.finditer(text) if found["name"]) if "1" in text else iter(())


def renamed(text: str, shown: Callable[[str, str], str]) -> str:
    """The text with `shown(name, as it is written)` in place of each of its `names`."""

    def put(found: re.Match[str]) -> str:
        return shown(found["name"], found[0]) if found["name"] else found[0]

    return _NAMES.sub(put, text) if "1" in text else text


def npub(pubkey: str) -> str:
    """The name of a public key given in hex."""
    return encode("npub", bytes.fromhex(pubkey))


def nevent(event_id: str, author: str = "", relay: str = "") -> str:
    """The name of an event: its id, a relay that has it, its author."""
    parts = [bytes([_ID, 32]) + bytes.fromhex(event_id)]
    if relay.isascii() and 0 < len(relay) < 256:
        parts.append(bytes([_RELAY, len(relay)]) + relay.encode())
    if author:
        parts.append(bytes([_AUTHOR, 32]) + bytes.fromhex(author))
    return encode("nevent", b"".join(parts))


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 2 <= len(data):
        field, length = data[place], data[place + 1]
        value = data[place + 2 : place + 2 + length]
        if len(value) < length:
            raise ValueError("cut short")
        yield field, value
        place += 2 + length


def _expanded(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, factor in enumerate(_GENERATOR):
            if top >> place & 1:
                check ^= factor
    return check


def _regrouped(values: bytes | list[int], wide: int, narrow: int, *, pad: bool) -> Iterator[int]:
    """Groups of `wide` bits as groups of `narrow`. Raises `ValueError` where bits are left that should not be."""
    buffer = bits = 0
    for value in values:
        buffer = (buffer << wide | value) & 0xFFFFFF
        bits += wide
        while bits >= narrow:
            bits -= narrow
            yield buffer >> bits & (1 << narrow) - 1
    rest = buffer & (1 << bits) - 1
    if pad:
        if bits:
            yield rest << narrow - bits & (1 << narrow) - 1
    elif bits >= wide or rest:
        raise ValueError("bits left over")
