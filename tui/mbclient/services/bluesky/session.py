"""A signed-in session: two tokens, renewed by one caller at a time and saved before they are used.

Bluesky facts 3a: the access token lives two hours, the refresh token 90 days; both change at every refresh, and the
old refresh token gives the same successor for two hours more, so that a crash in between loses nothing. Those of a
login with the browser (3b) are bound to a key, and their refresh token holds once: only one program at a time renews,
and a successor that could not be kept waits for the next call.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, RejectedError, SecretError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.bluesky.dpop import Proofs
from mbclient.services.bluesky.grants import Grant, ask_token, revoke
from mbclient.services.bluesky.identity import ENTRYWAY, Identity, Resolver
from mbclient.services.bluesky.shape import Object, optional_text
from mbclient.services.bluesky.xrpc import Call, ExpiredError, Xrpc, not_understood, procedure
from mbclient.services.keeper import Keeper
from mbclient.services.kit import Kit
from mbclient.services.person import sign_in_again
from mbclient.texts import _

_APP_PASSWORD = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}\Z")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session as it is kept: which account, where its data live and where it was logged in, and both tokens.

    `grant`: of a login with the browser; None for one with an app password.
    """

    did: str
    pds: str
    login: str
    access: Secret
    refresh: Secret
    grant: Grant | None = None

    def pack(self) -> Secret:
        return Secret(
            json.dumps(
                {
                    "did": self.did,
                    "pds": self.pds,
                    "login": self.login,
                    "access": self.access.reveal(),
                    "refresh": self.refresh.reveal(),
                    **({"grant": self.grant.keep()} if self.grant else {}),
                }
            )
        )

    @classmethod
    def read(cls, secret: Secret) -> Tokens | None:
        """None when the secret is something else, such as an app password."""
        try:
            value = json.loads(secret.reveal())
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        did, pds, login, access, refresh = (
            optional_text(value, name) for name in ("did", "pds", "login", "access", "refresh")
        )
        if not did or not pds or not refresh:
            return None
        return cls(did, pds, login or pds, Secret(access), Secret(refresh), Grant.read(value.get("grant")))


async def log_in(xrpc: Xrpc, identity: Identity, password: Secret) -> tuple[Tokens, Object]:
    """A new session, and the server's answer. Limited to 30 in 5 minutes: never at a start with a kept session."""
    body: Object = {"identifier": identity.did, "password": password.reveal()}
    call = procedure("com.atproto.server.createSession", body, write=False)
    try:
        answer = await xrpc.call(identity.login, call, budget=False)
    except AuthError as error:
        raise _explained(error, password) from error
    except RejectedError as error:
        raise AuthError(error.problem, error.advice, account=error.account) from error
    tokens = _tokens(answer, identity.did, identity.pds, identity.login)
    if tokens is None:
        raise not_understood(identity.login, "")
    return tokens, answer


def _explained(error: AuthError, password: Secret) -> AuthError:
    if _APP_PASSWORD.match(password.reveal().strip()):
        return AuthError(
            error.problem, _("check the handle, or make a new app password and sign in with it"), account=error.account
        )
    return AuthError(
        error.problem,
        _(
            "what was given does not look like an app password (xxxx-xxxx-xxxx-xxxx): "
            "make one in Bluesky's settings under Privacy and security"
        ),
        account=error.account,
    )


def _tokens(answer: Object, did: str, pds: str, login: str) -> Tokens | None:
    access, refresh = optional_text(answer, "accessJwt"), optional_text(answer, "refreshJwt")
    if answer.get("did") != did or not access or not refresh:
        return None
    return Tokens(did, pds, login, Secret(access), Secret(refresh))


class Session(Keeper[Tokens]):
    """Every call of one account goes through here. `tokens`: those of a login just made, not kept yet."""

    def __init__(self, account: Account, kit: Kit, resolver: Resolver, tokens: Tokens | None = None) -> None:
        super().__init__(account, kit, f"bluesky-{account.name}", needs_keyring=True)
        self.account = account
        self._resolver = resolver
        self._xrpc = Xrpc(kit.http, kit.clock, account)
        self._tokens = tokens
        self._proofs: tuple[Grant, Proofs] | None = None

    async def did(self) -> str:
        """The account's own DID."""
        return self.account.remote_id or (await self._current()).did

    async def pds(self) -> str:
        """The host that holds the account's data."""
        return (await self._current()).pds

    async def host(self) -> str:
        """The name of the own PDS, for messages."""
        return urlsplit(await self.pds()).hostname or ""

    async def call(self, call: Call) -> Object:
        """Calls the own PDS as the account. An expired token is renewed and the call made once more.

        Nothing was written where the token was refused. Raises the `ServiceError` tree.
        """
        tokens = await self._current()
        for _attempt in range(2):  # the second: another program's tokens, found in the keyring, had expired as well
            try:
                return await self._call(tokens, call)
            except ExpiredError:
                tokens = await self._renewed(tokens)
        return await self._call(tokens, call)

    async def end(self) -> None:
        """Ends the session at its server; the refresh token alone does that, nothing is renewed for it.

        The keyring's: another program may have renewed since.
        """
        async with self._one_at_a_time:
            await self._save_the_rest()
            tokens = await self._kept()
            self._tokens, self._refused = None, tokens.refresh  # whoever is at it renews no more
            if tokens.grant is not None:
                await revoke(self._kit, self._proofs_of(tokens.grant), tokens.grant, tokens.refresh)
                return
            call = procedure("com.atproto.server.deleteSession", write=False)
            await self._xrpc.call(tokens.login, call, tokens.refresh.reveal(), budget=False)

    async def _call(self, tokens: Tokens, call: Call) -> Object:
        proofs = self._proofs_of(tokens.grant) if tokens.grant else None
        return await self._xrpc.call(tokens.pds, call, tokens.access.reveal(), proofs=proofs)

    def _proofs_of(self, grant: Grant) -> Proofs:
        """The same as long as the key is, for the servers' nonces."""
        if self._proofs is None or self._proofs[0] != grant:
            proofs = grant.proofs(self._kit)
            if proofs is None:
                raise self._signed_out(_("{account} is signed out").format(account=self.account.name))
            self._proofs = grant, proofs
        return self._proofs[1]

    async def _ask(self, old: Tokens) -> Tokens:
        if old.grant is not None:
            return await self._refresh_granted(old, old.grant)
        call = procedure("com.atproto.server.refreshSession", write=False)
        try:
            answer = await self._xrpc.call(old.login, call, old.refresh.reveal(), budget=False)
        except (AuthError, RejectedError) as error:
            self._tokens, self._refused = None, old.refresh
            raise self._signed_out(error.problem) from error
        new = _tokens(answer, old.did, old.pds, old.login)
        if new is None:
            raise not_understood(old.login, self.account.name)
        return new

    async def _refresh_granted(self, old: Tokens, grant: Grant) -> Tokens:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh.reveal(),
            "client_id": grant.client_id,
        }
        try:
            given = await ask_token(self._kit, self._proofs_of(grant), grant.token_endpoint, form, self.account.name)
        except AuthError as error:
            self._tokens, self._refused = None, old.refresh
            ends = _("{again}; a login with the browser ends after two weeks, one with an app password lasts")
            advice = ends.format(again=sign_in_again(self.account))
            raise AuthError(error.problem, advice, account=self.account.name) from error
        if given.did != old.did:
            raise not_understood(urlsplit(grant.token_endpoint).hostname or "", self.account.name)
        return replace(old, access=given.access, refresh=given.refresh or old.refresh)

    async def _kept(self, used: Tokens | None = None) -> Tokens:
        """The tokens in the keyring; a password of a token command is logged in with."""
        try:
            secret = await asyncio.to_thread(self._kit.secrets.get, self.account.name)
        except SecretError as error:
            raise AuthError(error.problem, error.advice, account=self.account.name) from error
        if secret is None:
            if used is not None:
                return used  # not kept yet: the login is going on
            raise self._signed_out(_("{account} is signed out").format(account=self.account.name))
        tokens = Tokens.read(secret)
        if self._refused is not None and self._refused in (secret, tokens and tokens.refresh):
            raise self._signed_out(_("{account} is signed out").format(account=self.account.name))
        if tokens is not None:
            return tokens
        if used is not None and used.refresh != self._refused:
            return used
        return await self._log_in(secret)

    async def _log_in(self, password: Secret) -> Tokens:
        """For accounts with a token command, which gives the app password itself: nothing can be kept for them."""
        who = self.account.remote_id or self.account.handle
        identity = await self._resolver.resolve(who, self.account.url or ENTRYWAY)
        try:
            tokens, _answer = await log_in(self._xrpc, identity, password)
        except AuthError:
            self._refused = password
            raise
        return tokens

    def _signed_out(self, problem: str) -> AuthError:
        return AuthError(problem, sign_in_again(self.account), account=self.account.name)
