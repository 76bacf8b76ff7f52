"""What an OAuth login leaves behind beside its tokens, and the token endpoint's word (Bluesky facts 3b).

A public client's session ends two weeks after its login, however often it is renewed; a refresh token holds once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from mbclient.domain.errors import AuthError
from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.bluesky.dpop import Key, Proofs
from mbclient.services.bluesky.shape import Object, optional_obj, optional_text
from mbclient.services.kit import Kit
from mbclient.services.oauth2 import refusal
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class Grant:
    """`key`: the private key that the tokens are bound to, as a JWK. `issuer`: who gave them."""

    issuer: str
    token_endpoint: str
    client_id: str
    key: Secret

    def keep(self) -> Object:
        return {
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint,
            "client_id": self.client_id,
            "key": self.key.reveal(),
        }

    @classmethod
    def read(cls, value: object) -> Grant | None:
        """None for something else."""
        kept = optional_obj(value)
        names = ("issuer", "token_endpoint", "client_id", "key")
        issuer, endpoint, client_id, key = (optional_text(kept, name) for name in names)
        return cls(issuer, endpoint, client_id, Secret(key)) if issuer and endpoint and client_id and key else None

    def proofs(self, kit: Kit) -> Proofs | None:
        """None where the kept key is none any more."""
        key = Key.read(self.key)
        return Proofs(key, kit.clock) if key else None


@dataclass(frozen=True, slots=True)
class Given:
    """A token endpoint's answer: tokens bound to the key, and for whom."""

    did: str
    access: Secret
    refresh: Secret


async def ask_token(kit: Kit, proofs: Proofs, endpoint: str, form: Mapping[str, str], account: str) -> Given:
    """Raises `AuthError` for a refusal: the code or the refresh token is not, or no longer, good."""
    answer = await post_form(kit, proofs, endpoint, form)
    if 400 <= answer.status < 500 and answer.status != 429:
        problem = _("{host} said: {reason}").format(host=host_of(endpoint), reason=refusal(answer))
        raise AuthError(problem, _("sign in again: mbclient account add"), account=account)
    raise_for_status(answer, kit.clock.now(), account=account, write=False)
    body = optional_obj(answer.json())
    given = Given(
        optional_text(body, "sub"),
        Secret(optional_text(body, "access_token")),
        Secret(optional_text(body, "refresh_token")),
    )
    bound = optional_text(body, "token_type").lower() == "dpop"
    if not bound or not given.access or "atproto" not in optional_text(body, "scope").split():
        raise AuthError(
            _("{host} gave no token that is good for Bluesky").format(host=host_of(endpoint)),
            _("sign in with an app password"),
            account=account,
        )
    return given


async def revoke(kit: Kit, proofs: Proofs, grant: Grant, refresh: Secret) -> None:
    """Ends the session at the server that gave it, where that takes such a wish; the token goes to no other."""
    url = f"{grant.issuer.rstrip('/')}/.well-known/oauth-authorization-server"
    answer = await kit.http.request("GET", url, headers={"Accept": "application/json"}, max_wire=200_000)
    endpoint = optional_text(optional_obj(answer.json()), "revocation_endpoint") if answer.ok else ""
    origin = _origin(endpoint)
    if origin is not None and origin == _origin(grant.token_endpoint):
        await post_form(kit, proofs, endpoint, {"token": refresh.reveal(), "client_id": grant.client_id})


def _origin(address: str) -> tuple[str, str] | None:
    with suppress(ValueError):
        parts = urlsplit(address)
        return parts.scheme, parts.netloc
    return None


async def post_form(kit: Kit, proofs: Proofs, endpoint: str, form: Mapping[str, str]) -> Answer:
    """Nothing in a login is visible to others: a lost answer is only a lost answer."""

    async def send(headers: Mapping[str, str]) -> Answer:
        return await kit.http.request("POST", endpoint, headers=headers, form=form, write=False)

    return await proofs.send("POST", endpoint, send)
