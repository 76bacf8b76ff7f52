"""NodeInfo: the name of the software that a fediverse server runs."""

from __future__ import annotations

from urllib.parse import urlsplit

from mbclient.domain.errors import ServiceError
from mbclient.services.answers import is_passing
from mbclient.services.fields import items, obj, string
from mbclient.services.kit import Kit

MAX_NAME = 40


async def software_name(base: str, kit: Kit, account: str, known: str = "") -> str:
    """In lower case; empty where there is none. Only addresses on the same host are followed, and nothing is raised:

    who asks for more will meet the same trouble, and can tell it better. `known`: as told before, for when nothing
    answers just now.
    """
    try:
        found = await kit.http.request("GET", f"{base}/.well-known/nodeinfo", account=account)
        if is_passing(found):
            return known
        links = items(obj(found.json()).get("links")) if found.ok else []
        for link in reversed(links):
            address = string(obj(link), "href")
            if _place(address) != _place(base):
                continue
            answer = await kit.http.request("GET", address, account=account)
            if is_passing(answer):
                return known
            name = string(obj(obj(answer.json()).get("software")), "name") if answer.ok else ""
            if name:
                return name[:MAX_NAME].lower()
    except ServiceError:
        return known
    return ""


def _place(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
