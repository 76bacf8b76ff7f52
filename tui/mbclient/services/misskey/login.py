"""Signing in: MiAuth through the browser, or a token made in the web settings (facts/misskey.md 2)."""

from __future__ import annotations

import contextlib
import re
import secrets
from dataclasses import replace
from typing import NoReturn
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from mbclient.core.ports import LoginDialog, LoginForm, Profile, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, OutcomeUnknownError, ServiceError
from mbclient.domain.secret import Secret
from mbclient.services.addresses import server_address
from mbclient.services.answers import raise_for_status
from mbclient.services.fields import Garbage, obj, string
from mbclient.services.kit import Kit
from mbclient.services.loopback import Loopback, Returned, browser_or_paste
from mbclient.services.misskey.api import Api
from mbclient.services.misskey.notes import Decoder
from mbclient.services.misskey.server import fetch_server
from mbclient.services.misskey.service import Misskey
from mbclient.services.person import signed_in
from mbclient.texts import _

PERMISSIONS = (
    "read:account",
    "write:notes",
    "read:notifications",
    "write:reactions",
    "write:favorites",
    "write:drive",
    "write:votes",
)
_SESSION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Login:
    """One login to one server. The session is new each time: its token is handed out once."""

    def __init__(self, base: str, account: str, kit: Kit) -> None:
        self._base = base
        self._account = account
        self._kit = kit
        self._session = str(uuid4())

    async def run(self, dialog: LoginDialog, *, paste: bool) -> tuple[Secret, Profile | None]:
        """The token and, where the server told it along, the profile."""
        if paste:
            await dialog.show_address(self._address())
            self._check_pasted(await dialog.ask_code())
        else:
            state = secrets.token_urlsafe(32)
            async with Loopback(state) as door:
                # the server adds the session to the callback; the door wants a state and a code
                query = urlencode({"state": state, "code": "miauth"})
                address = self._address(f"{door.redirect_uri}?{query}")
                self._check_returned(await browser_or_paste(door, address, state, dialog))
        return await self._token()

    def _address(self, callback: str = "") -> str:
        query = {
            "name": "mbclient",
            "permission": ",".join(PERMISSIONS),
            **({"callback": callback} if callback else {}),
        }
        return f"{self._base}/miauth/{self._session}?{urlencode(query)}"

    def _check_pasted(self, pasted: str) -> None:
        """Anything will do, for the server knows: but not what another login left."""
        found = _SESSION.search(pasted)
        if found and found[0].lower() != self._session:
            raise AuthError(
                _("the pasted address belongs to another login"),
                _("start again and paste the newest one"),
                account=self._account,
            )

    def _check_returned(self, returned: Returned) -> None:
        if returned.error:
            self._refused(returned.error)
        self._check_pasted(returned.code)

    async def _token(self) -> tuple[Secret, Profile | None]:
        """Asked for as something that is not to be repeated: a second answer has no token any more."""
        try:
            answer = await self._kit.http.request(
                "POST",
                f"{self._base}/api/miauth/{self._session}/check",
                account=self._account,
                json={},
                write=True,
            )
            raise_for_status(answer, self._kit.clock.now(), account=self._account, write=True)
            told = obj(answer.json())
        except OutcomeUnknownError as error:
            raise AuthError(
                _("the answer with the token was lost on the way"),
                _("sign in again: a token is handed out only once"),
                account=self._account,
            ) from error
        token = string(told, "token")
        if told.get("ok") is not True or not token:
            self._refused(_("nobody has allowed it there yet"))
        try:
            return Secret(token), Decoder(self._account, self._base).profile(told.get("user"))
        except Garbage:
            return Secret(token), None

    def _refused(self, reason: str) -> NoReturn:
        raise AuthError(
            _("{host} did not let you in: {reason}").format(host=urlsplit(self._base).hostname, reason=reason),
            _("try again, and say yes in the browser before you go on here"),
            account=self._account,
        )


class MisskeyPlugin:
    """What the registry finds."""

    name = "misskey"
    title = "Misskey, Sharkey"
    form = LoginForm(url_required=True, browser=True)

    def open(self, account: Account, kit: Kit) -> Service:
        return Misskey(Api(account, kit))

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        base = server_address(request.account.url)
        account = replace(request.account, url=base)
        await fetch_server(base, kit, account.name)  # before a token is made for nothing
        if request.secret:
            token, profile = Secret(request.secret.reveal().strip()), None
        else:
            token, profile = await Login(base, account.name, kit).run(dialog, paste=request.paste)
        api = Api(account, kit)
        api.use(token)
        if profile is None:
            profile = await Misskey(api).verify()
        whole = signed_in(account, token, profile)
        with contextlib.suppress(ServiceError):  # the token is there, and must not be lost for this
            await api.server(fresh=True)
        return whole


PLUGIN = MisskeyPlugin()
