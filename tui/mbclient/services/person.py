"""Who signed in, held against whom the account was for."""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.ports import Profile, SignedIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.texts import _


def sign_in_again(account: Account) -> str:
    """What to do where the server lets the account in no more: the command as it is to be typed."""
    return _("sign in again: mbclient account add {service} --name {name}").format(
        service=account.service, name=account.name
    )


def signed_in(account: Account, secret: Secret | None, profile: Profile) -> SignedIn:
    """The account with what its profile says. Raises `AuthError` when it is somebody else's than the account's."""
    same_person(account, profile)
    return SignedIn(replace(account, handle=str(profile.handle), remote_id=profile.remote_id), secret, profile)


def same_person(account: Account, profile: Profile) -> None:
    """Signing in again must not silently turn an account into another one's. Raises `AuthError`."""
    wanted = account.handle.lstrip("@").casefold()
    found = profile.handle.casefold()
    if wanted and wanted not in (found, found.partition("@")[0]):
        raise AuthError(
            _("you signed in as {found}, but {account} is {wanted}").format(
                found=profile.handle, account=account.name, wanted=SafeText.line(account.handle)
            ),
            _("sign in as the right one in the browser, or add another account"),
            account=account.name,
        )
