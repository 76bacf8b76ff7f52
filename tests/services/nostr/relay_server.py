"""A relay on 127.0.0.1, written from the Nostr facts, which can also lie, fail and refuse as real ones do.

`Double` keeps events in memory and shares what it holds with nobody. It speaks NIP-01, 11, 42 and 50; its manners
are those of the first relay of the facts, `Manner.TERSE` makes them those of the second (duplicates are `false`,
refusals have no id).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from mbclient.services.nostr.events import Event, matches, signed
from mbclient.services.nostr.keys import Key

LIMIT = 300  # characters of a note that it takes


@dataclass(slots=True)
class Double:
    """`async with Double() as relay`. The fields are its manners, to be set before or meanwhile."""

    cap: int = 500  # events of one answer, whatever is asked
    terse: bool = False
    search: bool = True
    auth: bool = False  # nothing without signing in
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[list[Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)  # sent along with every answer
    say: list[Any] = field(default_factory=list)  # what the next REQ is answered with
    refuse: str = ""  # every event
    lose: int = 0  # answers to events: stored, then the line is cut
    mute: bool = False  # no answer to events at all
    hang_up: int = 0  # questions that end the line
    down: int = 0  # handshakes answered with 503
    document: Any = None
    untold: bool = False  # what it says of itself is answered with 503
    port: int = 0
    connections: int = 0
    _server: Server | None = None
    _lines: dict[ServerConnection, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    _who: dict[ServerConnection, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._serve, "127.0.0.1", self.port, process_request=self._http)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def cut(self) -> None:
        """Ends every line, without a word."""
        for line in list(self._lines):
            line.transport.abort()

    def _http(self, connection: ServerConnection, request: Request) -> Response | None:
        if "application/nostr+json" in request.headers.get("Accept", ""):
            if self.untold:
                return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
            document = self.document or {
                "software": "double",
                "supported_nips": [1, 11, 42, *([50] if self.search else [])],
                "limitation": {"max_content_length": LIMIT, "max_message_length": "nonsense"},
            }
            headers = Headers({"Content-Type": "application/nostr+json", "Connection": "close"})
            return Response(200, "OK", headers, json.dumps(document).encode())
        if self.down:
            self.down -= 1
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
        return None

    async def _serve(self, line: ServerConnection) -> None:
        self.connections += 1
        self._lines[line] = {}
        try:
            if self.auth:
                await self._tell(line, ["AUTH", f"challenge{self.connections}"])
            async for text in line:
                await self._message(line, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            del self._lines[line]

    @staticmethod
    async def _tell(line: ServerConnection, message: object) -> None:
        await line.send(message if isinstance(message, str | bytes) else json.dumps(message, ensure_ascii=False))

    async def _message(self, line: ServerConnection, message: list[Any]) -> None:
        self.asked.append(message)
        if message[0] == "REQ":
            await self._stored(line, message[1], message[2:])
        elif message[0] == "CLOSE":
            self._lines[line].pop(message[1], None)
        elif message[0] == "EVENT":
            await self._event(line, message[1])
        elif message[0] == "AUTH":
            self._who[line] = message[1]["pubkey"]
            await self._tell(line, ["OK", message[1]["id"], True, ""])

    async def _stored(self, line: ServerConnection, name: str, filters: list[dict[str, Any]]) -> None:
        if self.hang_up:
            self.hang_up -= 1
            line.transport.abort()
            return
        if self.say:
            for each in self.say:
                await self._tell(
                    line, json.loads(json.dumps(each).replace("$SUB", name)) if isinstance(each, list) else each
                )
            self.say = []
            return
        if self.auth and line not in self._who:
            await self._tell(line, ["CLOSED", name, "auth-required: members only"])
            return
        for each in self.extra:
            await self._tell(line, ["EVENT", name, each])
        for wanted in filters:
            for raw in self.select(wanted):
                await self._tell(line, ["EVENT", name, raw])
        await self._tell(line, ["EOSE", name])
        if all("ids" in wanted for wanted in filters):
            await self._tell(line, ["CLOSED", name, ""])
        else:
            self._lines[line][name] = filters

    def select(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """What is stored and answers a filter, newest first."""
        word = str(wanted.get("search", "")).casefold()
        found = [raw for raw in self.events.values() if matches([wanted], as_event(raw))]
        found = [raw for raw in found if not self.search or word in str(raw["content"]).casefold()]
        found.sort(key=lambda raw: (-raw["created_at"], raw["id"]))
        return found[: min(self.cap, wanted.get("limit", self.cap))]

    async def _event(self, line: ServerConnection, raw: dict[str, Any]) -> None:
        self.sent.append(raw)
        shown = "" if self.terse else raw["id"]
        if self.mute:
            return
        if self.auth and line not in self._who:
            await self._tell(line, ["OK", raw["id"], False, "auth-required: members only"])
        elif self.refuse:
            await self._tell(line, ["OK", shown, False, self.refuse])
        elif raw["id"] in self.events:
            answer = (False, "duplicate: exists") if self.terse else (True, "duplicate: already have this event")
            await self._tell(line, ["OK", raw["id"], *answer])
        else:
            await self.store(raw)
            if self.lose:
                self.lose -= 1
                line.transport.abort()
                return
            await self._tell(line, ["OK", raw["id"], True, ""])

    async def store(self, raw: dict[str, Any]) -> None:
        """Keeps an event, deletes what it deletes, and tells all who listen."""
        event = as_event(raw)
        self.events[event.id] = raw
        if event.kind == 5:
            for tag in event.named("e"):
                if tag[1] in self.events and self.events[tag[1]]["pubkey"] == event.pubkey:
                    del self.events[tag[1]]
        for line, questions in list(self._lines.items()):
            for name, filters in list(questions.items()):
                if matches(filters, event):
                    await self._tell(line, ["EVENT", name, raw])

    async def write(self, key: Key, kind: int, content: str, tags: list[list[str]] | None = None, *, at: int) -> Event:
        """An event by somebody, put in past the adapter."""
        event = signed(key, at, kind, tags or [], content)
        await self.store(event.raw())
        return event


def as_event(raw: dict[str, Any]) -> Event:
    """An event of its JSON, without any check."""
    make: Callable[..., Event] = Event
    return make(**{**raw, "tags": tuple(tuple(tag) for tag in raw["tags"])})
