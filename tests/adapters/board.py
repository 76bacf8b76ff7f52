"""The notice board that the example speaks to, on 127.0.0.1."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from tests.services.doubles import Double
from tests.services.wire import Reply, Request


class Board(Double):
    """`notices`: by key, in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.notices: dict[str, dict[str, Any]] = {}
        self.replies: list[Reply] = []
        self.lose = False
        self._numbers = itertools.count(1)

    def pin(self, by: str, text: str, key: str = "") -> dict[str, Any]:
        number = next(self._numbers)
        name = key or f"n{number}"
        notice = {"number": number, "key": name, "by": by, "text": text, "at": datetime.now(UTC).isoformat()}
        return self.notices.setdefault(name, notice)

    async def _handle(self, request: Request) -> Reply:
        if request.method == "GET" and self.replies:
            return self.replies.pop(0)
        key = request.path.removeprefix("/notices").lstrip("/")
        if request.method == "PUT":
            notice = self.pin(request.json["by"], request.json["text"], key)
            lost, self.lose = self.lose, False
            return Reply(drop=True) if lost else Reply(201, notice)
        if key:
            return Reply(200, self.notices[key]) if key in self.notices else Reply(404, {"error": "no such notice"})
        query = request.query
        found = [
            notice
            for notice in reversed(self.notices.values())
            if int(query.get("above", 0)) < notice["number"] < int(query.get("below", 2**53))
        ]
        return Reply(200, [*self.nonsense, *found[: int(query["limit"])]])
