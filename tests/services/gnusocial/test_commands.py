"""Texts that the server would obey instead of posting: refused with the word that does it, before a byte is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import OutcomeUnknownError, RejectedError
from mbclient.services.gnusocial.commands import command_in
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.kit import Kit
from tests.services.contract import outgoing
from tests.services.gnusocial.conftest import opened
from tests.services.gnusocial.server import TwitterServer
from tests.services.gnusocial.shapes import obeyed

WORDS = [
    *("help", "login", "stats", "subscribers", "subscriptions", "groups", "stop", "quit", "on", "off", "tracks"),
    *("tracking", "lose", "follow", "sub", "leave", "unsub", "join", "drop", "get", "last", "whois", "nudge", "invite"),
    *("track", "untrack", "fav", "repeat", "rp", "rt", "rd"),
    *("r", "reply", "list", "tag", "unlist", "untag", "d", "dm"),
]
PROSE = ["hej", "kaffe", "@bo", "en", "fika", "å", "Helpdesk", "#tag", "RT:", "tagg", "https://example.org/"]


@given(st.sampled_from(WORDS + PROSE), st.lists(st.sampled_from(WORDS + PROSE), max_size=4), st.sampled_from(" \t\n"))
def test_the_guard_agrees_with_the_interpreter(first: str, rest: list[str], blank: str) -> None:
    text = blank.join([first.swapcase(), *rest]) + blank
    assert bool(command_in(text)) is obeyed(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Tag en fika nu", "tag"),  # swallowed
        ("Get coffee", "get"),
        ("d bo hemligt", "d"),  # would go out as a direct message
        ("FOLLOW bo", "follow"),
        ("  stats ", "stats"),
        ("r bo ja", "r"),
        ("On", "on"),
    ],
)
async def test_a_command_is_refused_with_its_word(
    server: TwitterServer, service: GnuSocial, text: str, word: str
) -> None:
    with pytest.raises(RejectedError, match=f"“{word}”") as caught:
        await service.prepare(outgoing(text))
    assert caught.value.code == "command"
    assert server.asked("statuses/update.json") == []


@pytest.mark.parametrize("text", ["Taggen är klar nu", "Get coffee now please", "d bo", "stats 2026", "on and on", "."])
async def test_prose_that_only_looks_like_one_is_posted(server: TwitterServer, service: GnuSocial, text: str) -> None:
    await service.publish(await service.prepare(outgoing(text)))
    assert [notice.text for notice in server.notices.values()] == [text]
    assert server.obeyed == []


async def test_a_server_that_obeys_nothing_gets_every_text(kit: Kit) -> None:
    async with TwitterServer("twitter") as server:
        service = opened(server, kit)
        await service.publish(await service.prepare(outgoing("stats")))
        assert [notice.text for notice in server.notices.values()] == ["stats"]


async def test_a_command_of_a_plugin_that_nobody_knows_is_seen_by_its_answer(
    server: TwitterServer, service: GnuSocial
) -> None:
    """200 with the latest older post: nothing was posted, and nobody is told that it was."""
    old = server.write(server.people["anna"], "förut")
    prepared = await service.prepare(outgoing("poll ja nej"))
    answer = server.status(old, server.people["anna"])
    server.fault("POST", "statuses/update.json", "status", status=200, body=answer)
    with pytest.raises(RejectedError, match="as a command and posted nothing"):
        await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_the_same_without_any_older_post_is_an_unknown_outcome(server: TwitterServer, service: GnuSocial) -> None:
    prepared = await service.prepare(outgoing("poll ja nej"))
    server.fault("POST", "statuses/update.json", "status", status=200, body=None)
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_anothers_client_posting_meanwhile_is_not_mistaken_for_the_post(
    server: TwitterServer, service: GnuSocial
) -> None:
    prepared = await service.prepare(outgoing("poll ja nej"))
    other = server.write(server.people["anna"], "från telefonen")
    answer = server.status(other, server.people["anna"])
    server.fault("POST", "statuses/update.json", "status", status=200, body=answer)
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(prepared) is None
