"""A refusal that quotes the secret it was asked with is shown without it (reliability facts 4.4)."""

from __future__ import annotations

import json
import re
from binascii import Error
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

HEADERS = frozenset({"authorization", "x-auth-token", "dpop", "cookie", "sec-websocket-protocol"})
FIELDS = frozenset(
    {
        "i", "token", "access_token", "refresh_token", "client_secret", "client_assertion", "code", "code_verifier",
        "password", "accessJwt", "refreshJwt", "oauth_token", "oauth_token_secret", "oauth_verifier", "input_token",
        "appsecret_proof", "secret", "authFactorToken",
    }
)  # fmt: skip
SHORTEST = 8  # a shorter value stands in a page by chance
REDACTED = b"***"


def redacted(body: bytes, headers: Mapping[str, str], *fields: object, url: str = "") -> bytes:
    """The body of an answer without the secrets of its request: in its headers, its tables by name and its address."""
    for secret in sorted({*_of_headers(headers), *_of_fields((*fields, _query(url)))}, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            written = json.dumps(secret)[1:-1]
            for form in {secret, quote(secret), quote(secret, safe=""), written, written.replace("/", "\\/")}:
                body = body.replace(form.encode("utf-8", "replace"), REDACTED)
    return body


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if name.lower() in HEADERS:
            scheme, _blank, rest = value.partition(" ")
            yield from value.split()[-1:]  # the scheme before it is no secret
            yield from re.findall(r'="([^"]*)"', rest)  # OAuth 1.0: a list of them
            yield from re.split(r"[;,]\s*", value)  # cookies, subprotocols
            if scheme.lower() == "basic":
                yield from _password(rest)


def _password(pair: str) -> Iterator[str]:
    from base64 import b64decode  # few services take one

    try:
        user, _colon, password = b64decode(pair, validate=True).decode().partition(":")
    except (Error, UnicodeDecodeError):
        return
    yield from (f"{user}:{password}", password)


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


def _of_fields(tables: tuple[object, ...]) -> Iterator[str]:
    for table in tables:
        pairs = table.items() if isinstance(table, Mapping) else table if isinstance(table, (list, tuple)) else ()
        for pair in pairs:
            if isinstance(pair, tuple) and len(pair) == 2 and pair[0] in FIELDS and isinstance(pair[1], str):
                yield pair[1]
