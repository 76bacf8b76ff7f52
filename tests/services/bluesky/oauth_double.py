"""The double with OAuth: a PDS that takes tokens bound to a key, and an authorization server of its own.

Written from Bluesky facts 3b, with what was measured: both want a nonce first, and say so differently; a refresh token
holds once; a loopback client's redirect address may have any port, and no other path.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from tests.services.bluesky.double import ME, Double
from tests.services.bluesky.records import Object
from tests.services.wire import Reply, Request, Wire


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


class NoProofError(Exception):
    """`name`: of the error; `words`: what was wrong with the proof."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


@dataclass(slots=True)
class Prover:
    """One server's judgement of proofs: its own nonce, its own clock, every proof taken once."""

    name: str
    off: timedelta = timedelta()
    steady: bool = True
    seen: set[str] = field(default_factory=set)
    _number: int = 1

    @property
    def nonce(self) -> str:
        return f"nonce-{self.name}-{self._number}"

    def turn(self) -> None:
        """The next nonce: the one before is no longer taken."""
        self._number += 1

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def headers(self) -> dict[str, str]:
        return {"DPoP-Nonce": self.nonce, "Date": format_datetime(self.now(), usegmt=True)}

    def judge(self, request: Request, url: str, token: str = "") -> str:
        """The thumbprint of the proof's key. Raises `NoProofError`."""
        try:
            head, body, signature = request.headers["dpop"].split(".")
            header, claims = json.loads(decoded(head)), json.loads(decoded(body))
            jwk = header["jwk"]
            x, y = (int.from_bytes(decoded(jwk[name])) for name in "xy")
            raw = decoded(signature)
            der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
            public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
            public.verify(der, f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
        except (KeyError, ValueError, InvalidSignature) as error:
            raise NoProofError("invalid_dpop_proof", f"DPoP proof: {type(error).__name__}") from None
        wrong = [
            (header["typ"], header["alg"]) != ("dpop+jwt", "ES256"),
            set(jwk) != {"kty", "crv", "x", "y"},  # the private half stays at home
            (claims["htm"], claims["htu"]) != (request.method, url),
            abs(self.now().timestamp() - claims["iat"]) > 60,
            claims["jti"] in self.seen,
            "iss" in claims,
            claims.get("ath", "") != (unpadded(hashlib.sha256(token.encode()).digest()) if token else ""),
        ]
        if any(wrong):
            raise NoProofError("invalid_dpop_proof", f"DPoP proof: {wrong.index(True)}")
        if claims.get("nonce") != self.nonce:
            raise NoProofError("use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
        self.seen.add(claims["jti"])
        if not self.steady:
            self.turn()
        canonical = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        return unpadded(hashlib.sha256(canonical.encode()).digest())


class OAuthDouble(Double):
    """The PDS: `auth` is its authorization server."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = AuthServer(self)
        self.proofs = Prover("pds")
        self.bound: dict[str, str] = {}  # access token → its key's thumbprint
        self.old: set[str] = set()
        self.has_oauth = True

    async def __aenter__(self) -> Self:
        await self.auth.wire.__aenter__()
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await self.auth.wire.__aexit__(kind, error, trace)

    def expire(self) -> None:
        super().expire()
        self.old |= set(self.bound)

    async def _handle(self, request: Request) -> Reply:
        if request.path == "/.well-known/oauth-protected-resource":
            if not self.has_oauth:
                return Reply(404, {"error": "NotFound"})
            return Reply(200, {"resource": self.url, "authorization_servers": [self.auth.issuer]})
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "DPoP":
            return await super()._handle(request)
        try:
            thumbprint = self.proofs.judge(request, f"{self.url}{request.path}", token)
            if self.bound.get(token) != thumbprint or token in self.old:
                raise NoProofError("invalid_token", '"exp" claim timestamp check failed')
        except NoProofError as error:
            told = {"WWW-Authenticate": f'DPoP error="{error.name}"', **self.proofs.headers()}
            return Reply(401, {"error": error.name, "message": str(error)}, told)
        self.access.add(f"DPoP {token}")
        reply = await super()._handle(request)
        reply.headers = {**self.proofs.headers(), **reply.headers}
        return reply


class AuthServer:
    """The authorization server. `who`: the DID that says yes in the browser."""

    def __init__(self, pds: OAuthDouble) -> None:
        self.pds = pds
        self.wire = Wire(self._handle)
        self.proofs = Prover("auth")
        self.who = ME
        self.pushed: dict[str, Object] = {}
        self.codes: dict[str, Object] = {}
        self.refreshes: dict[str, str] = {}  # refresh token → thumbprint
        self.changes: Object = {}  # what the next token answers say otherwise
        self.metadata: Object = {}
        self.down = False
        self.held: asyncio.Event | None = None  # the token endpoint answers once it is set
        self.holding = asyncio.Event()
        self._numbers = itertools.count(1)

    @property
    def issuer(self) -> str:
        return self.wire.url

    def calls(self, path: str) -> list[Request]:
        return [request for request in self.wire.requests if request.path == path]

    def press_yes(self, address: str, **changes: str) -> str:
        """What the user does on the page; where the browser goes then."""
        query = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/oauth/authorize?")
        assert set(query) == {"client_id", "request_uri"}
        request = self.pushed.pop(query["request_uri"])
        assert request["client_id"] == query["client_id"]
        code = f"code-{next(self._numbers)}"
        self.codes[code] = request
        answer = {"iss": self.issuer, "state": request["state"], "code": code} | changes
        return f"{request['redirect_uri']}?{urlencode({name: value for name, value in answer.items() if value})}"

    def end_sessions(self) -> None:
        """Two weeks have passed."""
        self.refreshes.clear()
        self.pds.expire()

    async def _handle(self, request: Request) -> Reply:
        if request.path == "/.well-known/oauth-authorization-server":
            return Reply(200, self._told() | self.metadata)
        routes: dict[str, Callable[[dict[str, str], str], Reply]] = {
            "/oauth/par": self._push,
            "/oauth/token": self._token,
            "/oauth/revoke": self._revoke,
        }
        if self.down:
            return Reply(503, {"error": "down"})
        if request.method != "POST" or request.path not in routes:
            return Reply(404, {"error": "not_found"})
        try:
            thumbprint = self.proofs.judge(request, self.issuer + request.path)
        except NoProofError as error:
            return Reply(400, {"error": error.name, "error_description": str(error)}, self.proofs.headers())
        reply = routes[request.path](request.form, thumbprint)
        if self.held and request.path == "/oauth/token":
            self.holding.set()
            await self.held.wait()
        reply.headers = {**self.proofs.headers(), **reply.headers}
        return reply

    def _told(self) -> Object:
        return {
            "issuer": self.issuer,
            "pushed_authorization_request_endpoint": f"{self.issuer}/oauth/par",
            "authorization_endpoint": f"{self.issuer}/oauth/authorize",
            "token_endpoint": f"{self.issuer}/oauth/token",
            "revocation_endpoint": f"{self.issuer}/oauth/revoke",
            "dpop_signing_alg_values_supported": ["RS256", "ES256"],
        }

    def _push(self, form: dict[str, str], thumbprint: str) -> Reply:
        """The loopback client by the rules that were measured."""
        client = urlsplit(form["client_id"])
        declared, redirect = dict(parse_qsl(client.query)), urlsplit(form["redirect_uri"])
        wanted = urlsplit(declared.get("redirect_uri", "http://127.0.0.1/"))
        if (client.scheme, client.netloc, client.path) != ("http", "localhost", ""):
            return Reply(400, {"error": "invalid_client_metadata", "error_description": "Loopback client id"})
        if redirect.hostname != "127.0.0.1" or redirect.path != wanted.path:
            return Reply(400, {"error": "invalid_request", "error_description": "Invalid redirect_uri"})
        if not set(form["scope"].split()) <= set(declared.get("scope", "atproto").split()):
            return Reply(400, {"error": "invalid_scope", "error_description": "Scope is not declared"})
        assert (form["response_type"], form["code_challenge_method"]) == ("code", "S256")
        name = f"urn:ietf:params:oauth:request_uri:req-{next(self._numbers)}"
        self.pushed[name] = {**form, "thumbprint": thumbprint}
        return Reply(201, {"request_uri": name, "expires_in": 299})

    def _token(self, form: dict[str, str], thumbprint: str) -> Reply:
        def no(words: str) -> Reply:
            return Reply(400, {"error": "invalid_grant", "error_description": words})

        if form["grant_type"] == "refresh_token":
            if self.refreshes.pop(form["refresh_token"], None) != thumbprint:
                self.end_sessions()  # somebody has it who should not
                return no("Invalid refresh token")
            return self._given(thumbprint)
        asked = self.codes.pop(form["code"], None)
        proof = unpadded(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != proof:
            return no("Invalid code")
        if asked["thumbprint"] != thumbprint or asked["client_id"] != form["client_id"]:
            return no("DPoP proof does not match")
        return self._given(thumbprint)

    def _revoke(self, form: dict[str, str], thumbprint: str) -> Reply:
        if self.refreshes.get(form["token"]) == thumbprint and form["client_id"]:
            del self.refreshes[form["token"]]
        return Reply(200, {})

    def _given(self, thumbprint: str) -> Reply:
        number = next(self._numbers)
        access, refresh = f"bound-access-{number}", f"bound-refresh-{number}"
        self.pds.bound[access] = thumbprint
        self.refreshes[refresh] = thumbprint
        body: dict[str, Any] = {
            "access_token": access,
            "token_type": "DPoP",
            "refresh_token": refresh,
            "scope": "atproto transition:generic",
            "sub": self.who,
            "expires_in": 3599,
        }
        return Reply(200, body | self.changes)
