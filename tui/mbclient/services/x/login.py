"""Signing in: OAuth 2.0 with PKCE S256 as a public client, through an app of the user's own (facts/x.md 1).

X bills the app's owner for every call, so no client id can be shipped; and it takes the redirect address only as it
is registered, to the letter, so the loopback has a fixed port.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.loopback import PATH, Loopback, Returned, browser_or_paste, pasted_answer
from mbclient.services.oauth2 import Attempt, code_of, page_address, refusal
from mbclient.services.person import signed_in
from mbclient.services.x.api import HOME, Api
from mbclient.services.x.service import X
from mbclient.services.x.session import Tokens
from mbclient.texts import _

PORT = 47823
SCOPES = (
    "tweet.read tweet.write users.read offline.access like.read like.write media.write bookmark.read bookmark.write "
    "list.read"
)
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{5,200}\Z")


def redirect_uri() -> str:
    """What the user registers with the app."""
    return f"http://127.0.0.1:{PORT}{PATH}"


class Login:
    """One login."""

    def __init__(self, api: Api, client_id: str) -> None:
        self._api = api
        self._client_id = client_id
        self._account = api.account.name

    async def run(self, dialog: LoginDialog, *, paste: bool) -> Tokens:
        attempt, redirect = Attempt(), redirect_uri()
        address = self._address(attempt, redirect)
        if paste:  # the browser is on another computer, where nothing listens: its address bar has the code
            await dialog.show_address(address)
            returned = pasted_answer(await dialog.ask_code(), attempt.state)
        else:
            async with Loopback(attempt.state, PORT) as door:
                returned = await browser_or_paste(door, address, attempt.state, dialog)
        return await self._exchange(returned, attempt, redirect)

    def _address(self, attempt: Attempt, redirect: str) -> str:
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect,
            "scope": SCOPES,
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return page_address(f"{self._api.web}/i/oauth2/authorize", query)

    async def _exchange(self, returned: Returned, attempt: Attempt, redirect: str) -> Tokens:
        """Nothing in a login is visible to others: a lost answer is only a lost answer."""
        form = {
            "grant_type": "authorization_code",
            "code": code_of(returned, "X", self._account),
            "redirect_uri": redirect,
            "code_verifier": attempt.verifier,
            "client_id": self._client_id,
        }
        kit = self._api.kit
        answer = await kit.http.request(
            "POST", f"{self._api.base}/2/oauth2/token", account=self._account, form=form, write=False
        )
        if not answer.ok:
            raise AuthError(
                _("{host} did not accept the code: {reason}").format(host="X", reason=refusal(answer)),
                _("try again: a code holds for 30 seconds"),
                account=self._account,
            )
        tokens = Tokens.granted(answer, self._client_id, kit.clock.now())
        if tokens is None:
            raise AuthError(_("{host} gave no token").format(host="X"), _("try again"), account=self._account)
        if not tokens.refresh:
            raise AuthError(
                _("X gave a token that ends in two hours, and none to renew it with"),
                _("sign in again and allow all that is asked for"),
                account=self._account,
            )
        return tokens


@dataclass(frozen=True, slots=True)
class XPlugin:
    """What the registry finds."""

    name: str = "x"
    title: str = "X"

    @property
    def form(self) -> LoginForm:
        prompt = _("Client ID of your own X app, registered with {redirect} (empty: the one used before)")
        return LoginForm(url=HOME, secret=prompt.format(redirect=redirect_uri()), browser=True, rank=40)

    def open(self, account: Account, kit: Kit) -> Service:
        return X(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        account = replace(request.account, remote_id="")
        service = X(account, kit)
        client_id = await _client_id(request, kit)
        tokens = await Login(service.api, client_id).run(dialog, paste=request.paste)
        service.api.session.use(tokens)
        profile = await service.verify()
        return signed_in(replace(account, url=service.api.base), tokens.pack(), profile)


async def _client_id(request: SignIn, kit: Kit) -> str:
    """As given, else as used for this account before. Raises `UsageError`."""
    given: Secret | None = request.secret
    typed = given.reveal().strip() if given else ""
    if not typed:
        kept = await asyncio.to_thread(kit.secrets.get, request.account.name)
        tokens = Tokens.read(kept) if kept else None
        typed = tokens.client_id if tokens else ""
    if not _CLIENT_ID.match(typed):
        raise UsageError(
            _("X needs the Client ID of an app of your own"),
            _("make one in X's developer console (docs/services/x.md) and give its OAuth 2.0 Client ID"),
        )
    return typed


PLUGIN = XPlugin()
