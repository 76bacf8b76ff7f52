"""Signing in: a wrong secret is to be checked; again, by the command of the first time or the account's name alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.test_services import CONFIG, in_a_thread
from tests.services.bloggy.server import BloggyServer
from tests.services.bluesky import double as bluesky
from tests.services.gnusocial.server import TwitterServer
from tests.services.jaiku.server import CONSUMER, JaikuServer
from tests.services.mastodon_server import MastodonServer
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import MicropubSite
from tests.services.misskey.server import MisskeyServer
from tests.services.threads.server import ThreadsServer

pytestmark = pytest.mark.slow  # three logins at each service
NAMED = ("--handle", "anna")
PLACES: dict[str, tuple[Callable[[], Any], str, tuple[str, ...], str]] = {
    "gnusocial": (TwitterServer, "gnusocial", NAMED, "anna-password"),
    "bloggy": (BloggyServer, "bloggy", NAMED, "anna-password"),
    "bloggy-without-api": (lambda: BloggyServer(api=False), "bloggy", NAMED, "anna-password"),
    "jaiku": (JaikuServer, "jaiku", NAMED, f"{' '.join(CONSUMER)} anna-token anna-secret"),
    "threads": (ThreadsServer, "threads", (), "anna-token"),
    "micropub": (MicropubSite, "micropub", (), "site-token"),
    "micro.blog": (MicroBlog, "micropub", (), "site-token"),
    "misskey": (MisskeyServer, "misskey", (), "anna-token"),
    "mastodon": (MastodonServer, "mastodon", (), "anna-token"),
    "bluesky": (bluesky.Double, "bluesky", (), bluesky.APP_PASSWORD),
}

ADVICE = {"threads": "; make a new long-lived token", "micro.blog": "; make a new app token", "bluesky": "password"}

AGAIN = {"threads": "mbclient account add threads", "micro.blog": "make a new app token", "bluesky": "app password"}


@pytest.mark.parametrize("name", [name for name in PLACES if name != "bloggy-without-api"])  # it asks when one posts
def test_a_wrong_secret_at_first_is_to_be_checked(
    now_mb: CommandLine, memory_keyring: MemoryKeyring, name: str
) -> None:
    make, service, more, _secret = PLACES[name]
    now_mb.settings(CONFIG)
    wrong = f"{' '.join(CONSUMER)} anna-token wrong" if service == "jaiku" else "wrong"
    with in_a_thread(make()) as server:
        handle = ("--handle", server.me.handle) if service == "bluesky" else more
        words = ("account", "add", service, "--url", server.url, "--name", "w", *handle, "--secret-stdin")
        answer = now_mb(*words, stdin=f"{wrong}\n")
    assert answer.status == 1
    assert not memory_keyring.kept
    assert ADVICE.get(name, "; check your name there, and the password or token that you gave") in answer.err
    assert "no longer" not in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("name", PLACES)
def test_signing_in_again(now_mb: CommandLine, memory_keyring: MemoryKeyring, name: str) -> None:
    make, service, more, secret = PLACES[name]
    now_mb.settings(CONFIG)
    with in_a_thread(make()) as server:
        handle = ("--handle", server.me.handle) if service == "bluesky" else more
        whole = ("account", "add", service, "--url", server.url, "--name", "w", *handle, "--secret-stdin")
        first = now_mb(*whole, stdin=f"{secret}\n")
        assert first.status == 0, first.err
        (account,) = now_mb("account", "list", json=True).objects
        kept = dict(memory_keyring.kept)
        for words in (whole, ("account", "add", service, "--name", "w", "--secret-stdin")):
            for place in memory_keyring.kept:
                memory_keyring.kept[place] = "broken"
            refused = now_mb("account", "check", "w")
            assert refused.status == (0 if name == "bloggy-without-api" else 1)
            assert refused.status == 0 or AGAIN.get(name, f"mbclient account add {service} --name w") in refused.err
            again = now_mb(*words, stdin=f"{secret}\n")
            assert again.status == 0, again.err
            assert memory_keyring.kept.keys() == kept.keys()
            assert "broken" not in memory_keyring.kept.values()
            assert now_mb("account", "list", json=True).objects == [account]
