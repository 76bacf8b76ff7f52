"""A refusal that quotes the secret it was asked with is shown without it (reliability facts 4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

HEADERS = frozenset({"authorization", "x-auth-token"})
FIELDS = frozenset(
    {
        "i", "token", "access_token", "refresh_token", "client_secret", "code", "code_verifier", "password",
        "accessJwt", "refreshJwt", "oauth_token", "oauth_token_secret",
    }
)  # fmt: skip
SHORTEST = 8  # a shorter value stands in a page by chance
REDACTED = b"***"


def redacted(body: bytes, headers: Mapping[str, str], *fields: object) -> bytes:
    """The body of an answer without the secrets of its request: in these headers, and in these tables by name."""
    for secret in {*_of_headers(headers), *_of_fields(fields)}:
        if len(secret) >= SHORTEST:
            body = body.replace(secret.encode("utf-8", "replace"), REDACTED)
    return body


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if name.lower() in HEADERS:
            yield from value.split()[-1:]  # the scheme before it is no secret


def _of_fields(tables: tuple[object, ...]) -> Iterator[str]:
    for table in tables:
        pairs = table.items() if isinstance(table, Mapping) else table if isinstance(table, (list, tuple)) else ()
        for pair in pairs:
            if isinstance(pair, tuple) and len(pair) == 2 and pair[0] in FIELDS and isinstance(pair[1], str):
                yield pair[1]
