"""JSON as text that may go anywhere: one line, UTF-8, nothing in it that steers a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

# json.dumps escapes the C0 controls; these too must not reach a terminal, nor break UTF-8.
_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def json_text(value: Mapping[str, object], *, indent: int | None = None) -> str:
    """One object, on one line unless it is indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
