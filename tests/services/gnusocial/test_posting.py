"""Sending to a server without keys that changes texts: nothing twice, nothing lost, nothing cut (facts 4)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import Visibility
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.gnusocial.site import Site
from mbclient.services.kit import Kit
from tests.services.contract import outgoing, unique
from tests.services.gnusocial.conftest import opened
from tests.services.gnusocial.server import TwitterServer

LONG = "https://example.org/" + "a" * 200


def texts(server: TwitterServer) -> list[str]:
    return [notice.text for notice in server.notices.values()]


# ------------------------------------------------------------ nothing twice


async def test_the_same_again_too_soon_means_it_is_there(server: TwitterServer, service: GnuSocial) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "statuses/update.json", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    published = await service.publish(prepared)  # the server answers 400: a duplicate
    assert [str(number) for number in server.notices] == [published.remote_id]


async def test_an_equal_post_of_before_is_not_taken_for_this_one(server: TwitterServer, service: GnuSocial) -> None:
    first = await service.publish(await service.prepare(outgoing("Hej")))
    with pytest.raises(RejectedError, match="duplicate messages"):
        await service.publish(await service.prepare(outgoing("Hej")))
    assert list(server.notices) == [int(first.remote_id)]


async def test_another_program_run_finds_the_post_too(server: TwitterServer, service: GnuSocial, kit: Kit) -> None:
    server.write(server.people["anna"], "Hej")  # an older equal one
    server.dupelimit = 0
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "statuses/update.json", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await opened(server, kit).find(prepared)
    assert found is not None
    assert found.remote_id == str(max(server.notices))


async def test_a_reply_is_not_found_in_a_post_of_the_same_words(server: TwitterServer, service: GnuSocial) -> None:
    parent = await service.post(str(server.write(server.people["bo"], "Frukost?").id))
    prepared = await service.prepare(outgoing("Ja", reply_to=parent))
    server.write(server.people["anna"], "Ja")
    assert await service.find(prepared) is None


async def test_a_throttle_is_waited_for(server: TwitterServer, service: GnuSocial) -> None:
    """A 400 as well, told by its words alone."""
    prepared = await service.prepare(outgoing("Hej"))
    server.throttled = True
    with pytest.raises(RateLimitedError):
        await service.publish(prepared)
    server.throttled = False
    await service.publish(prepared)
    assert texts(server) == ["Hej"]


async def test_a_refusal_in_another_language_is_told_as_it_is(server: TwitterServer, service: GnuSocial) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "statuses/update.json", "status", status=400, body={"error": "Zu viele \x1b[31mDuplikate"})
    with pytest.raises(RejectedError, match="Zu viele") as caught:
        await service.publish(prepared)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_fault_after_sending_is_looked_up(
    server: TwitterServer, service: GnuSocial, status: int
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "statuses/update.json", "status", status=status, body={"error": "oops"})
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_a_page_of_html_is_no_yes(server: TwitterServer, service: GnuSocial) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "statuses/update.json", "garbage")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)


async def test_an_unreachable_server_got_nothing(service: GnuSocial, server: TwitterServer) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    await server.__aexit__(None, None, None)
    with pytest.raises(UnreachableError):
        await service.publish(prepared)
    await server.__aenter__()


# ------------------------------------------------------------ what the server does to texts


@pytest.mark.parametrize(
    "text",
    [
        "Skriv &amp; inte &, och &lt;b&gt;",  # entities would be decoded
        "a &#38; b &aring; c",
        "R&D och AT&T; slut",
        "  mellanrum runt om \n",
        "två\nrader",
        f"se {LONG} och {LONG}b",  # shortened
        "e\u0301 and 👩‍👩‍👧",
        "100 % *.* (a|b)+ [x] \\d $ ^",
    ],
)
async def test_the_words_arrive_and_are_found_again(server: TwitterServer, service: GnuSocial, text: str) -> None:
    prepared = await service.prepare(outgoing(text))
    server.fault("POST", "statuses/update.json", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    (kept,) = texts(server)
    if LONG not in text:
        assert kept == text.strip()
    assert await service.find(prepared) is not None


def test_a_long_address_counts_no_more_than_the_server_keeps() -> None:
    site = Site("https://social.example", "https://social.example/api", limit=140, max_url=100)
    assert site.measure(LONG).used == 100
    assert Site("https://social.example", "x", limit=140).measure(LONG).used == len(LONG)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_without_long_addresses_a_text_counts_by_code_points(text: str) -> None:
    site = Site("https://social.example", "x", limit=140, max_url=100)
    assert site.measure(text).used == len(text.strip())


async def test_own_people_are_named_without_the_host(server: TwitterServer, service: GnuSocial) -> None:
    host = f"127.0.0.1:{server.wire.port}"
    text = f"@bo@{host} hej, och @eva@annan.example"
    assert service.measure(text).used == len("@bo hej, och @eva@annan.example")
    await service.publish(await service.prepare(outgoing(text)))
    assert texts(server) == ["@bo hej, och @eva@annan.example"]


# ------------------------------------------------------------ limits


async def test_too_long_is_caught_before_a_byte_is_sent(server: TwitterServer, service: GnuSocial) -> None:
    with pytest.raises(RejectedError, match="1001 characters") as caught:
        await service.prepare(outgoing("å" * 1001))
    assert caught.value.code == "too-long"
    assert server.asked("statuses/update.json") == []


@pytest.mark.parametrize("behaviour", ["gnusocial", "statusnet", "twitter"])
async def test_a_limit_that_was_lowered_is_told(kit: Kit, behaviour: str) -> None:
    """413 by GNU social, 406 by StatusNet, 403 by Twitter."""
    async with TwitterServer(behaviour) as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing("å" * 100))
        server.settings["site.textlimit"] = "50"
        with pytest.raises(RejectedError, match="50 characters"):
            await service.publish(prepared)


async def test_no_text_is_no_post(service: GnuSocial) -> None:
    with pytest.raises(UsageError):
        await service.prepare(outgoing("  \n"))


@pytest.mark.parametrize("fields", [{"cw": "x"}, {"visibility": Visibility.DIRECT}])
async def test_what_the_server_cannot_do_is_said(service: GnuSocial, fields: dict[str, object]) -> None:
    with pytest.raises(UnsupportedError):
        await service.prepare(outgoing("Hej", **fields))


# ------------------------------------------------------------ files


async def test_files_go_first_and_their_addresses_count(
    server: TwitterServer, service: GnuSocial, tmp_path: Path
) -> None:
    picture = tmp_path / "häst.png"
    picture.write_bytes(b"png")
    prepared = await service.prepare(outgoing("En häst", media=(Attachment(str(picture), "alt"),)))
    assert server.notices == {}
    published = await service.publish(prepared)
    assert published.post is not None
    assert published.post.text.startswith("En häst http://127.0.0.1")
    assert [medium.type for medium in published.post.media] == ["image"]
    with pytest.raises(RejectedError, match="characters"):
        await service.prepare(outgoing("å" * 1000, media=(Attachment(str(picture)),)))


async def test_a_server_without_uploads_says_so_once(server: TwitterServer, service: GnuSocial, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"png")
    server.fault("POST", "media/upload.json", "status", status=404)
    for _number in range(2):
        with pytest.raises(UnsupportedError):
            await service.prepare(outgoing("Hej", media=(Attachment(str(picture)),)))
    assert len([r for r in server.wire.requests if urlsplit(r.target).path.endswith("media/upload.json")]) == 1
    assert service.capabilities.max_media == 0


# ------------------------------------------------------------ what is sent


async def test_only_forms_are_sent_and_the_program_is_named(server: TwitterServer, service: GnuSocial) -> None:
    await service.publish(await service.prepare(outgoing(unique())))
    (request,) = server.asked("statuses/update.json")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form["source"] == "mbclient"


async def test_anothers_post_is_not_deleted_and_a_gone_one_is(server: TwitterServer, service: GnuSocial) -> None:
    theirs = await service.post(str(server.write(server.people["bo"], "Hej").id))
    with pytest.raises(RejectedError, match="another user's"):
        await service.delete(theirs)
    server.remove(int(theirs.remote_id))
    await service.delete(theirs)  # 410
    with pytest.raises(RejectedError) as caught:
        await service.post(theirs.remote_id)
    assert caught.value.status == 410
