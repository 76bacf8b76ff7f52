"""The local service: a microblog in the program's own data file, for notes and for trying everything offline."""

from __future__ import annotations

import asyncio
from dataclasses import field, replace

from mbclient.core.ports import LoginDialog, LoginForm, SignedIn, SignIn
from mbclient.domain.account import ACCOUNT_NAME, Account
from mbclient.domain.errors import RejectedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.kit import Kit
from mbclient.services.local.adapter import LocalService, handle_of, profile_of
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class LocalPlugin:
    """Needs no address and no secret; the handle is the account's name unless another is given."""

    name: str = "local"
    form: LoginForm = field(default_factory=LoginForm)

    @property
    def title(self) -> str:
        return _("Local notebook")

    def open(self, account: Account, kit: Kit) -> LocalService:
        return LocalService(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        """Raises `RejectedError` for a handle that nobody could mention."""
        handle = handle_of(request.account)
        if not ACCOUNT_NAME.match(handle):
            raise RejectedError(
                _("{handle!r} is no name for the local service").format(handle=handle),
                _("use letters, digits, - and _, at most 40"),
                account=request.account.name,
            )
        account = replace(request.account, handle=handle, remote_id=handle)
        service = LocalService(account, kit)
        await asyncio.to_thread(service.register)
        return SignedIn(account, None, profile_of(handle))


PLUGIN = LocalPlugin()
