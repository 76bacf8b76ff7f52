"""One post to every service at once: it arrives at each, counts once, and is never shown wider than was chosen."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from mbclient.services.x import login
from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import SENT, problems
from tests.cli.test_services import CONFIG, in_a_thread
from tests.servers.processes import wait_for
from tests.services.bloggy.server import BloggyServer
from tests.services.bluesky import double as bluesky
from tests.services.bluesky.records import Record
from tests.services.gnusocial.server import TwitterServer
from tests.services.jaiku.server import CONSUMER, JaikuServer
from tests.services.mastodon_server import MastodonServer
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import MicropubSite
from tests.services.misskey.server import MisskeyServer
from tests.services.nostr.relay_server import Double as Relay
from tests.services.nostr.support import ANNA
from tests.services.threads.server import ThreadsServer
from tests.services.x.server import CLIENT, XServer

pytestmark = pytest.mark.slow  # a dozen services, each signed in to
ABOUT = "Jobbar på Grönkvist"
PROFILE = "app.bsky.actor.profile"
TEXT = "OpenSSL är ute, vi uppdaterar i dag: https://openssl.example/"


class KnownRelay(Relay):
    """A relay that has anna's profile."""

    async def __aenter__(self) -> KnownRelay:
        await super().__aenter__()
        await self.write(ANNA, 0, json.dumps({"name": "Anna Ek", "about": ABOUT}), at=int(time.time()) - 60)
        return self

    def notes(self) -> list[str]:
        return [str(event["content"]) for event in self.events.values() if event["kind"] == 1]


@dataclass(frozen=True, slots=True)
class Place:
    """A service: how to sign in there, and which texts of mine it holds."""

    service: str
    url: str
    secret: str
    texts: Callable[[], list[str]]
    handle: str = ""

    @property
    def name(self) -> str:
        return "blog" if self.service == "micropub" and self.handle else self.service


@pytest.fixture
def servers() -> dict[str, Any]:
    """Those that a test makes fail, filled in by `places`."""
    return {}


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, servers: dict[str, Any]) -> Iterator[list[Place]]:
    with ExitStack() as stack:
        mastodon = stack.enter_context(in_a_thread(MastodonServer()))
        gnusocial = stack.enter_context(in_a_thread(TwitterServer()))
        bloggy = stack.enter_context(in_a_thread(BloggyServer()))
        jaiku = stack.enter_context(in_a_thread(JaikuServer()))
        site = stack.enter_context(in_a_thread(MicropubSite()))
        blog = stack.enter_context(in_a_thread(MicroBlog()))
        misskey = stack.enter_context(in_a_thread(MisskeyServer()))
        threads = stack.enter_context(in_a_thread(ThreadsServer()))
        x = stack.enter_context(in_a_thread(XServer()))
        sky = stack.enter_context(in_a_thread(bluesky.Double()))
        relay = stack.enter_context(in_a_thread(KnownRelay()))
        mastodon.people["anna"].display_name, mastodon.people["anna"].note = "Anna Ek", f"<p>{ABOUT}</p>"
        for twitter in (gnusocial, bloggy):
            twitter.people["anna"].name, twitter.people["anna"].bio = "Anna Ek", ABOUT
        jaiku.actors["anna"].presence = {"presenceline": {"description": ABOUT}}
        misskey.people["anna"].name, misskey.people["anna"].description = "Anna Ek", ABOUT
        threads.people["anna"].name, threads.people["anna"].biography = "Anna Ek", ABOUT
        x.people["anna"].name, x.people["anna"].description = "Anna Ek", ABOUT

        place = f"at://{sky.me.did}/{PROFILE}/self"
        sky.me.repo[PROFILE] = {"self": Record(place, "c", {"displayName": "Anna Ek", "description": ABOUT}, "")}

        def visit(address: str) -> bool:
            threading.Thread(target=lambda: httpx.get(x.press_yes(address), trust_env=False)).start()
            return True

        monkeypatch.setattr("webbrowser.open", visit)
        servers["jaiku"] = jaiku
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        monkeypatch.setattr(login, "PORT", port)
        x.redirects = {f"http://127.0.0.1:{login.PORT}/callback"}
        yield [
            Place("mastodon", mastodon.url, "anna-token", lambda: [s.text for s in mastodon.statuses.values()]),
            Place("gnusocial", gnusocial.url, "anna-password", lambda: _notices(gnusocial), "anna"),
            Place("bloggy", bloggy.url, "anna-password", lambda: _notices(bloggy), "anna"),
            Place(
                "jaiku",
                jaiku.url,
                f"{' '.join(CONSUMER)} anna-token anna-secret",
                lambda: [entry.text for entry in jaiku.entries.values()],
                "anna",
            ),
            Place("micropub", site.url, "site-token", lambda: [e["content"][0] for e in site.entries.values()]),
            Place("micropub", blog.url, "site-token", lambda: [item.text for item in blog.items.values()], "anna"),
            Place("misskey", misskey.url, "anna-token", lambda: [str(n.text) for n in misskey.notes.values()]),
            Place("threads", threads.url, "anna-token", lambda: [str(m.text) for m in threads.media.values()]),
            Place("x", x.url, CLIENT, lambda: [t.text for t in x.tweets.values()]),
            Place("bluesky", sky.url, bluesky.APP_PASSWORD, lambda: _records(sky), sky.me.handle),
            Place("nostr", relay.url, ANNA.nsec().reveal(), relay.notes),
        ]


def _notices(server: TwitterServer) -> list[str]:
    return [notice.text for notice in server.notices.values()]


def _records(server: bluesky.Double) -> list[str]:
    return [str(record.value["text"]) for record in server.me.records("app.bsky.feed.post")]


def test_a_cross_post_to_all_services(
    now_mb: CommandLine, places: list[Place], servers: dict[str, Any], memory_keyring: MemoryKeyring
) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    for place in places:
        words = ["account", "add", place.service, "--url", place.url, "--name", place.name, "--secret-stdin"]
        added = mb(*words, *(["--handle", place.handle] if place.handle else []), stdin=f"{place.secret}\n")
        assert added.status == 0, (place.service, added.err)
        words = ["account", "confirm", place.name, "--employer", "yes", "--real-name", "yes"]
        said = mb(*words, json=True).object
        assert (said["employer_visible"], said["real_name_visible"]) == ("yes", "yes"), mb("account", "check").err
    assert mb("machine", "declare", "work").status == 0
    accounts = [word for place in places for word in ("--account", place.name)]

    sent = mb("post", TEXT, *accounts, "--yes", json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    states = {name: target["state"] for name, target in sent.object["targets"].items()}
    assert states == {place.name: "sent" for place in places}
    assert {place.name: place.texts() for place in places} == {place.name: [TEXT] for place in places}
    assert mb("meter", "--format", "{count}").out == "1\n"
    assert mb("timeline", "--view", "home").status == 0  # what is read back is the same post everywhere
    assert mb("meter", "--format", "{count}").out == "1\n"

    for option in (("--visibility", "followers"), ("--cw", "obs")):  # what not all of them can keep: nobody gets it
        refused = mb("post", "inte överallt", *accounts, *option, "--yes", json=True)
        assert refused.status == 2, refused.err
        assert refused.err.count("\n") == 1
        assert "jaiku" in refused.err
        assert {place.name: place.texts() for place in places} == {place.name: [TEXT] for place in places}

    servers["jaiku"].fault("post", "drop-after")  # one whose answer is lost holds nobody up, and is not sent twice
    second = mb("post", "Och nu är det klart", *accounts, "--yes", json=True)
    assert second.status == 4, second.err
    states = {name: target["state"] for name, target in second.object["targets"].items()}
    assert states == {place.name: "unknown" if place.name == "jaiku" else "sent" for place in places}
    assert wait_for(lambda: flushed(mb), 60)
    both = sorted([TEXT, "Och nu är det klart"])
    assert {place.name: sorted(place.texts()) for place in places} == {place.name: both for place in places}
    assert mb("meter", "--format", "{count}").out == "2\n"


def flushed(mb: CommandLine) -> bool:
    """Sends what waits; true when nothing does any more."""
    mb("outbox", "flush")
    rows = mb("outbox", "list", json=True).objects
    return all(row["state"] == "sent" for row in rows)
