"""From signing in to deleting, by commands alone, at Threads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from mbclient.core import delivery
from mbclient.services.threads import posting
from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.cli.test_services import CONFIG, confirm, in_a_thread
from tests.services.threads.server import ThreadsServer


@pytest.fixture
def server() -> Iterator[ThreadsServer]:
    with in_a_thread(ThreadsServer()) as server:
        anna = server.people["anna"]
        anna.name, anna.biography = "Anna Ek", "Jobbar på Grönkvist"
        yield server


def test_a_day_at_threads(now_mb: CommandLine, server: ThreadsServer, memory_keyring: MemoryKeyring) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    words = ("account", "add", "threads", "--url", server.url, "--name", "th", "--secret-stdin")
    added = mb(*words, stdin="anna-token\n", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    assert "anna-token" in memory_keyring.kept["mbclient", "th"]
    confirm(mb, "th")

    theirs = server.write(server.people["bo"], "Hej @anna", mentions={"anna"})
    timeline = mb("timeline", "--view", "home", json=True)
    assert timeline.status == 0, timeline.err
    assert [problems(post, POST) for post in timeline.objects] == [[]]
    post_id = timeline.objects[0]["id"]
    assert post_id == f"th:{theirs.id}"
    assert [found["post"]["id"] for found in mb("notifications", json=True).objects] == [post_id]

    sent = mb("post", "svar", "--reply-to", post_id, json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    mine = sent.object["targets"]["th"]["id"]
    assert server.media[mine.partition(":")[2]].parent is theirs
    assert [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, mine]

    liked = mb("like", post_id)
    assert liked.status == 2
    assert liked.err.count("\n") == 1
    assert mb("boost", post_id, json=True).object["mine"]["boosted"]
    assert not mb("unboost", post_id, json=True).object["mine"]["boosted"]
    assert mb("search", "svar", "--remote", "--account", "th", json=True).objects[0]["id"] == mine
    assert mb("delete", mine).status == 0
    assert mb("meter", "--format", "{count}").out == "1\n"
    assert "anna-token" not in "".join(answer.out + answer.err for answer in (added, sent, liked))


def test_a_container_that_is_not_out_is_published_without_a_word_of_the_users(
    now_mb: CommandLine, server: ThreadsServer, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status says that the lost request never arrived: the same container goes again (facts/threads.md 4)."""
    monkeypatch.setattr(delivery, "backoff", lambda attempts: 0.0)
    mb = now_mb
    mb.settings(CONFIG)
    words = ("account", "add", "threads", "--url", server.url, "--name", "th", "--secret-stdin")
    assert mb(*words, stdin="anna-token\n").status == 0
    confirm(mb, "th")
    server.fault("POST", "me/threads_publish", "drop-before")
    assert mb("post", "Hej på er", json=True).object["targets"]["th"]["state"] == "unknown"
    mb("outbox", "flush")
    assert [media.text for media in server.media.values()] == []  # the status may lag behind for a minute
    monkeypatch.setattr(posting, "STATUS_EVERY", timedelta(0))
    mb("outbox", "flush")
    assert [media.text for media in server.media.values()] == ["Hej på er"]
    assert mb("outbox", "list", json=True).objects[0]["state"] == "sent"
    assert mb("meter", "--format", "{count}").out == "1\n"
    asked = [request.form["creation_id"] for request in server.asked("POST", "me/threads_publish")]
    assert len(set(asked)) == 1
