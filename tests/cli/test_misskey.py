"""From signing in to deleting, by commands alone, at Misskey."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.cli.conftest import CommandLine, MemoryKeyring
from tests.cli.shapes import ACCOUNT, POST, SENT, problems
from tests.cli.test_services import CONFIG, confirm, in_a_thread
from tests.services.misskey.server import MisskeyServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MisskeyServer]:
    """The server, and the system's browser, whose user says yes on its page."""
    with in_a_thread(MisskeyServer()) as server:
        anna = server.people["anna"]
        anna.name, anna.description = "Anna Ek", "Jobbar på $[tada Grönkvist]"

        def opened(address: str) -> bool:
            back = server.allow(address)
            threading.Thread(target=lambda: httpx.get(back, trust_env=False)).start()
            return True

        monkeypatch.setattr("webbrowser.open", opened)
        yield server


def test_a_day_at_misskey(now_mb: CommandLine, server: MisskeyServer, memory_keyring: MemoryKeyring) -> None:
    mb = now_mb
    mb.settings(CONFIG)
    added = mb("account", "add", "misskey", "--url", server.url, "--name", "mk", json=True)
    assert added.status == 0, added.err
    assert problems(added.object, ACCOUNT) == []
    (secret,) = memory_keyring.kept.values()
    assert secret.startswith("token of ")
    confirm(mb, "mk")

    theirs = server.write(server.people["bo"], "Hej **Anna**, se [sidan](https://example.org/x)")
    timeline = mb("timeline", "--view", "home", json=True)
    assert timeline.status == 0, timeline.err
    assert [problems(post, POST) for post in timeline.objects] == [[]]
    post_id = timeline.objects[0]["id"]
    assert (post_id, timeline.objects[0]["links"]) == (f"mk:{theirs.id}", ["https://example.org/x"])

    sent = mb("post", "svar", "--reply-to", post_id, "--visibility", "followers", "--cw", "obs", json=True)
    assert sent.status == 0, sent.err
    assert problems(sent.object, SENT) == []
    mine = sent.object["targets"]["mk"]["id"]
    note = server.notes[mine.partition(":")[2]]
    assert (note.text, note.cw, note.visibility, note.reply) == ("svar", "obs", "followers", theirs)
    assert [post["id"] for post in mb("thread", post_id, json=True).objects] == [post_id, mine]

    assert mb("like", post_id, json=True).object["mine"]["liked"]
    assert mb("boost", post_id, json=True).object["mine"]["boosted"]
    assert not mb("unboost", post_id, json=True).object["mine"]["boosted"]
    refused = mb("search", "svar", "--remote", "--account", "mk")
    assert "search for tags alone; search for a #hashtag" in refused.err
    assert refused.err.count("\n") == 1
    tagged = server.write(server.people["eva"], "Dags för #fika")
    assert [post["id"] for post in mb("search", "#fika", "--remote", json=True).objects] == [f"mk:{tagged.id}"]
    assert mb("delete", mine).status == 0
    assert note.id not in server.notes
    assert mb("meter", "--format", "{count}").out == "1\n"
    assert secret not in "".join(answer.out + answer.err for answer in (added, sent, refused))
