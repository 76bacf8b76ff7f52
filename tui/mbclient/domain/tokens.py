"""What looks like a secret in a sentence, by the forms that the services' secrets have (reliability facts 4.4).

Secrets are known where they are used, and taken out there by their value (`services.redaction`). This is the second
net: errors and the log pass it, so that a secret which nobody knew to be there (one in a server's own words, in an
address that a library quotes) is not shown either. Posts and drafts never pass it: their words are the users' own.
"""

from __future__ import annotations

import re

HIDDEN = "***"

_NAMES = (
    "access_token", "refresh_token", "id_token", "auth_token", "api_token", "session_token", "bearer_token",
    "registration_access_token", "oauth_token", "oauth_token_secret", "oauth_verifier", "oauth_signature",
    "oauth_consumer_secret", "token_secret", "consumer_secret", "client_secret", "client_assertion", "code_verifier",
    "device_code", "app_password", "application_password", "accessjwt", "refreshjwt", "appsecret_proof", "app_secret",
    "password", "passwd", "passphrase", "secret", "secret_key", "private_key", "api_key", "apikey", "authorization",
    "proxy-authorization", "x-auth-token", "cookie", "set-cookie", "session", "nsec", "token", "assertion",
)  # fmt: skip
_SPACE = r"(?:\s|%20|\+){0,3}"
_SIGN = rf"""(?:\\?["'])?{_SPACE}(?:=|:|%3D|%3A){_SPACE}"""
# The word of a scheme is not the secret; what follows it is. A value ends where its sentence, query or quotation does.
_SCHEME = r"(?:Bearer|Basic|DPoP|OAuth|Token|GNAP|Digest|Nostr)"
_VALUE = r"""(?:\\?"(?:[^"\\]|\\.){1,8192}\\?"|'[^']{1,8192}'|[^\s&"'<>,;)}\]\\]{1,8192})"""
_NAMED = re.compile(
    rf"(?P<name>(?<![A-Za-z0-9])(?:{'|'.join(_NAMES)}){_SIGN})(?:{_SCHEME}\s+)?(?P<value>{_VALUE})", re.IGNORECASE
)
# `code` is also what servers call an error's name, and `i` is Misskey's name for a token: their values must look it.
_GRANT = re.compile(
    rf"""(?P<name>(?<![A-Za-z0-9_])(?:code|i){_SIGN})\\?["']?(?=[A-Za-z0-9._~/+-]*[0-9])[A-Za-z0-9._~/+-]{{10,8192}}""",
    re.IGNORECASE,
)
_SCHEMED = re.compile(
    rf"(?P<name>\b{_SCHEME}(?:\s|%20|\+){{1,3}})(?P<value>[A-Za-z0-9._~+/=-]{{8,8192}})", re.IGNORECASE
)
_BARE = re.compile(
    r"""
      \b(?:nsec1|ncryptsec1|nbunksec1)[02-9ac-hj-np-z]{20,}             # Nostr: a private key (NIP-19, NIP-49)
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}                  # a JSON web token, Bluesky's among others
    | (?<![\w/-])(?!xxxx-)[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![\w/-]|\.\w) # Bluesky: an app password, and no file's name
    | (?<![\w-])[A-Za-z0-9]{4}(?:[ ][A-Za-z0-9]{4}){5}(?![\w-])        # WordPress and its like: an app password
    | (?<=://)[^\s/@:]{1,256}:[^\s/@]{1,256}(?=@)                      # a user and password in an address
    | (?<=miauth/)[A-Za-z0-9-]{16,}                                    # Misskey: a session that becomes a token
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONG = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32,}(?:=|%3D){0,2}")
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))


def without_tokens(text: str) -> str:
    """The sentence with `***` in place of each value that has the form, or the name, of a secret."""
    text = _NAMED.sub(_named, text)
    text = _GRANT.sub(rf"\g<name>{HIDDEN}", text)
    text = _SCHEMED.sub(_schemed, text)
    text = _BARE.sub(HIDDEN, text)
    return _LONG.sub(_long, text)


def _named(found: re.Match[str]) -> str:
    """`password: wrong` is a sentence; what stands in quotation marks or after `=` is a value."""
    is_sentence = found["name"].endswith(": ") and found["value"].isalpha()
    return found[0] if is_sentence else f"{found['name']}{HIDDEN}"


def _schemed(found: re.Match[str]) -> str:
    """`Basic authentication` and `token expired` are words."""
    return found[0] if found["value"].isalpha() and found["value"].islower() else f"{found['name']}{HIDDEN}"


def _long(found: re.Match[str]) -> str:
    """Chance alone mixes so much: small and great letters, and figures, several of each."""
    return HIDDEN if all(len(kind.findall(found[0])) >= 3 for kind in _KINDS) else found[0]
