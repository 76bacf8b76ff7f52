"""Looking into a server's JSON without trusting its shape: a wrong type is `MalformedError` or a plain default."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]

MAX_COUNT = 2**53
_AT_URI = re.compile(r"at://(did:[a-z]+:[a-zA-Z0-9._:%-]{1,300})/([a-zA-Z0-9.-]{1,200})/([a-zA-Z0-9._~:-]{1,512})\Z")


class MalformedError(ValueError):
    """An item that cannot be understood: it is skipped and counted, its neighbours are shown."""


def obj(value: object) -> Object:
    """The JSON object itself, else `MalformedError`."""
    if not isinstance(value, dict):
        raise MalformedError("no object")
    return value


def optional_obj(value: object) -> Object:
    """The JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[Object]:
    """The objects of a list; what is no object is left out, what is no list is empty."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """The strings of a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(source: Object, name: str) -> str:
    """A string that must be there, and not be empty."""
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedError(f"no {name}")
    return value


def optional_text(source: Object, name: str) -> str:
    """A string, empty when it is missing or none."""
    value = source.get(name)
    return value if isinstance(value, str) else ""


def count(source: Object, name: str) -> int:
    """A count; 0 for anything that is none."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_COUNT else 0


def instant(raw: object) -> datetime:
    """An aware UTC instant of an ISO 8601 string (UTC where no zone is given), else `MalformedError`."""
    if not isinstance(raw, str):
        raise MalformedError("no time")
    try:
        when = datetime.fromisoformat(raw)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedError("no time") from error


def optional_instant(raw: object) -> datetime | None:
    """As `instant`; None for what is none."""
    try:
        return instant(raw)
    except MalformedError:
        return None


def at_uri(value: object) -> str:
    """An `at://did/collection/rkey` address, else `MalformedError`."""
    if not isinstance(value, str) or not _AT_URI.match(value):
        raise MalformedError("no at:// address")
    return value


def uri_parts(uri: str) -> tuple[str, str, str]:
    """(did, collection, rkey) of an address, else `MalformedError`."""
    match = _AT_URI.match(uri)
    if match is None:
        raise MalformedError("no at:// address")
    return match[1], match[2], match[3]


def strong_ref(value: object) -> tuple[str, str] | None:
    """(uri, cid) of a strong reference, None for what is none."""
    source = optional_obj(value)
    uri, cid = source.get("uri"), source.get("cid")
    if isinstance(uri, str) and _AT_URI.match(uri) and isinstance(cid, str) and cid:
        return uri, cid
    return None
