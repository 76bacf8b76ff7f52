"""One account's requests: the token, what the errors mean, and what a server turned out not to have."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.accountapi import AccountApi
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.fields import number, obj, string
from mbclient.services.kit import Kit
from mbclient.services.misskey.notes import Decoder
from mbclient.services.misskey.pace import Pace
from mbclient.services.misskey.server import Server, fetch_server
from mbclient.services.websocket import Socket, open_socket
from mbclient.texts import _

EPOCH_MS = 100_000_000_000  # what is less is a span of time
DEAD = frozenset({"CREDENTIAL_REQUIRED", "AUTHENTICATION_FAILED"})
UNKNOWN_ENDPOINT = "UNKNOWN_API_ENDPOINT"


class Api(AccountApi):
    """Requests of one account to its server. Raises the `ServiceError` tree with the account's name."""

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, server_address(account.url))
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"misskey-{urlsplit(self.base).netloc}-{account.name}"
        self._server = Server.from_json(self._cache.read(self._cache_name))
        self._token: Secret | None = None
        self._pace = Pace(kit.clock)
        self._lock = asyncio.Lock()

    # ------------------------------------------------------------ the server

    @property
    def known_server(self) -> Server:
        """As last read, also by an earlier run; before the first time the defaults."""
        return self._server or Server(urlsplit(self.base).netloc)

    async def server(self, *, fresh: bool = False) -> Server:
        """The server's facts and the account's policies, asked for once."""
        async with self._lock:
            if self._server is None or fresh:
                known = self._server.software if self._server else ""
                found = await fetch_server(self.base, self.kit, self.account.name, known)
                policies = obj(obj(await self.call("i")).get("policies"))
                self._server = found.with_policies(policies) if policies else found
                self._cache.write(self._cache_name, self._server.to_json())
                self.missing.clear()
            return self._server

    def capabilities(self) -> Capabilities:
        can, lost = self.known_server.capabilities(), self.missing
        return replace(
            can,
            edit=can.edit and "edit" not in lost,
            bookmark=can.bookmark and "bookmark" not in lost,
            feeds=tuple(feed for feed in can.feeds if feed not in lost),
        )

    async def decoder(self) -> Decoder:
        return Decoder(self.account.name, self.base, self.me, self.account.service)

    # ------------------------------------------------------------ requests

    def use(self, token: Secret) -> None:
        """For signing in: a token that is not stored yet."""
        self._token = token

    async def _header(self) -> dict[str, str]:
        if self._token is None:
            secret = await asyncio.to_thread(self.kit.secrets.get, self.account.name)
            if not secret:
                raise self.without_token()
            self._token = Secret(secret.reveal().strip())
        return {"Authorization": f"Bearer {self._token.reveal()}"}

    def forget(self) -> None:
        self._token = None

    async def call(
        self,
        endpoint: str,
        body: Mapping[str, object] | None = None,
        *,
        write: bool = False,
        polling: bool = False,
        key: str = "",
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> object:
        """The decoded answer, None for an empty one. Everything is a POST, so `write` tells what changes something.

        A refusal is a `RejectedError` with the server's code; an endpoint that is not there has `UNKNOWN_ENDPOINT`.
        `polling`: nobody waits for it; it leaves a fifth of what is allowed to the user.
        """
        if polling:
            self.kit.http.spare(self.account.name)
        self._pace.enter(endpoint, self.account.name, polling=polling)
        answer = await self.kit.http.request(
            "POST",
            f"{self.base}/api/{endpoint}",
            account=self.account.name,
            headers={**await self._header(), **({"Idempotency-Key": key} if key else {})},
            json=None if files else body or {},
            form=form,
            files=files,
            write=write,
        )
        if not answer.ok:
            raise self._refused(answer)
        if not answer.body.strip():
            return None
        value = await self.json(answer)
        if obj(obj(value).get("error")):
            raise self._no_success(answer, obj(obj(value)["error"]))
        return value

    def _no_success(self, answer: Answer, error: Mapping[str, object]) -> ServiceError:
        """A 2xx with an error inside: misskey.io answers 202 while it still works on the same words."""
        said = _("{host} said: {reason}").format(host=answer.host, reason=_reason(error))
        if answer.write:
            advice = _("it is looked up before anything is sent again")
            return OutcomeUnknownError(said, advice, account=self.account.name)
        return UnreachableError(said, _("try again later"), account=self.account.name)

    def _refused(self, answer: Answer) -> ServiceError:
        error = _error_of(answer)
        code, name = string(error, "code"), self.account.name
        if answer.status == 401 or code in DEAD:
            return self.signed_out(_("{host} does not accept the token").format(host=answer.host))
        if code == "PERMISSION_DENIED":
            return self.signed_out(_("the token of {account} lacks a permission that this needs").format(account=name))
        if code == "YOUR_ACCOUNT_SUSPENDED":
            return self.signed_out(
                _("{host} has suspended the account").format(host=answer.host), _("ask the server's administrators")
            )
        if code == "YOUR_ACCOUNT_MOVED":
            return self.signed_out(
                _("{host} says that the account has moved to another server").format(host=answer.host),
                _("add it there: mbclient account add {service} --url https://…").format(service=self.account.service),
            )
        if answer.status in (404, 405) and not code:
            code = UNKNOWN_ENDPOINT
        told = replace(answer, headers=_told_wait(answer.headers, obj(error.get("info"))))
        return self.refusal(told, reason=_reason(error), code=code)

    async def optional(
        self, ability: str, endpoint: str, body: Mapping[str, object], *, write: bool = False, key: str = ""
    ) -> object:
        """What not every server has: once missing or forbidden, `UnsupportedError` without another request."""
        if ability in self.missing:
            raise self.unsupported(ability)
        try:
            return await self.call(endpoint, body, write=write, key=key)
        except RejectedError as error:
            if error.code not in (UNKNOWN_ENDPOINT, "UNAVAILABLE"):
                raise
            self.missing.add(ability)
            raise self.unsupported(ability) from error

    async def socket(self) -> AbstractAsyncContextManager[Socket]:
        """The line for streams; the token goes in a header, for addresses end up in logs."""
        address = self.base.replace("http", "ws", 1) + "/streaming"
        return open_socket(self.kit, address, account=self.account.name, headers=await self._header())


def _error_of(answer: Answer) -> Mapping[str, object]:
    """The error object; empty for a proxy's page or the other shape that unknown paths have."""
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        return obj(obj(answer.json()).get("error"))
    except ServiceError:
        return {}


def _reason(error: Mapping[str, object]) -> str:
    message, code = string(error, "message"), string(error, "code")
    return SafeText.line(f"{message} ({code})" if message and code else message or code, max_characters=300)


def _told_wait(headers: Mapping[str, str], info: Mapping[str, object]) -> Mapping[str, str]:
    """The answer's headers with a wait: the body may tell it alone, as a moment or a span in milliseconds."""
    milliseconds = number(info, "resetMs")
    if "retry-after" in headers or not milliseconds:
        return headers
    told = milliseconds if milliseconds >= EPOCH_MS else math.ceil(milliseconds / 1000)
    return {**headers, "retry-after": str(told)}
