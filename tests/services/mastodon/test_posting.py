"""Sending: never twice, never wider, never without its parent, and found again (Mastodon facts 4, 5, 6)."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient.core.ports import Json, Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Post, Visibility
from mbclient.services.kit import Kit
from mbclient.services.mastodon import posting
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import outgoing, unique
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import BEHAVIOURS

POST = ("POST", "/api/v1/statuses")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


async def send(service: Mastodon, text: str, **fields: object) -> Published:
    return await service.publish(await service.prepare(outgoing(text, **fields)))


async def post_of(service: Mastodon, server: MastodonServer, text: str = "parent") -> Post:
    return await service.post(server.write(server.people["bo"], text).id)


# ---------------------------------------------------------------- what is sent


async def test_everything_is_said_explicitly(server: MastodonServer, service: Mastodon) -> None:
    """What is left out follows the user's web settings: visibility, sensitive, language."""
    prepared = await service.prepare(outgoing("hej", lang="sv", key="the-key"))
    assert server.asked(*POST) == []
    published = await service.publish(prepared)
    (request,) = server.asked(*POST)
    assert request.headers["idempotency-key"] == "the-key"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "status": "hej",
        "spoiler_text": "",
        "sensitive": False,
        "media_ids": [],
        "language": "sv",
        "visibility": "public",
    }
    assert published.post is not None
    assert (published.post.text, published.post.lang, published.post.visibility) == ("hej", "sv", Visibility.PUBLIC)
    assert published.uri == published.post.uri
    assert published.url == published.post.url
    assert not published.scheduled


async def test_prepared_is_plain_json_and_holds_no_secret(server: MastodonServer, service: Mastodon) -> None:
    parent = await post_of(service, server)
    due = datetime.now(UTC) + timedelta(hours=1)
    prepared = await service.prepare(outgoing("hej", reply_to=parent, cw="cw", due=due))
    stored = json.dumps(prepared)
    assert "anna-token" not in stored
    again: Json = json.loads(stored)
    assert (await service.publish(again)).scheduled


@pytest.mark.parametrize(
    ("visibility", "name"),
    [("public", "public"), ("unlisted", "unlisted"), ("followers", "private"), ("direct", "direct")],
)
async def test_visibilities(server: MastodonServer, service: Mastodon, visibility: str, name: str) -> None:
    await send(service, "hej", visibility=Visibility(visibility))
    assert server.asked(*POST)[0].json["visibility"] == name


async def test_a_visibility_that_the_server_lacks_is_refused_before_sending(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        with pytest.raises(UnsupportedError):
            await send(service, "hej", visibility=Visibility.UNLISTED)
        assert server.asked(*POST) == []


async def test_a_warning_makes_it_sensitive(server: MastodonServer, service: Mastodon) -> None:
    await send(service, "hej", cw="careful")
    assert server.asked(*POST)[0].json["sensitive"] is True


# ---------------------------------------------------------------- media


async def test_a_picture_with_its_description(server: MastodonServer, service: Mastodon, tmp_path: Path) -> None:
    (tmp_path / "bild å.png").write_bytes(PNG)
    published = await send(service, "hej", media=(Attachment(str(tmp_path / "bild å.png"), "En häst"),))
    assert published.post is not None
    (media,) = published.post.media
    assert (media.type, media.alt) == ("image", "En häst")
    (upload,) = server.asked("POST", "/api/v2/media")
    assert PNG in upload.body
    assert b"image/png" in upload.body


async def test_a_picture_that_takes_time(
    server: MastodonServer, service: Mastodon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "MEDIA_S", 0)
    (tmp_path / "x.png").write_bytes(PNG)
    server.media_rounds = 3
    await send(service, "hej", media=(Attachment(str(tmp_path / "x.png")),))
    assert server.media_rounds == 0
    server.media_rounds = 10_000
    with pytest.raises(UnreachableError, match="still working"):
        await service.prepare(outgoing("hej", media=(Attachment(str(tmp_path / "x.png")),)))


async def test_a_lost_upload_is_no_unknown_post(server: MastodonServer, service: Mastodon, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(PNG)
    for _number in range(2):
        server.fault("POST", "/api/v2/media", "drop-before")
    with pytest.raises(UnreachableError):
        await service.prepare(outgoing("hej", media=(Attachment(str(tmp_path / "x.png")),)))


async def test_files_that_cannot_be_sent(server: MastodonServer, service: Mastodon, tmp_path: Path) -> None:
    (tmp_path / "x.exe").write_bytes(b"MZ")
    (tmp_path / "big.png").touch()
    with (tmp_path / "big.png").open("r+b") as file:
        file.truncate(16_777_217)
    for name, words in (("x.exe", "takes no"), ("big.png", "larger than"), ("gone.png", "cannot be read")):
        with pytest.raises(UsageError, match=words):
            await service.prepare(outgoing("hej", media=(Attachment(str(tmp_path / name)),)))
    assert server.asked("POST", "/api/v2/media") == []


# ---------------------------------------------------------------- never twice


async def test_upstream_gives_the_first_post_again(server: MastodonServer, service: Mastodon) -> None:
    prepared = await service.prepare(outgoing("hej"))
    first, second = await service.publish(prepared), await service.publish(prepared)
    assert (first.remote_id, len(server.by(server.people["anna"], "hej"))) == (second.remote_id, 1)


async def test_a_500_to_a_repeat_is_unknown_and_then_found(kit: Kit) -> None:
    """4.6: the repeat fails although the first one stands (mastodon issue 40399)."""
    async with MastodonServer("mastodon-4.6") as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing("hej"))
        server.fault(*POST, "drop-after")
        for _number in range(2):
            with pytest.raises(OutcomeUnknownError):
                await service.publish(prepared)
        assert len(server.asked(*POST)) == 2
        found = await service.find(prepared)
        assert found is not None
        assert [found.remote_id] == [stored.id for stored in server.by(server.people["anna"], "hej")]


async def test_pixelfeds_refusal_of_a_repeat_proves_nothing(kit: Kit) -> None:
    async with MastodonServer("pixelfed") as server:
        service = opened(server, kit)
        parent = await post_of(service, server)
        arrived = await service.prepare(outgoing("hej", reply_to=parent))
        server.fault(*POST, "drop-after")
        with pytest.raises(OutcomeUnknownError):
            await service.publish(arrived)
        assert (await service.publish(arrived)).post is not None  # looked up
        failed = await service.prepare(outgoing("å" * 501, reply_to=parent))
        with pytest.raises(RejectedError, match="limit"):
            await service.publish(failed)
        with pytest.raises(RejectedError, match="Duplicate"):
            await service.publish(failed)
        assert len(server.by(server.people["anna"], "hej")) == 1


async def test_pleroma_repeats_its_refusal(kit: Kit) -> None:
    async with MastodonServer("pleroma") as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing("å" * 5001))
        for _number in range(2):
            with pytest.raises(RejectedError):
                await service.publish(prepared)
        assert server.by(server.people["anna"], "å" * 5001) == []


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "garbage"])
async def test_a_lost_answer_is_unknown(server: MastodonServer, service: Mastodon, kind: str) -> None:
    prepared = await service.prepare(outgoing("hej"))
    server.fault(*POST, kind)
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    stored = server.by(server.people["anna"], "hej")
    found = await service.find(prepared)
    assert ([found.remote_id] if found else []) == [each.id for each in stored]


@pytest.mark.parametrize("body", [{}, [], "x", {"id": None}, {"id": ""}, {"error": "x"}])
async def test_an_answer_without_a_post_is_unknown(server: MastodonServer, service: Mastodon, body: object) -> None:
    server.fault(*POST, "status", status=200, body=body)
    with pytest.raises(OutcomeUnknownError):
        await send(service, "hej")


@pytest.fixture(params=["mastodon", "mastodon-4.6", "gotosocial", "pleroma", "takahe", "snac", "hollo"])
async def any_server(request: pytest.FixtureRequest) -> AsyncIterator[MastodonServer]:
    async with MastodonServer(str(request.param)) as server:
        yield server


async def test_random_faults_never_double_and_never_lose(any_server: MastodonServer, kit: Kit) -> None:
    """The outbox's way with an unknown outcome: read back, and send again only when the key protects it."""
    chance = random.Random(20261124)
    server, service = any_server, opened(any_server, kit)
    keyed = (await service.load_capabilities()).key_minutes > 0
    for _number in range(25):
        text = unique()
        prepared = await service.prepare(outgoing(text))
        for _attempt in range(6):
            if chance.random() < 0.6:
                server.fault(*POST, chance.choice(["drop-before", "drop-after", "garbage", "status"]))
            try:
                await service.publish(prepared)
                break
            except OutcomeUnknownError:
                if await service.find(prepared) is not None:
                    break
                if not keyed and chance.random() < 0.5:
                    break  # not there and no key: the user is asked, and says no
        server.faults.clear()
        found = await service.find(prepared)
        stored = server.by(server.people["anna"], text)
        assert len(stored) <= 1
        assert (found is not None) is (len(stored) == 1)


# ---------------------------------------------------------------- find


TEXTS = [
    "a < b & c > d \"q\" 'a'",
    "https://example.com/" + "x" * 60 + "?a=1&b=2",
    "two\n\nparagraphs\nand a line",
    "  blanks around  ",
    "<p>looks like HTML</p>",
    "#tag @bo @bo@other.example",
    "e\u0301 å 👩‍👩‍👧",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("software", ["mastodon", "snac"])
async def test_every_text_is_found_by_its_source(kit: Kit, software: str, text: str) -> None:
    async with MastodonServer(software) as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing(text))
        published = await service.publish(prepared)
        found = await opened(server, kit).find(prepared)  # another run of the program
        assert found is not None
        assert found.remote_id == published.remote_id


async def test_what_only_looks_alike_is_not_found(server: MastodonServer, service: Mastodon, kit: Kit) -> None:
    anna, bo = server.people["anna"], server.people["bo"]
    parent, other = await post_of(service, server), await post_of(service, server, "other")
    prepared = await service.prepare(outgoing("hej", reply_to=parent, cw="cw"))
    server.write(anna, "hej", cw="cw")
    server.write(anna, "hej", cw="cw", parent=other.remote_id)
    server.write(anna, "hej", parent=parent.remote_id)
    server.write(anna, "hej!", cw="cw", parent=parent.remote_id)
    server.write(bo, "hej", cw="cw", parent=parent.remote_id)
    server.write(anna, "hej", cw="cw", parent=parent.remote_id, created_at=datetime.now(UTC) - timedelta(minutes=11))
    assert await service.find(prepared) is None
    server.write(anna, "hej", cw="cw", parent=parent.remote_id)
    assert await service.find(prepared) is not None


async def test_two_equal_posts_are_told_apart(server: MastodonServer, service: Mastodon) -> None:
    first, second = await service.prepare(outgoing("hej")), await service.prepare(outgoing("hej"))
    await service.publish(first)
    server.fault(*POST, "drop-before")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(second)
    assert await service.find(second) is None
    assert await service.find(first) is not None


async def test_finding_looks_further_than_one_page(server: MastodonServer, service: Mastodon) -> None:
    prepared = await service.prepare(outgoing("hej"))
    published = await service.publish(prepared)
    for number in range(90):
        server.write(server.people["anna"], f"later {number}")
    found = await opened(server, service.api.kit).find(prepared)
    assert found is not None
    assert found.remote_id == published.remote_id


# ---------------------------------------------------------------- replies


async def test_a_reply_to_nothing_is_refused(server: MastodonServer, service: Mastodon) -> None:
    parent = await post_of(service, server)
    del server.statuses[parent.remote_id]
    with pytest.raises(RejectedError, match="does not appear to exist") as caught:
        await send(service, "hej", reply_to=parent)
    assert caught.value.status == 404


async def test_a_reply_that_lost_its_parent_is_taken_back(kit: Kit) -> None:
    """snac posts it without its parent, to everybody."""
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        parent = await post_of(service, server)
        del server.statuses[parent.remote_id]
        with pytest.raises(RejectedError, match="taken back"):
            await send(service, "hej", reply_to=parent)
        assert server.by(server.people["anna"], "hej") == []


async def test_a_reply_that_cannot_be_taken_back_counts_as_sent(kit: Kit) -> None:
    async with MastodonServer("snac") as server:
        service = opened(server, kit)
        parent = await post_of(service, server)
        del server.statuses[parent.remote_id]
        prepared = await service.prepare(outgoing("hej", reply_to=parent))
        server.fault("DELETE", "*", "status", status=503)
        assert (await service.publish(prepared)).post is not None


async def test_an_earlier_post_of_the_same_words_is_told_apart_by_who_took_it(
    server: MastodonServer, kit: Kit, service: Mastodon
) -> None:
    first = await service.publish(await service.prepare(outgoing("again", key="first")))
    second = await service.prepare(outgoing("again", key="second"))  # and the program ends before its request
    later = opened(server, kit)
    assert await later.find({**second, "taken": [first.remote_id]}) is None
    assert await later.find(second) is not None  # what it would have been taken for


# ---------------------------------------------------------------- polls


COFFEE = NewPoll(("Ja", "Nej"), multiple=True, seconds=3600)


async def test_a_poll_is_asked_for_by_its_names(server: MastodonServer, service: Mastodon) -> None:
    await send(service, "Kaffe?", poll=COFFEE)
    (request,) = server.asked(*POST)
    assert request.json["poll"] == {"options": ["Ja", "Nej"], "expires_in": 3600, "multiple": True}


async def test_hidden_votes_stay_hidden_over_an_edit(server: MastodonServer, service: Mastodon) -> None:
    published = await send(service, "Kafe?", poll=replace(COFFEE, hide_totals=True))
    await send(service, "Kaffe?", edit_of=await service.post(published.remote_id))
    (edit,) = server.asked("PUT", f"/api/v1/statuses/{published.remote_id}")
    assert edit.json["poll"]["hide_totals"] is True


@pytest.mark.parametrize("goes", [True, False])
async def test_a_question_without_its_poll_is_taken_back(kit: Kit, *, goes: bool) -> None:
    """A server may tell limits and pass polls over all the same; what cannot be taken back stands, and counts."""
    async with MastodonServer(replace(BEHAVIOURS["takahe"], polls=False)) as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing("Kaffe?", poll=COFFEE))
        if not goes:
            before = server.write(server.people["anna"], "before").id
            server.fault("DELETE", f"/api/v1/statuses/{int(before) + 65536}", "status", status=500)
            assert (await service.publish(prepared)).remote_id
            assert server.by(server.people["anna"], "Kaffe?")
            return
        with pytest.raises(RejectedError, match="without its poll") as caught:
            await service.publish(prepared)
        assert caught.value.code == "no-poll"
        assert not server.by(server.people["anna"], "Kaffe?")


async def test_the_same_question_with_another_poll_is_another_post(server: MastodonServer, service: Mastodon) -> None:
    prepared = await service.prepare(outgoing("Kaffe?", poll=COFFEE))
    plain = await service.prepare(outgoing("Kaffe?"))
    other = await service.prepare(outgoing("Kaffe?", poll=replace(COFFEE, choices=("Ja", "Aldrig"))))
    server.fault(*POST, "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(other) is None
    assert await service.find(plain) is None
    assert await service.find(prepared) is not None


async def test_an_edit_keeps_the_polls_votes(server: MastodonServer, service: Mastodon) -> None:
    published = await send(service, "Kafe?", poll=COFFEE)
    stored = server.statuses[published.remote_id]
    assert stored.poll is not None
    stored.poll.votes["bo"] = [0]
    await send(service, "Kaffe?", edit_of=await service.post(published.remote_id))
    post = await service.post(published.remote_id)
    assert post.text == "Kaffe?"
    assert post.poll is not None
    assert [choice.votes for choice in post.poll.choices] == [1, 0]
