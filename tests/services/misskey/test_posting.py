"""Sending without a key: nothing twice, nothing wider, nothing cut, nothing at once that was to wait (facts 4, 10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.draft import Attachment, Written
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Post, Visibility
from mbclient.services.kit import Kit
from mbclient.services.misskey.server import Server
from mbclient.services.misskey.service import Misskey
from tests.services.contract import outgoing, unique
from tests.services.misskey.conftest import error, opened
from tests.services.misskey.server import MisskeyServer
from tests.services.misskey.shapes import Person


def texts(server: MisskeyServer) -> list[str | None]:
    return [note.text for note in server.notes.values() if note.user is server.people["anna"]]


async def direct(service: Misskey, text: str, parent: Post | None = None) -> None:
    await service.publish(await service.prepare(outgoing(text, reply_to=parent, visibility=Visibility.DIRECT)))


# ------------------------------------------------------------ nothing twice


async def test_another_run_finds_the_post_and_not_an_older_equal_one(
    server: MisskeyServer, service: Misskey, kit: Kit
) -> None:
    server.write(server.people["anna"], "Hej")
    prepared = await service.prepare(outgoing(" Hej \n"))  # the server trims
    server.fault("notes/create", "drop-before")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await opened(server, kit).find(prepared) is None
    server.fault("notes/create", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await opened(server, kit).find(prepared)
    assert found is not None
    assert found.remote_id == max(server.notes)


@pytest.mark.parametrize("other", [{"cw": "x"}, {"reply": True}, {"renote": True}])
async def test_the_same_words_elsewhere_are_another_post(
    server: MisskeyServer, service: Misskey, other: dict[str, Any]
) -> None:
    theirs = server.write(server.people["bo"], "Frukost?")
    prepared = await service.prepare(outgoing("Ja"))
    server.write(
        server.people["anna"], "Ja", **{name: theirs if value is True else value for name, value in other.items()}
    )
    assert await service.find(prepared) is None


async def test_of_two_equal_posts_the_one_that_arrived_is_not_taken_for_the_other(
    server: MisskeyServer, service: Misskey
) -> None:
    first, second = [await service.prepare(outgoing("Hej")) for _number in range(2)]
    await service.publish(first)
    server.fault("notes/create", "drop-before")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(second)
    assert await service.find(second) is None
    server.fault("notes/create", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(second)
    found = [await service.find(each) for each in (first, second)]
    assert len({each.remote_id for each in found if each}) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_fault_after_sending_is_looked_up(server: MisskeyServer, service: Misskey, status: int) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("notes/create", "status", status=status, body=error("INTERNAL_ERROR"))
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)


async def test_a_page_of_html_is_no_yes(server: MisskeyServer, service: Misskey) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("notes/create", "garbage")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)


@pytest.mark.parametrize("body", [{}, {"createdNote": {}}, {"createdNote": 7}, []])
async def test_a_yes_without_the_post_is_none(server: MisskeyServer, service: Misskey, body: object) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("notes/create", "status", status=200, body=body)
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)


async def test_a_202_with_an_error_is_no_success(server: MisskeyServer, service: Misskey) -> None:
    """misskey.io answers so while it still works on the same words."""
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("notes/create", "status", status=202, body=error("PROCESSING"))
    with pytest.raises(OutcomeUnknownError, match="PROCESSING"):
        await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_the_same_words_within_a_minute_are_not_said_to_be_posted(kit: Kit) -> None:
    """misskey.io gives the older note back: the second is waited with, until it is taken as one of its own."""
    async with MisskeyServer("misskey.io") as server:
        service = opened(server, kit)
        first, second = outgoing("Hej"), outgoing("Hej")
        prepared = [await service.prepare(first), await service.prepare(second)]
        published = await service.publish(prepared[0])
        assert (await service.publish(prepared[0])).remote_id == published.remote_id  # its own repeat
        with pytest.raises(RateLimitedError) as caught:
            await service.publish(prepared[1])
        assert caught.value.until - datetime.now(UTC) > timedelta(seconds=50)
        again = await opened(server, kit).prepare(second)
        with pytest.raises(RateLimitedError):  # also in another run
            await opened(server, kit).publish(again)
        server.repeated.clear()  # a minute later
        await service.publish(prepared[1])
        assert texts(server) == ["Hej", "Hej"]
        assert [request.headers["idempotency-key"] for request in server.asked("notes/create")][:2] == [first.key] * 2


async def test_an_unreachable_server_got_nothing(service: Misskey, server: MisskeyServer) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    await server.__aexit__(None, None, None)
    with pytest.raises(UnreachableError):
        await service.publish(prepared)


async def test_a_limit_of_300_an_hour_is_waited_for(server: MisskeyServer, service: Misskey) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    body = error("RATE_LIMIT_EXCEEDED", info={"resetMs": 600_000})
    server.fault("notes/create", "status", status=429, body=body, headers={"Retry-After": "600"})
    with pytest.raises(RateLimitedError):
        await service.publish(prepared)
    await service.publish(prepared)
    assert texts(server) == ["Hej"]


# ------------------------------------------------------------ who sees it


async def test_the_servers_quiet_narrowing_is_read_back(server: MisskeyServer, service: Misskey) -> None:
    server.sensitive_words.add("hemligt")
    published = await service.publish(await service.prepare(outgoing("inte hemligt alls")))
    assert published.post is not None
    assert published.post.visibility is Visibility.UNLISTED


async def test_without_the_right_to_public_notes_none_is_sent(server: MisskeyServer, service: Misskey) -> None:
    server.people["anna"].policies["canPublicNote"] = False
    await service.load_capabilities()
    with pytest.raises(UnsupportedError, match="public"):
        await service.prepare(outgoing("Hej"))
    await service.publish(await service.prepare(outgoing("Hej", visibility=Visibility.UNLISTED)))


async def test_a_direct_note_is_addressed_to_those_it_names(server: MisskeyServer, service: Misskey) -> None:
    """The names in the words address nobody by themselves."""
    server.people["li"] = Person("uli", "li", "Li", "annan.example")
    text = f"@bo @eva@{server.domain} @li@annan.example hej, inte a@b.se"
    await service.publish(await service.prepare(outgoing(text, visibility=Visibility.DIRECT)))
    (note,) = [note for note in server.notes.values() if note.text == text]
    assert (note.visibility, note.seen_by) == ("specified", {"ubo", "ueva", "uli"})
    with pytest.raises(RejectedError, match="nobody called @nils"):
        await service.prepare(outgoing("@nils hej", visibility=Visibility.DIRECT))
    assert len(texts(server)) == 1


async def test_a_direct_reply_goes_to_everybody_who_had_the_note(server: MisskeyServer, service: Misskey) -> None:
    note = server.write(server.people["bo"], "psst", visibility="specified", seen_by={"uanna", "ueva"})
    await direct(service, "ja", await service.post(note.id))
    (reply,) = server.by(server.people["anna"], "ja")
    assert reply.seen_by == {"ubo", "ueva"}
    server.people["li"] = Person("uli", "li", "Li")
    await direct(service, "@li också", await service.post(reply.id))  # also one's own, where nobody adds an author
    (second,) = server.by(server.people["anna"], "@li också")
    assert second.seen_by - {"uanna"} == {"ubo", "ueva", "uli"}


async def test_a_direct_reply_to_what_all_can_read_goes_to_its_author(server: MisskeyServer, service: Misskey) -> None:
    note = server.write(server.people["bo"], "Hej @eva", seen_by={"ueva"})
    await direct(service, "emellan oss", await service.post(note.id))
    (reply,) = server.by(server.people["anna"], "emellan oss")
    assert reply.seen_by == {"ubo"}


async def test_a_direct_note_for_nobody_is_refused_before_a_byte_is_sent(
    server: MisskeyServer, service: Misskey
) -> None:
    mine = await service.post(server.write(server.people["anna"], "för alla").id)
    for parent in (None, mine):
        with pytest.raises(RejectedError, match="reach nobody; name those") as caught:
            await direct(service, "hemligt", parent)
        assert caught.value.code == "nobody"
    assert server.asked("notes/create") == []


async def test_a_note_to_oneself_names_oneself_and_goes_on_without(server: MisskeyServer, service: Misskey) -> None:
    await direct(service, "@anna köp mjölk")
    (first,) = server.by(server.people["anna"], "@anna köp mjölk")
    assert first.seen_by == {"uanna"}
    await direct(service, "och bröd", await service.post(first.id))
    (second,) = server.by(server.people["anna"], "och bröd")
    assert second.seen_by <= {"uanna"}


async def test_a_note_that_is_shown_wider_than_asked_is_taken_back(server: MisskeyServer, service: Misskey) -> None:
    prepared = await service.prepare(outgoing("Hej", visibility=Visibility.FOLLOWERS))
    note = server.write(server.people["anna"], "Hej")
    shown = {"id": note.id, "createdAt": "2026-11-24T08:00:00Z", "user": {"id": "uanna", "username": "anna"}}
    body = {"createdNote": {**shown, "text": "Hej", "visibility": "public"}}
    server.fault("notes/create", "status", status=200, body=body)
    with pytest.raises(RejectedError, match="taken back"):
        await service.publish(prepared)
    assert texts(server) == []


async def test_a_reply_wider_than_a_direct_note_is_refused_by_the_server(
    server: MisskeyServer, service: Misskey
) -> None:
    note = server.write(server.people["bo"], "psst", visibility="specified", seen_by={"uanna"})
    parent = await service.post(note.id)
    with pytest.raises(RejectedError) as caught:
        await service.publish(await service.prepare(outgoing("ja", reply_to=parent)))
    assert caught.value.code == "CANNOT_REPLY_TO_SPECIFIED_VISIBILITY_NOTE_WITH_EXTENDED_VISIBILITY"
    await service.publish(await service.prepare(outgoing("ja", reply_to=parent, visibility=Visibility.DIRECT)))


async def test_a_post_for_later_is_never_sent_at_once(server: MisskeyServer, service: Misskey) -> None:
    """A key that the server does not know is passed over, and the note published."""
    with pytest.raises(UnsupportedError, match="schedule"):
        await service.prepare(outgoing("Hej", due=datetime.now(UTC) + timedelta(hours=2)))


# ------------------------------------------------------------ limits


async def test_too_long_is_caught_before_a_byte_is_sent(server: MisskeyServer, service: Misskey) -> None:
    with pytest.raises(RejectedError, match="3001 characters") as caught:
        await service.prepare(outgoing("å" * 3001))
    assert caught.value.code == "too-long"
    with pytest.raises(RejectedError, match="warning has 101"):
        await service.prepare(outgoing("Hej", cw="x" * 101))
    assert server.asked("notes/create") == []


async def test_a_limit_that_was_raised_or_lowered_since_is_noticed(server: MisskeyServer, service: Misskey) -> None:
    server.meta["maxNoteTextLength"] = 4000
    prepared = await service.prepare(outgoing("å" * 3500))
    assert service.capabilities.max_length == 4000
    server.meta["maxNoteTextLength"] = 100
    with pytest.raises(RejectedError) as caught:
        await service.publish(prepared)
    assert caught.value.code == "INVALID_PARAM"


@pytest.mark.parametrize(("behaviour", "used"), [("misskey", 2), ("sharkey", 3)])
async def test_what_a_character_is_differs_by_fork(kit: Kit, behaviour: str, used: int) -> None:
    async with MisskeyServer(behaviour, maxNoteTextLength=3) as server:
        service = opened(server, kit)
        await service.load_capabilities()
        assert service.measure(" å😀 ").used == used
        await service.publish(await service.prepare(outgoing("å😀")))
        with pytest.raises(RejectedError):
            await service.prepare(outgoing("å😀😀"[: 2 + (behaviour == "sharkey")] + "åå"))


@given(st.text(max_size=60))
def test_upstream_counts_code_points_with_addresses_in_full(text: str) -> None:
    assert Server("m.example").measure(text).used == len(text.strip())


async def test_no_text_is_no_post_and_a_bare_quote_no_boost(server: MisskeyServer, service: Misskey) -> None:
    quoted = await service.post(server.write(server.people["bo"], "Hej").id)
    for fields in ({}, {"quote_of": quoted}):
        with pytest.raises(UsageError):
            await service.prepare(outgoing(" \n", **fields))


# ------------------------------------------------------------ files


async def test_files_go_first_with_their_descriptions(server: MisskeyServer, service: Misskey, tmp_path: Path) -> None:
    picture = tmp_path / "häst.png"
    picture.write_bytes(b"png")
    prepared = await service.prepare(outgoing("", cw="djur", media=(Attachment(str(picture), "en häst"),)))
    assert server.notes == {}
    published = await service.publish(prepared)
    assert published.post is not None
    assert [(medium.type, medium.alt) for medium in published.post.media] == [("image", "en häst")]
    (file,) = server.files.values()
    assert (file["name"], file["isSensitive"]) == ("häst.png", True)


async def test_a_full_drive_and_too_many_files(server: MisskeyServer, service: Misskey, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"png")
    server.fault("drive/files/create", "status", status=400, body=error("NO_FREE_SPACE", "No free space."))
    with pytest.raises(RejectedError, match="No free space"):
        await service.prepare(outgoing("Hej", media=(Attachment(str(picture)),)))
    with pytest.raises(UnsupportedError, match="16 files"):
        await service.prepare(outgoing("Hej", media=(Attachment(str(picture)),) * 17))


# ------------------------------------------------------------ edits and deletions


async def test_an_edit_keeps_what_the_user_did_not_touch(kit: Kit, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"png")
    async with MisskeyServer("sharkey") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        parent = await service.post(server.write(server.people["bo"], "Hej").id)
        media = (Attachment(str(picture), "alt"),)
        fields = {"reply_to": parent, "media": media, "visibility": Visibility.FOLLOWERS}
        published = await service.publish(await service.prepare(outgoing("fle", **fields)))
        prepared = await service.prepare(outgoing("fel", edit_of=await service.post(published.remote_id)))
        server.fault("notes/edit", "drop-after")
        with pytest.raises(OutcomeUnknownError):
            await service.publish(prepared)
        found = await service.find(prepared)
        assert found is not None
        assert found.post is not None
        assert (found.remote_id, found.post.text, found.post.in_reply_to) == (
            published.remote_id,
            "fel",
            parent.remote_id,
        )
        assert (found.post.visibility, len(found.post.media)) == (Visibility.FOLLOWERS, 1)
        note = server.write(server.people["anna"], "röst", poll={"choices": [{"text": "ja", "votes": 1}]})
        with pytest.raises(RejectedError, match="poll"):
            await service.prepare(outgoing("rösta", edit_of=await service.post(note.id)))


async def test_an_edit_begins_with_the_markup_that_is_not_shown(kit: Kit) -> None:
    text = "@cy@remote.example [the text](https://example.org/) $[tada hi] **så** <small>x</small>"
    async with MisskeyServer("sharkey") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        note = server.write(server.people["anna"], text, cw="politik")
        post = await service.post(note.id)
        assert "$[tada" not in post.text
        assert await service.written(post) == Written(text, "politik")
        server.fault("notes/show", "status", status=200, body={})
        with pytest.raises(UnreachableError):
            await service.written(post)
        del server.notes[note.id]
        with pytest.raises(RejectedError):
            await service.written(post)


async def test_upstream_cannot_edit(server: MisskeyServer, service: Misskey) -> None:
    post = await service.post(server.write(server.people["anna"], "Hej").id)
    with pytest.raises(UnsupportedError, match="edit"):
        await service.prepare(outgoing("Hejsan", edit_of=post))


async def test_anothers_post_is_not_deleted(server: MisskeyServer, service: Misskey) -> None:
    theirs = await service.post(server.write(server.people["bo"], unique()).id)
    with pytest.raises(RejectedError):
        await service.delete(theirs)
    assert theirs.remote_id in server.notes


# ------------------------------------------------------------ polls

COFFEE = NewPoll(("ja", "nej"), multiple=True, seconds=3600)


async def test_a_poll_is_asked_for_in_milliseconds(server: MisskeyServer, service: Misskey) -> None:
    await service.publish(await service.prepare(outgoing("Kaffe?", poll=COFFEE)))
    (request,) = server.asked("notes/create")
    assert request.json["poll"] == {"choices": ["ja", "nej"], "multiple": True, "expiredAfter": 3_600_000}


async def test_a_question_without_its_poll_is_taken_back(server: MisskeyServer, service: Misskey) -> None:
    prepared = await service.prepare(outgoing("Kaffe?", poll=COFFEE))
    note = server.write(server.people["anna"], "Kaffe?")
    shown = {"id": note.id, "createdAt": "2026-11-24T08:00:00Z", "user": {"id": "uanna", "username": "anna"}}
    body = {"createdNote": {**shown, "text": "Kaffe?", "visibility": "public"}}
    server.fault("notes/create", "status", status=200, body=body)
    with pytest.raises(RejectedError, match="taken back"):
        await service.publish(prepared)
    assert texts(server) == []


async def test_the_same_question_with_another_poll_is_another_note(server: MisskeyServer, service: Misskey) -> None:
    prepared = await service.prepare(outgoing("Kaffe?", poll=COFFEE))
    plain = await service.prepare(outgoing("Kaffe?"))
    server.fault("notes/create", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(plain) is None
    assert await service.find(prepared) is not None
