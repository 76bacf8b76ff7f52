"""Reactions, renotes and bookmarks as switches (facts/misskey.md 3, 12)."""

from __future__ import annotations

import pytest

from mbclient.domain.errors import OutcomeUnknownError, RejectedError
from mbclient.services.misskey.service import Misskey
from tests.services.misskey.server import MisskeyServer


async def test_taking_back_a_boost_leaves_my_quotes(server: MisskeyServer, service: Misskey) -> None:
    """`unrenote` would delete them as well."""
    anna, theirs = server.people["anna"], server.write(server.people["bo"], "Hej")
    quote = server.write(anna, "så sant", renote=theirs)
    post = await service.post(theirs.id)
    assert not post.mine.boosted
    await service.set_boosted(post, True)
    await service.set_boosted(await service.post(theirs.id), False)
    assert quote.id in server.notes
    assert [note for note in server.notes.values() if note.pure] == []
    assert server.asked("notes/unrenote") == []


async def test_a_boost_is_made_once_and_all_are_taken_back(server: MisskeyServer, service: Misskey) -> None:
    """The server takes any number of them."""
    anna, theirs = server.people["anna"], server.write(server.people["bo"], "Hej", visibility="home")
    post = await service.post(theirs.id)
    server.fault("notes/create", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.set_boosted(post, True)
    mine = await service.set_boosted(post, True)
    (renote,) = [note for note in server.notes.values() if note.pure]
    assert (mine.boosted, mine.boost_ref, renote.visibility) == (True, renote.id, "home")
    server.write(anna, None, renote=theirs)  # from another program
    await service.set_boosted(post, False)
    assert [note for note in server.notes.values() if note.pure] == []
    await service.set_boosted(post, False)


async def test_what_may_not_be_boosted_is_refused_by_the_server(server: MisskeyServer, service: Misskey) -> None:
    post = await service.post(server.write(server.people["bo"], "för er", visibility="followers").id)
    with pytest.raises(RejectedError) as caught:
        await service.set_boosted(post, True)
    assert caught.value.code == "CANNOT_RENOTE_DUE_TO_VISIBILITY"


async def test_a_reaction_given_elsewhere_is_not_replaced(server: MisskeyServer, service: Misskey) -> None:
    note = server.write(server.people["bo"], "Hej")
    stale = await service.post(note.id)
    note.reactions["uanna"] = ":blobcat:"
    mine = await service.set_liked(stale, True)
    assert (mine.liked, mine.like_ref, note.reactions) == (True, ":blobcat:", {"uanna": ":blobcat:"})
    assert not (await service.set_liked(stale, False)).liked
    assert note.reactions == {}


@pytest.mark.parametrize("on", [True, False])
async def test_already_so_is_a_success(server: MisskeyServer, service: Misskey, on: bool) -> None:
    """Somebody was quicker, between the look and the deed; or the first answer was lost."""
    note = server.write(server.people["bo"], "Hej", reactions={} if on else {"uanna": "👍"})
    post = await service.post(note.id)
    endpoint = f"notes/reactions/{'create' if on else 'delete'}"
    server.fault(endpoint, "drop-after")
    assert (await service.set_liked(post, on)).liked is on
    assert len(server.asked(endpoint)) == 2  # asked once more, and "already so" was the answer
    assert bool(note.reactions) is on
    for _number in range(2):
        assert (await service.set_bookmarked(post, on)).bookmarked is on


async def test_several_votes_are_given_one_by_one_and_what_was_lost_is_made_up_for(
    server: MisskeyServer, service: Misskey
) -> None:
    """A second try meets the votes that arrived, and gives the rest."""
    poll = {"choices": [{"text": each, "votes": 0} for each in ("ja", "nej", "vet ej")], "multiple": True}
    note = server.write(server.people["bo"], "Kaffe?", poll=poll)
    post = await service.post(note.id)
    server.fault("notes/polls/vote", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.vote(post, (0, 2))
    assert note.votes == {("uanna", 0)}
    assert (await service.vote(post, (0, 2))).chosen == {0, 2}
    assert note.votes == {("uanna", 0), ("uanna", 2)}


async def test_a_vote_whose_answer_is_lost_is_read_back(server: MisskeyServer, service: Misskey) -> None:
    poll = {"choices": [{"text": each, "votes": 0} for each in ("ja", "nej")], "multiple": False}
    note = server.write(server.people["bo"], "Kaffe?", poll=poll)
    server.fault("notes/polls/vote", "drop-after")
    assert (await service.vote(await service.post(note.id), (1,))).chosen == {1}
    assert [request.json["choice"] for request in server.asked("notes/polls/vote")] == [1]
