"""A Misskey of the tests' own, upstream or a fork, with its traps.

    async with MisskeyServer("sharkey") as server:
        anna, bo = server.people["anna"], server.people["bo"]    # anna follows bo; tokens "anna-token", …
        server.write(bo, "Hej")
        server.fault("notes/create", "drop-after")

Written from facts/misskey.md; no real server of this kind is to be had here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

from tests.services.misskey.door import Door
from tests.services.misskey.shapes import BEHAVIOURS, Behaviour, Ids, Note, Person, iso, shown
from tests.services.wire import Reply, Request, Wire

ALL_PERMISSIONS = "*"


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next call of an endpoint. kind: drop-before, drop-after, garbage, status."""

    endpoint: str
    kind: str
    status: int = 503
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An error in the API's own form."""

    def __init__(self, code: str, status: int = 400, message: str = "", info: object = None, **headers: str) -> None:
        super().__init__(code)
        error: dict[str, Any] = {"message": message or code.replace("_", " ").capitalize() + ".", "code": code}
        error |= {"id": "00000000-0000-0000-0000-000000000000", "kind": "client"}
        if info is not None:
            error["info"] = info
        self.reply = Reply(status, {"error": error}, headers)


class MisskeyServer:
    """The server's state, its way in, and its stream; what the endpoints do is in `Routes`."""

    def __init__(self, behaviour: str | Behaviour = "misskey", **meta: Any) -> None:
        self.behaviour = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour
        self.meta: dict[str, Any] = {"maxNoteTextLength": 3000, "version": self.behaviour.version} | meta
        self.wire = Wire(self._handle)
        self.people = {n: Person(f"u{n}", n, n.title()) for n in ("anna", "bo", "eva")}
        self.people["anna"].follows.add("bo")
        self.tokens: dict[str, tuple[Person, str]] = {
            f"{name}-token": (person, ALL_PERMISSIONS) for name, person in self.people.items()
        }
        self.sessions: dict[str, str] = {}
        self.notes: dict[str, Note] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.sensitive_words: set[str] = set()
        self.nonsense: list[object] = []
        self.faults: list[Fault] = []
        self.repeated: dict[str, tuple[datetime, Note]] = {}
        self.silent_channels: set[str] = set()
        self.refuse_sockets = 0
        self.ids = Ids()
        self.lines: dict[ServerConnection, dict[str, Any]] = {}
        self.port = 0
        self._stack = AsyncExitStack()
        self._telling: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heard = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        await self._stack.enter_async_context(self.wire)
        sockets = await self._stack.enter_async_context(
            serve(self._line, "127.0.0.1", 0, process_request=self._handshake)
        )
        inner = sockets.sockets[0].getsockname()[1]
        self.port = (await self._stack.enter_async_context(Door(self.wire.port, inner))).port
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()
        await self._stack.aclose()

    # ------------------------------------------------------------ what tests do past the API

    def write(self, person: Person, text: str | None, **fields: Any) -> Note:
        at = fields.pop("at", datetime.now(UTC))
        note = Note(self.ids.new(at), at, person, text, **fields)
        self.notes[note.id] = note
        self._tell_of(note)
        return note

    def remove(self, note_id: str) -> None:
        del self.notes[note_id]
        self._say({"type": "noteUpdated", "body": {"id": note_id, "type": "deleted", "body": {}}}, captured=note_id)

    def tell_of_edit(self, note: Note) -> None:
        self._say({"type": "noteUpdated", "body": {"id": note.id, "type": "updated", "body": {}}}, captured=note.id)

    def fault(self, endpoint: str, kind: str, **more: Any) -> None:
        self.faults.append(Fault(endpoint, kind, **more))

    def by(self, person: Person, text: str) -> list[Note]:
        return [note for note in self.notes.values() if note.user is person and note.text == text]

    def asked(self, endpoint: str) -> list[Request]:
        return [request for request in self.wire.requests if request.path == f"/api/{endpoint}"]

    def notify(self, person: Person, kind: str, by: Person, note: Note | None = None, **more: Any) -> None:
        now = datetime.now(UTC)
        item: dict[str, Any] = {"id": self.ids.new(now), "createdAt": iso(now), "type": kind, **more}
        item |= {"userId": by.id, "user": by.lite(), "isRead": False}
        if note is not None:
            item["note"] = shown(note, self.notes.values(), person)
        person.notifications.append(item)
        self._say({"channel": "main", "type": "notification", "body": item}, to=person)

    def allow(self, address: str, nick: str = "anna") -> str:
        """The user says yes on the page of an address; gives where the browser is sent, empty without a callback."""
        parts = urlsplit(address)
        session, query = parts.path.removeprefix("/miauth/"), dict(parse_qsl(parts.query))
        token = f"token of {session}"
        self.sessions[session] = token
        self.tokens[token] = (self.people[nick], query["permission"])
        if not query.get("callback"):
            return ""
        back = urlsplit(query["callback"])
        return back._replace(query=urlencode([*parse_qsl(back.query), ("session", session)])).geturl()

    # ------------------------------------------------------------ the way in

    async def _handle(self, request: Request) -> Reply:
        endpoint = request.path.removeprefix("/api/") if request.path.startswith("/api/") else ""
        down = next((f for f in self.faults if f.endpoint == request.path), None)  # past the API: by the whole path
        if down:
            self.faults.remove(down)
            return Reply(down.status, down.body, down.headers)
        if request.path == "/.well-known/nodeinfo":
            return Reply(200, {"links": [{"rel": "x", "href": f"{self.url}/nodeinfo/2.1"}]})
        if request.path == "/nodeinfo/2.1":
            return Reply(200, {"software": {"name": self.behaviour.software, "version": self.behaviour.version}})
        fault = next((f for f in self.faults if f.endpoint in ("*", endpoint)), None)
        if fault:
            self.faults.remove(fault)
            if fault.kind == "drop-before":
                return Reply(drop=True)
            if fault.kind == "status":
                return Reply(fault.status, fault.body, fault.headers)
            if fault.kind == "garbage":
                return Reply(200, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})
        try:
            reply = self._answer(request, endpoint)
        except Refusal as refusal:
            reply = refusal.reply
        return Reply(drop=True) if fault and fault.kind == "drop-after" else reply

    def _answer(self, request: Request, endpoint: str) -> Reply:
        from tests.services.misskey.routes import Routes  # it knows this class

        if request.method != "POST" or not endpoint:
            return Reply(404, {"message": "Route not found", "error": "Not Found", "statusCode": 404})
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return Reply(415, {"statusCode": 415, "error": "Unsupported Media Type", "message": "no"})
        body = request.json if kind.startswith("application/json") else {}
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or body.get("i", "")
        if token and token not in self.tokens:
            raise Refusal("AUTHENTICATION_FAILED", 401)
        me, permissions = self.tokens[token] if token else (None, "")
        if me is not None and me.suspended:
            raise Refusal("YOUR_ACCOUNT_SUSPENDED", 403)
        return Routes(self, me, permissions).answer(endpoint, body, request)

    # ------------------------------------------------------------ the stream

    def _handshake(self, line: ServerConnection, request: Handshake) -> Response | None:
        if self.refuse_sockets:
            self.refuse_sockets -= 1
            return line.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if token in self.tokens else line.respond(HTTPStatus.UNAUTHORIZED, "no\n")

    async def _line(self, line: ServerConnection) -> None:
        assert line.request is not None
        person, _permissions = self.tokens[line.request.headers["Authorization"].removeprefix("Bearer ")]
        state = self.lines[line] = {"person": person, "channels": {}, "captured": set()}
        try:
            async for text in line:
                message = json.loads(text)
                body = message["body"]
                if message["type"] == "connect" and body["channel"] not in self.silent_channels:
                    state["channels"][body["channel"]] = body["id"]
                    if body.get("pong"):
                        await line.send(json.dumps({"type": "connected", "body": {"id": body["id"]}}))
                elif message["type"] == "subNote":
                    state["captured"].add(body["id"])
                elif message["type"] == "unsubNote":
                    state["captured"].discard(body["id"])
                self._heard.set()
        except ConnectionClosed:
            pass
        finally:
            del self.lines[line]

    async def cut(self) -> None:
        """Ends every line, without a word."""
        await asyncio.gather(*self._telling, return_exceptions=True)
        for line in list(self.lines):
            line.transport.abort()

    def _tell_of(self, note: Note) -> None:
        for person in {state["person"].id: state["person"] for state in self.lines.values()}.values():
            if note.user is person or note.user.username in person.follows:
                body = shown(note, self.notes.values(), person)
                self._say({"channel": "homeTimeline", "type": "note", "body": body}, to=person)

    def _say(self, message: dict[str, Any], *, to: Person | None = None, captured: str = "") -> None:
        """Writes to every line that this concerns, in the server's own loop."""
        for line, state in list(self.lines.items()):
            if captured and captured not in state["captured"]:
                continue
            if to is not None and (state["person"] is not to or message["channel"] not in state["channels"]):
                continue
            told = message
            if to is not None:
                body = {"id": state["channels"][message["channel"]], "type": message["type"], "body": message["body"]}
                told = {"type": "channel", "body": body}
            assert self._loop is not None
            task = self._loop.create_task(self._send(line, told))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    @staticmethod
    async def _send(line: ServerConnection, message: object) -> None:
        with contextlib.suppress(ConnectionClosed):
            await line.send(json.dumps(message, ensure_ascii=False))

    async def heard(self, enough: Callable[[], bool]) -> None:
        """Waits until what came over the lines is enough."""
        while not enough():
            self._heard.clear()
            await self._heard.wait()

    async def say(self, message: object) -> None:
        """Anything at all, to every line."""
        for line in list(self.lines):
            await self._send(line, message)
