"""What every stored form shares: instants as numbers, compact JSON, and text that SQLite and UTF-8 can carry.

Lone surrogates and NUL become U+FFFD (`repaired`), in finished JSON all at once (`storable`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mbclient.domain.errors import StorageError
from mbclient.domain.latepattern import late
from mbclient.domain.safetext import REPLACEMENT
from mbclient.texts import _

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_UNSTORABLE = late("[\x00\ud800-\udfff]")
_ESCAPED = late(r"\\(?:u0000|.)")  # one escape of JSON: the second of two backslashes begins none
BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


class CodecError(StorageError):
    """A stored item that cannot be read back."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _("a stored {what} cannot be read").format(what=what), _("it is left out; refresh to fetch it again")
        )


def repaired(text: str) -> str:
    """The text with what no store can hold replaced by U+FFFD."""
    if "\0" not in text:
        if text.isascii():
            return text
        try:
            text.encode()  # in a tenth of the time that a search takes
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _UNSTORABLE.sub(REPLACEMENT, text)


def microseconds(moment: datetime) -> int:
    """An aware instant as microseconds since 1970, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    return EPOCH + timedelta(0, 0, value)


def dump(value: Mapping[str, object] | Sequence[object]) -> str:
    """Compact JSON of what is repaired already."""
    return _ENCODER.encode(value)


def dump_foreign(value: Mapping[str, object] | Sequence[object]) -> str:
    """Compact JSON of what others made: lone surrogates are repaired, NUL stands escaped."""
    return repaired(_ENCODER.encode(value))


def filled(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields that say something: empty ones are the default and are left out."""
    return {name: value for name, value in fields.items() if value}


def storable(body: str) -> str:
    """JSON that SQLite takes, and gives back, as it is: this one with every text in it repaired."""
    if "\\u0000" in body:
        body = _ESCAPED.sub(lambda found: REPLACEMENT if found[0] == "\\u0000" else found[0], body)
    return repaired(body)
