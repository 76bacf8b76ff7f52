"""The door that a browser login comes back through: one request on 127.0.0.1, then it is shut (RFC 8252, 7.3).

The page it shows is static and reflects nothing. The state is compared in constant time, the Host header is checked
(DNS rebinding), and what does not fit gets a bare status while the door stays open for the browser, until `WAIT_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from mbclient.core.ports import LoginDialog
from mbclient.domain.errors import AuthError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.texts import _

WAIT_S = 120.0
REQUEST_S = 5.0  # a slow client holds its own connection, nobody else's
MAX_HEAD = 16_384
MAX_CLIENTS = 16
PATH = "/callback"


@dataclass(frozen=True, slots=True)
class Returned:
    """What the server sent back through the browser: a code, or the name of an error. `issuer`: RFC 9207."""

    code: str = ""
    error: str = ""
    issuer: str = ""


class Loopback:
    """`async with Loopback(state) as door:` listens on `door.redirect_uri` until the block ends.

    `port`: 0 is any free one; another is for services that take only an address registered to the letter.
    Raises `AuthError` when somebody else listens there.
    """

    def __init__(self, state: str, port: int = 0) -> None:
        self._state = state
        self._wanted = port
        self._server: asyncio.Server | None = None
        self._answer: asyncio.Future[Returned] = asyncio.get_running_loop().create_future()
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = 0

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._wanted, limit=MAX_HEAD)
        except OSError as error:
            raise AuthError(
                _("port {port} of this computer, where the browser has to come back to, is taken").format(
                    port=self._wanted
                ),
                _("close the other program and try again"),
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        for writer in self._clients.values():
            writer.transport.abort()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._answer.cancel()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def wait(self, seconds: float = WAIT_S) -> Returned:
        """The browser's answer. Raises `AuthError` when none came in time; the door is shut either way."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            raise AuthError(
                _("the browser did not come back within {seconds} seconds").format(seconds=round(seconds)),
                _("try again, or paste the code"),
            ) from None
        finally:
            self._close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._clients) >= MAX_CLIENTS:
            writer.close()
            return
        self._clients[task] = writer
        try:
            async with asyncio.timeout(REQUEST_S):
                status = self._judge(await reader.readuntil(b"\r\n\r\n"))
                writer.write(_page(status))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # a client that is slow, cut off or talks too much: nothing was accepted
        finally:
            self._clients.pop(task, None)
            with contextlib.suppress(ConnectionError):
                writer.close()

    def _judge(self, head: bytes) -> int:
        """The HTTP status for a request; 200 only for the one that is accepted."""
        request, *lines = head.decode("latin-1").split("\r\n")
        method, _space, rest = request.partition(" ")
        target, _space, version = rest.rpartition(" ")
        hosts = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")]
        if not version.startswith("HTTP/1."):
            return 400
        if hosts != [f"127.0.0.1:{self.port}"]:
            return 421
        if method != "GET":
            return 405
        try:
            parts = urlsplit(target)
            pairs = parse_qsl(parts.query, max_num_fields=20, keep_blank_values=True)
        except ValueError:
            return 400
        if parts.path != PATH or parts.netloc:
            return 404
        fields = dict(pairs)
        if len(fields) != len(pairs) or not same_state(fields.get("state", ""), self._state):
            return 403
        if not fields.get("code") and not fields.get("error"):
            return 400
        if self._answer.done():
            return 410
        self._answer.set_result(
            Returned(fields.get("code", ""), SafeText.line(fields.get("error", "")), fields.get("iss", ""))
        )
        self._close()
        return 200


def same_state(given: str, expected: str) -> bool:
    """Compared in constant time; an empty state is never the same."""
    return bool(expected) and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _page(status: int) -> bytes:
    text = _("Signed in. You can close this page and go back to the terminal.")
    body = text if status == 200 else _("This is not the answer that mbclient waits for.")
    page = f'<!doctype html><meta charset="utf-8"><title>mbclient</title><p>{body}</p>'.encode()
    head = [
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Refused'}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(page)}",
        "Content-Security-Policy: default-src 'none'",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + page


def pasted_answer(pasted: str, state: str) -> Returned:
    """A pasted code, or the whole address that the browser ended at. Raises `AuthError` for a foreign one."""
    text = "".join(pasted.split())
    if "://" not in text:
        return Returned(code=text)
    try:
        fields = dict(parse_qsl(urlsplit(text).query, max_num_fields=20))
    except ValueError:
        fields = {}
    if "state" in fields and not same_state(fields["state"], state):
        raise AuthError(_("the pasted address belongs to another login"), _("start again and paste the newest one"))
    return Returned(fields.get("code", ""), SafeText.line(fields.get("error", "")), fields.get("iss", ""))


async def browser_or_paste(door: Loopback, address: str, state: str, dialog: LoginDialog) -> Returned:
    """Shows the address and takes whichever comes first: the browser at the door, or a pasted code or address."""
    await dialog.show_address(address)
    at_door = asyncio.ensure_future(door.wait())
    at_prompt = asyncio.ensure_future(dialog.ask_code())
    try:
        await asyncio.wait({at_door, at_prompt}, return_when=asyncio.FIRST_COMPLETED)
        if at_door.done():
            return at_door.result()
        return pasted_answer(at_prompt.result(), state)
    finally:
        for waiting in (at_door, at_prompt):
            waiting.cancel()
        await asyncio.gather(at_door, at_prompt, return_exceptions=True)
