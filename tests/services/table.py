"""The table of docs/services.md, made from the code: each shipped service, each ability.

python -m tests.services.table            # prints it
python -m tests.services.table --write    # puts it into the page
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from urllib.parse import urlsplit

from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency
from mbclient.services.bloggy.service import Bloggy
from mbclient.services.cache import JsonCache
from mbclient.services.gnusocial.site import Site
from mbclient.services.http import Http
from mbclient.services.kit import Kit, Plugin
from mbclient.services.mastodon.dialects import DIALECTS
from mbclient.services.mastodon.instance import Instance
from mbclient.services.micropub.service import MICROBLOG
from mbclient.services.registry import GROUP
from tests.generated import DOCS, Page
from tests.services.kit import MemorySecrets, SystemClock

PAGES = DOCS / "services"
ABILITIES = ("post", "reply", "quote", "boost", "like", "bookmark", "edit", "delete", "search", "thread")
MORE = ("notifications", "stream", "schedule", "content_warning", "poll")
HEADS = {"content_warning": "warning"}
REPEATS = {
    Idempotency.CLIENT_ID: "own id",
    Idempotency.KEY: "key, {minutes} min",
    Idempotency.READ_BACK: "read back",
}
# Versions of the table with their feature levels: Mastodon's newest, and Hometown's, which is a Mastodon 3.4
VERSIONS = {"mastodon": ("4.5.0", 7), "hometown": ("3.4.6+hometown-1.0.6", 0)}
GLITCH = Instance("service.example", "mastodon", "4.5.0+glitch", 7)
FILES = {"feed": "feeds"}
NOTES = {("x", "reply"): "¹", ("misskey", "search"): "²", ("nostr", "search"): "²"}  # explained below the table
TITLES = {"micropub": "Micropub: one's own site", "bloggy": "Bloggy: with the Twitter-like API"}
NAMES = {"gotosocial": "GoToSocial", "snac": "snac"}


def shipped() -> list[EntryPoint]:
    """The services that come with mbclient itself, by name."""
    own = (point for point in entry_points(group=GROUP) if point.dist is None or point.dist.name == "mbclient")
    return sorted(own, key=lambda point: point.name)


def plugin_of(point: EntryPoint) -> Plugin:
    plugin: Plugin = point.load()
    return plugin


def rows() -> Iterator[tuple[str, str, Capabilities]]:
    """The entry point's name, what stands in the table, and what it can do before a server is asked."""
    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        kit = Kit(Http(clock), MemorySecrets(), clock, Path(folder) / "mbclient.db", Path(folder) / "cache")
        for point in shipped():
            plugin = plugin_of(point)
            if point.name == "mastodon":
                yield from _dialects()
                continue
            url = plugin.form.url or "https://service.example"
            account = Account("work", point.name, url, "anna@service.example", "1")
            title = TITLES.get(point.name, plugin.title)
            yield point.name, title, plugin.open(account, kit).capabilities
            if point.name == "micropub":
                yield "micropub", "micro.blog", MICROBLOG
            if point.name == "bloggy":
                yield "bloggy", "Bloggy: the known calls alone", _plain_bloggy(account, kit)


def _plain_bloggy(account: Account, kit: Kit) -> Capabilities:
    """Of a server without the Twitter-like API, as an earlier run has found it."""
    JsonCache(kit.cache_dir).write(f"bloggy-site-{urlsplit(account.url).netloc}", Site(account.url, "").to_json())
    return Bloggy(account, kit).capabilities


def _dialects() -> Iterator[tuple[str, str, Capabilities]]:
    """Mastodon's own newest, and the others that speak its API."""
    for software in DIALECTS:
        instance = Instance("service.example", software, *VERSIONS.get(software, ("", 0)))
        yield "mastodon", NAMES.get(software, software.title()), instance.capabilities()
        if software == "mastodon":
            yield "mastodon", "glitch-soc", GLITCH.capabilities()


def table() -> str:
    names = [*ABILITIES, *MORE]
    abilities = [HEADS.get(name, name) for name in names]
    heads = ["service", *abilities, "media", "visibility", "length", "against posting twice"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, title, can in rows():
        marks = [f"✓{NOTES.get((name, ability), '')}" if getattr(can, ability) else "–" for ability in names]
        media = f"{can.max_media}{', alt' if can.max_alt else ''}" if can.max_media else "–"
        writes = can.post or can.reply
        seen = ", ".join(can.visibilities) if writes else "–"
        length = f"{can.max_length:,}".replace(",", " ") if writes else "–"
        repeats = REPEATS[can.idempotency].format(minutes=can.key_minutes) if writes else "–"
        lines.append(f"| {_linked(name, title)} | {' | '.join(marks)} | {media} | {seen} | {length} | {repeats} |")
    return "\n".join(lines) + "\n"


def page_of(name: str) -> Path:
    """The user's page on a service."""
    return PAGES / f"{FILES.get(name, name)}.md"


def _linked(name: str, title: str) -> str:
    page = page_of(name)
    return f"[{title}](services/{page.name})" if page.exists() else title


PAGE = Page("services.md", "tests/services/table.py", table)

if __name__ == "__main__":
    PAGE.main()
