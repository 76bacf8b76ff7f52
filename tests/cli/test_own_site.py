"""From signing in to deleting, by commands alone, on one's own site and at micro.blog."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import pytest

from mbclient.core import delivery
from mbclient.domain.secret import Secret
from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.cli.test_services import CONFIG, confirm, in_a_thread
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import MicropubSite, Settings


def test_a_day_on_ones_own_site(
    now_mb: CommandLine, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_a_thread(MicropubSite()) as site:
        mb = now_mb
        mb.settings(CONFIG)

        def opened(address: str) -> bool:
            """The browser, whose user says yes: the page then leads back to the loopback."""
            threading.Thread(target=lambda: httpx.get(site.press_yes(address), trust_env=False)).start()
            return True

        monkeypatch.setattr("webbrowser.open", opened)
        monkeypatch.setattr("mbclient.cli.ask.secret", lambda label: Secret(""))  # Enter alone: by the browser
        added = mb("account", "add", "micropub", "--url", site.url, "--name", "web", json=True)
        assert added.status == 0, added.err
        assert problems(added.object, ACCOUNT) == []
        (secret,) = memory_keyring.kept.values()
        assert secret not in added.out + added.err
        confirm(mb, "web")
        sent = mb("post", "Hej från terminalen", json=True)
        assert sent.status == 0, sent.err
        assert problems(sent.object, SENT) == []
        mine = sent.object["targets"]["web"]["id"]
        assert [f"web:{url}" for url in site.by("Hej från terminalen")] == [mine]
        timeline = mb("timeline", "--view", "home", json=True)
        assert [problems(post, POST) for post in timeline.objects] == [[]], timeline.err
        assert timeline.objects[0]["id"] == mine
        assert mb("meter", "--format", "{count}").out == "1\n"  # read back under the very name it was sent with
        assert mb("delete", mine).status == 0
        assert site.entries == {}


def test_a_post_whose_address_comes_late_counts_once_and_can_be_deleted(
    now_mb: CommandLine, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site that is built anew says success without an address, and lists the post minutes later."""
    monkeypatch.setattr(delivery, "READ_BACK_PAUSE", timedelta(0))
    monkeypatch.setattr(delivery, "backoff", lambda attempts: 0.0)
    with in_a_thread(MicropubSite(Settings(answer=0))) as site:
        mb = now_mb
        mb.settings(CONFIG)
        words = ("account", "add", "micropub", "--url", site.url, "--name", "web", "--secret-stdin")
        assert mb(*words, stdin="site-token\n").status == 0
        confirm(mb, "web")
        for _look in range(10):
            site.fault("GET", "/endpoint", "status", status=200, body={"items": []})
        sent = mb("post", "Hej från terminalen", json=True)
        assert sent.object["targets"]["web"]["state"] == "unknown"
        (row,) = mb("outbox", "list", json=True).objects
        for told in (sent.err, mb("outbox", "list").out):  # what to do, at the first look already
            assert f"mbclient outbox retry {row['outbox']}" in " ".join(told.split())
        assert sent.err.count("\n") == 1
        site.faults.clear()
        mine = [f"web:{url}" for url in site.by("Hej från terminalen")]
        mb("outbox", "flush")
        timeline = mb("timeline", "--view", "home", json=True)
        assert [post["id"] for post in timeline.objects] == mine
        assert mb("meter", "--format", "{count}").out == "1\n"
        assert mb("delete", *mine).status == 0
        assert site.entries == {}


def test_a_day_at_micro_blog(now_mb: CommandLine, memory_keyring: MemoryKeyring) -> None:
    with in_a_thread(MicroBlog()) as server:
        mb = now_mb
        mb.settings(CONFIG)
        words = ("account", "add", "micropub", "--url", server.url, "--name", "mb", "--secret-stdin")
        added = mb(*words, stdin="site-token\n", json=True)
        assert added.status == 0, added.err
        assert problems(added.object, ACCOUNT) == []
        confirm(mb, "mb")
        theirs = server.write("bo", "Fika?")
        timeline = mb("timeline", "--view", "home", json=True)
        assert [problems(post, POST) for post in timeline.objects] == [[]], timeline.err
        post_id = timeline.objects[0]["id"]
        sent = mb("post", "Ja tack", "--reply-to", post_id, json=True)
        assert sent.status == 0, sent.err
        (reply,) = [item for item in server.items.values() if item.who == "anna"]
        assert (reply.text, reply.root) == ("@bo Ja tack", theirs.id)
        mine = sent.object["targets"]["mb"]["id"]
        assert [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, mine]
        assert mb("meter", "--format", "{count}").out == "1\n"
        assert mb("delete", mine).status == 0
        assert list(server.items) == [theirs.id]
        assert "site-token" not in "".join(answer.out + answer.err for answer in (added, sent))
