"""The one HTTP client: built late and in a thread, bodies bounded, no redirects, faults named by their phase.

Bounds and time-outs are those of the reliability facts 4.1 and 4.5; why it is built late: speed facts 5. What an
answer means is in `answers`; this module knows only how to get one.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mbclient import __version__
from mbclient.core.pieces import turn
from mbclient.core.ports import Clock
from mbclient.domain.errors import NotAskedError, OutcomeUnknownError, RateLimitedError, UnreachableError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer, error_text, raise_for_status
from mbclient.services.circuit import Circuits
from mbclient.services.httpdate import server_time
from mbclient.services.limits import Budget, limited_until, read_budget, wait_until
from mbclient.services.near import Resolve, is_near, is_proxied, look_up
from mbclient.services.redaction import redacted
from mbclient.texts import _
from mbclient.texts.outside import told

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = [
    "LOOPBACK",
    "Answer",
    "Budget",
    "Http",
    "check_address",
    "error_text",
    "limited_until",
    "raise_for_status",
]

MAX_WIRE = 5_000_000
MAX_DECODED = 20_000_000
MAX_LINE = 1_000_000
MEGABYTE = 1 << 20
CONNECT_S, READ_S, STREAM_S = 5.0, 15.0, 60.0
WHOLE_S, UPLOAD_S = 60.0, 600.0  # for one request in all: a server that sends a byte now and then holds nobody
WRONG_DATES = (9, 10)  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Http:
    """Every request to every service. Only https, except to this machine itself.

    `dates`: the last answers' (host, server Date minus local clock in seconds). Proxies of the environment are used,
    except for this machine itself.
    """

    def __init__(self, clock: Clock, *, ca_file: str = "", resolve: Resolve = look_up) -> None:
        self._clock = clock
        self._ca_file = ca_file
        self.resolve = resolve
        self._client: httpx.AsyncClient | None = None
        self._far: httpx.AsyncClient | None = None
        self._building = asyncio.Lock()
        self._budgets: dict[str, Budget] = {}
        self._circuits = Circuits(clock)
        self.dates: deque[tuple[str, float]] = deque(maxlen=5)

    async def warm(self) -> None:
        """Builds client and TLS context in a thread (90 ms that no key shall wait for)."""
        await self._ready()

    async def tls(self) -> ssl.SSLContext:
        """The process's one TLS context, made in a thread: for lines that are no requests."""
        return await asyncio.to_thread(_tls, self._ca_file)

    async def _ready(self, *, far: bool = False) -> httpx.AsyncClient:
        async with self._building:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            if far and self._far is None:
                self._far = await asyncio.to_thread(self._build, far=True)
        return self._far if far and self._far is not None else self._client

    def _build(self, *, far: bool = False) -> httpx.AsyncClient:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        import anyio._backends._asyncio  # noqa: F401  # the first request would import it on the event loop: 45 ms
        import httpx

        from mbclient.services.farclient import FarTransport

        logging.getLogger("httpx").setLevel(logging.WARNING)  # it notes every address, queries and all
        return httpx.AsyncClient(
            transport=FarTransport(_tls(self._ca_file), self.resolve) if far else None,
            verify=_tls(self._ca_file),
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept: no API here needs one
            headers={"User-Agent": f"mbclient/{__version__}", "Accept-Encoding": "gzip"},
            mounts={"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None},
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        account: str = "",
        headers: Mapping[str, str] | None = None,
        params: Sequence[tuple[str, str]] | Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        write: bool | None = None,
        max_wire: int = MAX_WIRE,
        outside: bool = False,
    ) -> Answer:
        """One request; any status is an `Answer`. `write` (default: not GET or HEAD) decides what a lost answer means.

        `outside`: neither the user nor their own server has named the host, so it must not lead near (`near`).

        Raises `NotAskedError` when no connection came about or the account's circuit is open, `UnreachableError` when a
        read failed, `OutcomeUnknownError` when a write was sent and no whole answer came, `UsageError` for an address
        that is not https or a header that cannot be sent.
        """
        import httpx

        check_address(url)
        proxied = is_proxied(url)
        client = await self._ready(far=outside and not proxied)
        writes = method not in ("GET", "HEAD") if write is None else write
        host = urlsplit(url).hostname or url
        query: list[tuple[str, str | int | float | bool | None]] | None = None
        if params:
            query = [*(params.items() if isinstance(params, Mapping) else params)]
        await turn()  # to send one takes a millisecond or two, and a refresh begins with one of each service
        try:
            request = client.build_request(
                method, url, headers=headers, params=query, json=json, content=content, data=form, files=files
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise _unsendable(host) from error
        self._circuits.enter(account, host)
        again = not (writes or self._circuits.failing(account))
        try:
            async with asyncio.timeout(UPLOAD_S if files or content else WHOLE_S):
                response, body = await self._exchange(client, request, max_wire, again=again)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotAskedError(
                _("{host} cannot be reached ({reason})").format(host=host, reason=reason_of(error)),
                _wrong_date(error) or _("check the network and the account's url"),
                account=account,
            ) from error
        except httpx.LocalProtocolError as error:
            raise _unsendable(host) from error
        except (httpx.HTTPError, zlib.error, _TooLargeError, TimeoutError) as error:
            self._circuits.failed(account)
            raise _lost(host, reason_of(error), account, writes) from error
        if not writes:  # what is known of a write is told at once
            await turn()
        self._circuits.answered(account, response.status_code)
        self._note_date(host, response.headers.get("date"))
        names = {name.lower(): value for name, value in response.headers.items()}
        if response.status_code >= 400:
            body = redacted(body, headers or {}, params, json, form, url=url)
        near = not proxied and _came_from_near(response)
        answer = Answer(response.status_code, names, body, str(request.url), account=account, write=writes, near=near)
        budget = None if writes else read_budget(answer.headers, self._clock.now())
        if budget is not None:
            self._budgets[account] = budget
        return answer

    async def _exchange(
        self, client: httpx.AsyncClient, request: httpx.Request, max_wire: int, *, again: bool
    ) -> tuple[httpx.Response, bytes]:
        """Some servers close a kept connection without a word: a read is then asked once more, a write never."""
        import httpx

        try:
            response = await client.send(request, stream=True)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            if not again:
                raise
            response = await client.send(request, stream=True)
        try:
            return response, await _bounded_body(response, max_wire)
        finally:
            await response.aclose()

    def spare(self, account: str) -> None:
        """Raises `RateLimitedError` when what is left of the account's budget is kept for the user's own deeds.

        For polling: the last fifth of the requests that the server allows (reliability facts 4.1).
        """
        budget = self._budgets.get(account)
        if budget is None or budget.remaining * 5 > budget.limit or budget.until <= self._clock.now():
            return
        raise RateLimitedError(
            _("nearly all requests that the server allows are used"),
            wait_until(budget.until),
            account=account,
            until=budget.until,
        )

    async def lines(
        self, url: str, *, account: str = "", headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[str, None]:
        """A stream's lines (server-sent events), after an empty one as soon as it stands.

        One that stays silent for 60 s is a broken one. Raises as `request` does for a read.
        """
        import httpx

        check_address(url)
        client = await self._ready()
        host = urlsplit(url).hostname or url
        timeout = httpx.Timeout(STREAM_S, connect=CONNECT_S)
        plain = {**(headers or {}), "Accept-Encoding": "identity", "Accept": "text/event-stream"}
        try:
            async with client.stream("GET", url, headers=plain, timeout=timeout) as response:
                if response.status_code != 200:
                    body = redacted(await _bounded_body(response, MAX_WIRE), plain, url=url)
                    names = {k.lower(): v for k, v in response.headers.items()}
                    answer = Answer(response.status_code, names, body, url, account=account)
                    raise_for_status(answer, self._clock.now(), account=account, write=False)
                    raise UnreachableError(
                        _("{host} opens no stream ({status})").format(host=host, status=response.status_code),
                        account=account,
                    )
                async for line in _bounded_lines(response):
                    yield line
        except (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeEncodeError) as error:
            raise _unsendable(host) from error
        except (httpx.HTTPError, zlib.error, _TooLargeError) as error:
            raise UnreachableError(
                _("the stream of {host} broke ({reason})").format(host=host, reason=reason_of(error)), account=account
            ) from error

    async def aclose(self) -> None:
        for client in (self._client, self._far):
            if client is not None:
                await client.aclose()
        self._client = self._far = None

    def _note_date(self, host: str, date: str | None) -> None:
        server = server_time(date) if date and host not in LOOPBACK else None
        if server is not None:
            self.dates.append((host, (server - self._clock.now()).total_seconds()))


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    """The one context of the process: TLS 1.2 and later, certificate and host checked, no switch to turn that off."""
    import httpx

    context = httpx.create_ssl_context()
    context.load_default_certs()  # httpx takes certifi's alone; companies add their own to the system's
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _came_from_near(response: httpx.Response) -> bool:
    """Whether the one who answered stands in a network such as this computer's."""
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    return peer is not None and is_near(str(peer[0]))


class _TooLargeError(Exception):
    """A body past its bound, or packed in a way that is not asked for."""


async def _bounded_body(response: httpx.Response, max_wire: int) -> bytes:
    """Reads raw and decodes itself: httpx would unpack 200 kB to 210 MB before a bound could act."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    decoder = None
    if encoding in ("gzip", "x-gzip", "deflate"):
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
    elif encoding not in ("", "identity"):
        raise _TooLargeError(_("unknown content encoding {name!r}").format(name=encoding))
    wire = 0
    body = bytearray()
    async for chunk in response.aiter_raw():
        wire += len(chunk)
        if wire > max_wire:
            raise _TooLargeError(_("the answer is too large"))
        for part in _unpacked(decoder, chunk) if decoder else (chunk,):
            body += part
            if len(body) > MAX_DECODED:
                raise _TooLargeError(_("the answer is too large"))
    if decoder and wire and not decoder.eof:
        raise _TooLargeError(_("the answer was cut"))
    return bytes(body)


def _unpacked(decoder: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """A megabyte at a time: in one go a few kilobytes may be all the memory there is."""
    part = b""
    while not decoder.eof and (packed or len(part) == MEGABYTE):
        part = decoder.decompress(packed, MEGABYTE)
        packed = decoder.unconsumed_tail
        yield part


async def _bounded_lines(response: httpx.Response) -> AsyncIterator[str]:
    """An empty line, then those of an unpacked body, each of `MAX_LINE` bytes at most: httpx gathers an endless one."""
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise _TooLargeError(_("a packed stream"))
    yield ""
    rest = b""
    async for chunk in response.aiter_raw():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
        if len(rest) > MAX_LINE:
            raise _TooLargeError(_("too long a line"))


def check_address(url: str) -> None:
    """https anywhere; plain http only to this machine. Raises `UsageError`."""
    try:
        parts = urlsplit(url)
        host, _port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        parts, host, user = urlsplit(""), None, None
    if host and user is None and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        return
    raise UsageError(
        _("{url} is not an https address").format(url=SafeText.line(url, max_characters=80)),
        _("write it as https://host"),
    )


def _unsendable(host: str) -> UsageError:
    return UsageError(
        _("the request to {host} cannot be written: its address or the secret holds a wrong character").format(
            host=host
        ),
        _("sign in again"),
    )


def _wrong_date(error: BaseException | None) -> str:
    """What to do about a certificate that has expired or begins later, as it looks from here; else nothing."""
    import ssl

    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in WRONG_DATES:
            return _("check this computer's date and time; if they are right, the server must renew its certificate")
        error = error.__cause__ or error.__context__
    return ""


def reason_of(error: Exception) -> str:
    """The library's own words for a fault, cleaned, on one short line, in Swedish where the catalogue has them."""
    return SafeText.line(told(str(error)), max_characters=120) or told(type(error).__name__)


def _lost(host: str, why: str, account: str, write: bool) -> UnreachableError | OutcomeUnknownError:
    problem = _("{host} gave no whole answer ({reason})").format(host=host, reason=why)
    if write:
        return OutcomeUnknownError(problem, _("it is looked up before anything is sent again"), account=account)
    return UnreachableError(problem, _("try again later"), account=account)
