"""Where a page stands: a token of the service, and the id below which nothing is asked for (facts/x.md 3)."""

from __future__ import annotations

import re

from mbclient.domain.lazydataclass import dataclass

_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{1,500}\Z")
_ID = re.compile(r"[0-9]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`token`: of the page to come. `since`: an id; what is not newer is known. Either may be empty."""

    token: str = ""
    since: str = ""

    def write(self) -> str | None:
        """None without a page to come."""
        return f"{self.token}>{self.since}" if self.token else None

    @classmethod
    def read(cls, cursor: str) -> Cursor | None:
        """None for a foreign one."""
        token, _sign, since = cursor.partition(">")
        whole = _TOKEN.match(token) and (not since or _ID.match(since))
        return cls(token, since) if whole else None


def newer(cursor: str) -> str:
    """The id of a cursor upward; empty for a foreign one."""
    return cursor if _ID.match(cursor) else ""
