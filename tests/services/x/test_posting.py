"""Never twice, never for nothing: sending, finding, taking back (facts/x.md 0, 3, 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.abilities import Voting
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, UnreachableError, UnsupportedError, UsageError
from mbclient.domain.poll import Choice, NewPoll, Poll
from mbclient.domain.post import Author, Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.kit import Kit
from mbclient.services.x import posting
from mbclient.services.x.posting import tidy
from mbclient.services.x.service import X
from tests.services.contract import outgoing, unique
from tests.services.x.conftest import opened
from tests.services.x.server import XServer
from tests.services.x.shapes import problem

TEXTS = [
    "Hej å ä ö 👩‍👩‍👧",
    "a < b & c > d &amp; e",
    "https://Example.org/a?b=1&c=2 och example.com/x, README.md",
    "cafe\u0301\n\nrad två",
    "  blankt runtom  ",
]


async def lost(server: XServer, service: X, text: str, **fields: object) -> str:
    """Sends, loses the answer, looks: the id that was found."""
    prepared = await service.prepare(outgoing(text, **fields))
    server.fault("POST", "/2/tweets", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await service.find(prepared)
    assert found is not None, text
    return found.remote_id


# ------------------------------------------------------------ never twice


@pytest.mark.parametrize("text", TEXTS)
async def test_a_lost_post_is_found_by_its_words(server: XServer, service: X, text: str) -> None:
    server.write(server.people["anna"], "något annat")
    remote_id = await lost(server, service, text)
    server.write(server.people["anna"], "och mer")
    assert server.tweets[remote_id].text == text.replace("e\u0301", "é")


async def test_a_lost_reply_quote_and_picture_are_found(kit: Kit, tmp_path: Path) -> None:
    async with XServer(full=True) as server:
        service = opened(server, kit)
        theirs = await service.post(server.write(server.people["bo"], "Hej").id)
        server.write(server.people["anna"], "svar")  # the same words, to nobody
        reply = await lost(server, service, "svar ", reply_to=theirs)
        assert server.tweets[reply].target == theirs.remote_id
        quote = await lost(server, service, "se", quote_of=theirs)
        assert server.tweets[quote].kind == "quoted"
        file = tmp_path / "karta.png"
        file.write_bytes(b"\x89PNG")
        picture = await lost(server, service, "kartan", media=(Attachment(str(file), "en karta"),))
        assert server.tweets[picture].media


async def test_names_that_x_puts_before_a_reply_are_not_its_words(server: XServer, service: X) -> None:
    mine = server.write(server.people["anna"], "x")
    prepared = await service.prepare(outgoing("svar", reply_to=await service.post(mine.id)))
    sent = server.write(server.people["anna"], "@bo @eva svar", kind="replied_to", target=mine.id)
    found = await service.find(prepared)
    assert found is not None
    assert found.remote_id == sent.id


async def test_an_index_that_lags_says_nothing_yet(server: XServer, service: X) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.lag = 3
    server.fault("POST", "/2/tweets", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = [await service.find(prepared) for _look in range(4)]
    assert [bool(look) for look in found][0::3] == [False, True]


async def test_duplicate_after_a_lost_answer_means_sent(server: XServer, service: X) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "/2/tweets", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    published = await service.publish(prepared)
    assert [published.remote_id] == [tweet.id for tweet in server.by(server.people["anna"], "Hej")]


async def test_duplicate_of_an_older_post_is_a_refusal(server: XServer, service: X) -> None:
    server.write(server.people["anna"], "Hej", at=datetime.now(UTC) - timedelta(hours=3))
    with pytest.raises(RejectedError, match="only once") as caught:
        await service.publish(await service.prepare(outgoing("Hej")))
    assert caught.value.code == "duplicate"


async def test_duplicate_of_another_draft_is_a_refusal(server: XServer, service: X) -> None:
    await service.publish(await service.prepare(outgoing("Hej")))
    with pytest.raises(RejectedError, match="only once"):
        await service.publish(await service.prepare(outgoing("Hej")))


@pytest.mark.parametrize("kind", ["status", "garbage", "drop-after", "drop-before"])
async def test_what_is_no_clear_answer_is_unknown(server: XServer, service: X, kind: str) -> None:
    server.fault("POST", "/2/tweets", kind, status=502, body={})
    with pytest.raises(OutcomeUnknownError):
        await service.publish(await service.prepare(outgoing("Hej")))


async def test_an_answer_without_an_id_is_unknown(server: XServer, service: X) -> None:
    server.fault("POST", "/2/tweets", "status", status=201, body={"data": {}})
    with pytest.raises(OutcomeUnknownError):
        await service.publish(await service.prepare(outgoing("Hej")))


async def test_what_was_sent_has_its_address_and_time(server: XServer, service: X) -> None:
    published = await service.publish(await service.prepare(outgoing("Hej")))
    assert published.url == f"{server.url}/anna/status/{published.remote_id}"
    assert abs((published.at - datetime.now(UTC)).total_seconds()) < 5
    (request,) = server.asked("/2/tweets")
    assert request.json == {"text": "Hej"}


# ------------------------------------------------------------ what X does not take


async def test_a_self_serve_plan_says_so_before_anything_is_asked(server: XServer, service: X) -> None:
    post = await service.post(server.write(server.people["bo"], "Hej").id)
    asked = len(server.wire.requests)
    assert not service.capabilities.like
    assert not service.capabilities.quote
    assert service.capabilities.billed
    with pytest.raises(UnsupportedError, match=rf"self-serve .*/intent/like\?tweet_id={post.remote_id}"):
        await service.set_liked(post, True)
    with pytest.raises(UnsupportedError, match="self-serve"):
        await service.prepare(outgoing("se", quote_of=post))
    assert len(server.wire.requests) == asked


async def test_a_reply_to_who_has_not_asked_for_it(server: XServer, service: X) -> None:
    """Refused before anything is asked, with X's own page for it; not so to who has called, and in own threads."""
    stranger = await service.post(server.write(server.people["bo"], "Hej").id)
    asked = len(server.wire.requests)
    with pytest.raises(RejectedError, match=rf"/intent/tweet\?in_reply_to={stranger.remote_id}") as caught:
        await service.prepare(outgoing("svar", reply_to=stranger))
    assert (caught.value.code, len(server.wire.requests)) == ("not-summoned", asked)
    assert service.unanswerable(stranger) is not None
    calling = await service.post(server.write(server.people["eva"], "@anna?").id)
    assert service.unanswerable(calling) is None
    await service.publish(await service.prepare(outgoing("ja", reply_to=calling)))
    own = await service.post(server.by(server.people["anna"], "ja")[0].id)
    await service.publish(await service.prepare(outgoing("tråd", reply_to=own)))


@pytest.mark.parametrize("way", ["mentions", "home", "quote"])
async def test_who_has_called_before_is_known(server: XServer, service: X, kit: Kit, way: str) -> None:
    """Also to the next run; by a mention, wherever it was read, or a quote of an own post."""
    bo = server.people["bo"]
    stranger = await service.post(server.write(bo, "Hej").id)
    assert service.unanswerable(stranger) is not None
    if way == "quote":
        own = await service.publish(await service.prepare(outgoing("läs")))
        server.write(bo, "se här", kind="quoted", target=own.remote_id)
    else:
        server.write(bo, "@anna?")
    await (service.notifications() if way == "mentions" else service.page())
    assert service.unanswerable(stranger) is None
    again = opened(server, kit)
    assert again.unanswerable(stranger) is None
    assert again.unanswerable(await again.post(server.write(server.people["eva"], "Hej").id)) is not None


async def test_a_plan_that_may_answers_everybody(kit: Kit) -> None:
    async with XServer(full=True) as server:
        service = opened(server, kit)
        stranger = await service.post(server.write(server.people["bo"], "Hej").id)
        assert service.unanswerable(stranger) is None


async def test_who_has_called_and_is_refused_all_the_same(server: XServer, service: X) -> None:
    """X has the last word, and its page is named then too."""
    calling = await service.post(server.write(server.people["bo"], "@anna?").id)
    prepared = await service.prepare(outgoing("svar", reply_to=calling))
    words = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by …"
    server.fault("POST", "/2/tweets", "status", status=403, body=problem("about:blank", 403, words))
    with pytest.raises(RejectedError, match=rf"/intent/tweet\?in_reply_to={calling.remote_id}") as caught:
        await service.publish(prepared)
    assert (caught.value.code, caught.value.status) == ("not-summoned", 403)


@pytest.mark.parametrize(
    ("text", "fields", "error"),
    [
        ("", {}, UsageError),
        (" \n", {}, UsageError),
        ("x" * 281, {}, RejectedError),
        ("€" * 141, {}, RejectedError),
        ("x" * 257 + " a.se", {}, RejectedError),
        ("x\ufeffy", {}, RejectedError),
        ("$ABB och $VOLV.B", {}, RejectedError),
        ("x", {"cw": "y"}, UnsupportedError),
        ("x", {"visibility": Visibility.UNLISTED}, UnsupportedError),
        ("x", {"due": datetime.now(UTC)}, UnsupportedError),
        ("x", {"media": (Attachment("karta.svg"),)}, UsageError),
        ("x", {"media": (Attachment("a.gif"), Attachment("b.png"))}, UsageError),
        ("x", {"media": (Attachment("/nowhere/karta.png"),)}, UsageError),
    ],
)
async def test_what_cannot_be_sent_is_not_asked(
    server: XServer, service: X, text: str, fields: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await service.prepare(outgoing(text, **fields))
    assert server.wire.requests == []


async def test_edges_of_the_length(server: XServer, service: X) -> None:
    for text in ("$ABB kostar $5 och US$ABB mer", "x" * 280, "€" * 140, "x" * 256 + " a.se", "👩‍👩‍👧" * 140):
        assert service.measure(text).over == 0
        await service.prepare(outgoing(text))


def test_the_counter_knows_the_price(service: X) -> None:
    assert service.measure("Hej").price == 15_000
    assert service.measure("se README.md").price == 200_000
    assert service.measure("anna@example.com").price == 15_000


async def test_pictures_with_their_description(server: XServer, service: X, tmp_path: Path) -> None:
    file = tmp_path / "bild.jpg"
    file.write_bytes(b"\xff\xd8\xff")
    published = await service.publish(await service.prepare(outgoing("", media=(Attachment(str(file), "ett torg"),))))
    post = await service.post(published.remote_id)
    assert [media.alt for media in post.media] == ["ett torg"]
    file.write_bytes(b"x" * 5_000_001)
    with pytest.raises(UsageError, match="larger"):
        await service.prepare(outgoing("x", media=(Attachment(str(file)),)))


def moving(state: str, seconds: int = 5, **more: object) -> dict[str, object]:
    return {"state": state, "check_after_secs": seconds, **more}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited between two questions; nobody does."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(posting, "sleep", sleep)
    return waited


async def test_a_moving_picture_that_x_works_on(
    server: XServer, service: X, tmp_path: Path, waits: list[float]
) -> None:
    file = tmp_path / "film.gif"
    file.write_bytes(b"GIF89a" + b"x" * 9_000_000)  # more than other pictures may have
    server.work = [moving("pending", 3), moving("in_progress", 0), moving("in_progress", 900), {"state": "succeeded"}]
    media = (Attachment(str(file), "en film"),)
    published = await service.publish(await service.prepare(outgoing("se", media=media)))
    assert waits == [3, 1, 10]
    assert [media.alt for media in (await service.post(published.remote_id)).media] == ["en film"]


async def test_a_moving_picture_that_comes_to_nothing(
    server: XServer, service: X, tmp_path: Path, waits: list[float]
) -> None:
    file = tmp_path / "film.gif"
    file.write_bytes(b"GIF89a")
    post = outgoing("se", media=(Attachment(str(file), "en film"),))
    server.work = [moving("pending"), {"state": "failed", "error": {"code": 1, "message": "InvalidMedia\x1b"}}]
    with pytest.raises(RejectedError, match=r"can make nothing of film\.gif: InvalidMedia␛"):
        await service.prepare(post)
    server.work = [moving("in_progress")] * 10_000
    with pytest.raises(UnreachableError, match=r"still working on film\.gif"):
        await service.prepare(post)
    assert len(waits) < 60
    assert not server.asked("/2/media/metadata")  # a description costs


async def test_a_file_that_cannot_go_keeps_the_others_from_being_uploaded(
    server: XServer, service: X, tmp_path: Path
) -> None:
    good, large = tmp_path / "a.png", tmp_path / "b.png"
    good.write_bytes(b"\x89PNG")
    large.write_bytes(b"x" * 5_000_001)
    with pytest.raises(UsageError, match=r"b\.png is larger"):
        await service.prepare(outgoing("x", media=(Attachment(str(good), "en karta"), Attachment(str(large)))))
    assert server.wire.requests == []


async def test_deleting_what_is_gone_and_what_is_not_ones_own(server: XServer, service: X) -> None:
    published = await service.publish(await service.prepare(outgoing("Hej")))
    mine = await service.post(published.remote_id)
    await service.delete(mine)
    await service.delete(mine)
    theirs = await service.post(server.write(server.people["bo"], "x").id)
    with pytest.raises(RejectedError, match="not permitted"):
        await service.delete(theirs)


# ------------------------------------------------------------ switches


async def test_what_x_does_not_tell_is_remembered_here(kit: Kit) -> None:
    async with XServer(full=True) as server:
        service, tweet = opened(server, kit), server.write(server.people["bo"], "Hej")
        post = await service.post(tweet.id)
        for switch in (service.set_liked, service.set_boosted, service.set_bookmarked):
            await switch(post, True)
        again = (await opened(server, kit).post(tweet.id)).mine  # another start
        assert (again.liked, again.boosted, again.bookmarked) == (True, True, True)
        assert await service.set_liked(post, False) == (await service.post(tweet.id)).mine
        assert server.tweets[tweet.id].likes == set()


async def test_a_switch_that_did_not_move_is_no_success(kit: Kit) -> None:
    async with XServer(full=True) as server:
        service = opened(server, kit)
        post = await service.post(server.write(server.people["bo"], "Hej").id)
        server.fault("POST", "/2/users/1/likes", "status", status=200, body={"data": {"liked": False}})
        with pytest.raises(UnreachableError):
            await service.set_liked(post, True)
        assert not (await service.post(post.remote_id)).mine.liked


async def test_what_another_program_calls_forbidden(server: XServer, service: X) -> None:
    post = Post("work", "x", "1", "u", Author(SafeText("bo")), SafeText("x"), datetime.now(UTC))
    body = problem("client-forbidden", 403, "When authenticating requests", reason="client-not-enrolled")
    server.fault("POST", "/2/users/1/retweets", "status", status=403, body=body)
    with pytest.raises(RejectedError, match="must belong to a project"):
        await service.set_boosted(post, True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Example.com/x", "https://example.com/x/", True),
        ("https://example.com/x?y=1", "example.com/x?y=1", True),
        ("https://example.com/x", "https://example.com/y", False),
        ("e\u0301", "\u00e9 ", True),
        ("a b", "a  b", False),
        ("http://a\uff0fb.example.com/x ", "http://a\uff0fb.example.com/x", True),
        ("http://a\uff0fb.example.com/x", "http://a\u2100b.example.com/x", False),
    ],
)
def test_texts_as_x_hands_them_back(one: str, other: str, same: bool) -> None:
    assert (tidy(one) == tidy(other)) is same


async def test_equal_texts_of_two_drafts_are_told_apart(server: XServer, service: X) -> None:
    text = unique()
    first = await service.prepare(outgoing(text))
    await service.publish(first)
    second = await service.prepare(outgoing(text))
    assert await service.find(second) is None
    assert await service.find(first) is not None


# ------------------------------------------------------------ polls


async def test_a_poll_is_asked_for_in_whole_minutes(server: XServer, service: X) -> None:
    poll = NewPoll(("ja", "nej"), seconds=3601)
    published = await service.publish(await service.prepare(outgoing("Kaffe?", poll=poll)))
    (request,) = server.asked("/2/tweets")
    assert request.json == {"text": "Kaffe?", "poll": {"options": ["ja", "nej"], "duration_minutes": 61}}
    post = await service.post(published.remote_id)
    assert post.poll is not None
    assert [(choice.text, choice.votes) for choice in post.poll.choices] == [("ja", 0), ("nej", 0)]
    assert not isinstance(service, Voting)


async def test_a_poll_that_is_over_says_so(server: XServer, service: X) -> None:
    options = [{"position": 2, "label": "nej", "votes": 1}, {"position": 1, "label": "ja\x1b", "votes": 4}]
    tweet = server.write(server.people["bo"], "Kaffe?")
    tweet.poll = {"id": "7", "options": options, "voting_status": "closed"}
    post = await service.post(tweet.id)
    assert post.poll == Poll((Choice(SafeText("ja␛"), 4), Choice(SafeText("nej"), 1)), closed=True, id="7")
