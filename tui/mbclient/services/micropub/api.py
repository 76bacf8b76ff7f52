"""One account's requests: the token, its renewal, and what errors mean (facts/micropub.md A)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError, UnreachableError, UnsupportedError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.addresses import web_link
from mbclient.services.answers import Answer, error_text, raise_for_status
from mbclient.services.cache import JsonCache
from mbclient.services.fields import identity, items, obj, string
from mbclient.services.kit import Kit
from mbclient.services.micropub.endpoints import Endpoints, discover, home_address, need_micropub
from mbclient.services.micropub.microblog import timeline_root
from mbclient.services.person import sign_in_again
from mbclient.services.renewal import Renewal
from mbclient.texts import _

Params = Sequence[tuple[str, str]]
LARGE = 32_000


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is kept in the keyring: an app's token alone, or as JSON with what renews it."""

    access: Secret
    refresh: Secret | None = None
    client_id: str = ""

    @classmethod
    def parse(cls, secret: Secret) -> Tokens:
        text = secret.reveal().strip()
        if not text.startswith("{"):
            return cls(Secret(text))
        try:
            kept = obj(json.loads(text))
        except ValueError:
            kept = {}
        refresh = string(kept, "refresh_token")
        access = Secret(string(kept, "access_token"))
        return cls(access, Secret(refresh) if refresh else None, string(kept, "client_id"))

    def pack(self) -> Secret:
        if self.refresh is None:
            return self.access
        kept = {
            "access_token": self.access.reveal(),
            "refresh_token": self.refresh.reveal(),
            "client_id": self.client_id,
        }
        return Secret(json.dumps(kept))


@dataclass(frozen=True, slots=True)
class Target:
    """A place that the site can pass posts on to. `chosen`: by the site itself, for whoever says nothing."""

    uid: str
    name: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """What `q=config` says: where files go, to which places the site passes posts on, whom it can hide them from."""

    media: str = ""
    targets: tuple[Target, ...] = ()
    visibility: frozenset[str] = frozenset()

    @classmethod
    def read(cls, raw: object) -> Config:
        """It may be an empty object."""
        told = obj(raw)
        listed = [obj(target) for target in items(told.get("syndicate-to"))]
        targets = tuple(
            Target(uid, SafeText.line(string(target, "name"), max_characters=100), target.get("checked") is True)
            for target in listed
            if (uid := identity(target, "uid"))
        )
        hides = frozenset(word for word in items(told.get("visibility")) if isinstance(word, str))
        return cls(web_link(told.get("media-endpoint")), targets, hides)

    def chosen(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The uids of the wanted targets, by name or uid in any case; without a wish those of the site's own choice.

        Raises `LookupError` with the first that is not there.
        """
        if not wanted:
            return tuple(target.uid for target in self.targets if target.chosen)
        known = {target.name.casefold(): target.uid for target in self.targets}
        known |= {target.uid.casefold(): target.uid for target in self.targets}
        for name in wanted:
            if name.casefold() not in known:
                raise LookupError(name)
        return tuple(dict.fromkeys(known[name.casefold()] for name in wanted))


class Api:
    """Requests of one account. `missing`: queries that the site turned out not to answer."""

    def __init__(self, account: Account, kit: Kit) -> None:
        self.account = account
        self.kit = kit
        self.home = home_address(account.url)
        self.missing: set[str] = set()
        self.config = Config()
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"micropub-{account.name}-{self.home}"
        stored = self._cache.read(self._cache_name)
        self._endpoints = Endpoints.from_json(obj(stored.get("endpoints")))
        self.config = Config.read(obj(stored.get("config")))
        self._renewal = Renewal(account, kit, Tokens, self._ask)
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
        return await timeline_root(found, tokens.access, self.kit, self.account.name) if tokens else found

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
            raise self._signed_out(_("no token is stored for {account}").format(account=self.account.name))
        return tokens

    def _signed_out(self, problem: str) -> AuthError:
        self._renewal.forget()
        return AuthError(problem, sign_in_again(self.account), account=self.account.name)

    async def _ask(self, old: Tokens) -> Tokens | None:
        """New tokens for old ones. Nothing of it is visible to others: a lost answer is only a lost answer."""
        endpoints = self.known
        if old.refresh is None or not endpoints.token:
            return None
        form = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh.reveal(),
            "client_id": old.client_id,
        }
        answer = await self.kit.http.request(
            "POST",
            endpoints.token,
            account=self.account.name,
            form=form,
            headers={"Accept": "application/json"},
            write=False,
        )
        if answer.status == 429 or answer.status >= 500:  # no word on the refresh token, which may still hold
            raise_for_status(answer, self.kit.clock.now(), account=self.account.name, write=False)
        try:
            told = obj(answer.json()) if answer.ok else {}
        except ServiceError:
            told = {}
        access, refresh = string(told, "access_token"), string(told, "refresh_token")
        return (
            replace(old, access=Secret(access), refresh=Secret(refresh) if refresh else old.refresh) if access else None
        )

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
            raise self._signed_out(_("the token of {host} lacks a permission").format(host=answer.host))
        if answer.status == 401:
            raise self._signed_out(_("{host} does not accept the token").format(host=answer.host))
        now = self.kit.clock.now()
        raise_for_status(answer, now, account=self.account.name, write=answer.write, reason=error_text(answer))
        raise AssertionError("not an answer of success")

    @staticmethod
    async def json(answer: Answer) -> object:
        """The decoded answer; a large one in a thread, so that no key waits for it (speed facts 5)."""
        return await asyncio.to_thread(answer.json) if len(answer.body) > LARGE else answer.json()

    def unsupported(self, ability: str) -> UnsupportedError:
        return UnsupportedError(
            _("{host} cannot do that ({ability})").format(host=self.known.host, ability=ability),
            account=self.account.name,
        )

    def garbled(self) -> UnreachableError:
        """For a 2xx answer of the wrong shape to a read."""
        return UnreachableError(
            _("{host} answered with something else than asked for").format(host=self.known.host),
            _("try again later"),
            account=self.account.name,
        )


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
