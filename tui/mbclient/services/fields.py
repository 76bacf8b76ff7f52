"""Reading fields of decoded JSON that nobody vouches for: the right type, or the default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_ID = re.compile(r"[!-~]{1,200}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")


class Garbage(ValueError):
    """An item without what makes it one: it is skipped and counted, its neighbours stay."""


def obj(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def string(source: Mapping[str, object], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""


def number(source: Mapping[str, object], name: str, default: int = 0) -> int:
    """A count or limit: not negative, and small enough for every store."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else default


def counted(source: Mapping[str, object], name: str) -> int | None:
    """A count that may not be told: then None."""
    found = number(source, name, -1)
    return found if found >= 0 else None


def taken(prepared: Mapping[str, object]) -> set[str]:
    """The ids that `Service.find` is told to leave out."""
    ids = prepared.get("taken")
    return {each for each in ids if isinstance(each, str)} if isinstance(ids, list | tuple) else set()


def identity(source: Mapping[str, object], name: str = "id") -> str:
    """An id as an opaque string, also where a server sends a number; empty when it is none."""
    value = source.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and _ID.match(value) else ""


def instant(value: object) -> datetime | None:
    """An ISO time as aware UTC; one without a zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def language(value: object) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.match(value) else None
