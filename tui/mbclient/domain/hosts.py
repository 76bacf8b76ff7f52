"""The host of an address that anybody may have written."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """In small letters, without port and user; empty where there is none, or where the address is broken."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
