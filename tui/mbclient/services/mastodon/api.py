"""One account's requests: the token, what the errors mean, and what a server turned out not to have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

from mbclient.domain.account import Account
from mbclient.domain.errors import ServiceError
from mbclient.services.accountapi import AccountApi
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.kit import Kit
from mbclient.services.mastodon.dialects import quick_wait
from mbclient.services.mastodon.fields import obj, string
from mbclient.services.mastodon.instance import Instance, fetch_instance
from mbclient.services.mastodon.statuses import Decoder
from mbclient.services.renewal import Renewal, Tokens, refreshed
from mbclient.services.websocket import Socket, is_subprotocol, open_socket
from mbclient.texts import _

MISSING = frozenset({404, 405, 410, 501})
Params = Sequence[tuple[str, str]]


class Api(AccountApi):
    """Requests of one account to its server. Raises the `ServiceError` tree with the account's name.

    `missing`: abilities that it turned out not to have. `met_filters`: ids of filters that statuses named.
    """

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, server_address(account.url))
        self.met_filters: set[str] = set()
        self._lock = asyncio.Lock()
        self._renewal = Renewal(account, kit, self._ask)
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"mastodon-instance-{urlsplit(self.base).netloc}"
        self._instance = Instance.from_json(self._cache.read(self._cache_name))

    @property
    def known_instance(self) -> Instance:
        """As last read, also by an earlier run; before the first time the defaults."""
        return self._instance or Instance(urlsplit(self.base).netloc, software="")

    async def instance(self, *, fresh: bool = False) -> Instance:
        """The server's facts, asked for once."""
        async with self._lock:
            if fresh or self._instance is None:
                known = self._instance.software if self._instance else ""
                self._instance = await fetch_instance(self.base, self.kit, self.account.name, known)
                self._cache.write(self._cache_name, self._instance.to_json())
                self.missing.clear()
            return self._instance

    async def decoder(self) -> Decoder:
        domain = (await self.instance()).domain
        return Decoder(self.account.name, domain, self.me, self.account.service, self.met_filters)

    async def tokens(self) -> Tokens:
        tokens = await self._renewal.tokens()
        if tokens is None:
            raise self.without_token()
        return tokens

    def use(self, tokens: Tokens) -> None:
        """For signing in: a token that is not stored yet."""
        self._renewal.use(tokens)

    def forget(self) -> None:
        self._renewal.forget()

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
                raise self.signed_out(_("{host} does not accept the token").format(host=host))
        assert answer is not None
        if not answer.ok and answer.status not in accept:
            raise self.refused(answer, method, path)
        return answer

    def refused(self, answer: Answer, method: str, path: str) -> ServiceError:
        """What an answer other than 2xx means. Where it is haste, how long to wait may be known without a header."""
        if answer.status == 429 and self.known_instance.dialect.quick:
            answer = replace(answer, headers={"retry-after": str(quick_wait(method, path)), **answer.headers})
        return self.refusal(answer, reason=_reason(answer))

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

    async def end(self) -> None:
        """Takes the token back, which else is good for ever. Only by the app that it was given to: no other may."""
        tokens, client = await self.tokens(), self._client()
        if client:
            form = {**client, "token": tokens.access.reveal()}
            url = f"{self.base}/oauth/revoke"
            await self.kit.http.request("POST", url, account=self.account.name, form=form, write=False)

    def _client(self) -> Mapping[str, str]:
        """The app that was registered at signing in; empty where there is none."""
        app = self._cache.read(f"mastodon-app-{urlsplit(self.base).netloc}")
        return {name: string(app, name) for name in ("client_id", "client_secret")} if app else {}

    async def _ask(self, old: Tokens) -> Tokens | None:
        """Pleroma's tokens expire: the refresh token is used once, by the app that was registered at signing in."""
        client = self._client()
        if old.refresh is None or not client:
            return None
        return await refreshed(old, self.kit, self.account.name, f"{self.base}/oauth/token", client)

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
