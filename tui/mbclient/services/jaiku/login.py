"""Signing in: OAuth 1.0 with a consumer key of the user's own, no callback and no PIN (facts/jaiku.md 2)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, RejectedError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer, error_text
from mbclient.services.jaiku.service import Jaiku
from mbclient.services.kit import Kit
from mbclient.services.oauth1 import NOBODY, Credentials, Pair, ServerClock, authorization, read_token
from mbclient.services.person import signed_in
from mbclient.texts import _

PERMISSIONS = "write"
WAIT_S = 120.0  # for an Enter; where nobody can press it, this is how long there is to say yes


class Login:
    """One login to one server: a request token, the user's yes on the web page, an access token."""

    def __init__(self, base: str, account: str, kit: Kit) -> None:
        self._base = base
        self._account = account
        self._kit = kit
        self._server_clock = ServerClock(kit.clock)

    async def run(self, consumer: Pair, dialog: LoginDialog) -> Credentials:
        """The server tells nobody that the user said yes: they press Enter, or it is tried after a while."""
        request = await self._token("request_token", consumer, NOBODY)
        query = urlencode({"oauth_token": request.key, "perms": PERMISSIONS})
        await dialog.show_address(f"{self._base}/api/authorize?{query}")
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                await dialog.ask_code()
        return Credentials(consumer=consumer, token=await self._token("access_token", consumer, request))

    async def _token(self, step: str, consumer: Pair, token: Pair) -> Pair:
        """Nothing in a login is visible to others: a lost answer is only a lost answer."""
        url = f"{self._base}/api/{step}"
        answer = await self._ask(url, consumer, token)
        if not answer.ok and self._server_clock.learn(answer):
            answer = await self._ask(url, consumer, token)
        found = read_token(answer.text) if answer.ok else None
        if found is None:
            reason = SafeText.line(error_text(answer), max_characters=200) or str(answer.status)
            raise AuthError(
                _("{host} did not let you in: {reason}").format(host=urlsplit(url).hostname, reason=reason),
                _("check the consumer key, say yes on the web page first, then press Enter here"),
                account=self._account,
            )
        return found

    async def _ask(self, url: str, consumer: Pair, token: Pair) -> Answer:
        header = authorization("POST", url, consumer, token, timestamp=self._server_clock.stamp())
        return await self._kit.http.request(
            "POST", url, account=self._account, headers={"Authorization": header}, write=False
        )


def read_secret(secret: Secret, base: str, account: str) -> Credentials:
    """A consumer's key and secret, with an access token's behind them where there is one; or what was stored before.

    Raises `UsageError` for a personal key of the old kind: with it no timeline can be read, so nothing can be counted.
    """
    stored = Credentials.parse(secret)
    if stored.token is not None:
        return stored
    words = secret.reveal().split()
    if len(words) not in (2, 4):
        raise UsageError(
            _("{account} needs a consumer key and its secret, with a blank between").format(account=account),
            _("make them at {url}; a personal key can only write, which is not enough").format(url=f"{base}/api/keys"),
        )
    consumer = Pair(words[0], Secret(words[1]))
    token = Pair(words[2], Secret(words[3])) if len(words) == 4 else None
    return Credentials(consumer=consumer, token=token)


class JaikuPlugin:
    """What the registry finds."""

    name = "jaiku"
    title = "Jaiku"

    @property
    def form(self) -> LoginForm:
        return LoginForm(
            url_required=True,
            handle_required=True,
            secret=_("Consumer key and secret of the server's page /api/keys, with a blank between"),
            browser=True,
            rank=90,
        )

    def open(self, account: Account, kit: Kit) -> Service:
        return Jaiku(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        account = request.account
        if not account.handle:
            raise UsageError(_("the nick there is missing"), _("give it with --handle"))
        service = Jaiku(replace(account, remote_id=""), kit)
        base = service.api.base
        credentials = read_secret(request.secret or Secret(""), base, account.name)
        if credentials.token is None:
            assert credentials.consumer is not None
            credentials = await Login(base, account.name, kit).run(credentials.consumer, dialog)
        service.api.use(credentials)
        try:
            profile = await service.verify()
        except RejectedError as error:  # the nick is nobody's, or its overview is somebody else's
            raise AuthError(
                error.problem, _("check the nick, and who said yes on the web page"), account=account.name
            ) from error
        return signed_in(replace(account, url=base), credentials.pack(), profile)


PLUGIN = JaikuPlugin()
