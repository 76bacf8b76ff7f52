"""What Misskey's forks do differently: a table, from facts/misskey.md 4, 7, 11."""

from __future__ import annotations

import re

from mbclient.domain.lazydataclass import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One server software; the defaults are upstream's.

    `edit`: it has `notes/edit`. `utf16`: it counts as JavaScript does, a character outside the basic plane twice.
    `max_length`, `max_cw`: what it takes where it does not say. `repeats_s`: for so many seconds the same words of the
    same user are taken for a repeat, and the older note is given back.
    """

    edit: bool = False
    utf16: bool = False
    max_length: int = 3000
    max_cw: int = 100
    repeats_s: int = 0


UPSTREAM = Dialect()

DIALECTS = {
    "misskey": UPSTREAM,
    "misskey.io": Dialect(repeats_s=60),
    "sharkey": Dialect(edit=True, utf16=True, max_cw=500),
}

_IO = re.compile(r"-(?:io|mhq)\b")


def software_of(nodeinfo_name: str, version: str) -> str:
    """The software's name; misskey.io's fork gives the same as upstream, and only its version tells."""
    name = nodeinfo_name.strip().lower() or "misskey"
    return "misskey.io" if name == "misskey" and _IO.search(version) else name


def dialect_of(software: str) -> Dialect:
    return DIALECTS.get(software, UPSTREAM)
