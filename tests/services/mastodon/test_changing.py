"""Quotes, edits, deletions, and the switches: likes, boosts, bookmarks (Mastodon facts 3, 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.ports import Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.post import Post, Visibility
from mbclient.services.kit import Kit
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import outgoing
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import Poll, Stored

POST = ("POST", "/api/v1/statuses")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


async def send(service: Mastodon, text: str, **fields: object) -> Published:
    return await service.publish(await service.prepare(outgoing(text, **fields)))


async def post_of(service: Mastodon, server: MastodonServer, text: str = "parent") -> Post:
    return await service.post(server.write(server.people["bo"], text).id)


# ---------------------------------------------------------------- quote, edit, delete


async def test_quotes_where_the_server_has_them(server: MastodonServer, service: Mastodon, kit: Kit) -> None:
    quoted = await post_of(service, server, "look")
    published = await send(service, "at this", quote_of=quoted)
    assert server.asked(*POST)[0].json["quoted_status_id"] == quoted.remote_id
    assert published.post is not None
    assert published.post.quoted is not None
    assert (published.post.text, published.post.quoted.text) == ("at this", "look")
    async with MastodonServer("mastodon-4.2") as older:
        with pytest.raises(UnsupportedError):
            await send(opened(older, kit), "at this", quote_of=quoted)


async def test_an_edit_keeps_what_was_not_touched(server: MastodonServer, service: Mastodon, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(PNG)
    media = (Attachment(str(tmp_path / "x.png"), "En häst"),)
    before = (await send(service, "befroe", lang="sv", media=media, cw="cw", visibility=Visibility.UNLISTED)).post
    assert before is not None
    prepared = await service.prepare(outgoing("before", edit_of=before, cw="cw", lang=""))
    assert await service.find(prepared) is None
    after = (await service.publish(prepared)).post
    assert after is not None
    assert (after.remote_id, after.text, after.cw, after.lang) == (before.remote_id, "before", "cw", "sv")
    assert (after.media, after.visibility, after.sensitive) == (before.media, Visibility.UNLISTED, True)
    assert after.edited_at is not None
    assert await service.find(prepared) is not None


async def test_an_edit_may_add_a_picture_and_drop_the_warning(
    server: MastodonServer, service: Mastodon, tmp_path: Path
) -> None:
    (tmp_path / "x.png").write_bytes(PNG)
    media = (Attachment(str(tmp_path / "x.png")),)
    before = (await send(service, "hej", media=media, cw="cw")).post
    assert before is not None
    after = (await send(service, "hej", edit_of=before, media=media)).post
    assert after is not None
    assert (len(after.media), after.cw) == (2, None)


async def test_a_missing_edit_is_a_missing_ability(server: MastodonServer, service: Mastodon) -> None:
    before = (await send(service, "hej")).post
    assert before is not None
    server.fault("PUT", "*", "status", status=405)
    with pytest.raises(UnsupportedError):
        await send(service, "hejsan", edit_of=before)
    assert not service.capabilities.edit
    with pytest.raises(UnsupportedError):
        await send(service, "hejsan", edit_of=before)
    assert sum(1 for request in server.wire.requests if request.method == "PUT") == 1


async def test_deleting(server: MastodonServer, service: Mastodon) -> None:
    post = (await send(service, "hej")).post
    assert post is not None
    server.fault("DELETE", "*", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.delete(post)
    await service.delete(post)
    assert server.by(server.people["anna"], "hej") == []
    server.fault("DELETE", "*", "status", status=403, body={"error": "suspended"})
    with pytest.raises(RejectedError, match="suspended"):
        await service.delete(post)


# ---------------------------------------------------------------- switches


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
async def test_a_boost_is_as_visible_as_the_post(server: MastodonServer, service: Mastodon, visibility: str) -> None:
    post = await service.post(server.write(server.people["bo"], "x", visibility=visibility).id)
    mine = await service.set_boosted(post, True)
    assert mine.boosted
    assert mine.boost_ref == (await service.set_boosted(post, True)).boost_ref
    (boost,) = [stored for stored in server.statuses.values() if stored.reblog]
    assert (boost.id, boost.visibility) == (mine.boost_ref, visibility)


async def test_a_switch_on_a_post_that_is_gone(server: MastodonServer, service: Mastodon) -> None:
    post = await post_of(service, server)
    del server.statuses[post.remote_id]
    with pytest.raises(RejectedError):
        await service.set_liked(post, True)
    assert service.capabilities.like


async def test_a_missing_switch_is_a_missing_ability(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        post = await post_of(service, server)
        server.fault("POST", f"/api/v1/statuses/{post.remote_id}/bookmark", "status", status=404)
        for _number in range(2):
            with pytest.raises(UnsupportedError):
                await service.set_bookmarked(post, True)
        assert not service.capabilities.bookmark
        assert service.capabilities.like
        assert sum(1 for request in server.wire.requests if request.path.endswith("/bookmark")) == 1


async def test_a_lost_switch_may_be_set_again(server: MastodonServer, service: Mastodon) -> None:
    post = await post_of(service, server)
    for _number in range(2):
        server.fault("POST", f"/api/v1/statuses/{post.remote_id}/favourite", "drop-after")
    with pytest.raises(UnreachableError):
        await service.set_liked(post, True)
    assert (await service.set_liked(post, True)).liked


# ---------------------------------------------------------------- votes


async def asked(server: MastodonServer, *, hidden: bool = False) -> Stored:
    poll = Poll("p1", ["ja", "nej"], datetime.now(UTC) + timedelta(hours=1), hide_totals=hidden)
    return server.write(server.people["bo"], "Kaffe?", poll=poll)


async def test_a_vote_whose_answer_is_lost_is_read_back_and_never_given_again(
    server: MastodonServer, service: Mastodon
) -> None:
    stored = await asked(server)
    server.fault("POST", "/api/v1/polls/p1/votes", "drop-after")
    assert (await service.vote(await service.post(stored.id), (1,))).chosen == {1}
    assert len(server.asked("POST", "/api/v1/polls/p1/votes")) == 1
    assert server.asked("POST", "/api/v1/polls/p1/votes")[0].json == {"choices": [1]}


async def test_a_vote_that_never_arrived_is_unsure(server: MastodonServer, service: Mastodon) -> None:
    stored = await asked(server)
    server.fault("POST", "/api/v1/polls/p1/votes", "drop-before")
    with pytest.raises(OutcomeUnknownError):
        await service.vote(await service.post(stored.id), (1,))
    assert (await service.vote(await service.post(stored.id), (1,))).chosen == {1}


async def test_ones_own_poll_is_closed_to_oneself_and_hidden_figures_stay_hidden(
    server: MastodonServer, service: Mastodon
) -> None:
    theirs = await asked(server, hidden=True)
    poll = await service.vote(await service.post(theirs.id), (0,))
    assert poll.votes is None
    assert poll.chosen == {0}
    assert theirs.poll is not None
    own = server.write(server.people["anna"], "Te?", poll=theirs.poll)
    mine = (await service.post(own.id)).poll
    assert mine is not None
    assert mine.voted
