"""Posts that the server keeps until their time: listed, found, taken back (Mastodon facts 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from mbclient.core.abilities import Waiting
from mbclient.core.ports import Published
from mbclient.domain.safetext import SafeText
from mbclient.services.mastodon.api import MISSING, Api, next_cursor
from mbclient.services.mastodon.fields import identity, instant, items, obj, string
from mbclient.services.mastodon.samewords import same

PATH = "/api/v1/scheduled_statuses"
MAX_PAGES = 10  # of forty: no server keeps more than 300 for one account
ROUNDING = timedelta(minutes=1)  # servers round the time


class Schedule:
    """One account's posts to come. `_kept`: which of them each key of this run became, so that equal ones differ."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kept: dict[str, str] = {}

    async def waiting(self) -> Sequence[Waiting]:
        """All of them, whoever handed them over; what cannot be understood is left out."""
        found = []
        async for raw in self._all():
            due = instant(raw.get("scheduled_at"))
            if due is not None:
                found.append(Waiting(identity(raw), SafeText(string(obj(raw.get("params")), "text")), due))
        return found

    async def _all(self) -> AsyncIterator[Mapping[str, object]]:
        below: list[tuple[str, str]] = []
        for _number in range(MAX_PAGES):
            answer = await self._api.call("GET", PATH, params=[("limit", "40"), *below], accept=MISSING)
            page = answer.json() if answer.ok else []
            if not isinstance(page, list):
                raise self._api.garbled()
            for item in items(page):
                if identity(obj(item)):
                    yield obj(item)
            cursor = next_cursor(answer, "next", "max_id")
            if not page or not cursor:
                return
            below = [("max_id", cursor)]

    def took(self, key: str, raw: Mapping[str, object]) -> Published:
        """The server's answer to a post that it keeps: `ScheduledStatus`."""
        due = instant(raw.get("scheduled_at"))
        assert due is not None
        self._kept[key] = identity(raw)
        return Published(identity(raw), "", "", due, scheduled=True)

    async def find(self, key: str, body: Mapping[str, object]) -> Published | None:
        """The one that a request with this body became, by text, warning and time."""
        others = {kept for other, kept in self._kept.items() if other != key}
        wanted = instant(body.get("scheduled_at"))
        async for raw in self._all():
            params, at = obj(raw.get("params")), instant(raw.get("scheduled_at"))
            if identity(raw) in others or at is None or wanted is None or abs(at - wanted) >= ROUNDING:
                continue
            if same(string(params, "text"), string(body, "status")) and same(
                string(params, "spoiler_text"), string(body, "spoiler_text")
            ):
                return self.took(key, raw)
        return None

    async def take_back(self, id: str) -> bool:
        """False: it is not there, published or taken back before."""
        path = f"{PATH}/{quote(id, safe='')}"
        answer = await self._api.call("DELETE", path, accept=frozenset({404, 410}))
        if answer.ok and answer.body.strip():
            answer.json()  # a proxy's page is no word of the server
        return answer.ok


def is_kept(raw: Mapping[str, object]) -> bool:
    """Whether an answer says that the post waits. With `content` it is out, also where a time was asked for."""
    return "content" not in raw and instant(raw.get("scheduled_at")) is not None
