"""The channels over one WebSocket: home's notes, notifications, and what becomes of notes (facts/misskey.md 9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from mbclient.core.ports import PostDeleted, PostEdited, StreamEvent, StreamOpened
from mbclient.domain.errors import RejectedError, UnreachableError
from mbclient.services.fields import Garbage, identity, obj, string
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.notes import Decoder, Raw, is_pure_renote, is_shown
from mbclient.services.person import sign_in_again
from mbclient.services.websocket import Socket
from mbclient.texts import _

HOME, MAIN = "home", "main"
CONNECT_S = 15.0
CAPTURED = 200  # notes whose fate the server is asked to tell: it does so for those alone


class Streaming:
    """One account's stream. There is no way to resume one: the gap is to be filled after each."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """Always ends with a `ServiceError`."""
        decoder = await self._api.decoder()
        async with await self._api.socket() as socket:
            for name, channel in ((MAIN, "main"), (HOME, "homeTimeline")):
                connect = {"channel": channel, "id": name, "params": {"withRenotes": True}, "pong": True}
                await socket.send({"type": "connect", "body": connect})
            await self._connected(socket)
            yield StreamOpened()
            captured: dict[str, None] = {}
            async for raw in socket:
                message = obj(raw)
                body = obj(message.get("body"))
                try:
                    event = _event(string(message, "type"), body, decoder)
                except Garbage:  # one event of nonsense takes none of its neighbours along
                    continue
                await _capture(socket, obj(body.get("body")) if body.get("id") == HOME else {}, captured)
                if event is None:
                    event = await self._edited(message, decoder)
                if event is not None:
                    yield event

    async def _edited(self, message: Raw, decoder: Decoder) -> StreamEvent | None:
        """Sharkey tells that a note has changed, and not how: it is read again. One that is gone by then is nothing."""
        body = obj(message.get("body"))
        name = identity(body)
        if string(message, "type") != "noteUpdated" or string(body, "type") != "updated" or not name:
            return None
        try:
            return PostEdited(decoder.post(await self._api.call("notes/show", {"noteId": name})))
        except (RejectedError, Garbage):
            return None

    async def _connected(self, socket: Socket) -> None:
        """Waits for the server's word that home's channel stands; a refused one is met with silence."""
        try:
            async with asyncio.timeout(CONNECT_S):
                async for raw in socket:
                    message = obj(raw)
                    if string(message, "type") == "connected" and obj(message.get("body")).get("id") == HOME:
                        return
        except TimeoutError:
            raise UnreachableError(
                _("{host} does not open the stream").format(host=self._api.host),
                _("the token may lack a permission; {again}").format(again=sign_in_again(self._api.account)),
                account=self._api.account.name,
            ) from None


def _event(kind: str, body: Raw, decoder: Decoder) -> StreamEvent | None:
    """None for what concerns nobody here. Raises `Garbage`."""
    inner = obj(body.get("body"))
    if kind == "noteUpdated" and string(body, "type") == "deleted":
        gone = identity(body)
        return PostDeleted(gone) if gone else None
    if kind != "channel":
        return None
    if body.get("id") == HOME and string(body, "type") == "note" and is_shown(inner):
        return decoder.post(inner)
    if body.get("id") == MAIN and string(body, "type") == "notification":
        return decoder.notification(inner)
    return None


async def _capture(socket: Socket, note: Raw, captured: dict[str, None]) -> None:
    """Asks to be told of a note's changes and end, and of the renoted one's; lets the oldest go."""
    wanted = [identity(note), identity(note, "renoteId") if is_pure_renote(note) else ""]
    for name in filter(None, wanted):
        if name in captured:
            continue
        captured[name] = None
        await socket.send({"type": "subNote", "body": {"id": name}})
        if len(captured) > CAPTURED:
            oldest = next(iter(captured))
            del captured[oldest]
            await socket.send({"type": "unsubNote", "body": {"id": oldest}})
