"""One account's requests: the token, what the errors mean, and what a server turned out not to have."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit

from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError, UnreachableError, UnsupportedError
from mbclient.domain.secret import Secret
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.cache import JsonCache
from mbclient.services.kit import Kit
from mbclient.services.mastodon.fields import obj, string
from mbclient.services.mastodon.instance import Instance, fetch_instance
from mbclient.services.mastodon.statuses import Decoder
from mbclient.services.person import sign_in_again
from mbclient.services.renewal import Renewal
from mbclient.services.websocket import Socket, is_subprotocol, open_socket
from mbclient.texts import _

MISSING = frozenset({404, 405, 410, 501})
LARGE = 32_000
Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is kept in the keyring: the access token alone, or as JSON with the refresh token that came along."""

    access: Secret
    refresh: Secret | None = None

    @classmethod
    def parse(cls, secret: Secret) -> Tokens:
        text = secret.reveal().strip()
        if text.startswith("{"):
            try:
                both = obj(json.loads(text))
            except ValueError:
                both = {}
            refresh = string(both, "refresh_token")
            return cls(Secret(string(both, "access_token")), Secret(refresh) if refresh else None)
        return cls(Secret(text))

    def pack(self) -> Secret:
        if self.refresh is None:
            return self.access
        return Secret(json.dumps({"access_token": self.access.reveal(), "refresh_token": self.refresh.reveal()}))


@dataclass(slots=True)
class Api:
    """Requests of one account to its server; `me` is its own remote id, empty until known.

    `missing`: abilities that it turned out not to have. `met_filters`: ids of filters that statuses named.

    Raises the `ServiceError` tree with the account's name.
    """

    account: Account
    kit: Kit
    base: str = ""
    me: str = ""
    missing: set[str] = field(default_factory=set)
    met_filters: set[str] = field(default_factory=set)
    _instance: Instance | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _renewal: Renewal[Tokens] = field(init=False)

    def __post_init__(self) -> None:
        self.base = server_address(self.account.url)
        self.me = self.account.remote_id
        self._renewal = Renewal(self.account, self.kit, Tokens, self._ask)
        stored = self._cache.read(self._cache_name)
        self._instance = Instance.from_json(stored)

    @property
    def _cache(self) -> JsonCache:
        return JsonCache(self.kit.cache_dir)

    @property
    def _cache_name(self) -> str:
        return f"mastodon-instance-{urlsplit(self.base).netloc}"

    @property
    def known_instance(self) -> Instance:
        """As last read, also by an earlier run; before the first time the defaults."""
        return self._instance or Instance(urlsplit(self.base).netloc, software="")

    async def instance(self, *, fresh: bool = False) -> Instance:
        """The server's facts, asked for once."""
        async with self._lock:
            if fresh or self._instance is None:
                self._instance = await fetch_instance(self.base, self.kit, self.account.name)
                self._cache.write(self._cache_name, self._instance.to_json())
                self.missing.clear()
            return self._instance

    async def decoder(self) -> Decoder:
        domain = (await self.instance()).domain
        return Decoder(self.account.name, domain, self.me, self.account.service, self.met_filters)

    async def tokens(self) -> Tokens:
        tokens = await self._renewal.tokens()
        if tokens is None:
            raise self._signed_out(_("no token is stored for {account}").format(account=self.account.name))
        return tokens

    def use(self, tokens: Tokens) -> None:
        """For signing in: a token that is not stored yet."""
        self._renewal.use(tokens)

    def _signed_out(self, problem: str) -> AuthError:
        self._renewal.forget()
        return AuthError(problem, sign_in_again(self.account), account=self.account.name)

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: object = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        write: bool | None = None,
        polling: bool = False,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """One request; an answer other than 2xx raises by its meaning, unless its status is in `accept`.

        `polling`: nobody waits for it; it leaves the last fifth of the rate budget to the user.
        """
        if polling:
            self.kit.http.spare(self.account.name)
        answer: Answer | None = None
        for attempt in (1, 2):
            tokens = await self.tokens()
            extra = {"Connection": "close"} if not self.known_instance.dialect.keep_alive else {}
            answer = await self.kit.http.request(
                method,
                self.base + path,
                account=self.account.name,
                headers={"Authorization": f"Bearer {tokens.access.reveal()}", **extra, **(headers or {})},
                params=params,
                json=body,
                files=files,
                form=form,
                write=write,
            )
            if not _says_dead_token(answer):
                break
            if attempt == 2 or not await self._renewal.renewed(tokens):
                host = answer.host
                raise self._signed_out(_("{host} does not accept the token").format(host=host))
        assert answer is not None
        if not answer.ok and answer.status not in accept:
            now = self.kit.clock.now()
            raise_for_status(answer, now, account=self.account.name, write=answer.write, reason=_reason(answer))
        return answer

    async def optional(
        self,
        ability: str,
        path: str,
        *,
        params: Params = (),
        body: object = None,
        method: str = "GET",
        polling: bool = False,
    ) -> Answer:
        """An endpoint that not every server has: once missing, `UnsupportedError` without another request."""
        if ability not in self.missing:
            answer = await self.call(method, path, params=params, body=body, polling=polling, accept=MISSING)
            if answer.status not in MISSING:
                return answer
            self.missing.add(ability)
        raise self.unsupported(ability)

    @staticmethod
    async def json(answer: Answer) -> object:
        """The decoded answer; a large one in a thread, so that no key waits for it (speed facts 5)."""
        return await asyncio.to_thread(answer.json) if len(answer.body) > LARGE else answer.json()

    def unsupported(self, ability: str) -> UnsupportedError:
        return UnsupportedError(
            _("{host} cannot do that ({ability})").format(host=urlsplit(self.base).hostname, ability=ability),
            account=self.account.name,
        )

    def garbled(self) -> UnreachableError:
        """For a 2xx answer of the wrong shape to a read."""
        host = urlsplit(self.base).hostname
        return UnreachableError(
            _("{host} answered with something else than asked for").format(host=host),
            _("try again later"),
            account=self.account.name,
        )

    async def _ask(self, old: Tokens) -> Tokens | None:
        """Pleroma's tokens expire: the refresh token is used once, by the app that was registered at signing in."""
        app = self._cache.read(f"mastodon-app-{urlsplit(self.base).netloc}")
        if old.refresh is None or not app:
            return None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh.reveal(),
            "client_id": string(app, "client_id"),
            "client_secret": string(app, "client_secret"),
        }
        answer = await self.kit.http.request(
            "POST", f"{self.base}/oauth/token", account=self.account.name, form=form, write=False
        )
        if answer.status == 429 or answer.status >= 500:  # no word on the refresh token, which may still hold
            raise_for_status(answer, self.kit.clock.now(), account=self.account.name, write=False)
        try:
            fresh = obj(answer.json()) if answer.ok else {}
        except ServiceError:
            fresh = {}
        access, refresh = string(fresh, "access_token"), string(fresh, "refresh_token")
        return Tokens(Secret(access), Secret(refresh) if refresh else old.refresh) if access else None

    @property
    def host(self) -> str:
        return urlsplit(self.base).hostname or ""

    async def renew(self, used: Tokens) -> bool:
        """After a refused token: whether there is another one now. Without, the user may sign in again while we run."""
        if await self._renewal.renewed(used):
            return True
        self._renewal.forget()
        return False

    async def lines(self, address: str) -> AsyncGenerator[str, None]:
        headers = {"Authorization": f"Bearer {(await self.tokens()).access.reveal()}"}
        async with aclosing(self.kit.http.lines(address, account=self.account.name, headers=headers)) as lines:
            async for line in lines:
                yield line

    @asynccontextmanager
    async def socket(self, address: str) -> AsyncGenerator[Socket, None]:
        """A WebSocket with the token as its subprotocol: the one header that GoToSocial and Pleroma look at too.

        A token that cannot stand there goes into the address, as browsers do it.
        """
        token = (await self.tokens()).access.reveal()
        fits = is_subprotocol(token)
        if not fits:
            address += f"&access_token={quote(token, safe='')}"
        subprotocols = (token,) if fits else ()
        async with open_socket(self.kit, address, account=self.account.name, subprotocols=subprotocols) as socket:
            yield socket


def _says_dead_token(answer: Answer) -> bool:
    """A dead token as measured: 401; 400 in plain text (Takahē); 422 with an empty body (snac)."""
    if answer.status == 401:
        return True
    if answer.status == 400 and "json" not in answer.headers.get("content-type", ""):
        return "invalid bearer token" in answer.text[:200].lower()
    return answer.status == 422 and not answer.body.strip()


def _reason(answer: Answer) -> str:
    """The server's reason; `error_description` says what to do, `error` what went wrong (OAuth only has both)."""
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    try:
        return string(obj(answer.json()), "error")
    except ServiceError:
        return ""


def next_cursor(answer: Answer, rel: str, parameter: str) -> str:
    """A parameter of one of the Link header's addresses; empty where the header or it is missing."""
    for part in answer.headers.get("link", "").split(","):
        address, _semicolon, rest = part.strip().partition(">")
        if f'rel="{rel}"' in rest and address.startswith("<"):
            try:
                values = parse_qs(urlsplit(address[1:]).query).get(parameter, [])
            except ValueError:
                return ""
            return values[0] if values else ""
    return ""
