"""The filters that the user has at the server: which of them still stand (Mastodon facts 8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from mbclient.domain.errors import RejectedError, ServiceError, UnsupportedError
from mbclient.services.mastodon.api import Api
from mbclient.services.mastodon.fields import identity, obj

AGAIN = timedelta(minutes=10)


class Filters:
    """Asked now and then. One that was taken back at the server hides nothing here any more."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._asked: datetime | None = None
        self._listed: frozenset[str] | None = None

    @property
    def ids(self) -> frozenset[str] | None:
        """Those that were listed, and those met at statuses since; None until the list is known."""
        return None if self._listed is None else self._listed | self._api.met_filters

    async def look(self) -> None:
        """After a page of home. An extra: where it fails, the timeline needs no less to be shown."""
        now = self._api.kit.clock.now()
        if "filters" in self._api.missing or (self._asked is not None and now - self._asked < AGAIN):
            return
        self._asked = now
        try:
            answer = await self._api.optional("filters", "/api/v2/filters", polling=True)
            raw = answer.json()
        except (UnsupportedError, RejectedError):  # the second: a token from before the scope was asked for
            self._api.missing.add("filters")
            return
        except ServiceError:
            return
        if isinstance(raw, list):
            self._listed = frozenset(name for name in map(identity, map(obj, raw)) if name)
            self._api.met_filters.clear()
