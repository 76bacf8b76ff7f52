"""What the servers that speak Mastodon's language do differently: a table, from the Mastodon facts 14."""

from __future__ import annotations

import re

from mbclient.domain.capabilities import Idempotency
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Visibility

ALL = tuple(Visibility)
NO_DIRECT = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One server software. The defaults are those of a server that nothing is known of: careful.

    `graphemes`, `short_links`: counts graphemes rather than code points; links at a fixed cost and mentions without
    host. `stream`: "sse", "ws" where there are WebSockets alone, or none. `repeats`: statuses that a repeat of a send
    may get although the first one succeeded. `page_up`: the parameter for what is newer. `keep_alive`: False where
    kept connections are cut without a word. `quick`: haste is counted by the second, and no header tells of it.
    `polls`: "always", "said" where the server tells their limits, "never" where one is passed over in silence.
    `hide_totals`: a poll's votes can be hidden until it is over; others pass that over.
    """

    idempotency: Idempotency = Idempotency.READ_BACK
    key_minutes: int = 0
    schedule: bool = False
    graphemes: bool = True
    short_links: bool = False
    stream: str = ""
    page_up: str = "min_id"
    edit: bool = True
    bookmark: bool = True
    boost_visibility: bool = False
    any_loopback_port: bool = False
    text_alone: bool = True
    keep_alive: bool = True
    quick: bool = False
    polls: str = "said"
    hide_totals: bool = False
    visibilities: tuple[Visibility, ...] = ALL
    repeats: frozenset[int] = frozenset()
    max_length: int = 500


# Keys hold for so long from the first success; who repeats a send leaves a margin for clocks and the way.
MASTODON = Dialect(
    idempotency=Idempotency.KEY,
    key_minutes=60,
    schedule=True,
    short_links=True,
    stream="sse",
    boost_visibility=True,
    any_loopback_port=True,
    polls="always",
    hide_totals=True,
    repeats=frozenset({404}),  # 4.3 to 4.5 look a scheduled repeat up among the published ones
)
PLEROMA = Dialect(
    idempotency=Idempotency.KEY,
    key_minutes=360,
    schedule=True,
    stream="ws",
    max_length=5000,
    quick=True,
    polls="always",
)
UNKNOWN = Dialect()

DIALECTS = {
    "mastodon": MASTODON,
    "hometown": MASTODON,
    "gotosocial": Dialect(schedule=True, graphemes=False, stream="ws", max_length=5000, polls="always"),
    "pleroma": PLEROMA,
    "akkoma": Dialect(schedule=True, stream="ws", max_length=5000, quick=True, polls="always"),
    "pixelfed": Dialect(text_alone=False, edit=False, visibilities=NO_DIRECT, repeats=frozenset({400}), polls="never"),
    "takahe": Dialect(graphemes=False),
    "snac": Dialect(
        graphemes=False,
        page_up="since_id",
        edit=False,
        keep_alive=False,
        visibilities=(Visibility.PUBLIC, Visibility.FOLLOWERS, Visibility.DIRECT),
        max_length=100_000,
        polls="never",
    ),
    "hollo": Dialect(idempotency=Idempotency.KEY, key_minutes=60),
}

_SIGNS = (
    ("pleroma", "pleroma"),
    ("akkoma", "akkoma"),
    ("pixelfed", "pixelfed"),
    ("takahe", "takahe"),
    ("snac", "snac"),
    ("gotosocial", "gotosocial"),
    ("hollo", "hollo"),
    ("hometown", "hometown"),
)
_MASTODON_VERSION = re.compile(
    r"(?:[2-9]|\d\d)\.\d+\.\d+(?:[-+.]?(?:rc|beta|alpha|nightly|glitch)[\w.+-]*|\+[\w.+-]*)?\Z"
)


def software_of(nodeinfo_name: str, version: str) -> str:
    """The server's software: nodeinfo's word where there is one, else what the version string gives away."""
    name = nodeinfo_name.strip().lower()
    if name:
        return name
    lowered = version.lower()
    for sign, software in _SIGNS:
        if sign in lowered:
            return software
    return "mastodon" if _MASTODON_VERSION.match(lowered) else ""


def dialect_of(software: str) -> Dialect:
    return DIALECTS.get(software, UNKNOWN)


def quick_wait(method: str, path: str) -> int:
    """Seconds until Pleroma's count begins anew: of posts, of deeds on one status, of timelines and the rest (14)."""
    if method == "GET":
        return 1
    return 10 if path == "/api/v1/statuses" else 60


def version_of(text: str) -> tuple[int, int, int]:
    """The leading x.y.z; zeros where there is none."""
    found = re.match(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?", text)
    return (int(found[1]), int(found[2] or 0), int(found[3] or 0)) if found else (0, 0, 0)
