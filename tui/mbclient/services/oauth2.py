"""OAuth 2.0 for a program on somebody's own computer: PKCE S256 (RFC 7636), the page's address, what came back."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import urlencode, urlsplit

from mbclient.domain.errors import AuthError, ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.fields import obj, string
from mbclient.services.loopback import Returned
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class Attempt:
    """One login's own secrets: what the answer must name, and what proves that the code was asked for from here."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def challenge(self) -> str:
        """`code_challenge` of the method S256."""
        return unpadded(hashlib.sha256(self.verifier.encode()).digest())


def unpadded(raw: bytes) -> str:
    """Base64 for addresses, without its padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def page_address(endpoint: str, query: Mapping[str, str]) -> str:
    """The address to open in the browser; the endpoint may have a query of its own."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"


def code_of(returned: Returned, host: str, account: str) -> str:
    """The code that the browser brought back. Raises `AuthError` with the server's reason when it brought none."""
    if returned.code:
        return returned.code
    raise AuthError(
        _("{host} did not let you in: {reason}").format(host=host, reason=returned.error or _("no code")),
        _("try again"),
        account=account,
    )


def refusal(answer: Answer) -> SafeText:
    """Why an endpoint said no (RFC 6749, 5.2): its words, else the error's name, else the status."""
    try:
        body = obj(answer.json())
    except ServiceError:
        body = {}
    return SafeText.line(string(body, "error_description") or string(body, "error") or str(answer.status))
