"""Who somebody says they are, and the one thing of it that can be checked: a name under a domain (NIP-05)."""

from __future__ import annotations

import re
from urllib.parse import quote

from mbclient.core.ports import Profile
from mbclient.domain.errors import ServiceError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import server_address
from mbclient.services.kit import Kit
from mbclient.services.nostr import nip19
from mbclient.services.nostr.events import Event
from mbclient.services.nostr.posts import WEB, profile_of, told

_NAME = re.compile(r"[a-z0-9._-]{1,64}\Z", re.IGNORECASE)


async def vouched(kit: Kit, name: str, pubkey: str, *, local: bool = False) -> bool | None:
    """Whether the domain says that this name is this key's. None when the domain does not answer.

    Redirects are not followed: the domain itself must say it. A server of this machine is asked only when `local`.
    """
    user, _at, host = name.strip().rpartition("@")
    if not _NAME.match(user or "_"):
        return False
    try:
        base = server_address(host)
    except UsageError:
        return False
    if base.startswith("http:") and not local:
        return False
    url = f"{base}/.well-known/nostr.json?name={quote((user or '_').lower())}"
    try:
        answer = await kit.http.request("GET", url, max_wire=1_000_000)
        if answer.status >= 500:
            return None
        value = answer.json() if answer.ok else {}
    except ServiceError:
        return None
    names = value.get("names") if isinstance(value, dict) else None
    return isinstance(names, dict) and names.get((user or "_").lower()) == pubkey


def shown(name: str) -> str:
    """How a name is shown: `_@domain` is the domain itself."""
    return name.strip().removeprefix("_@")


async def profile(kit: Kit, pubkey: str, event: Event | None, *, local: bool = False) -> Profile:
    """What rule 4 reads: the kind 0, which its owner wrote, and the name under a domain if the domain confirms it."""
    facts = profile_of(event)
    claimed = told(facts, "nip05")
    certain = bool(claimed) and await vouched(kit, claimed, pubkey, local=local) is True
    name = SafeText.line(told(facts, "display_name", "displayName", "name", "username"))
    handle = SafeText.line(shown(claimed) if certain else nip19.npub(pubkey), max_characters=300)
    parts = [told(facts, field) for field in ("display_name", "name", "about", "website")]
    parts += [handle] if certain else []
    return Profile(
        handle=handle,
        name=name,
        text=SafeText("\n".join(part for part in parts if part)),
        remote_id=pubkey,
        url=f"{WEB}/{nip19.npub(pubkey)}",
    )
