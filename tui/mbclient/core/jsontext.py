"""JSON as text that may go anywhere: one line, UTF-8, nothing in it that steers a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mbclient.domain.latepattern import late

# json.dumps escapes the C0 controls; these too must not reach a terminal, nor break UTF-8: C1, what marks direction or
# shows nothing, halves of characters. Posts hold none of them, but a draft or an old file may.
_UNSAFE = late(
    "[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def json_text(value: Mapping[str, object], *, indent: int | None = None) -> str:
    """One object, on one line unless it is indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    return _UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)
