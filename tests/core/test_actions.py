"""Likes, bookmarks and deletions: shown at once, then what is true; the day's count keeps what was deleted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from mbclient.core.accounts import NOTEBOOK
from mbclient.core.events import PostChanged, PostRemoved
from mbclient.core.stores import ViewQuery
from mbclient.domain.errors import MbclientError, RejectedError, SecretError, UsageError
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Counts, Mine, Post, PostKind
from mbclient.domain.safetext import SafeText
from tests.core.fakes import TUESDAY, Office, a_draft, a_post, mine


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


@pytest.mark.parametrize("came_itself", [True, False])
async def test_a_boost_taken_back_names_me_no_more(office: Office, *, came_itself: bool) -> None:
    theirs, me = a_post(mine=Mine(boosted=True)), Author(SafeText("anna"), remote_id="me-work")
    boost = replace(theirs, kind=PostKind.BOOST, boosted_by=me, boost_id="b1", boosted_at=TUESDAY)
    by_bo = replace(boost, boosted_by=Author(SafeText("bo")), boost_id="b2")
    for post in (boost, *([theirs, by_bo] if came_itself else [])):
        await kept(office, post)
    (entry,) = office.desk.reading.page(ViewQuery())
    await office.desk.actions.unboost(entry.post)
    left = [[str(each.author.handle) for each in entry.post.boosts] for entry in office.desk.reading.page(ViewQuery())]
    assert left == ([["bo"]] if came_itself else [])


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


# ------------------------------------------------------------ votes


OPEN = Poll((Choice(SafeText("ja"), 1), Choice(SafeText("nej"), 2)), ends=TUESDAY + timedelta(hours=1), id="p")


async def test_a_vote_is_shown_once_it_stands_and_kept(office: Office) -> None:
    post = await kept(office, a_post(poll=OPEN))
    posts = shown(office)
    voted = await office.desk.actions.vote(post, (1,))
    assert voted.poll is not None
    assert [(choice.votes, choice.mine) for choice in voted.poll.choices] == [(1, False), (3, True)]
    assert posts == [voted]
    assert office.desk.reading.known("work:1") == voted


@pytest.mark.parametrize(
    ("poll", "problem"),
    [
        (None, "this post has no poll"),
        (replace(OPEN, ends=TUESDAY), "the poll is over"),
        (replace(OPEN, closed=True), "the poll is over"),
        (replace(OPEN, voted=True), "nobody votes in their own poll"),
        (replace(OPEN, voted=True, choices=(Choice(SafeText("ja"), 1, mine=True),)), "you have voted in this poll"),
    ],
)
async def test_where_there_is_no_voting_nothing_is_asked(office: Office, poll: Poll | None, problem: str) -> None:
    post = await kept(office, a_post(poll=poll))
    with pytest.raises(UsageError, match=problem):
        await office.desk.actions.vote(post, (0,))
    assert office.remote.requests("work", "vote") == 0


async def test_a_service_without_voting_says_where_to_go(office: Office) -> None:
    post = a_post(NOTEBOOK.name, "1", poll=OPEN)
    with pytest.raises(UsageError, match=f"{NOTEBOOK.name} has no voting from here; open the post in the browser"):
        await office.desk.actions.vote(post, (0,))


async def test_after_a_refused_vote_the_poll_is_shown_as_it_stands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = await kept(office, a_post(poll=OPEN))
    posts = shown(office)
    over = replace(post, poll=replace(OPEN, closed=True))

    async def read(remote_id: str) -> Post:
        return over

    monkeypatch.setattr(office.service("work"), "post", read)
    office.remote.fault("work", "vote", RejectedError("too late"))
    with pytest.raises(RejectedError, match="too late"):
        await office.desk.actions.vote(post, (0,))
    assert posts == [over]
    assert office.desk.reading.known("work:1") == over


async def test_two_presses_are_one_vote(office: Office) -> None:
    post = await kept(office, a_post(poll=OPEN))
    service = office.service("work")
    service.hang.add("vote")
    first = asyncio.create_task(office.desk.actions.vote(post, (0,)))
    await service.reached.wait()
    with pytest.raises(UsageError, match="on its way"):
        await office.desk.actions.vote(post, (0,))
    service.go.set()
    await first
    assert office.remote.requests("work", "vote") == 1
