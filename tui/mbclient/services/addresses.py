"""Server names that a user types, and links that servers send: what is let through (reliability facts 4.4, 4.5)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import quote, urlsplit

from mbclient.domain.errors import UsageError
from mbclient.domain.latepattern import late
from mbclient.domain.safetext import SafeText
from mbclient.services.http import LOOPBACK
from mbclient.texts import _

MAX_URL = 4096
_HOST = late(r"(?=.{1,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)(?:xn--[a-z0-9-]{1,59}|[a-z][a-z0-9-]{0,62})\Z")
# What nearly every link is: nothing in it needs a second look.
_COMMON = late(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:/[!#$%&'()*+,/:;=?@\[\]~._A-Za-z0-9-]*)?\Z"
)
_UNFIT = late(r"[\x00-\x20\x7f\\]")
_KEPT = "!#$%&'()*+,/:;=?@[]~-._"  # what a re-serialised address leaves as it stands


def server_address(typed: str) -> str:
    """`https://host[:port]` of what the user typed (a bare name, an address, `user@host`). Raises `UsageError`.

    Only https, http for this machine; no user part, no path beyond "/", no address in figures but loopback.
    A name outside ASCII becomes punycode, so that what is asked is what is shown.
    """
    text = typed.strip()
    if "://" not in text:
        text = text.lstrip("@").rpartition("@")[2]
        local = re.match(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::|/|\Z)", text)
        text = f"{'http' if local else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_server(typed) from None
    if re.search(r"[\s\x00-\x1f\x7f\\]", text) or parts.username is not None or parts.path not in ("", "/"):
        raise _no_server(typed)
    if parts.query or parts.fragment:
        raise _no_server(typed)
    suffix = f":{port}" if port is not None else ""
    if host in LOOPBACK and parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{suffix}"
    name = ascii_host(host)
    if parts.scheme != "https" or not _HOST.match(name) or _is_address(name):
        raise _no_server(typed)
    return f"https://{name}{suffix}"


def _no_server(typed: str) -> UsageError:
    if not typed.strip():  # an account of config.toml that has not signed in
        return UsageError(
            _("no server is named"), _('sign in with `mbclient account add`, or write url = "https://…" in config.toml')
        )
    return UsageError(
        _("{name} is no server name").format(name=SafeText.line(repr(typed), max_characters=80)),
        _("write it as mastodon.example or https://mastodon.example"),
    )


def ascii_host(host: str) -> str:
    """The host in ASCII: punycode where it is not; empty where it can't be."""
    if host.isascii():
        return host.lower()
    try:
        return unicodedata.normalize("NFKC", host).encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def web_link(raw: object) -> str:
    """The http or https address, re-serialised in ASCII; empty for anything else (another scheme, a control, no host).

    Such a string may be shown and handed to a browser: it holds no control, no space and no leading dash.
    """
    if not isinstance(raw, str) or len(raw) > MAX_URL:
        return ""
    if _COMMON.match(raw):
        return raw
    text = raw.strip(" \t\r\n")
    if _UNFIT.search(text):
        return ""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return ""
    name = ascii_host(host)
    if not name or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", name):
        return ""
    try:
        rest = quote(text[text.index("//") + 2 + len(parts.netloc) :], safe=_KEPT)
    except UnicodeEncodeError:  # a lone surrogate
        return ""
    place = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{place}{f':{port}' if port is not None else ''}{rest}"
