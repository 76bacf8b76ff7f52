"""One account's requests: who asks (Basic or OAuth 1.0a), what the errors mean, what the server does not have."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities
from mbclient.domain.errors import AuthError
from mbclient.services.accountapi import AccountApi
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.fields import items
from mbclient.services.gnusocial.site import Site, fetch_site, site_address
from mbclient.services.gnusocial.statuses import Decoder
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import Credentials, ServerClock, authorization
from mbclient.texts import _

MISSING = frozenset({404, 405, 410, 501})
Params = Sequence[tuple[str, str]]
Find = Callable[[str, Kit, str], Awaitable[Site]]  # looks for the API below an address, for an account


class Api(AccountApi):
    """Requests of one account to its server. Raises the `ServiceError` tree with the account's name.

    `missing`: abilities and paths that the server does not have. `find`: a dialect's own way of looking for its API.
    """

    def __init__(self, account: Account, kit: Kit, *, find: Find = fetch_site) -> None:
        super().__init__(account, kit, site_address(account.url))
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"{account.service}-site-{urlsplit(self.base).netloc}{urlsplit(self.base).path}"
        self._site = Site.from_json(self._cache.read(self._cache_name), self.base)
        self._find = find
        self._credentials: Credentials | None = None
        self._server_clock = ServerClock(kit.clock)
        self._lock = asyncio.Lock()

    # ------------------------------------------------------------ the server

    @property
    def known_site(self) -> Site:
        """As last read, also by an earlier run; before the first time the defaults."""
        return self._site or Site(self.base, self.base)

    async def site(self, *, fresh: bool = False) -> Site:
        async with self._lock:
            if self._site is None or fresh:
                self._site = await self._find(self.base, self.kit, self.account.name)
                self._cache.write(self._cache_name, self._site.to_json())
            if fresh:
                self.missing.clear()
            return self._site

    def capabilities(self) -> Capabilities:
        """What the server said it can, less what it turned out not to have."""
        can, lost = self.known_site.capabilities(), self.missing
        return replace(
            can,
            search=can.search and "search" not in lost,
            notifications=can.notifications and "notifications" not in lost,
            like=can.like and "like" not in lost,
            boost=can.boost and "boost" not in lost,
            max_media=0 if "media" in lost else can.max_media,
        )

    async def decoder(self) -> Decoder:
        return Decoder(self.account.name, await self.site(), self.me, self.account.service)

    # ------------------------------------------------------------ requests

    def use(self, credentials: Credentials) -> None:
        """For signing in: credentials that are not stored yet."""
        self._credentials = credentials

    async def credentials(self) -> Credentials:
        if self._credentials is None:
            secret = await asyncio.to_thread(self.kit.secrets.get, self.account.name)
            if not secret:
                raise self.signed_out(_("no password is stored for {account}").format(account=self.account.name))
            self._credentials = Credentials.parse(secret)
        return self._credentials

    def forget(self) -> None:
        self._credentials = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        write: bool | None = None,
        polling: bool = False,
        accept: frozenset[int] = frozenset(),
        root: str = "",
    ) -> Answer:
        """One request below the API's root; an answer other than 2xx raises, unless its status is in `accept`.

        Forms only: a JSON body is answered with a complaint about its size. `polling`: nobody waits for it.
        """
        if polling:
            self.kit.http.spare(self.account.name)
        url = f"{root or (await self.site()).root}/{path}"
        credentials = await self.credentials()
        for attempt in (1, 2):
            signed = [*params, *(form or {}).items()] if not files else [*params]
            answer = await self.kit.http.request(
                method,
                url,
                account=self.account.name,
                headers={"Authorization": self._authorization(credentials, method, url, signed)},
                params=params,
                form=form,
                files=files,
                write=write,
            )
            if attempt == 1 and answer.status == 401 and credentials.token and self._server_clock.learn(answer):
                continue  # nothing was done, and the time stamp may be all that was wrong
            break
        if answer.status == 401 and 401 not in accept:
            raise self._refused(answer, credentials)
        if not answer.ok and answer.status not in accept:
            raise self.refusal(answer)
        return answer

    def _authorization(self, credentials: Credentials, method: str, url: str, params: Params) -> str:
        if credentials.consumer is not None and credentials.token is not None:
            stamp = self._server_clock.stamp()
            return authorization(method, url, credentials.consumer, credentials.token, params=params, timestamp=stamp)
        nick = self.account.handle.lstrip("@").partition("@")[0]
        return "Basic " + b64encode(f"{nick}:{credentials.password.reveal()}".encode()).decode()

    def _refused(self, answer: Answer, credentials: Credentials) -> AuthError:
        problem = _("{host} does not let you in").format(host=answer.host)
        if ":" in credentials.password.reveal():
            return self.signed_out(problem, _("its password has a colon, which some servers misread: choose another"))
        return self.signed_out(problem)

    async def optional(
        self, ability: str, path: str, *, params: Params = (), polling: bool = False, root: str = ""
    ) -> Answer:
        """A read that not every server has: once missing, `UnsupportedError` without another request."""
        if ability not in self.missing:
            answer = await self.call("GET", path, params=params, polling=polling, accept=MISSING, root=root)
            if answer.status not in MISSING:
                return answer
            self.missing.add(ability)
        raise self.unsupported(ability)

    async def first_of(self, names: Sequence[str], path: str, *, params: Params, polling: bool) -> Answer:
        """One list under the first of its names that the server knows: newer servers renamed some."""
        for name in names:
            if name in self.missing:
                continue
            answer = await self.call("GET", path.format(name=name), params=params, polling=polling, accept=MISSING)
            if answer.status not in MISSING:
                return answer
            self.missing.add(name)
        raise self.unsupported(names[0])

    async def statuses(self, answer: Answer) -> list[object]:
        """The array of an answer, decoded in a thread when it is large (speed facts 5)."""
        raw = await self.json(answer)
        if not isinstance(raw, list):
            raise self.garbled()
        return items(raw)
