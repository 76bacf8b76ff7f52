"""Proof of possession (RFC 9449): each request is signed with a key that only this session has.

Bluesky facts 3b: ES256; a nonce of each server, which comes with its answers and is missing at first; the access token
is bound to the key. The key is kept with the session.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mbclient.core.ports import Clock
from mbclient.domain.errors import ServiceError, UnsupportedError
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer
from mbclient.services.bluesky.shape import Object, optional_text
from mbclient.services.httpdate import server_time
from mbclient.services.oauth2 import unpadded
from mbclient.texts import _

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

SIZE = 32  # bytes of a coordinate of P-256
SKEW_S = 30.0  # between this clock and the server's: beyond it proofs are dated by the server's
Send = Callable[[Mapping[str, str]], Awaitable[Answer]]


class Key:
    """A private key on P-256."""

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key

    @classmethod
    def made(cls) -> Key:
        """A new one. Raises `UnsupportedError` where the library is missing."""
        try:
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError as error:
            raise UnsupportedError(
                _("signing in to Bluesky with the browser needs the Python package cryptography"),
                _("install mbclient[oauth], or sign in with an app password"),
            ) from error
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def read(cls, kept: Secret) -> Key | None:
        """The key of what `keep` gave; None for something else. Raises `UnsupportedError` as `made`."""
        try:
            number = int.from_bytes(_bytes(optional_text(json.loads(kept.reveal()), "d")))
            from cryptography.hazmat.primitives.asymmetric import ec

            return cls(ec.derive_private_key(number, ec.SECP256R1()))
        except (ValueError, AttributeError):
            return None
        except ImportError:
            return cls.made()  # which says what is missing

    def keep(self) -> Secret:
        number = self._key.private_numbers().private_value
        return Secret(json.dumps({**self.public, "d": unpadded(number.to_bytes(SIZE))}))

    @property
    def public(self) -> Object:
        """The public key as a JWK."""
        point = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": unpadded(point.x.to_bytes(SIZE)),
            "y": unpadded(point.y.to_bytes(SIZE)),
        }

    def signed(self, header: Object, claims: Object) -> str:
        """A JWT by ES256: the signature is two numbers, not DER."""
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives.hashes import SHA256

        body = f"{unpadded(json.dumps(header).encode())}.{unpadded(json.dumps(claims).encode())}"
        one, other = utils.decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(SHA256())))
        return f"{body}.{unpadded(one.to_bytes(SIZE) + other.to_bytes(SIZE))}"


class Proofs:
    """The proofs of one session: its key, and the newest nonce of each server."""

    def __init__(self, key: Key, clock: Clock) -> None:
        self.key = key
        self._clock = clock
        self._nonces: dict[str, str] = {}
        self._skew = timedelta()

    async def send(self, method: str, url: str, send: Send, token: str = "") -> Answer:
        """Sends with a proof; once more where the server wanted another nonce or time, for then it did nothing."""
        mendable = {"nonce", "time"}
        while True:
            answer = await send(self._headers(method, url, token))
            other_time = self._learn(url, answer)
            refused = answer.status in (400, 401)
            fault = "nonce" if refused and _wants_nonce(answer) else "time" if refused and other_time else ""
            if fault not in mendable:
                return answer
            mendable.remove(fault)

    def _headers(self, method: str, url: str, token: str) -> dict[str, str]:
        bound = {"Authorization": f"DPoP {token}"} if token else {}
        return {"DPoP": self._proof(method, url, token), **bound}

    def _proof(self, method: str, url: str, token: str) -> str:
        header: Object = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.public}
        claims: Object = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("?")[0].partition("#")[0],
            "iat": int((self._clock.now() + self._skew).timestamp()),
        }
        nonce = self._nonces.get(_origin(url))
        if nonce:
            claims["nonce"] = nonce
        if token:
            claims["ath"] = unpadded(hashlib.sha256(token.encode()).digest())
        return self.key.signed(header, claims)

    def _learn(self, url: str, answer: Answer) -> bool:
        """Takes the newest nonce; whether the server's clock is another than thought."""
        nonce = answer.headers.get("dpop-nonce", "")
        if nonce and nonce.isascii() and nonce.isprintable() and len(nonce) <= 1000:
            self._nonces[_origin(url)] = nonce
        there = server_time(answer.headers.get("date", ""))
        if there is None:
            return False
        skew = there - self._clock.now()
        if abs((skew - self._skew).total_seconds()) < SKEW_S:
            return False
        self._skew = skew
        return True


def _wants_nonce(answer: Answer) -> bool:
    """400 from an authorization server, 401 from a PDS; both name it, the latter in a header too."""
    if "dpop-nonce" not in answer.headers:
        return False
    if "use_dpop_nonce" in answer.headers.get("www-authenticate", ""):
        return True
    try:
        body = answer.json()
    except ServiceError:
        return False
    return isinstance(body, dict) and body.get("error") == "use_dpop_nonce"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _bytes(text: str) -> bytes:
    if not text:
        raise ValueError("nothing")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
