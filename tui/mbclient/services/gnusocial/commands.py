"""Texts that a server would not post but obey: StatusNet and GNU social read commands out of posts.

What looks like one is swallowed or carried out, and the answer shows the latest older post as if all were well
(facts/gnusocial.md 4). The words are those of the core and of the plugins that are on by default.
"""

from __future__ import annotations

_ALONE = frozenset(
    (
        "help",
        "login",
        "stats",
        "subscribers",
        "subscriptions",
        "groups",
        "stop",
        "quit",
        "on",
        "off",
        "tracks",
        "tracking",
    )
)
_WITH_ONE = frozenset(
    (
        *("lose", "on", "off", "follow", "sub", "leave", "unsub", "join", "drop", "get", "last", "whois", "nudge"),
        *("invite", "track", "untrack", "fav", "repeat", "rp", "rt", "rd"),
    )
)
_WITH_NAME_AND_MORE = frozenset(("r", "reply", "list", "tag", "unlist", "untag", "d", "dm"))


def command_in(text: str) -> str:
    """The word that makes the text a command, in lower case; empty for what is posted as it stands.

    The first word counts in any case; how many words follow decides.
    """
    words = text.split()
    if not words:
        return ""
    first = words[0].lower()
    takes = {1: _ALONE, 2: _WITH_ONE}.get(len(words), _WITH_NAME_AND_MORE)
    return first if first in takes else ""
