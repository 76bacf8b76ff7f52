"""The JSON of the contract, section 4, as shapes: exact keys, and what each value may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")


class Instant:
    """ISO 8601 in UTC."""


class Names:
    """An object whose keys are names (accounts, targets), each value of one shape."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class Either:
    def __init__(self, *shapes: Any) -> None:
        self.shapes = shapes


class OneOf:
    def __init__(self, words: str) -> None:
        self.words = words.split("|")


def problems(value: Any, shape: Any, where: str = "") -> list[str]:
    """Everything in which a value differs from its shape."""
    if isinstance(shape, Either):
        tries = [problems(value, one, where) for one in shape.shapes]
        return [] if [] in tries else tries[0]
    if isinstance(shape, OneOf):
        return [] if value in shape.words else [f"{where}: {value!r} is none of {shape.words}"]
    if isinstance(shape, Names):
        return [found for name in value for found in problems(value[name], shape.shape, f"{where}.{name}")]
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        found = [f"{where}.{key}: too much" for key in value if key not in shape]
        found += [f"{where}.{key}: missing" for key in shape if key not in value]
        return found + [
            one for key in shape if key in value for one in problems(value[key], shape[key], f"{where}.{key}")
        ]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [one for index, item in enumerate(value) for one in problems(item, shape[0], f"{where}[{index}]")]
    if shape is Instant:
        return [] if isinstance(value, str) and _INSTANT.match(value) else [f"{where}: {value!r} is no instant"]
    if isinstance(shape, type):
        exact = type(value) is shape
        return [] if exact else [f"{where}: {value!r} is no {shape.__name__}"]
    return [] if value == shape and type(value) is type(shape) else [f"{where}: {value!r} is not {shape!r}"]


TEXT_OR_NULL = Either(str, None)
INSTANT_OR_NULL = Either(Instant, None)
LEVEL = OneOf("allow|nudge|require_disclosure|block")
MODE = OneOf("identified|anonymous-allowed|blocked")
AUTHOR = {"name": str, "handle": str, "url": str}
POST = {
    "schema": 1,
    "id": str,
    "account": str,
    "service": str,
    "remote_id": str,
    "uri": str,
    "url": str,
    "author": AUTHOR,
    "text": str,
    "lang": TEXT_OR_NULL,
    "created_at": Instant,
    "edited_at": INSTANT_OR_NULL,
    "kind": OneOf("post|reply|quote|boost"),
    "boosted_by": Either(AUTHOR, None),
    "in_reply_to": TEXT_OR_NULL,
    "quote_of": TEXT_OR_NULL,
    "cw": TEXT_OR_NULL,
    "visibility": OneOf("public|unlisted|followers|direct"),
    "links": [str],
    "tags": [str],
    "media": [{"type": str, "alt": str, "url": str}],
    "counts": {"replies": int, "boosts": int, "likes": int},
    "mine": {"liked": bool, "boosted": bool, "bookmarked": bool},
    "also": [str],
    "terms": [str],
}
FINDING = {
    "id": str,
    "level": LEVEL,
    "accounts": [str],
    "message": str,
    "missing": [str],
    "why": [str],
    "fixes": [str],
}
CHECK = {
    "schema": 1,
    "level": LEVEL,
    "findings": [FINDING],
    "per_target": Names(LEVEL),
    "modes": Names(MODE),
    "length": Names({"used": int, "limit": int}),
}
METER = {
    "schema": 1,
    "count": int,
    "planned": int,
    "limit": Either(int, None),
    "count_state": OneOf("ok|near|over"),
    "current_slot": INSTANT_OR_NULL,
    "next_slot": INSTANT_OR_NULL,
    "work_time": bool,
    "workday": bool,
    "machine": OneOf("work|private|undeclared"),
    "modes": Names(MODE),
    "silence_workdays": Either(int, None),
    "skew_s": int,
    "text": str,
}
SENT = {
    "schema": 1,
    "outbox": str,
    "targets": Names(
        Either(
            {"state": "sent", "id": str, "url": str},
            {"state": OneOf("queued|sending|unknown|failed|held|cancelled")},
            {"state": OneOf("queued|sending|unknown|failed|held|cancelled"), "reason": str},
        )
    ),
}
OUTBOX = {
    "schema": 1,
    "outbox": str,
    "account": str,
    "state": OneOf("queued|sending|sent|unknown|failed|held|cancelled"),
    "attempts": int,
    "due": INSTANT_OR_NULL,
    "next_try": INSTANT_OR_NULL,
    "reason": TEXT_OR_NULL,
    "text": str,
}
ACCOUNT = {
    "schema": 1,
    "name": str,
    "service": str,
    "url": str,
    "handle": str,
    "pseudonymous": bool,
    "employer_visible": OneOf("yes|no|unknown"),
    "real_name_visible": OneOf("yes|no|unknown"),
    "state": str,
}
SCENARIO = {
    "id": str,
    "level": Either(LEVEL, None),
    "findings": [FINDING],
    "per_target": Names(LEVEL),
    "modes": Names(MODE),
    "status": METER,
    "ok": Either(bool, None),
}
