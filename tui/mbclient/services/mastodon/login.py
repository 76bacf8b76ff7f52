"""Signing in: OAuth's code flow with PKCE S256, through the browser or with a pasted code (Mastodon facts 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, ServiceError
from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.cache import JsonCache
from mbclient.services.kit import Kit
from mbclient.services.loopback import PATH, Loopback, Returned, browser_or_paste, pasted_answer
from mbclient.services.mastodon.fields import items, obj, string
from mbclient.services.mastodon.instance import fetch_instance
from mbclient.services.mastodon.service import Mastodon
from mbclient.services.oauth2 import Attempt, code_of, page_address, refusal
from mbclient.services.person import signed_in
from mbclient.services.renewal import Tokens
from mbclient.texts import _

OOB = "urn:ietf:wg:oauth:2.0:oob"
PORTLESS = f"http://127.0.0.1{PATH}"
GRANULAR = (
    "profile read:accounts read:statuses read:notifications read:search read:lists read:filters read:follows "
    "read:bookmarks read:favourites write:statuses write:media write:favourites write:bookmarks"
)
BROAD = "read write"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a server wants what. `issuer` is empty where it does not say (then it isn't compared)."""

    authorize: str
    token: str
    register: str
    scopes: str = BROAD
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """mbclient as registered on a server, for one redirect address."""

    client_id: str
    client_secret: Secret
    scopes: str


class Login:
    """One login to one server."""

    def __init__(self, base: str, account: str, kit: Kit) -> None:
        self._base = base
        self._account = account
        self._kit = kit
        self._cache = JsonCache(kit.cache_dir)
        self._cache_name = f"mastodon-app-{urlsplit(base).netloc}"

    async def run(self, dialog: LoginDialog, *, paste: bool) -> Tokens:
        instance = await fetch_instance(self._base, self._kit, self._account)
        endpoints = await self._endpoints()
        attempt = Attempt()
        if paste:
            app = await self._app(endpoints, OOB)
            await dialog.show_address(_authorize(endpoints, app, OOB, attempt))
            returned = pasted_answer(await dialog.ask_code(), attempt.state)
            return await self._exchange(endpoints, app, OOB, returned, attempt)
        async with Loopback(attempt.state) as door:
            # Mastodon takes any port of a registered loopback address, the others this one alone
            registered = PORTLESS if instance.dialect.any_loopback_port else door.redirect_uri
            app = await self._app(endpoints, registered)
            address = _authorize(endpoints, app, door.redirect_uri, attempt)
            returned = await browser_or_paste(door, address, attempt.state, dialog)
        return await self._exchange(endpoints, app, door.redirect_uri, returned, attempt)

    async def _endpoints(self) -> Endpoints:
        """The server's OAuth metadata (4.3 and later), else the paths that all have; only on the same host."""
        usual = Endpoints(f"{self._base}/oauth/authorize", f"{self._base}/oauth/token", f"{self._base}/api/v1/apps")
        answer = await self._request("GET", f"{self._base}/.well-known/oauth-authorization-server")
        try:
            told = obj(answer.json()) if answer.ok else {}
        except ServiceError:
            return usual
        named = (string(told, "authorization_endpoint"), string(told, "token_endpoint"))
        if not all(address.startswith(f"{self._base}/") for address in named):
            return usual
        register = string(told, "app_registration_endpoint")
        supported = frozenset(scope for scope in items(told.get("scopes_supported")) if isinstance(scope, str))
        return Endpoints(
            *named,
            register if register.startswith(f"{self._base}/") else usual.register,
            GRANULAR if supported.issuperset(GRANULAR.split()) else BROAD,
            string(told, "issuer"),
        )

    async def _request(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, json: object = None
    ) -> Answer:
        """Nothing in a login is visible to others: a lost answer is only a lost answer."""
        return await self._kit.http.request(method, url, account=self._account, form=form, json=json, write=False)

    async def _app(self, endpoints: Endpoints, redirect: str) -> App:
        """The registered app, from the cache while the server still knows it: registering is limited to 5 in 10 min."""
        stored = self._cache.read(self._cache_name)
        app = App(string(stored, "client_id"), Secret(string(stored, "client_secret")), string(stored, "scopes"))
        known = string(stored, "redirect") == redirect and app.scopes == endpoints.scopes and app.client_id
        if known and await self._is_known(endpoints, app):
            return app
        form = {"client_name": "mbclient", "redirect_uris": redirect, "scopes": endpoints.scopes}
        answer = await self._request("POST", endpoints.register, json=form)
        raise_for_status(answer, self._kit.clock.now(), account=self._account, write=False)
        fresh = obj(answer.json())
        app = App(string(fresh, "client_id"), Secret(string(fresh, "client_secret")), endpoints.scopes)
        if not app.client_id:
            raise AuthError(
                _("{host} did not register the program").format(host=answer.host),
                _("try again later"),
                account=self._account,
            )
        self._cache.write(
            self._cache_name,
            {
                "redirect": redirect,
                "client_id": app.client_id,
                "client_secret": app.client_secret.reveal(),
                "scopes": app.scopes,
            },
        )
        return app

    async def _is_known(self, endpoints: Endpoints, app: App) -> bool:
        """Asks with the app's own credentials; only a clear `invalid_client` means: register again."""
        form = {
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": app.client_secret.reveal(),
            "redirect_uri": OOB,
            "scope": app.scopes.split()[0],
        }
        answer = await self._request("POST", endpoints.token, form=form)
        return not _is_invalid_client(answer)

    async def _exchange(
        self, endpoints: Endpoints, app: App, redirect: str, returned: Returned, attempt: Attempt
    ) -> Tokens:
        host = host_of(self._base)
        if endpoints.issuer and returned.issuer and returned.issuer != endpoints.issuer:
            raise AuthError(_("the answer came from another server than asked"), account=self._account)
        form = {
            "grant_type": "authorization_code",
            "code": code_of(returned, host, self._account),
            "client_id": app.client_id,
            "client_secret": app.client_secret.reveal(),
            "redirect_uri": redirect,
            "code_verifier": attempt.verifier,
        }
        answer = await self._request("POST", endpoints.token, form=form)
        if _is_invalid_client(answer):
            self._cache.forget(self._cache_name)
        if not answer.ok:
            raise AuthError(
                _("{host} did not accept the code: {reason}").format(host=host, reason=refusal(answer)),
                _("try again with a new code"),
                account=self._account,
            )
        tokens = Tokens.of(obj(answer.json()))
        if not tokens.access:
            raise AuthError(_("{host} gave no token").format(host=host), _("try again"), account=self._account)
        return tokens


def _authorize(endpoints: Endpoints, app: App, redirect: str, attempt: Attempt) -> str:
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect,
        "scope": app.scopes,
        "state": attempt.state,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    return page_address(endpoints.authorize, query)


def _json_or_nothing(answer: Answer) -> Mapping[str, object]:
    try:
        return obj(answer.json())
    except ServiceError:
        return {}


def _is_invalid_client(answer: Answer) -> bool:
    return not answer.ok and string(_json_or_nothing(answer), "error") == "invalid_client"


class MastodonPlugin:
    """What the registry finds."""

    name = "mastodon"
    title = "Mastodon"
    form = LoginForm(url_required=True, browser=True, rank=10)

    def open(self, account: Account, kit: Kit) -> Service:
        return Mastodon(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        base = server_address(request.account.url)
        account = replace(request.account, url=base)
        if request.secret:
            tokens = Tokens.parse(request.secret)
        else:
            tokens = await Login(base, account.name, kit).run(dialog, paste=request.paste)
        service = Mastodon(account, kit)
        await service.api.instance(fresh=True)
        service.api.use(tokens)
        profile = await service.verify()
        return signed_in(account, tokens.pack(), profile)


PLUGIN = MastodonPlugin()
