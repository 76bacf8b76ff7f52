"""Signing in with a long-lived token that the user brings.

A login of its own is not possible: code and token are exchanged with the app's secret, which Meta forbids in a program
that is handed out (facts/threads.md 0, 1).
"""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UsageError
from mbclient.services.addresses import server_address
from mbclient.services.kit import Kit
from mbclient.services.person import same_person
from mbclient.services.threads.api import Api
from mbclient.services.threads.service import Threads
from mbclient.services.threads.tokens import DAY, Token
from mbclient.texts import _
from mbclient.texts.times import local_clock

BASE = "https://graph.threads.com"


class ThreadsPlugin:
    """What the registry finds."""

    name = "threads"
    title = "Threads"

    @property
    def form(self) -> LoginForm:
        return LoginForm(url=BASE, secret=_("Long-lived access token of Threads"), rank=30)

    def open(self, account: Account, kit: Kit) -> Service:
        return Threads(Api(account, kit))

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        token = Token.parse(request.secret) if request.secret else None
        if token is None or not token.value:
            raise UsageError(
                _("Threads needs a long-lived access token"),
                _("docs/services/threads.md says where it is made; give it with --secret-stdin"),
            )
        account = replace(request.account, url=server_address(request.account.url or BASE), remote_id="")
        token = replace(token, since=token.since or kit.clock.now())
        api = Api(account, kit)
        api.use(token)
        profile = await Threads(api).verify()
        same_person(account, profile)
        ends = await api.read_scopes()
        if ends is not None:
            token = await _lasting(api, token.ending(ends, kit.clock.now()))
        whole = replace(account, handle=str(profile.handle), remote_id=profile.remote_id)
        return SignedIn(whole, token.pack(), profile)


async def _lasting(api: Api, token: Token) -> Token:
    """The token, refreshed where it ends soon. Raises `AuthError` for one of an hour, which cannot be."""
    now = api.kit.clock.now()
    fresh = await api.refreshed(token) if token.is_due(now) else None
    if fresh is None and token.ends is not None and token.ends - now < DAY:
        raise AuthError(
            _("the token ends at {time} and cannot be refreshed").format(time=local_clock(token.ends)),
            _("bring a long-lived one, of 60 days"),
            account=api.account.name,
        )
    return fresh or token


PLUGIN = ThreadsPlugin()
