"""Reading places that all clients of an account share (Mastodon facts 3): how far home and notifications are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mbclient.core.ports import NotificationPage
from mbclient.domain.errors import RejectedError
from mbclient.services.mastodon.api import Api
from mbclient.services.mastodon.fields import identity, obj

PATH = "/api/v1/markers"
PLACES = ("home", "notifications")
RACE = 409  # another client set it at the same moment


class Markers:
    """The server's markers of one account. `known`: as last read or written, by place."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.known: dict[str, str] = {}

    async def read(self) -> Mapping[str, str]:
        """The last read id by place. Raises `UnsupportedError` where the server has none."""
        params = [("timeline[]", place) for place in PLACES]
        answer = await self._api.optional("markers", PATH, params=params, polling=True)
        found = obj(await self._api.json(answer))
        read = {place: identity(obj(found.get(place)), "last_read_id") for place in PLACES}
        self.known = {place: name for place, name in read.items() if name}
        return dict(self.known)

    async def set(self, place: str, remote_id: str) -> bool:
        """False when another client set it at the same moment: theirs stands."""
        try:
            body = {place: {"last_read_id": remote_id}}
            await self._api.optional("markers", PATH, body=body, method="POST", polling=True)
        except RejectedError as error:
            if error.status != RACE:
                raise
            return False
        self.known[place] = remote_id
        return True

    def noted(self, page: NotificationPage) -> NotificationPage:
        """A page of notifications, with those marked that another client has shown."""
        mark = self.known.get("notifications", "")
        if not mark:
            return page
        told = (replace(each, read=at_or_below(each.remote_id, mark)) for each in page.notifications)
        return replace(page, notifications=tuple(told))


def at_or_below(id: str, mark: str) -> bool:
    """Whether an id is as old as the mark, or older: ids grow, those of more figures are the newer ones (facts 7)."""
    return (len(id), id) <= (len(mark), mark)
