"""Likes, bookmarks and deletions: shown at once, then what is true; the day's count keeps what was deleted."""

from __future__ import annotations

import pytest

from mbclient.core.events import PostChanged, PostRemoved
from mbclient.domain.errors import MbclientError, RejectedError, SecretError, UsageError
from mbclient.domain.post import Author, Counts, Mine, Post
from mbclient.domain.safetext import SafeText
from tests.core.fakes import Office, a_draft, a_post, mine


def shown(office: Office) -> list[Post]:
    posts: list[Post] = []
    office.desk.bus.listen(lambda event: posts.append(event.post) if isinstance(event, PostChanged) else None)
    return posts


async def kept(office: Office, post: Post) -> Post:
    await office.desk.refresher.take([post], office.desk.accounts.get(post.account))
    return post


async def test_a_like_is_shown_at_once_then_as_the_server_says(office: Office) -> None:
    post = await kept(office, a_post(counts=Counts(likes=2)))
    posts = shown(office)
    liked = await office.desk.actions.like(post, True)
    assert [(one.mine.liked, one.mine.like_ref, one.counts.likes) for one in posts] == [(True, "", 3), (True, "L", 3)]
    assert office.desk.reading.known("work:1") == liked
    again = await office.desk.actions.like(liked, True)
    assert again.counts.likes == 3
    assert (await office.desk.actions.like(again, False)).counts.likes == 2


@pytest.mark.parametrize("error", [RejectedError("no"), SecretError("keyring locked")])
async def test_a_refused_deed_is_taken_back(office: Office, error: MbclientError) -> None:
    post = await kept(office, a_post())
    posts = shown(office)
    office.remote.fault("work", "like", error)
    with pytest.raises(type(error)):
        await office.desk.actions.like(post, True)
    assert [one.mine.liked for one in posts] == [True, False]
    assert office.desk.reading.known("work:1") == post


async def test_bookmark_and_unboost(office: Office) -> None:
    post = await kept(office, a_post(mine=Mine(boosted=True), counts=Counts(boosts=1)))
    assert (await office.desk.actions.bookmark(post, True)).mine.bookmarked
    gone = await office.desk.actions.unboost(post)
    assert (gone.mine.boosted, gone.counts.boosts) == (False, 0)


async def test_only_ones_own_post_is_deleted(office: Office) -> None:
    other = await kept(office, a_post())
    nameless = a_post("work", "2", author=Author(SafeText("bo@else.example")))
    for post in (other, nameless):
        with pytest.raises(UsageError, match="not your own"):
            await office.desk.actions.delete(post)
    assert office.service("work").deleted == []


async def test_a_deleted_post_still_counts_also_if_nobody_had_counted_it(office: Office) -> None:
    removed: list[str] = []
    office.desk.bus.listen(lambda event: removed.append(event.id) if isinstance(event, PostRemoved) else None)
    post = await kept(office, mine())
    await office.desk.actions.delete(post)
    assert (removed, office.desk.reading.known("work:1")) == (["work:1"], None)
    assert office.desk.judge.status().count == 1
    (entry,) = office.desk.judge.facts(office.clock.now()).ledger
    assert entry.deleted


async def test_a_post_sent_here_and_deleted_counts_once(office: Office) -> None:
    office.desk.composer.submit(a_draft(), confirmed=True)
    await office.desk.sender.flush()
    (row,) = office.desk.outbox.rows()
    await office.desk.actions.delete(mine(remote_id=row.remote_id))
    assert office.desk.judge.status().count == 1


async def test_a_refused_deletion_removes_nothing(office: Office) -> None:
    post = await kept(office, mine())
    office.remote.fault("work", "delete", RejectedError("no"))
    with pytest.raises(RejectedError):
        await office.desk.actions.delete(post)
    assert office.desk.reading.known("work:1") is not None
