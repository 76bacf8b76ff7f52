"""Signing in: IndieAuth in the browser, with PKCE and a loopback or a pasted code, or an app's token (facts A, C)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.answers import Answer, error_text
from mbclient.services.fields import obj, string
from mbclient.services.kit import Kit
from mbclient.services.loopback import PATH, Loopback, Returned, browser_or_paste, pasted_answer
from mbclient.services.micropub.endpoints import Endpoints, discover, home_address, need_micropub
from mbclient.services.micropub.microblog import timeline_root
from mbclient.services.micropub.service import Micropub
from mbclient.services.oauth2 import Attempt, page_address
from mbclient.services.person import signed_in
from mbclient.services.renewal import Tokens
from mbclient.texts import _

SCOPES = "create update delete media"
STATE_BYTES = 24  # 32 characters: a server that keeps no more of a state refuses a longer one
NOWHERE = "http://127.0.0.1"  # where a browser ends up whose user pastes its address here


@dataclass(frozen=True, slots=True)
class Client:
    """This program for one login: an address of this machine names it, and the browser comes back below that.

    It has no page on the web; IndieAuth lets a loopback address name a program, and asks that both be on one host.
    """

    origin: str
    attempt: Attempt

    @property
    def id(self) -> str:
        return f"{self.origin}/"

    @property
    def redirect(self) -> str:
        return f"{self.origin}{PATH}"

    def authorize(self, endpoints: Endpoints) -> str:
        query = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect,
            "state": self.attempt.state,
            "code_challenge": self.attempt.challenge,
            "code_challenge_method": "S256",
            "scope": SCOPES,
            "me": endpoints.home,
        }
        return page_address(endpoints.authorize, query)


class Login:
    """One login to one site."""

    def __init__(self, endpoints: Endpoints, account: str, kit: Kit) -> None:
        self._endpoints = endpoints
        self._account = account
        self._kit = kit

    async def run(self, dialog: LoginDialog, *, paste: bool) -> Tokens:
        if not (self._endpoints.authorize and self._endpoints.token):
            raise AuthError(
                _("{host} names no page to sign in at").format(host=self._endpoints.host),
                _("give a token that you made there"),
                account=self._account,
            )
        attempt = Attempt(secrets.token_urlsafe(STATE_BYTES))
        if paste:
            client = Client(NOWHERE, attempt)
            await dialog.show_address(client.authorize(self._endpoints))
            return await self._exchange(client, pasted_answer(await dialog.ask_code(), attempt.state))
        async with Loopback(attempt.state) as door:
            client = Client(door.redirect_uri.removesuffix(PATH), attempt)
            returned = await browser_or_paste(door, client.authorize(self._endpoints), attempt.state, dialog)
        return await self._exchange(client, returned)

    async def _exchange(self, client: Client, returned: Returned) -> Tokens:
        host = urlsplit(self._endpoints.token).hostname
        if self._endpoints.issuer and returned.issuer and returned.issuer != self._endpoints.issuer:
            raise AuthError(_("the answer came from another server than asked"), account=self._account)
        if not returned.code:
            raise self._refused(host, returned.error or _("no code"))
        form = {
            "grant_type": "authorization_code",
            "code": returned.code,
            "client_id": client.id,
            "redirect_uri": client.redirect,
            "code_verifier": client.attempt.verifier,
        }
        answer = await self._kit.http.request(
            "POST",
            self._endpoints.token,
            account=self._account,
            form=form,
            headers={"Accept": "application/json"},
            write=False,  # nothing in a login is visible to others
        )
        told = _token_answer(answer)
        tokens = Tokens.of(told, client_id=client.id)
        if not tokens.access:
            raise self._refused(host, SafeText.line(error_text(answer), max_characters=200) or str(answer.status))
        await self._check_owner(string(told, "me"))
        return tokens

    def _refused(self, host: str | None, reason: str) -> AuthError:
        return AuthError(
            _("{host} did not let you in: {reason}").format(host=host, reason=reason),
            _("try again with a new code"),
            account=self._account,
        )

    async def _check_owner(self, me: str) -> None:
        """A server may sign in somebody else than asked only for pages that name it themselves (IndieAuth 5.4)."""
        url = web_link(me)
        if not me or urlsplit(url).netloc == urlsplit(self._endpoints.home).netloc:
            return
        try:
            theirs = await discover(url, self._kit, self._account) if url else None
        except ServiceError:
            theirs = None
        if theirs is None or theirs.authorize != self._endpoints.authorize:
            raise AuthError(
                _("{host} signed in {me}, whose page does not name it").format(
                    host=urlsplit(self._endpoints.token).hostname, me=SafeText.line(me, max_characters=80)
                ),
                _("check the address of your site"),
                account=self._account,
            )


def _token_answer(answer: Answer) -> Mapping[str, object]:
    """JSON, or a form as older servers answer; empty for a refusal."""
    if not answer.ok:
        return {}
    try:
        return obj(answer.json())
    except ServiceError:
        return dict(parse_qsl(answer.text[:4096]))


class MicropubPlugin:
    """What the registry finds."""

    name = "micropub"
    title = "Micropub, micro.blog"

    @property
    def form(self) -> LoginForm:
        return LoginForm(
            url_required=True,
            secret=_("App token (leave it empty to sign in with the browser)"),
            browser=True,
        )

    def open(self, account: Account, kit: Kit) -> Service:
        return Micropub(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        name = request.account.name
        found = await discover(home_address(request.account.url), kit, name)
        if request.secret:
            tokens = Tokens.parse(request.secret)
        else:
            tokens = await Login(found, name, kit).run(dialog, paste=request.paste)
        endpoints = need_micropub(await timeline_root(found, tokens.access, kit, name), name)
        account = replace(request.account, url=endpoints.home)
        service = Micropub(account, kit)
        service.api.use(tokens, endpoints)
        profile = await service.verify()
        return signed_in(account, tokens.pack(), profile)


PLUGIN = MicropubPlugin()
