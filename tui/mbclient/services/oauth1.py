"""OAuth 1.0 and 1.0a (RFC 5849), HMAC-SHA1 in the Authorization header, for the servers that know nothing newer."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import field
from urllib.parse import parse_qsl, quote, urlsplit

from mbclient.core.ports import Clock
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.answers import Answer
from mbclient.services.fields import obj, string
from mbclient.services.httpdate import server_time

Pairs = Iterable[tuple[str, str]]
MAX_TOKEN = 4096
SKEW_S = 60.0  # between this clock and the server's: beyond it time stamps are corrected


@dataclass(frozen=True, slots=True)
class Pair:
    """A key that may be seen and its secret: a consumer's, a request token's or an access token's."""

    key: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is kept in the keyring: a password, or as JSON an OAuth token with the consumer it was given to."""

    password: Secret = field(default_factory=lambda: Secret(""))
    consumer: Pair | None = None
    token: Pair | None = None

    @classmethod
    def parse(cls, secret: Secret) -> Credentials:
        text = secret.reveal().strip()
        if text.startswith("{") and '"oauth_token"' in text:
            try:
                kept = obj(json.loads(text))
            except ValueError:
                kept = {}
            token = Pair(string(kept, "oauth_token"), Secret(string(kept, "oauth_token_secret")))
            consumer = Pair(string(kept, "consumer_key"), Secret(string(kept, "consumer_secret")))
            if token.key and consumer.key:
                return cls(consumer=consumer, token=token)
        return cls(Secret(text))

    def pack(self) -> Secret:
        if self.consumer is None or self.token is None:
            return self.password
        kept = {
            "consumer_key": self.consumer.key,
            "consumer_secret": self.consumer.secret.reveal(),
            "oauth_token": self.token.key,
            "oauth_token_secret": self.token.secret.reveal(),
        }
        return Secret(json.dumps(kept))


NOBODY = Pair("", Secret(""))
NOTHING: Mapping[str, str] = {}


def authorization(
    method: str,
    url: str,
    consumer: Pair,
    token: Pair = NOBODY,
    *,
    params: Pairs = (),
    timestamp: int,
    nonce: str = "",
    more: Mapping[str, str] = NOTHING,
) -> str:
    """The Authorization header of one request.

    `params`: the decoded pairs of query and form body (a multipart or JSON body is not signed); `url` may have a
    query of its own. `timestamp`: seconds since 1970 by the server's clock. `more`: further oauth_ parameters without
    that prefix, such as callback or verifier.
    """
    own = {
        "oauth_consumer_key": consumer.key,
        "oauth_nonce": nonce or secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(timestamp),
        "oauth_version": "1.0",
        **({"oauth_token": token.key} if token.key else {}),
        **{f"oauth_{name}": value for name, value in more.items()},
    }
    base = signature_base(method, url, [*own.items(), *params])
    key = f"{_escaped(consumer.secret.reveal())}&{_escaped(token.secret.reveal())}"
    own["oauth_signature"] = b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()
    return "OAuth " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in sorted(own.items()))


def signature_base(method: str, url: str, pairs: Pairs) -> str:
    """The text that is signed (RFC 5849, 3.4.1)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    place = f"[{host}]" if ":" in host else host
    if parts.port not in (None, usual):
        place += f":{parts.port}"
    whole = [*pairs, *parse_qsl(parts.query, keep_blank_values=True)]
    sorted_pairs = sorted((_escaped(name), _escaped(value)) for name, value in whole)
    query = "&".join(f"{name}={value}" for name, value in sorted_pairs)
    address = f"{parts.scheme.lower()}://{place}{parts.path or '/'}"
    return "&".join(_escaped(part) for part in (method.upper(), address, query))


def read_token(body: str) -> Pair | None:
    """The token of a form-encoded answer; None when it holds none."""
    fields = dict(parse_qsl(body.strip()[:MAX_TOKEN], keep_blank_values=True))
    key, secret = fields.get("oauth_token", ""), fields.get("oauth_token_secret", "")
    return Pair(key, Secret(secret)) if key and secret else None


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


class ServerClock:
    """The server's clock, as its refusals date themselves: a signature's time stamp must be near it (RFC 5849 3.3)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._skew_s = 0.0

    def stamp(self) -> int:
        return int(self._clock.now().timestamp() + self._skew_s)

    def learn(self, refusal: Answer) -> bool:
        """Whether its `Date` shows another clock than thought, so that a new signature may be all it takes."""
        there = server_time(refusal.headers.get("date", ""))
        if there is None:
            return False
        skew = (there - self._clock.now()).total_seconds()
        if abs(skew - self._skew_s) < SKEW_S:
            return False
        self._skew_s = skew
        return True
