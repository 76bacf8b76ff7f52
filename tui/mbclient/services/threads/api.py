"""One account's requests to the Threads API: the token, what the errors mean, what the token may do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency
from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    SecretError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.accountapi import AccountApi
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.fields import items, number, obj, string
from mbclient.services.kit import Kit
from mbclient.services.limits import limited_until, wait_until
from mbclient.services.threads.counting import LIMIT
from mbclient.services.threads.extras import Extras
from mbclient.services.threads.polls import LIMITS
from mbclient.services.threads.posts import Decoder
from mbclient.services.threads.tokens import Token
from mbclient.texts import _

VERSION = "v1.0"
DEAD, LIMITED = frozenset({190}), frozenset({4, 17, 32, 613})
NOT_THERE = 4279009  # subcode: not there, or not yet
FORBIDDEN = frozenset({10, *range(200, 300)})
INVALID = 100  # a parameter, or a field that is not there
RETRY_REFRESH = timedelta(hours=1)
SCOPES = {
    "post": "threads_content_publish",
    "reply": "threads_manage_replies",
    "delete": "threads_delete",
    "thread": "threads_read_replies",
    "notifications": "threads_manage_mentions",
    "search": "threads_keyword_search",
}


@dataclass(frozen=True, slots=True)
class GraphError:
    """An error in Graph's form; `code` 0 for an answer without."""

    code: int = 0
    subcode: int = 0
    reason: str = ""
    transient: bool = False


class Api(AccountApi):
    """Requests of one account. Raises the `ServiceError` tree with the account's name.

    `me`: the own id, empty until known. `missing`: abilities that turned out to be refused.
    """

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, server_address(account.url))
        self._token: Token | None = None
        self._in_header: bool | None = None  # None: not known yet whether the server takes it there
        self._next_refresh: datetime | None = None
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"threads-{account.name}"
        self._scopes = frozenset(str(scope) for scope in items(self._cache.read(self._cache_name).get("scopes")))
        self._lock = asyncio.Lock()
        self._extras = Extras()

    def decoder(self) -> Decoder:
        return Decoder(self.account.name, self.me, self.account.handle.lstrip("@"), self.account.service)

    # ------------------------------------------------------------ what the token may do

    def can(self, ability: str) -> bool:
        """Search is only believed when its permission is seen: without, it quietly covers one's own posts alone."""
        if ability in self.missing:
            return False
        return SCOPES[ability] in self._scopes if self._scopes else ability != "search"

    def capabilities(self) -> Capabilities:
        """There is no home, no like, no bookmark, no edit, no schedule, no stream, and no upload from a disk."""
        return Capabilities(
            post=self.can("post"),
            reply=self.can("post") and self.can("reply"),
            reply_needs_mention=False,
            quote=self.can("post"),
            boost=self.can("post"),
            like=False,
            delete=self.can("delete"),
            search=self.can("search"),
            thread=self.can("thread"),
            notifications=self.can("notifications"),
            feeds=("tag",) if self.can("search") else (),
            poll=LIMITS,
            max_length=LIMIT,
            idempotency=Idempotency.CLIENT_ID,  # the container's: publishing looks at it first
            software="threads",
        )

    async def read_scopes(self) -> datetime | None:
        """Asks what the token may do; gives its end where that is told. One that does not tell is no error."""
        token = await self._current()
        self.missing.clear()
        try:
            answer = await self.call("GET", "debug_token", {"input_token": token.value.reveal()})
        except RejectedError:
            return None
        told = obj(answer.get("data"))
        scopes = [scope for scope in items(told.get("scopes")) if isinstance(scope, str)]
        if scopes:
            self._scopes = frozenset(scopes)
            self._cache.write(self._cache_name, {"scopes": scopes})
        ends = number(told, "expires_at")
        return datetime.fromtimestamp(ends, UTC) if 0 < ends < 10**11 else None

    # ------------------------------------------------------------ the token

    def use(self, token: Token) -> None:
        """For signing in: a token that is not stored yet."""
        self._token = token

    async def _current(self) -> Token:
        async with self._lock:
            if self._token is None:
                secret = await asyncio.to_thread(self.kit.secrets.get, self.account.name)
                if not secret:
                    raise self.without_token()
                self._token = Token.parse(secret)
            now = self.kit.clock.now()
            if self._token.is_due(now) and (self._next_refresh is None or now >= self._next_refresh):
                self._next_refresh = now + RETRY_REFRESH  # what fails is tried again: the old one holds until its end
                fresh = await self.refreshed(self._token)
                if fresh is not None:
                    self._token = fresh
                    with contextlib.suppress(SecretError):  # it holds for this run all the same
                        await asyncio.to_thread(self.kit.secrets.set, self.account.name, fresh.pack())
            return self._token

    async def refreshed(self, token: Token) -> Token | None:
        """A new one for another 60 days, which takes no secret of the app; None where the server gives none."""
        try:
            answer = await self.kit.http.request(
                "GET",
                f"{self.base}/refresh_access_token",
                account=self.account.name,
                params={"grant_type": "th_refresh_token", "access_token": token.value.reveal()},
            )
            return token.refreshed(obj(answer.json()), self.kit.clock.now()) if answer.ok else None
        except ServiceError:
            return None

    def forget(self) -> None:
        self._token, self._in_header = None, None

    def signed_out(self, problem: str, advice: str = "") -> AuthError:
        again = _("make a new long-lived token and sign in again: mbclient account add {service} --name {name} {how}")
        name = self.account.name
        return super().signed_out(
            problem, advice or again.format(service=self.account.service, name=name, how="--secret-stdin")
        )

    # ------------------------------------------------------------ requests

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        write: bool = False,
        polling: bool = False,
    ) -> Mapping[str, object]:
        """The decoded object. `write`: that a lost answer may have acted. A POST's parameters go in its body.

        The token goes in a header, for addresses end up in logs; where that is not taken (it is not documented), as a
        parameter.
        """
        if polling:
            self.kit.http.spare(self.account.name)
        asked = self._extras.asked(path, params or {})
        answer, error = await self._answer(method, path, asked, write)
        while error.code == INVALID and (less := self._extras.dropped(path, asked, error.reason)) is not None:
            asked = less
            answer, error = await self._answer(method, path, asked, write)
        if error.code in FORBIDDEN | {INVALID} and (bare := self._extras.left_out(asked)) is not None:
            answer, error = await self._answer(method, path, bare, write)
            if answer.ok and not error.code:
                self._extras.forbidden(path, asked)
        if not answer.ok or error.code:
            raise self._refused(answer, error)
        value = answer.json()
        if not isinstance(value, dict):
            raise self.unsure() if write else self.garbled()
        return value

    async def _answer(
        self, method: str, path: str, params: Mapping[str, str], write: bool
    ) -> tuple[Answer, GraphError]:
        answer = await self._request(method, path, params, write, in_header=self._in_header is not False)
        error = _error_of(answer)
        if self._in_header is None and (answer.status == 401 or error.code in DEAD):
            answer = await self._request(method, path, params, write, in_header=False)
            error = _error_of(answer)
            if answer.ok:
                self._in_header = False
        elif answer.ok and self._in_header is None:
            self._in_header = True
        return answer, error

    async def _request(
        self, method: str, path: str, params: Mapping[str, str], write: bool, *, in_header: bool
    ) -> Answer:
        token = (await self._current()).value.reveal()
        given = dict(params) if in_header else {**params, "access_token": token}
        body = method == "POST"
        return await self.kit.http.request(
            method,
            f"{self.base}/{VERSION}/{path}",
            account=self.account.name,
            headers={"Authorization": f"Bearer {token}"} if in_header else {},
            params=None if body else given,
            form=given if body else None,
            write=write,
        )

    def _refused(self, answer: Answer, error: GraphError) -> ServiceError:
        name, now = self.account.name, self.kit.clock.now()
        said = _("{host} said: {reason}").format(host=answer.host, reason=error.reason or answer.status)
        if answer.status == 401 or error.code in DEAD:
            return self.signed_out(said)
        if error.code in LIMITED or answer.status == 429:
            until = limited_until(answer.headers, now)
            return RateLimitedError(said, wait_until(until), account=name, until=until)
        if error.transient or answer.status >= 500 or answer.ok:
            if answer.write:
                return self.unsure(said)
            return UnreachableError(said, _("try again later"), account=name)
        code = (
            "forbidden" if error.code in FORBIDDEN else "not-there" if error.subcode == NOT_THERE else str(error.code)
        )
        return self.refusal(answer, reason=error.reason, code=code)

    async def optional(
        self, ability: str, path: str, params: Mapping[str, str], *, polling: bool = False
    ) -> Mapping[str, object]:
        """A read that not every token may do: once refused, `UnsupportedError` without another request."""
        if not self.can(ability):
            raise self.unsupported(ability)
        try:
            return await self.call("GET", path, params, polling=polling)
        except RejectedError as error:
            if error.code != "forbidden":
                raise
            self.missing.add(ability)
            raise self.unsupported(ability) from error

    def unsupported(self, ability: str, advice: str = "") -> UnsupportedError:
        scope = SCOPES.get(ability, "")
        needed = _("the token needs the permission {scope}").format(scope=scope) if scope else ""
        return super().unsupported(ability, advice or needed)


def _error_of(answer: Answer) -> GraphError:
    if "json" not in answer.headers.get("content-type", "") and "javascript" not in answer.headers.get(
        "content-type", ""
    ):
        return GraphError()
    try:
        error = obj(obj(answer.json()).get("error"))
    except ServiceError:
        return GraphError()
    reason = string(error, "error_user_msg") or string(error, "message")
    return GraphError(
        number(error, "code"),
        number(error, "error_subcode"),
        SafeText.line(reason, max_characters=300),
        error.get("is_transient") is True,
    )
