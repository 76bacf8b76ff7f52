"""Ids that sort by time (ULID form: 10 characters of milliseconds, 16 of chance) and random idempotency keys."""

from __future__ import annotations

import secrets
from datetime import datetime

MIN_BEGINNING = 6  # characters: fewer are no choice but an accident
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(now: datetime) -> str:
    """26 characters; two of the same millisecond differ by chance."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def names_id(typed: str, id: str) -> bool:
    """Whether what somebody typed names this id: all of it, or a beginning long enough to be no slip."""
    return typed.upper() == id.upper() or (len(typed) >= MIN_BEGINNING and id.startswith(typed.upper()))


def idempotency_key() -> str:
    """Random, never made of the text: the same words posted twice on purpose are two posts."""
    return secrets.token_hex(16)
