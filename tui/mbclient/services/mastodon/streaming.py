"""The user's stream: server-sent events, or a WebSocket where a server has only that (Mastodon facts 9)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from mbclient.core.ports import PostDeleted, PostEdited, StreamEvent, StreamOpened
from mbclient.domain.errors import AuthError, RejectedError, UnreachableError
from mbclient.services.answers import decode_json
from mbclient.services.mastodon.api import MISSING, Api
from mbclient.services.mastodon.fields import Garbage, identity, number, obj, string
from mbclient.services.mastodon.statuses import Decoder
from mbclient.services.person import sign_in_again
from mbclient.texts import _

Frames = AsyncGenerator[tuple[str, object], None]
OPENED = "(opened)"  # our own name for it: no event of a server is written so


class Streaming:
    """Posts of home, edits, deletions and notifications, as the server tells them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def stream(self) -> AsyncGenerator[StreamEvent, None]:
        """Always ends with a `ServiceError`: nothing is told twice, so the gap is to be filled then."""
        instance = await self._api.instance()
        transport = instance.dialect.stream
        if not transport or "stream" in self._api.missing:
            raise self._api.unsupported("stream")
        base = instance.streaming or self._api.base
        for last in (False, True):
            tokens = await self._api.tokens()
            frames = self._socket(base) if transport == "ws" else self._events(base)
            try:
                async with aclosing(self._understood(frames, await self._api.decoder())) as events:
                    async for event in events:
                        yield event
                break
            except AuthError:
                if last or not await self._api.renew(tokens):
                    raise
            except RejectedError as error:
                if error.status not in MISSING:
                    raise
                self._api.missing.add("stream")
                raise self._api.unsupported("stream") from error
        raise UnreachableError(
            _("{host} ended the stream").format(host=instance.domain), account=self._api.account.name
        )

    @staticmethod
    async def _understood(frames: Frames, decoder: Decoder) -> AsyncGenerator[StreamEvent, None]:
        """One event of nonsense takes none of its neighbours along, nor does one of a kind that is not known."""
        async with aclosing(frames):
            async for name, payload in frames:
                try:
                    event = _event(name, payload, decoder)
                except (ValueError, RecursionError):  # `Garbage` is a ValueError
                    continue
                if event is not None:
                    yield event

    async def _events(self, base: str) -> Frames:
        """Server-sent events (WHATWG HTML 9.2): name and data. Heartbeats are comments, lines with a colon first."""
        event, data = "", list[str]()
        async with aclosing(self._api.lines(f"{base}/api/v1/streaming/user")) as lines:
            await anext(lines)
            yield OPENED, ""
            async for line in lines:
                if not line:
                    if data:
                        yield event, "\n".join(data)
                    event, data = "", []
                elif not line.startswith(":"):
                    name, _colon, value = line.partition(":")
                    value = value.removeprefix(" ")
                    if name == "event":
                        event = value
                    elif name == "data":
                        data.append(value)

    async def _socket(self, base: str) -> Frames:
        address = base.replace("http", "ws", 1) + "/api/v1/streaming?stream=user"
        async with self._api.socket(address) as socket:
            yield OPENED, ""
            async for raw in socket:
                frame = obj(raw)
                if string(frame, "error"):
                    raise self._refusal(frame)
                yield string(frame, "event"), frame.get("payload")

    def _refusal(self, frame: object) -> AuthError | UnreachableError:
        """An error inside an open line: a token that no longer holds, or trouble."""
        host, status = self._api.host, number(obj(frame), "status")
        if status == 401:
            return AuthError(
                _("{host} does not accept the token").format(host=host),
                sign_in_again(self._api.account),
                account=self._api.account.name,
            )
        return UnreachableError(_("{host} ended the stream").format(host=host), account=self._api.account.name)


def _event(name: str, payload: object, decoder: Decoder) -> StreamEvent | None:
    """None for what concerns nobody here. Raises `ValueError` or `RecursionError` for nonsense."""
    if name == OPENED:
        return StreamOpened()
    if name == "delete":
        gone = identity({"id": payload})
        if not gone:
            raise Garbage("a deletion of nothing")
        return PostDeleted(gone)
    if name not in ("update", "status.update", "notification"):
        return None
    raw = decode_json(payload.encode()) if isinstance(payload, str) else payload
    if name == "notification":
        return decoder.notification(raw)
    post = decoder.post(raw)
    return post if name == "update" else PostEdited(post)
