"""What an edit begins with: a status as it was written (Mastodon facts 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mbclient.domain.draft import Written
from mbclient.domain.post import Post
from mbclient.services.mastodon.api import MISSING, Api
from mbclient.services.mastodon.fields import obj, string
from mbclient.services.mastodon.reading import Reading, status_path

# Whole names or nothing: one that has its host is left as it is.
_NAME = re.compile(r"(?<![\w/=])@((?>\w+(?:[.-]+\w+)*))(?!@)")


class Rewriting:
    """Asks for the source: `content` is HTML, where mentions stand without their hosts."""

    def __init__(self, api: Api, reading: Reading) -> None:
        self._api = api
        self._reading = reading

    async def written(self, post: Post) -> Written:
        """Where a server keeps no sources, what it shows, with the hosts put back into the mentions."""
        if "source" not in self._api.missing:
            answer = await self._api.call("GET", status_path(post.remote_id) + "/source", accept=MISSING)
            if answer.ok:
                source = obj(answer.json())
                if not isinstance(source.get("text"), str):
                    raise self._api.garbled()
                return Written.read(string(source, "text"), string(source, "spoiler_text"))
        shown = await self._reading.post(post.remote_id)  # a post that is gone is no missing ability
        self._api.missing.add("source")
        own = (await self._api.instance()).domain
        return Written.read(with_hosts(shown.text, shown.mentions, own), shown.cw or "", exact=False)


def with_hosts(text: str, mentions: Iterable[str], own: str) -> str:
    """`@bo` as `@bo@their.host`, for those who are mentioned from another server than the `own`.

    Where several have one name, they take turns in the order in which the server names them: everybody stays mentioned.
    """
    named: dict[str, list[str]] = {}
    for handle in mentions:
        user, _at, host = handle.partition("@")
        named.setdefault(user.casefold(), []).append(f"@{user}" if host.casefold() == own.casefold() else f"@{handle}")

    def whole(found: re.Match[str]) -> str:
        known = named.get(found[1].casefold(), [])
        return known.pop(0) if len(known) > 1 else known[0] if known else found[0]

    return _NAME.sub(whole, text)
