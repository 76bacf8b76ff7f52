"""Fields of posts that are asked for wherever the API takes them.

An author's picture comes with posts (facts/threads.md 6), on which lists is not said; a poll with own posts and with a
single one (Meta's page of polls). A list that does not know a field refuses the whole question: then it is asked again
without.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mbclient.services.threads.polls import POLL_FIELD

PICTURE = "profile_picture_url"
EXTRAS = (PICTURE, POLL_FIELD)
_WORD = re.compile(r"\w+")


class Extras:
    """What each list has refused, for as long as the program runs: the next run asks again, for the API grows."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    def asked(self, path: str, params: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters without the fields that this list has refused."""
        return _without(params, [extra for extra in EXTRAS if (_list(path), extra) in self._refused])

    def dropped(self, path: str, asked: Mapping[str, str], reason: str) -> Mapping[str, str] | None:
        """What to ask instead of what was refused for that reason; None where no field is to blame."""
        named = set(_WORD.findall(reason))
        blamed = [extra for extra in _present(asked) if named & set(_WORD.findall(extra))]
        self._refused |= {(_list(path), extra) for extra in blamed}
        return _without(asked, blamed) if blamed else None

    def left_out(self, asked: Mapping[str, str]) -> Mapping[str, str] | None:
        """The question without any; None where there is none. What is refused may be a field, unnamed, or the whole."""
        return _without(asked, present) if (present := _present(asked)) else None

    def forbidden(self, path: str, asked: Mapping[str, str]) -> None:
        """Without the fields of this question there was an answer."""
        self._refused |= {(_list(path), extra) for extra in _present(asked)}


def _list(path: str) -> str:
    """The path without the id of a post."""
    head, slash, rest = path.partition("/")
    return path if head in ("me", "keyword_search") else f"#{slash}{rest}"


def _present(asked: Mapping[str, str]) -> list[str]:
    return [extra for extra in EXTRAS if extra in asked.get("fields", "")]


def _without(params: Mapping[str, str], extras: list[str]) -> Mapping[str, str]:
    fields = params.get("fields", "")
    for extra in extras:
        fields = fields.replace(f",{extra}", "")
    return {**params, "fields": fields} if extras and fields else params
