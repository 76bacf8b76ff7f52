"""Posts under one's own uuid, nothing cut, no channel by accident (facts/jaiku.md 4, 9)."""

from __future__ import annotations

import pytest

from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import Post, Visibility
from mbclient.services.jaiku.service import Jaiku
from mbclient.services.kit import Kit
from tests.services.contract import outgoing
from tests.services.jaiku.conftest import opened
from tests.services.jaiku.server import JaikuServer

# ------------------------------------------------------------ the uuid


async def test_a_repeat_after_a_lost_answer_is_the_same_post(server: JaikuServer, service: Jaiku, kit: Kit) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("post", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    published = await opened(server, kit).publish(prepared)  # another run, resent without asking first
    assert len(server.entries) == 1
    assert published.post is not None
    assert published.post.text == "Hej"


async def test_the_same_draft_prepared_anew_has_the_same_uuid_and_another_draft_another(service: Jaiku) -> None:
    first, second = outgoing("Hej"), outgoing("Hej")
    uuids = [(await service.prepare(each))["uuid"] for each in (first, first, second)]
    assert uuids[0] == uuids[1] != uuids[2]
    assert all(isinstance(uuid, str) and len(uuid) == 32 and int(uuid, 16) for uuid in uuids)


async def test_a_repeat_of_what_was_deleted_meanwhile_still_means_sent(server: JaikuServer, service: Jaiku) -> None:
    """The error is "not found" then, and nothing is posted again."""
    prepared = await service.prepare(outgoing("Hej"))
    first = await service.publish(prepared)
    next(iter(server.entries.values())).deleted = True
    assert (await service.publish(prepared)).remote_id == first.remote_id
    assert len(server.entries) == 1
    assert await service.find(prepared) is None


async def test_a_repeated_comment_is_one_and_one_on_a_post_that_is_gone_is_refused(
    server: JaikuServer, service: Jaiku
) -> None:
    entry = server.write("bo", "Fika?")
    parent = await service.post(server.name(entry))
    prepared = await service.prepare(outgoing("Ja", reply_to=parent))
    first = await service.publish(prepared)
    assert (await service.publish(prepared)).remote_id == first.remote_id
    assert len(server.by("anna", "Ja")) == 1
    entry.deleted = True
    other = await service.prepare(outgoing("Ja, gärna", reply_to=parent))
    with pytest.raises(RejectedError, match="Entry not found"):
        await service.publish(other)


# ------------------------------------------------------------ lengths


async def test_what_the_server_would_cut_in_silence_is_refused_before(server: JaikuServer, service: Jaiku) -> None:
    for text in ("å" * 140, "👩" * 140):
        await service.publish(await service.prepare(outgoing(text)))
        assert len(server.by("anna", text)) == 1
    with pytest.raises(RejectedError, match="takes 140"):
        await service.prepare(outgoing("å" * 141))


async def test_a_comment_may_have_2000_characters(server: JaikuServer, service: Jaiku) -> None:
    parent = await service.post(server.name(server.write("bo", "Berätta")))
    await service.publish(await service.prepare(outgoing("å" * 2000, reply_to=parent)))
    assert len(server.by("anna", "å" * 2000)) == 1
    with pytest.raises(RejectedError, match="takes 2000"):
        await service.prepare(outgoing("å" * 2001, reply_to=parent))


@pytest.mark.parametrize("text", ["", " hej\n", "👩‍👩‍👧", "https://example.org/ett/langt"])
async def test_code_points_are_measured_without_outer_blanks(service: Jaiku, text: str) -> None:
    assert (service.measure(text).used, service.measure(text).limit) == (len(text.strip()), 140)
    comment = service.measure(text, reply=True)
    assert (comment.used, comment.limit) == (len(text.strip()), 2000)


# ------------------------------------------------------------ channels


async def test_a_hashtag_first_goes_to_that_channel_where_there_is_one(server: JaikuServer, service: Jaiku) -> None:
    published = await service.publish(await service.prepare(outgoing("#infosec OpenSSL är ute")))
    assert published.remote_id.startswith("#infosec@jaiku.example/")
    assert published.url.startswith(f"{server.url}/channel/infosec/presence/")
    assert published.post is not None
    assert published.post.text == "OpenSSL är ute"  # the channel's name is no part of the text there


@pytest.mark.parametrize("text", ["#openssl är ute", "#a b", "#Fika2: nu", "#fika@jaiku.example nu", "#ensam\nrad"])
async def test_one_that_would_create_a_channel_is_refused(server: JaikuServer, service: Jaiku, text: str) -> None:
    with pytest.raises(RejectedError, match="would create the public channel") as caught:
        await service.prepare(outgoing(text))
    assert caught.value.code == "channel"
    assert "post" not in server.calls


@pytest.mark.parametrize("text", ["Se #openssl nu", "#2 av 3", "#å är ingen kanal", "# hej"])
async def test_other_hashtags_are_only_words(server: JaikuServer, service: Jaiku, text: str) -> None:
    await service.publish(await service.prepare(outgoing(text)))
    assert len(server.by("anna", text)) == 1
    assert list(server.actors) == ["anna", "bo", "eva", "#infosec"]


async def test_a_lost_channel_post_is_named_without_being_read(server: JaikuServer, service: Jaiku) -> None:
    prepared = await service.prepare(outgoing("#infosec Hej"))
    first = await service.publish(prepared)
    next(iter(server.entries.values())).deleted = True
    assert (await service.publish(prepared)).remote_id == first.remote_id


# ------------------------------------------------------------ errors that come as 200


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0, RejectedError),
        (3, AuthError),
        (4, AuthError),
        (5, RejectedError),
        (6, RejectedError),
        (8, UnreachableError),
        (9, RateLimitedError),
        (16, RejectedError),
    ],
)
async def test_an_error_is_an_error_though_its_status_is_200(
    server: JaikuServer, service: Jaiku, code: int, error: type[Exception]
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("post", code)
    with pytest.raises(error, match="no") as caught:
        await service.publish(prepared)
    assert "\x1b" not in str(caught.value)
    assert server.entries == {}
    await service.publish(prepared)
    assert len(server.entries) == 1


async def test_a_validation_error_has_its_words_elsewhere(server: JaikuServer, service: Jaiku) -> None:
    server.fault("post", "status", status=200, body={"status": "error", "msg": "Nej tack"})
    with pytest.raises(RejectedError, match="Nej tack"):
        await service.publish(await service.prepare(outgoing("Hej")))


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"<html>Server error</html>"), (200, b"<html>ok</html>"), (200, {"status": "maybe"}), (303, b"")],
)
async def test_an_answer_that_says_nothing_is_looked_up(
    server: JaikuServer, service: Jaiku, status: int, body: object
) -> None:
    """303 is what the oldest dialect answered when all was well."""
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("post", "status", status=status, body=body, headers={"Location": "/"})
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_the_eleventh_post_of_a_minute_waits_and_a_refused_duplicate_counts(
    server: JaikuServer, service: Jaiku
) -> None:
    server.per_minute = 10
    prepared = await service.prepare(outgoing("nr 0"))
    for _number in range(2):
        await service.publish(prepared)
    for n in range(1, 9):
        await service.publish(await service.prepare(outgoing(f"nr {n}")))
    last = await service.prepare(outgoing("nr 9"))
    with pytest.raises(RateLimitedError):
        await service.publish(last)
    assert len(server.entries) == 9
    server.posted.clear()
    await service.publish(last)
    assert len(server.entries) == 10


# ------------------------------------------------------------ what there is not


async def parent_of(server: JaikuServer, service: Jaiku) -> Post:
    return await service.post(server.name(server.write("bo", "Hej")))


async def test_what_jaiku_has_not_is_refused_before_anything_is_sent(server: JaikuServer, service: Jaiku) -> None:
    post = await parent_of(server, service)
    for fields in (
        {"quote_of": post},
        {"edit_of": post},
        {"cw": "x"},
        {"media": (Attachment("x.png"),)},
        {"visibility": Visibility.UNLISTED},
    ):
        with pytest.raises(UnsupportedError):
            await service.prepare(outgoing("Hej", **fields))
    with pytest.raises(UsageError):
        await service.prepare(outgoing(" "))
    for call in (
        service.delete(post),
        service.set_liked(post, True),
        service.set_boosted(post, True),
        service.set_bookmarked(post, True),
        service.search("x"),
        service.notifications(),
    ):
        with pytest.raises(UnsupportedError):
            await call
    assert not service.capabilities.delete  # so whoever asks first asks before sending


@pytest.mark.parametrize(
    ("privacy", "visibility"), [(3, Visibility.PUBLIC), (2, Visibility.FOLLOWERS), (1, Visibility.DIRECT)]
)
async def test_who_sees_posts_is_the_accounts_setting_and_no_posts_choice(
    server: JaikuServer, kit: Kit, privacy: int, visibility: Visibility
) -> None:
    server.actors["anna"].privacy = privacy
    service = opened(server, kit)
    others = set(Visibility) - {visibility}
    for other in others:  # asked before anybody read the setting: it is read first
        with pytest.raises(UnsupportedError):
            await service.prepare(outgoing("Hej", visibility=other))
    published = await service.publish(await service.prepare(outgoing("Hej", visibility=visibility)))
    assert published.post is not None
    assert published.post.visibility is visibility
    assert opened(server, kit).capabilities.visibilities == (visibility,)  # remembered by the next run
