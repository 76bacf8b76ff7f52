"""From signing in to deleting, by commands alone, at the services of the first years."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.cli.test_services import CONFIG, confirm, in_a_thread
from tests.services.bloggy.server import BloggyServer
from tests.services.gnusocial.server import TwitterServer
from tests.services.jaiku.server import CONSUMER, JaikuServer


@pytest.fixture
def gnusocial() -> Iterator[TwitterServer]:
    with in_a_thread(TwitterServer()) as server:
        anna = server.people["anna"]
        anna.name, anna.bio = "Anna Ek", "Jobbar på Grönkvist"
        yield server


def test_a_day_at_gnusocial(now_mb: CommandLine, gnusocial: TwitterServer, memory_keyring: MemoryKeyring) -> None:
    mb, server = now_mb, gnusocial
    mb.settings(CONFIG)
    words = ("account", "add", "gnusocial", "--url", server.url, "--handle", "anna", "--name", "gs", "--secret-stdin")
    added = mb(*words, stdin="anna-password\n", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    assert memory_keyring.kept == {("mbclient", "gs"): "anna-password"}
    confirm(mb, "gs")

    theirs = server.write(server.people["bo"], "Hej @anna")
    timeline = mb("timeline", "--view", "home", json=True)
    assert timeline.status == 0, timeline.err
    assert [problems(post, POST) for post in timeline.objects] == [[]]
    post_id = timeline.objects[0]["id"]
    assert post_id == f"gs:{theirs.id}"
    assert [found["post"]["id"] for found in mb("notifications", json=True).objects] == [post_id]

    sent = mb("post", "svar", "--reply-to", post_id, json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    mine = sent.object["targets"]["gs"]["id"]
    assert server.notices[int(mine.partition(":")[2])].text == "@bo svar"
    assert [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, mine]

    obeyed = mb("post", "Tag en fika nu", json=True)
    assert obeyed.status == 1
    assert "“tag”" in obeyed.out + obeyed.err
    assert obeyed.err.count("\n") == 1
    assert server.obeyed == []

    assert mb("like", post_id, json=True).object["mine"]["liked"]
    assert mb("boost", post_id, json=True).object["mine"]["boosted"]
    assert not mb("unboost", post_id, json=True).object["mine"]["boosted"]
    assert mb("search", "svar", "--remote", "--account", "gs", json=True).objects[0]["id"] == mine
    assert mb("delete", mine).status == 0
    assert mb("timeline", "--view", "home").status == 0
    assert mb("meter", "--format", "{count}").out == "1\n"  # neither the like's notice nor the repeat counts as a post
    assert "anna-password" not in "".join(answer.out + answer.err for answer in (added, sent, obeyed))


@pytest.mark.parametrize("api", [True, False])
def test_a_day_at_bloggy(now_mb: CommandLine, memory_keyring: MemoryKeyring, api: bool) -> None:
    with in_a_thread(BloggyServer(api=api)) as server:
        anna, mb = server.people["anna"], now_mb
        anna.name, anna.bio = "Anna Ek", "Jobbar på Grönkvist"
        mb.settings(CONFIG)
        words = ("account", "add", "bloggy", "--url", server.url, "--handle", "anna", "--name", "bl", "--secret-stdin")
        added = mb(*words, stdin="anna-password\n", json=True)
        assert added.status == 0, added.err
        assert problems(added.object, ACCOUNT) == []
        confirm(mb, "bl")
        sent = mb("post", "Hej från terminalen", json=True)
        assert sent.status == 0, sent.err
        assert problems(sent.object, SENT) == []
        mine = sent.object["targets"]["bl"]["id"]
        assert server.notices[int(mine.partition(":")[2])].text == "Hej från terminalen"
        timeline = mb("timeline", "--view", "home", json=True)
        assert [post["id"] for post in timeline.objects] == [mine], timeline.err
        assert [problems(post, POST) for post in timeline.objects] == [[]]
        assert mb("search", "terminalen", "--remote", "--account", "bl", json=True).objects[0]["id"] == mine
        deleted = mb("delete", mine)
        assert deleted.status == (0 if api else 1), deleted.err
        assert "anna-password" not in "".join(answer.out + answer.err for answer in (added, sent, deleted))


def test_a_day_at_jaiku(now_mb: CommandLine, memory_keyring: MemoryKeyring) -> None:
    with in_a_thread(JaikuServer()) as server:
        mb = now_mb
        server.actors["anna"].presence = {"presenceline": {"description": "Jobbar på Grönkvist"}}
        mb.settings(CONFIG)
        words = ("account", "add", "jaiku", "--url", server.url, "--handle", "anna", "--name", "jk", "--secret-stdin")
        added = mb(*words, stdin=f"{' '.join(CONSUMER)} anna-token anna-secret\n", json=True)
        assert added.status == 0, added.err
        assert problems(added.object, ACCOUNT) == []
        confirm(mb, "jk")
        theirs = server.name(server.write("bo", "Fika?"))
        timeline = mb("timeline", "--view", "home", json=True)
        assert [problems(post, POST) for post in timeline.objects] == [[]], timeline.err
        assert timeline.objects[0]["id"] == f"jk:{theirs}"
        sent = mb("post", "Ja tack", "--reply-to", f"jk:{theirs}", json=True)
        assert sent.status == 0, sent.err
        assert problems(sent.object, SENT) == []
        mine = sent.object["targets"]["jk"]["id"]
        assert [entry.text for entry in server.entries.values()] == ["Fika?", "Ja tack"]
        assert [post["id"] for post in mb("thread", f"jk:{theirs}", json=True).objects] == [f"jk:{theirs}", mine]
        channel = mb("post", "#nykanal hej", json=True)
        assert channel.status == 1
        assert "#nykanal" in channel.out + channel.err
        assert mb("post", "å" * 141).status != 0
        assert mb("post", "å" * 2001, "--reply-to", f"jk:{theirs}").status != 0
        assert len(server.entries) == 2
        assert mb("post", "å" * 2000, "--reply-to", f"jk:{theirs}").status == 0  # a comment may be longer
        assert [entry.text for entry in server.entries.values()][2:] == ["å" * 2000]
        deleted = mb("delete", mine)
        assert deleted.status == 1
        assert deleted.err.count("\n") == 1
        assert mb("meter", "--format", "{count}").out == "2\n"
        assert "anna-secret" not in "".join(answer.out + answer.err for answer in (added, sent, channel, deleted))
