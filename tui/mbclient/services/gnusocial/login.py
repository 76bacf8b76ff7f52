"""Signing in: with the nick and the password (Basic), or in the browser with OAuth 1.0a and a PIN (facts 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer, error_text
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import NOBODY, Credentials, Pair, authorization, read_token
from mbclient.services.person import signed_in
from mbclient.texts import _

ANYBODY = Pair("anonymous", Secret("anonymous"))  # works on every server without registering a program


class Login:
    """OAuth 1.0a with a PIN: one login to one server."""

    def __init__(self, root: str, account: str, kit: Kit) -> None:
        self._root = root
        self._account = account
        self._kit = kit

    async def run(self, dialog: LoginDialog) -> Credentials:
        request = await self._token("request_token", NOBODY, {"callback": "oob"})
        query = urlencode({"oauth_token": request.key, "mode": "desktop"})
        await dialog.show_address(f"{self._root}/oauth/authorize?{query}")
        pin = "".join((await dialog.ask_code()).split())
        if not pin:
            raise AuthError(_("no code was given"), _("try again"), account=self._account)
        token = await self._token("access_token", request, {"verifier": pin})
        return Credentials(consumer=ANYBODY, token=token)

    async def _token(self, step: str, token: Pair, more: Mapping[str, str]) -> Pair:
        """Nothing in a login is visible to others: a lost answer is only a lost answer."""
        url = f"{self._root}/oauth/{step}"
        stamp = int(self._kit.clock.now().timestamp())
        header = authorization("POST", url, ANYBODY, token, timestamp=stamp, more=more)
        answer = await self._kit.http.request(
            "POST", url, account=self._account, headers={"Authorization": header}, write=False
        )
        found = read_token(answer.text) if answer.ok else None
        if found is None:
            raise self._refused(answer)
        return found

    def _refused(self, answer: Answer) -> AuthError:
        reason = SafeText.line(error_text(answer), max_characters=200) or str(answer.status)
        return AuthError(
            _("{host} did not let you in: {reason}").format(host=urlsplit(self._root).hostname, reason=reason),
            _("try again, check this computer's clock, or sign in with the password"),
            account=self._account,
        )


class GnuSocialPlugin:
    """What the registry finds."""

    name = "gnusocial"
    title = "GNU social, StatusNet"

    @property
    def form(self) -> LoginForm:
        return LoginForm(
            url_required=True,
            handle_required=True,
            secret=_("Password (leave it empty to sign in with the browser)"),
            browser=True,
        )

    def open(self, account: Account, kit: Kit) -> Service:
        return self._opened(account, kit)

    def _opened(self, account: Account, kit: Kit) -> GnuSocial:
        return GnuSocial(Api(account, kit))

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        account = request.account
        if request.secret and not account.handle:
            raise UsageError(_("a password needs your nick there"), _("give it with --handle"))
        service = self._opened(replace(account, remote_id=""), kit)
        site = await service.api.site(fresh=True)
        if request.secret:
            credentials = Credentials.parse(request.secret)
        else:
            credentials = await Login(site.root, account.name, kit).run(dialog)
        service.api.use(credentials)
        profile = await service.verify()
        return signed_in(replace(account, url=site.base), credentials.pack(), profile)


PLUGIN = GnuSocialPlugin()
