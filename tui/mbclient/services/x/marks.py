"""What the API does not tell: one's own likes, reposts and bookmarks made from here, and who has called one."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.services.cache import JsonCache
from mbclient.services.fields import items

KEPT = 2000


class Marks:
    """By kind the newest ids. A lost cache makes a mark look unset; setting it again changes nothing."""

    def __init__(self, cache: JsonCache, name: str) -> None:
        self._cache = cache
        self._name = name
        self._kept: dict[str, dict[str, None]] = {}
        for kind, ids in cache.read(name).items():
            self._kept[kind] = dict.fromkeys(one for one in items(ids) if isinstance(one, str))

    def has(self, kind: str, remote_id: str) -> bool:
        return remote_id in self._kept.get(kind, ())

    def set(self, kind: str, remote_id: str, on: bool) -> None:
        self._kept.setdefault(kind, {}).pop(remote_id, None)
        self._add(kind, [remote_id] if on else [])

    def add(self, kind: str, ids: Sequence[str]) -> None:
        """Several at once; those that are there already are no news."""
        if any(not self.has(kind, one) for one in ids):
            self._add(kind, ids)

    def _add(self, kind: str, ids: Sequence[str]) -> None:
        kept = self._kept.setdefault(kind, {})
        for one in ids:
            kept.pop(one, None)
            kept[one] = None
        for old in [*kept][:-KEPT]:
            del kept[old]
        self._cache.write(self._name, {kind: [*ids] for kind, ids in self._kept.items()})
