"""One account's requests: the token, its renewal, and what errors mean (facts/micropub.md A)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from mbclient.domain.account import Account
from mbclient.domain.errors import ServiceError
from mbclient.services.accountapi import AccountApi
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.fields import obj, string
from mbclient.services.kit import Kit
from mbclient.services.micropub.config import Config
from mbclient.services.micropub.endpoints import Endpoints, discover, home_address, need_micropub
from mbclient.services.micropub.microblog import timeline_root
from mbclient.services.renewal import Renewal, Tokens, refreshed
from mbclient.texts import _

Params = Sequence[tuple[str, str]]


class Api(AccountApi):
    """Requests of one account. `missing`: queries that the site turned out not to answer."""

    def __init__(self, account: Account, kit: Kit) -> None:
        self.home = home_address(account.url)
        super().__init__(account, kit, self.home)
        self.config = Config()
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"micropub-{account.name}-{self.home}"
        stored = self._cache.read(self._cache_name)
        self._endpoints = Endpoints.from_json(obj(stored.get("endpoints")))
        self.config = Config.read(obj(stored.get("config")))
        self._renewal = Renewal(account, kit, self._ask)
        self._lock = asyncio.Lock()

    # ------------------------------------------------------------ the site

    @property
    def known(self) -> Endpoints:
        """As last found, also by an earlier run; before the first time the home page alone."""
        return self._endpoints or Endpoints(self.home)

    async def endpoints(self, *, fresh: bool = False) -> Endpoints:
        """What the site declares; whether it is micro.blog is known from signing in, and asked again with the rest."""
        async with self._lock:
            if fresh or self._endpoints is None:
                found = await discover(self.home, self.kit, self.account.name)
                self._endpoints = need_micropub(await self.with_timeline(found), self.account.name)
                self.missing.clear()
            return self._endpoints

    async def with_timeline(self, found: Endpoints) -> Endpoints:
        """The endpoints, with micro.blog's timeline where the token is good for one; without a token as they are."""
        tokens = await self._renewal.tokens()
        if tokens is None:
            return found
        return await timeline_root(found, tokens.access, self.kit, self.account.name, known=self.known.timeline)

    async def load_config(self) -> Config:
        endpoints = await self.endpoints(fresh=True)
        answer = await self.call("GET", endpoints.micropub, params=[("q", "config")])
        told = answer.json() if answer.body.strip() else {}
        self.config = Config.read(told)
        self._cache.write(self._cache_name, {"endpoints": endpoints.to_json(), "config": told})
        return self.config

    # ------------------------------------------------------------ the token

    def use(self, tokens: Tokens, endpoints: Endpoints | None = None) -> None:
        """For signing in: a token that is not stored yet, and what was found on the way."""
        self._renewal.use(tokens)
        self._endpoints = endpoints or self._endpoints

    async def tokens(self) -> Tokens:
        tokens = await self._renewal.tokens()
        if tokens is None:
            raise self.without_token()
        return tokens

    @property
    def host(self) -> str:
        return self.known.host

    def forget(self) -> None:
        self._renewal.forget()

    async def _ask(self, old: Tokens) -> Tokens | None:
        endpoint = self.known.token
        if old.refresh is None or not endpoint:
            return None
        return await refreshed(old, self.kit, self.account.name, endpoint, {"client_id": old.client_id})

    # ------------------------------------------------------------ requests

    async def call(
        self,
        method: str,
        url: str,
        *,
        params: Params = (),
        body: object = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        write: bool | None = None,
        polling: bool = False,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """One request; an answer other than 2xx raises by its meaning, unless its status is in `accept`.

        The token goes in the header alone: sending it twice is an error (RFC 6750).
        """
        if polling:
            self.kit.http.spare(self.account.name)
        for attempt in (1, 2):
            tokens = await self.tokens()
            answer = await self.kit.http.request(
                method,
                url,
                account=self.account.name,
                headers={"Authorization": f"Bearer {tokens.access.reveal()}", "Accept": "application/json"},
                params=params,
                json=body,
                form=form,
                files=files,
                write=write,
            )
            lacks = _lacks_scope(answer)
            if answer.status != 401 or lacks or attempt == 2 or not await self._renewal.renewed(tokens):
                break
        if answer.ok or answer.status in accept:
            return answer
        if lacks:
            raise self.signed_out(_("the token of {host} lacks a permission").format(host=answer.host))
        if answer.status == 401:
            raise self.signed_out(_("{host} does not accept the token").format(host=answer.host))
        raise self.refusal(answer)


def _lacks_scope(answer: Answer) -> bool:
    """401 by the specification, 403 by many servers; told by the error's name, in the body or in its header."""
    if answer.status not in (401, 403):
        return False
    if "insufficient_scope" in answer.headers.get("www-authenticate", ""):
        return True
    try:
        return string(obj(answer.json()), "error") == "insufficient_scope"
    except ServiceError:
        return False
