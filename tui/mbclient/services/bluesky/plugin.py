"""Bluesky as it is registered: its form, its sign-in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.addresses import server_address
from mbclient.services.bluesky.identity import ENTRYWAY, PUBLIC_DIRECTORY, Resolver
from mbclient.services.bluesky.oauth import Login
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.bluesky.session import Session, log_in
from mbclient.services.bluesky.shape import optional_text
from mbclient.services.bluesky.xrpc import Xrpc
from mbclient.services.kit import Kit
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class BlueskyPlugin:
    """`directory` is the host that keeps the did:plc documents."""

    directory: str = PUBLIC_DIRECTORY
    name: str = "bluesky"
    title: str = "Bluesky"

    @property
    def form(self) -> LoginForm:
        secret = _("App password (leave it empty to sign in with the browser)")
        return LoginForm(url=ENTRYWAY, handle_required=True, secret=secret, browser=True, rank=20)

    def open(self, account: Account, kit: Kit) -> Service:
        return Bluesky(account, kit, Session(account, kit, self._resolver(kit)))

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        """With a handle and an app password, which is used once and not kept: the refresh token is. Without a
        password with the browser, whose session ends after two weeks.

        An account with a token command is the exception: its command gives the app password at every start, since
        there is nowhere to keep a token for it.
        """
        account = request.account
        if not account.handle:
            raise UsageError(_("Bluesky needs your handle"), _("give it with --handle, as in anna.bsky.social"))
        server = server_address(account.url or ENTRYWAY)
        identity = await self._resolver(kit).resolve(account.handle, server)
        handle = identity.handle
        if request.secret:
            tokens, answer = await log_in(Xrpc(kit.http, kit.clock), identity, request.secret)
            handle = optional_text(answer, "handle") or handle
        else:
            tokens = await Login(identity, kit, account.name).run(dialog, paste=request.paste)
        account = replace(account, url=server, handle=handle, remote_id=identity.did)
        service = Bluesky(account, kit, Session(account, kit, self._resolver(kit), tokens))
        profile = await service.verify()
        with suppress(ServiceError):  # asked again later; the account is good without
            await service.load_capabilities()
        return SignedIn(account, tokens.pack(), profile)

    def _resolver(self, kit: Kit) -> Resolver:
        return Resolver(kit.http, kit.clock, self.directory)


PLUGIN = BlueskyPlugin()
