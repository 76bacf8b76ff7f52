"""Nostr as it is registered: its form, its sign-in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.nostr import keys, nip19
from mbclient.services.nostr.relays import INDEXERS, USUAL, address_of, relays_of
from mbclient.services.nostr.service import Nostr
from mbclient.services.nostr.session import Session
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class NostrPlugin:
    """`usual`: the relays of whoever names none and has no list; `indexers`: where lists are looked for."""

    usual: tuple[str, ...] = USUAL
    indexers: tuple[str, ...] = INDEXERS
    name: str = "nostr"
    title: str = "Nostr"

    @property
    def form(self) -> LoginForm:
        return LoginForm(url=address_of(self.usual), secret=_("Private key (nsec1…), or npub1… to only read"))

    def open(self, account: Account, kit: Kit) -> Service:
        return Nostr(account, kit, self._session(account, kit))

    def _session(self, account: Account, kit: Kit, secret: Secret | None = None) -> Session:
        return Session(account, kit, self.usual, self.indexers, secret)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        """With a private key, which goes to the keyring, or with a public one, for reading. No relay has an account."""
        await asyncio.to_thread(keys.require)
        if not request.secret:
            raise UsageError(_("Nostr needs your key"), _("it begins with nsec1, or npub1 to only read"))
        key = keys.read_key(request.secret)
        pubkey = key.pubkey if key is not None else keys.read_pubkey(request.secret)
        kept = key.nsec() if key is not None else Secret(nip19.npub(pubkey))
        chosen = relays_of(request.account.url)
        account = replace(request.account, url=address_of(chosen) if chosen else "", remote_id=pubkey)
        service = Nostr(account, kit, self._session(account, kit, kept))
        try:
            profile = await service.verify()
            _same_person(account, str(profile.handle), pubkey)
            with suppress(ServiceError):  # asked again later; the account is good without
                await service.load_capabilities()
        finally:
            await service.aclose()
        return SignedIn(replace(account, handle=str(profile.handle)), kept, profile)


def _same_person(account: Account, handle: str, pubkey: str) -> None:
    """Signing in again must not silently turn an account into another one's."""
    wanted = account.handle.strip().removeprefix("nostr:").removeprefix("@").casefold()
    if wanted and wanted not in (handle.casefold(), nip19.npub(pubkey)):
        raise AuthError(
            _("this key is {found}, but {account} is {wanted}").format(
                found=handle, account=account.name, wanted=SafeText.line(account.handle)
            ),
            _("give the right key, or add another account"),
            account=account.name,
        )


PLUGIN = NostrPlugin()
