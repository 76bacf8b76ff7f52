"""Polls as they are read and written: shares of a whole, options by letters, an end that Threads sets (Meta's page)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mbclient.domain.errors import RejectedError
from mbclient.domain.poll import NewPoll
from mbclient.services.kit import Kit
from mbclient.services.threads.posts import Decoder
from mbclient.services.threads.service import Threads
from tests.services.contract import assert_safe, outgoing
from tests.services.threads.conftest import opened
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


# ------------------------------------------------------------ writing


async def test_a_poll_goes_out_as_options_by_letters_and_nothing_else(server: ThreadsServer, service: Threads) -> None:
    poll = NewPoll(("ja å", '"nej"', "c" * 25), seconds=0)
    published = await service.publish(await service.prepare(outgoing("Kaffe?", poll=poll)))
    (made,) = server.asked("POST", "me/threads")
    assert json.loads(made.form["poll_attachment"]) == {"option_a": "ja å", "option_b": '"nej"', "option_c": "c" * 25}
    assert set(made.form) == {"media_type", "text", "poll_attachment"}
    assert published.post is not None
    assert published.post.poll is not None
    assert [choice.text for choice in published.post.poll.choices] == list(poll.choices)


@pytest.mark.parametrize(
    "poll",
    [
        NewPoll(("ja", "nej"), seconds=86_400),
        NewPoll(("ja", "nej"), seconds=0, multiple=True),
        NewPoll(("ja", "nej"), seconds=0, hide_totals=True),
        NewPoll(("1", "2", "3", "4", "5"), seconds=0),
    ],
)
async def test_what_a_poll_cannot_be_there_is_refused_and_not_passed_over(
    server: ThreadsServer, service: Threads, poll: NewPoll
) -> None:
    with pytest.raises(RejectedError, match="four choices at most"):
        await service.prepare(outgoing("Kaffe?", poll=poll))
    assert server.containers == {}


@pytest.mark.parametrize("choices", [("ja",), ("ja", "x" * 26), ("ja", "")])
async def test_choices_that_threads_refuses_are_refused_while_nobody_sees_them(
    server: ThreadsServer, service: Threads, choices: tuple[str, ...]
) -> None:
    with pytest.raises(RejectedError, match="valid poll"):
        await service.prepare(outgoing("Kaffe?", poll=NewPoll(choices, seconds=0)))
    assert server.containers == {}


async def test_the_same_question_with_another_poll_is_another_post(
    server: ThreadsServer, service: Threads, kit: Kit
) -> None:
    prepared = await service.prepare(outgoing("Kaffe?", poll=NewPoll(("ja\x1b", "nej"), seconds=0)))
    plain = await service.prepare(outgoing("Kaffe?"))
    for container in server.containers.values():
        container.status = "EXPIRED"
    anna, ends = server.people["anna"], datetime.now(UTC) + DAY
    server.write(anna, "Kaffe?", poll=Poll({"ja": 0, "nej": 0, "sen": 0}, ends))
    again = opened(server, kit)
    assert (await again.find(prepared), await again.find(plain)) == (None, None)
    mine = server.write(anna, "Kaffe?", poll=Poll({"ja\x1b": 1, "nej": 0}, ends))
    found = await again.find(prepared)
    assert found is not None
    assert found.remote_id == mine.id
