"""From signing in to deleting, by commands alone, over services that speak HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import httpx
import pytest

from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.servers.bluesky import BlueskyServer
from tests.servers.processes import wait_for
from tests.services.mastodon_server import MastodonServer, press_yes

CONFIG = """
language = "en"
[policy.employer]
name = "Grönkvist"
[policy.person]
name = "Anna Ek"
"""


class Startable(Protocol):
    """A server that stands inside `async with`."""

    async def __aenter__(self) -> Any: ...

    async def __aexit__(self, kind: None, error: None, trace: None, /) -> None: ...


S = TypeVar("S", bound=Startable)


@contextmanager
def in_a_thread(server: S) -> Iterator[S]:
    """Serves from a loop of its own: the commands have theirs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def do(work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(20)  # type: ignore[arg-type]  # what async with calls

    try:
        do(server.__aenter__())
        yield server
    finally:
        do(server.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with in_a_thread(MastodonServer()) as server:
        anna = server.people["anna"]
        anna.display_name, anna.note = "Anna Ek", "<p>Jobbar på Grönkvist</p>"
        yield server


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's browser, whose user says yes: the page then leads back to the loopback."""

    def opened(address: str) -> bool:
        def visit() -> None:
            httpx.get(asyncio.run(press_yes(address)), trust_env=False)

        threading.Thread(target=visit).start()
        return True

    monkeypatch.setattr("webbrowser.open", opened)


def confirm(mb: CommandLine, name: str) -> None:
    assert mb("account", "confirm", name, "--employer", "yes", "--real-name", "yes").status == 0


def test_a_browser_login_and_a_day_at_mastodon(
    now_mb: CommandLine, server: MastodonServer, browser: None, memory_keyring: MemoryKeyring
) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    added = mb("account", "add", "mastodon", "--url", server.url, "--name", "work", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    assert added.object["state"] == "ok"
    assert list(memory_keyring.kept) == [("mbclient", "work")]
    (secret,) = memory_keyring.kept.values()
    written = [path for path in mb.folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert written == []
    assert secret not in added.out + added.err

    blocked = mb("post", "Hej", json=True)
    assert blocked.status == 3  # an undeclared computer, and nobody has said what the profile shows
    assert server.statuses == {}
    note, server.people["anna"].note = server.people["anna"].note, "<p>Seglar</p>"
    said = mb("account", "confirm", "work", "--employer", "yes", "--real-name", "yes", json=True).object
    assert (said["employer_visible"], said["real_name_visible"]) == ("unknown", "yes")  # the profile says otherwise
    server.people["anna"].note = note
    confirm(mb, "work")

    theirs = server.write(server.people["bo"], "Hej @anna")
    timeline = mb("timeline", "--view", "home", json=True)
    assert timeline.status == 0, timeline.err
    assert [problems(post, POST) for post in timeline.objects] == [[]]
    post_id = timeline.objects[0]["id"]
    assert post_id == f"work:{theirs.id}"

    sent = mb("post", "svar", "--reply-to", post_id, "--lang", "sv", json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    mine = sent.object["targets"]["work"]["id"]
    assert server.statuses[mine.partition(":")[2]].text.endswith("svar")
    assert [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, mine]
    assert mb("like", post_id, json=True).object["mine"]["liked"]
    assert mb("boost", post_id, json=True).object["mine"]["boosted"]
    assert mb("delete", mine).status == 0
    assert mb("meter", "--format", "{count}").out == "1\n"
    assert mb("account", "remove", "work").status == 0
    assert memory_keyring.kept == {}


def test_offline_keeps_the_post_and_sends_it_later_once(
    now_mb: CommandLine, server: MastodonServer, memory_keyring: MemoryKeyring
) -> None:
    mb = now_mb
    mb.settings(f'{CONFIG}\n[[accounts]]\nname = "work"\nservice = "mastodon"\nurl = "{server.url}"\nhandle = "anna"\n')
    memory_keyring.set_password("mbclient", "work", '{"access_token": "anna-token"}')
    assert mb("account", "check", "work").status == 0
    confirm(mb, "work")
    server.fault("POST", "/api/v1/statuses", "status", status=503)
    kept = mb("post", "Hej", json=True)
    assert kept.status == 4, (kept.out, kept.err)
    assert problems(kept.object, SENT) == []
    assert kept.err.startswith("mbclient: work: ")
    assert kept.err.count("\n") == 1
    outbox = kept.object["outbox"]
    assert wait_for(lambda: mb("outbox", "flush", json=True).out != "")
    assert [row["state"] for row in mb("outbox", "list", json=True).objects if row["outbox"] == outbox] == ["sent"]
    assert len(server.statuses) == 1


def test_signed_out_says_so(now_mb: CommandLine, server: MastodonServer, memory_keyring: MemoryKeyring) -> None:
    mb = now_mb
    mb.settings(f'{CONFIG}\n[[accounts]]\nname = "work"\nservice = "mastodon"\nurl = "{server.url}"\n')
    memory_keyring.set_password("mbclient", "work", '{"access_token": "no-token"}')
    listed = mb("account", "list", json=True)
    assert listed.status == 0
    assert listed.object["state"] == "signed-out"
    checked = mb("account", "check", json=True)
    assert checked.status == 1
    assert "no-token" not in checked.err
    timeline = mb("timeline")
    assert timeline.status == 1
    assert timeline.err.count("\n") == 1


@pytest.mark.server
def test_a_day_at_bluesky(now_mb: CommandLine, bluesky_network: BlueskyServer, memory_keyring: MemoryKeyring) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    account = bluesky_network.create_account()
    profile = {"$type": "app.bsky.actor.profile", "displayName": "Anna Ek", "description": "Jobbar på Grönkvist"}
    bluesky_network.post(
        "com.atproto.repo.putRecord",
        {"repo": account.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": profile},
        account.authorization,
    )
    password = bluesky_network.create_app_password(account)
    words = (
        "account",
        "add",
        "bluesky",
        "--url",
        bluesky_network.base_url,
        "--handle",
        account.handle,
        "--name",
        "sky",
    )
    added = mb(*words, "--secret-stdin", stdin=f"{password}\n", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    confirm(mb, "sky")
    sent = mb("post", "OpenSSL är ute https://openssl.example/ #infosec", json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    post_id = sent.object["targets"]["sky"]["id"]

    def arrived() -> bool:
        return post_id in [post["id"] for post in mb("timeline", "--view", "home", json=True).objects]

    assert wait_for(arrived)
    (shown,) = mb("timeline", "--view", "home", json=True).objects
    assert problems(shown, POST) == []
    assert shown["links"] == ["https://openssl.example/"]
    assert mb("like", post_id, json=True).object["mine"]["liked"]
    reply = mb("post", "och mer", "--reply-to", post_id, json=True).object["targets"]["sky"]["id"]

    def threaded() -> bool:  # the PDS shows the reply at once, the AppView for a moment not yet
        return [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, reply]

    assert wait_for(threaded)
    assert mb("delete", post_id).status == 0
    assert mb("meter", "--format", "{count}").out == "2\n"
    assert password not in "".join(answer.out + answer.err for answer in (added, sent))
