"""Where a Bloggy server has what: the Twitter-like API that it may have, and the places that are known for certain."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.gnusocial.site import Site, twitter_site
from mbclient.services.http import LOOPBACK
from mbclient.services.kit import Kit
from mbclient.texts import _

LIMIT = 140
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\Z")


async def find_bloggy(base: str, kit: Kit, account: str) -> Site:
    """The server's facts; `root` is empty where nothing answers like Twitter's API.

    That one's address and form were never written down; posting, RSS and search were (facts 9).
    """
    found = await twitter_site(base, kit, account) or Site(base, "")
    return replace(found, software="bloggy", limit=LIMIT)


def beside(base: str, name: str) -> str:
    """`https://name.bloggy.example` of `https://bloggy.example`; this machine has no names below it: `…/name`.

    Raises `UsageError` for what cannot be part of a server's name.
    """
    if not _LABEL.match(name):
        raise UsageError(_("{name} is no nick there").format(name=SafeText.line(repr(name), max_characters=60)))
    parts = urlsplit(base)
    if (parts.hostname or "") in LOOPBACK:
        return f"{base}/{name}"
    return f"{parts.scheme}://{name.lower()}.{parts.netloc}{parts.path}"
