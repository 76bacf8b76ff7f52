"""Polls as they are read: shares of a whole, an end, and no word of who has voted (Meta's page of polls)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mbclient.services.threads.posts import Decoder
from mbclient.services.threads.service import Threads
from tests.services.contract import assert_safe
from tests.services.threads.server import ThreadsServer
from tests.services.threads.shapes import Poll

DAY = timedelta(days=1)
START = datetime.now(UTC) - timedelta(hours=20)
MEDIA: dict[str, Any] = {"id": "17", "username": "bo", "timestamp": "2024-09-12T23:17:39+0000"}
POLL = {"option_a": "ja", "option_b": "nej", "total_votes": 4}


async def test_a_poll_comes_with_its_shares_made_votes_and_its_end(server: ThreadsServer, service: Threads) -> None:
    ends = START.replace(microsecond=0) + DAY
    asked = server.write(server.people["anna"], "Kaffe?", at=START, poll=Poll({"ja\x1b": 2, "nej": 1, "sen": 0}, ends))
    (listed,) = (await service.page()).posts
    for post in (listed, await service.post(asked.id)):
        assert_safe(post)
        assert post.poll is not None
        assert [(choice.text, choice.votes, choice.mine) for choice in post.poll.choices] == [
            ("ja␛", 2, False),
            ("nej", 1, False),
            ("sen", 0, False),
        ]
        assert (post.poll.voters, post.poll.ends, post.poll.multiple) == (3, ends, False)
        assert (post.poll.is_over(ends - timedelta(seconds=1)), post.poll.is_over(ends)) == (False, True)
        assert post.media == ()


async def test_a_post_without_a_poll_has_none(server: ThreadsServer, service: Threads) -> None:
    server.write(server.people["anna"], "Hej")
    assert [post.poll for post in (await service.page()).posts] == [None]


@pytest.mark.parametrize("unknown", ["poll_attachment", "total_votes"])
async def test_where_polls_are_no_field_the_posts_come_without_and_keep_their_pictures(
    server: ThreadsServer, service: Threads, unknown: str
) -> None:
    server.unknown = {unknown}
    server.write(server.people["anna"], "Kaffe?", poll=Poll({"ja": 1, "nej": 1}, START + DAY))
    for _time in range(2):
        (post,) = (await service.page()).posts
        assert (post.poll, post.author.avatar) == (None, server.people["anna"].picture)
    assert len(server.asked("GET", "me/threads")) == 3  # once in vain


@pytest.mark.parametrize("share", [None, True, "0.5", -1, 50, float("nan")])
def test_a_share_that_is_none_is_no_number_of_votes(share: object) -> None:
    shares = {"option_a_votes_percentage": share, "option_b_votes_percentage": 0.5}
    poll = Decoder("work").post({**MEDIA, "poll_attachment": POLL | shares}).poll
    assert poll is not None
    assert ([choice.votes for choice in poll.choices], poll.votes) == ([None, 2], None)


@pytest.mark.parametrize("nonsense", [None, 7, [], {}, {"option_a": 7}, {"option_b": ""}])
def test_a_poll_without_choices_is_none(nonsense: object) -> None:
    assert Decoder("work").post({**MEDIA, "poll_attachment": nonsense}).poll is None
