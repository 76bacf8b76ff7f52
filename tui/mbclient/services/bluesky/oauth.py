"""Signing in with the browser: PAR, PKCE S256 and DPoP, as a loopback client, which needs no hosting (facts 3b)."""

from __future__ import annotations

from urllib.parse import urlencode

from mbclient.core.ports import LoginDialog
from mbclient.domain.errors import AuthError, UnsupportedError, UsageError
from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.answers import raise_for_status
from mbclient.services.bluesky.dpop import Key, Proofs
from mbclient.services.bluesky.grants import Grant, ask_token, post_form
from mbclient.services.bluesky.identity import Identity
from mbclient.services.bluesky.session import Tokens
from mbclient.services.bluesky.shape import Object, optional_obj, optional_text, texts
from mbclient.services.bluesky.xrpc import not_understood
from mbclient.services.http import LOOPBACK, check_address
from mbclient.services.kit import Kit
from mbclient.services.loopback import PATH, Loopback, Returned, browser_or_paste, pasted_answer
from mbclient.services.oauth2 import Attempt, code_of, page_address, refusal
from mbclient.texts import _

SCOPE = "atproto transition:generic"
REDIRECT = f"http://127.0.0.1{PATH}"  # servers ignore the port of a loopback address, and compare the path
CLIENT_ID = f"http://localhost?{urlencode({'redirect_uri': REDIRECT, 'scope': SCOPE})}"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What an authorization server says of itself."""

    issuer: str
    push: str
    authorize: str
    token: str


class Login:
    """One login of one identity, at the server that its data's host names."""

    def __init__(self, identity: Identity, kit: Kit, account: str) -> None:
        self._identity = identity
        self._kit = kit
        self._account = account
        self._local = host_of(identity.pds) in LOOPBACK

    async def run(self, dialog: LoginDialog, *, paste: bool) -> Tokens:
        proofs = Proofs(Key.made(), self._kit.clock)
        endpoints, attempt = await self._endpoints(), Attempt()
        if paste:  # the browser is on another computer: its address bar has the answer
            address = await self._pushed(endpoints, attempt, proofs, REDIRECT)
            await dialog.show_address(address)
            returned = pasted_answer(await dialog.ask_code(), attempt.state)
            return await self._exchange(endpoints, attempt, proofs, returned, REDIRECT)
        async with Loopback(attempt.state) as door:
            address = await self._pushed(endpoints, attempt, proofs, door.redirect_uri)
            returned = await browser_or_paste(door, address, attempt.state, dialog)
        return await self._exchange(endpoints, attempt, proofs, returned, door.redirect_uri)

    # ------------------------------------------------------------ who takes the login

    async def _endpoints(self) -> Endpoints:
        resource = await self._metadata(self._identity.pds, "oauth-protected-resource")
        issuer = next(iter(texts(resource.get("authorization_servers"))), "")
        self._check(issuer, issuer)
        server = await self._metadata(issuer, "oauth-authorization-server")
        if optional_text(server, "issuer") != issuer:
            raise not_understood(host_of(issuer), self._account)
        named = ("pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint")
        push, authorize, token = (optional_text(server, name) for name in named)
        for address in (push, authorize, token):
            self._check(address, issuer)
        proofs = texts(server.get("dpop_signing_alg_values_supported"))
        if proofs and "ES256" not in proofs:
            raise UnsupportedError(
                _("{host} cannot do that ({ability})").format(host=host_of(issuer), ability="ES256"),
                _("sign in with an app password"),
                account=self._account,
            )
        return Endpoints(issuer, push, authorize, token)

    async def _metadata(self, host: str, name: str) -> Object:
        url = f"{host.rstrip('/')}/.well-known/{name}"
        answer = await self._kit.http.request("GET", url, headers={"Accept": "application/json"}, max_wire=200_000)
        if answer.status in (404, 405, 501):
            raise UnsupportedError(
                _("{host} has no login with the browser").format(host=host_of(host)),
                _("sign in with an app password"),
                account=self._account,
            )
        raise_for_status(answer, self._kit.clock.now(), account=self._account, write=False)
        value = answer.json()
        if not isinstance(value, dict):
            raise not_understood(host_of(host), self._account)
        return value

    def _check(self, address: str, issuer: str) -> None:
        """https, and this machine only when the whole login is on this machine."""
        try:
            check_address(address)
            good = self._local or host_of(address) not in LOOPBACK
        except UsageError:
            good = False
        if not good:
            raise not_understood(host_of(issuer) or host_of(self._identity.pds), self._account)

    # ------------------------------------------------------------ the login itself

    async def _pushed(self, endpoints: Endpoints, attempt: Attempt, proofs: Proofs, redirect: str) -> str:
        """Pushes the request to the server, and gives the address of its page."""
        form = {
            "client_id": CLIENT_ID,
            "redirect_uri": redirect,
            "response_type": "code",
            "scope": SCOPE,
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
            "login_hint": self._identity.handle or self._identity.did,
        }
        answer = await post_form(self._kit, proofs, endpoints.push, form)
        if 400 <= answer.status < 500 and answer.status != 429:
            raise AuthError(
                _("{host} did not let you in: {reason}").format(host=host_of(endpoints.push), reason=refusal(answer)),
                _("sign in with an app password"),
                account=self._account,
            )
        raise_for_status(answer, self._kit.clock.now(), account=self._account, write=False)
        request = optional_text(optional_obj(answer.json()), "request_uri")
        if not request:
            raise not_understood(host_of(endpoints.push), self._account)
        return page_address(endpoints.authorize, {"client_id": CLIENT_ID, "request_uri": request})

    async def _exchange(
        self, endpoints: Endpoints, attempt: Attempt, proofs: Proofs, returned: Returned, redirect: str
    ) -> Tokens:
        """The answer must be of the server that was asked, and the tokens for whom they were asked."""
        if returned.issuer != endpoints.issuer and (returned.code or returned.issuer):
            raise AuthError(
                _("the answer came from another server than asked"),
                _("try again; paste the whole address that the browser ended at"),
                account=self._account,
            )
        form = {
            "grant_type": "authorization_code",
            "code": code_of(returned, host_of(endpoints.issuer), self._account),
            "redirect_uri": redirect,
            "code_verifier": attempt.verifier,
            "client_id": CLIENT_ID,
        }
        given = await ask_token(self._kit, proofs, endpoints.token, form, self._account)
        if given.did != self._identity.did:
            raise AuthError(
                _("you signed in as somebody else than {handle}").format(
                    handle=self._identity.handle or self._identity.did
                ),
                _("sign in as the right one in the browser, or add another account"),
                account=self._account,
            )
        grant = Grant(endpoints.issuer, endpoints.token, CLIENT_ID, proofs.key.keep())
        pds = self._identity.pds
        return Tokens(self._identity.did, pds, pds, given.access, given.refresh, grant)
