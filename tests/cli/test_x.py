"""From signing in to the last cent of the cap, by commands alone, at X."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from mbclient.services.x import login
from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.cli.test_services import CONFIG, confirm, in_a_thread
from tests.services.x.server import CLIENT, XServer

CAPPED = '[[accounts]]\nname = "x"\nservice = "x"\nmonthly_cap_usd = {cap}\n'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[XServer]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(login, "PORT", port)
    with in_a_thread(XServer()) as server:
        server.redirects = {f"http://127.0.0.1:{port}/callback"}
        anna = server.people["anna"]
        anna.name, anna.description = "Anna Ek", "Jobbar på Grönkvist"
        yield server


@pytest.fixture
def browser(server: XServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's browser, whose user says yes: the page then leads back to the loopback."""

    def visit(address: str) -> bool:
        threading.Thread(target=lambda: httpx.get(server.press_yes(address), trust_env=False)).start()
        return True

    monkeypatch.setattr("webbrowser.open", visit)


def signed_in(mb: CommandLine, server: XServer, settings: str = "") -> None:
    mb.settings(CONFIG + settings)
    words = ("account", "add", "x", "--url", server.url, "--secret-stdin")
    added = mb(*words, stdin=f"{CLIENT}\n", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    assert (added.object["handle"], added.object["state"]) == ("anna", "ok")
    confirm(mb, "x")
    assert mb("machine", "declare", "work").status == 0


@pytest.mark.slow  # some twenty commands, each with its own start
def test_a_day_at_x(now_mb: CommandLine, server: XServer, browser: None, memory_keyring: MemoryKeyring) -> None:
    mb = now_mb
    signed_in(mb, server)
    (secret,) = memory_keyring.kept.values()
    assert CLIENT in secret
    theirs = server.write(server.people["bo"], "@anna OpenSSL är ute https://openssl.example/x")
    timeline = mb("timeline", "--view", "home", json=True)
    assert timeline.status == 0, timeline.err
    assert [problems(post, POST) for post in timeline.objects] == [[]]
    (post,) = timeline.objects
    assert (post["id"], post["links"]) == (f"x:{theirs.id}", ["https://openssl.example/x"])
    assert "x: 23/280 · IDENTIFIED · $0.20\n" in mb("check", "https://openssl.org/").out
    sent = mb("post", "svar", "--reply-to", post["id"], "--lang", "sv", json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    mine = sent.object["targets"]["x"]["id"]
    assert [one["id"] for one in mb("thread", post["id"], json=True).objects] == [post["id"], mine]
    assert mb("boost", post["id"], json=True).object["mine"]["boosted"]
    liked = mb("like", post["id"])
    assert (liked.status, liked.err.count("\n")) == (2, 1)
    quoted = mb("post", "se", "--quote", post["id"])
    assert (quoted.status, quoted.err.count("\n")) == (2, 1), quoted.err
    assert [one["kind"] for one in mb("notifications", json=True).objects] == ["mention"]
    assert [one["id"] for one in mb("search", "OpenSSL", "--remote", json=True).objects] == [post["id"]]
    assert mb("delete", mine).status == 0
    shown = mb("account", "check")
    assert "spent this month" in shown.out
    found = [one for one in mb("doctor", json=True).objects if one["check"] == "spending"]
    assert [(one["state"], one["subject"]) for one in found] == [("warning", "x")]
    assert "posts read" in found[0]["message"]
    assert "monthly_cap_usd" in found[0]["advice"]


def test_the_cap_is_the_users(bare: CommandLine, server: XServer, browser: None, memory_keyring: MemoryKeyring) -> None:
    mb = bare
    signed_in(mb, server, CAPPED.format(cap=0.15))
    for command in (("account", "list"), ("doctor",), ("account", "check")):
        assert mb(*command).status in (0, 1)
    assert len(server.asked("/2/users/me")) == 1  # at sign-in: looking at one's accounts costs nothing
    before = len(server.asked("/2/tweets"))
    sent = mb("post", "se https://openssl.org/", json=True)
    assert sent.status == 4, sent.err
    assert sent.err.count("\n") == 1
    assert "would pass your cap of $0.15; raise monthly_cap_usd in config.toml" in sent.err
    assert len(server.asked("/2/tweets")) == before
    assert mb("post", "billigare").status == 0
    (row,) = [one for one in mb("doctor", json=True).objects if one["check"] == "spending"]
    assert "of $0.15" in row["message"]
    assert "of $0.15" in mb("account", "list").out
    mb.settings(CONFIG + CAPPED.format(cap=0))
    refused = mb("timeline", "--view", "home")
    assert refused.status == 1
    assert "cap of $0.00" in refused.err


def test_in_a_months_last_hour_too_what_would_pass_the_cap_waits_for_its_author_alone(
    bare: CommandLine, server: XServer, browser: None, memory_keyring: MemoryKeyring
) -> None:
    mb = bare
    mb.clock.at = datetime(2026, 11, 30, 23, 16, tzinfo=UTC)
    signed_in(mb, server, CAPPED.format(cap=0.25))
    words = ["se https://openssl.org/", "och https://openssl.org/news/", "billigare"]
    assert [mb("post", text).status for text in words] == [0, 4, 0]
    rows = mb("outbox", "list", json=True).objects
    assert [(row["text"], row["state"]) for row in rows] == list(zip(words, ["sent", "held", "sent"], strict=True))
    assert rows[1]["reason"].endswith("raise monthly_cap_usd in config.toml, or wait until 2026-12-01")
    mb.clock.at = datetime(2026, 12, 1, 0, 10, tzinfo=UTC)
    assert mb("outbox", "retry", rows[1]["outbox"]).status == 0
    assert [tweet.text for tweet in server.tweets.values()] == [words[0], words[2], words[1]]


def test_a_stranger_is_not_answered_and_xs_page_is_named(
    now_mb: CommandLine, server: XServer, browser: None, memory_keyring: MemoryKeyring
) -> None:
    """Before a draft is kept or a byte goes out; whoever has called may be answered."""
    mb = now_mb
    signed_in(mb, server)
    stranger = server.write(server.people["bo"], "Hej alla")
    assert mb("timeline", "--view", "home").status == 0
    asked = len(server.asked("/2/tweets"))
    for command in ("post", "check"):
        answer = mb(command, "svar", "--reply-to", f"x:{stranger.id}")
        assert (answer.status, answer.err.count("\n")) == (2, 1)
        assert f"; reply in the browser: {server.url}/intent/tweet?in_reply_to={stranger.id}" in answer.err
    assert mb("drafts", "list", json=True).objects == []
    assert len(server.asked("/2/tweets")) == asked
    server.write(server.people["bo"], "@anna?")
    assert mb("timeline", "--view", "home").status == 0
    assert mb("post", "svar", "--reply-to", f"x:{stranger.id}", "--dry-run").status == 0


@pytest.mark.parametrize("cap", ['"5"', "-1", "true"])
def test_a_cap_that_is_none_is_an_error_with_its_line(mb: CommandLine, cap: str) -> None:
    mb.more_settings(CAPPED.format(cap=cap))
    answer = mb("meter")
    assert answer.status == 2
    assert "monthly_cap_usd" in answer.err
