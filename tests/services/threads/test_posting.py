"""Two steps, and the container between them: nothing twice, nothing lost (facts/threads.md 3, 4, 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import Visibility
from mbclient.services.kit import Kit
from mbclient.services.threads import posting
from mbclient.services.threads.counting import measure
from mbclient.services.threads.posting import LOST_AFTER
from mbclient.services.threads.service import Threads
from tests.services.contract import outgoing
from tests.services.threads.conftest import opened
from tests.services.threads.server import SCOPES, ThreadsServer


def now() -> datetime:
    return datetime.now(UTC)


def texts(server: ThreadsServer) -> list[str | None]:
    return [media.text for media in server.media.values() if media.person is server.people["anna"]]


def published(server: ThreadsServer) -> list[str]:
    return [request.form["creation_id"] for request in server.asked("POST", "me/threads_publish")]


# ------------------------------------------------------------ crash at every step


async def test_a_container_whose_answer_is_lost_is_seen_by_nobody(server: ThreadsServer, service: Threads) -> None:
    for _number in range(2):  # asked once more by the client itself
        server.fault("POST", "me/threads", "drop-after")
    with pytest.raises(UnreachableError):
        await service.prepare(outgoing("Hej"))
    assert texts(server) == []
    await service.publish(await service.prepare(outgoing("Hej")))
    assert texts(server) == ["Hej"]


async def test_a_crash_after_step_one_goes_on_with_the_same_container(
    server: ThreadsServer, service: Threads, kit: Kit
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    again = opened(server, kit)
    assert await again.find(prepared) is None
    await again.publish(prepared)
    assert published(server) == [prepared["creation_id"]]
    assert texts(server) == ["Hej"]


async def test_a_published_container_is_never_published_again(
    server: ThreadsServer, service: Threads, kit: Kit
) -> None:
    """The server would make a second post of it."""
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    for each in (service, opened(server, kit)):
        found = await each.publish(prepared)
        assert found.remote_id in server.media
        assert found.post is not None
        assert (await each.find(prepared)) == found
    assert len(published(server)) == 1
    assert texts(server) == ["Hej"]


async def test_one_that_is_out_and_not_yet_listed_is_waited_for(
    server: ThreadsServer, service: Threads, kit: Kit
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    server.unlisted = set(server.media)
    for call in (service.find, service.publish):
        with pytest.raises(UnreachableError, match="does not list it yet"):
            await call(prepared)
    server.unlisted.clear()
    assert await service.find(prepared) is not None
    assert len(published(server)) == 1


@pytest.mark.parametrize("shown", ["Hej p\u00e5 er alla", "Hej pa\u030a er  alla", "Hej p\u00e5\n\n\ner alla "])
async def test_it_is_found_though_letters_are_composed_and_blanks_laid_anew(
    server: ThreadsServer, service: Threads, kit: Kit, shown: str
) -> None:
    prepared = await service.prepare(outgoing("Hej pa\u030a er\n\nalla"))
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    (media,) = server.media.values()
    media.text = shown
    found = await opened(server, kit).find(prepared)
    assert found is not None
    assert found.remote_id == media.id


async def test_one_whose_words_were_changed_there_is_out_in_the_end_without_an_address(
    server: ThreadsServer, service: Threads, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = await service.prepare(outgoing("Hej #fika"))
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    (media,) = server.media.values()
    media.text = "Hej"
    for each in (service, opened(server, kit)):
        with pytest.raises(UnreachableError, match="does not list it yet"):
            await each.find(prepared)
    monkeypatch.setattr(posting, "LISTED_WITHIN", timedelta(0))
    for each in (service, opened(server, kit)):
        for call in (each.find, each.publish):
            found = await call(prepared)
            assert found is not None
            assert (found.remote_id, found.url, found.post) == ("", "", None)
            assert now() - found.at < timedelta(minutes=1)
    assert len(published(server)) == 1


async def test_what_another_send_became_is_not_this_one(server: ThreadsServer, service: Threads, kit: Kit) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    (mine,) = server.media
    other = server.write(server.people["anna"], "Hej", at=now() - timedelta(seconds=30)).id
    found = await opened(server, kit).find({**prepared, "taken": [other]})
    assert found is not None
    assert found.remote_id == mine


async def test_an_older_post_of_the_same_words_is_another(server: ThreadsServer, service: Threads, kit: Kit) -> None:
    server.write(server.people["anna"], "Hej", at=now() - timedelta(minutes=2))
    prepared = await service.prepare(outgoing("Hej"))
    server.containers[str(prepared["creation_id"])].status = "EXPIRED"
    assert await opened(server, kit).find(prepared) is None
    sent = await service.publish(prepared)
    assert sent.remote_id == max(server.media)
    assert texts(server) == ["Hej", "Hej"]


async def test_a_reply_is_looked_for_among_the_replies(server: ThreadsServer, service: Threads, kit: Kit) -> None:
    parent = await service.post(server.write(server.people["bo"], "Frukost?").id)
    prepared = await service.prepare(outgoing("Ja", reply_to=parent))
    server.write(server.people["anna"], "Ja")
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await opened(server, kit).find(prepared)
    assert found is not None
    assert found.post is not None
    assert found.post.in_reply_to == parent.remote_id


# ------------------------------------------------------------ containers that are not ready, expired, lost


async def test_one_that_is_being_worked_on_is_asked_about_once_a_minute(
    server: ThreadsServer, service: Threads
) -> None:
    server.new_status = "IN_PROGRESS"
    prepared = await service.prepare(outgoing("Hej"))
    for call in (service.publish, service.find):
        with pytest.raises(RateLimitedError) as caught:
            await call(prepared)
        assert caught.value.until - now() > timedelta(seconds=55)
    server.containers[str(prepared["creation_id"])].status = "FINISHED"
    await service.publish(prepared)
    assert texts(server) == ["Hej"]


async def test_too_early_is_tried_again_with_the_same_container(server: ThreadsServer, service: Threads) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.early = 1
    with pytest.raises(UnreachableError, match="not ready"):
        await service.publish(prepared)
    await service.publish(prepared)
    assert published(server) == [prepared["creation_id"]] * 2
    assert texts(server) == ["Hej"]


async def test_a_finished_one_that_is_lost_is_made_again(server: ThreadsServer, service: Threads) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.early = LOST_AFTER
    for _number in range(LOST_AFTER):
        with pytest.raises(UnreachableError):
            await service.publish(prepared)
    await service.publish(prepared)
    assert texts(server) == ["Hej"]
    assert len(server.containers) == 2


async def test_an_expired_one_is_made_again_and_known_to_the_next_run(
    server: ThreadsServer, service: Threads, kit: Kit
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.containers[str(prepared["creation_id"])].status = "EXPIRED"
    assert await service.find(prepared) is None
    server.fault("POST", "me/threads_publish", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    again = opened(server, kit)
    assert await again.find(prepared) is not None
    await again.publish(prepared)
    assert texts(server) == ["Hej"]
    assert len(published(server)) == 1


async def test_an_error_is_told_when_the_second_container_has_it_too(server: ThreadsServer, service: Threads) -> None:
    server.new_status = "ERROR"
    prepared = await service.prepare(outgoing("Hej"))
    for container in server.containers.values():
        container.error = "UNKNOWN"
    with pytest.raises(UnreachableError):
        await service.publish(prepared)
    for container in server.containers.values():
        container.error = "BLOCKED_BY_INTEGRITY\x1b"
    with pytest.raises(RejectedError, match="BLOCKED_BY_INTEGRITY") as caught:
        await service.publish(prepared)
    assert "\x1b" not in str(caught.value)
    assert texts(server) == []


async def test_a_status_that_nobody_knows_publishes_nothing(server: ThreadsServer, service: Threads) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    server.containers[str(prepared["creation_id"])].status = "REVIEWING"
    for call in (service.publish, service.find):
        with pytest.raises(UnreachableError):
            await call(prepared)
    assert (published(server), len(server.containers)) == ([], 1)


@pytest.mark.parametrize("refusal", [(500, 2, "oops"), (400, 1, "oops", 0, True), (200, 1, "oops")])
async def test_trouble_while_publishing_is_looked_up(
    server: ThreadsServer, service: Threads, kit: Kit, monkeypatch: pytest.MonkeyPatch, refusal: tuple[int, int, str]
) -> None:
    """The status may lag behind: for a minute it is not believed, by another run neither."""
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("POST", "me/threads_publish", "error", *refusal)
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    for each in (service, opened(server, kit)):
        for step in (each.find, each.publish):
            with pytest.raises(RateLimitedError, match="still working"):
                await step(prepared)
    monkeypatch.setattr(posting, "STATUS_EVERY", timedelta(0))
    assert await service.find(prepared) is None


async def test_a_post_that_cannot_be_read_afterwards_is_out_all_the_same(
    server: ThreadsServer, service: Threads
) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    for _number in range(2):  # asked once more by the client itself
        server.fault("GET", f"17{2:014}", "drop-before")
    sent = await service.publish(prepared)
    assert sent.remote_id in server.media
    assert sent.post is None


# ------------------------------------------------------------ limits


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("Hej å ä ö", 9),
        (" Hej \n", 3),
        ("e\u0301", 2),
        ("漢字", 2),
        ("😀", 4),
        ("👩‍👩‍👧", 18),
        ("❤️", 6),
        ("1️⃣", 7),
        ("🇸🇪", 8),
        ("https://example.org/" + "a" * 30, 50),
    ],
)
def test_an_emoji_counts_its_bytes_all_else_one(text: str, used: int) -> None:
    assert measure(text).used == used


@given(st.text(st.characters(categories=["L", "M", "N", "P", "Zs"], max_codepoint=0x1FFF), max_size=80))
def test_words_count_by_code_points(text: str) -> None:
    assert measure(text).used == len(text.strip())


async def test_what_is_too_long_or_has_too_many_links_is_caught_first(server: ThreadsServer, service: Threads) -> None:
    with pytest.raises(RejectedError, match="501 characters"):
        await service.prepare(outgoing("å" * 501))
    links = " ".join(f"https://example.org/{n}" for n in range(6))
    with pytest.raises(RejectedError, match="more than 5"):
        await service.prepare(outgoing(links))
    await service.prepare(outgoing(links[: links.rindex(" ")] + " https://example.org/0"))
    assert len(server.asked("POST", "me/threads")) == 1


@pytest.mark.parametrize("used", ["quota_usage", "reply_quota_usage"])
async def test_a_full_quota_is_waited_for(server: ThreadsServer, service: Threads, used: str) -> None:
    """250 posts and 1000 replies in a moving day, whichever program sent them."""
    parent = await service.post(server.write(server.people["bo"], "Hej").id)
    fields = {"reply_to": parent} if used == "reply_quota_usage" else {}
    server.quota[used] = 1000
    with pytest.raises(RateLimitedError) as caught:
        await service.prepare(outgoing("Hej", **fields))
    assert timedelta(minutes=59) < caught.value.until - now() <= timedelta(hours=1)
    assert server.containers == {}
    server.quota[used] = 249
    await service.prepare(outgoing("Hej", **fields))


async def test_where_the_quota_is_not_told_the_server_decides(server: ThreadsServer, service: Threads) -> None:
    server.fault("GET", "me/threads_publishing_limit", "error", 400, 100, "no such field")
    await service.prepare(outgoing("Hej"))


async def test_a_picture_from_a_file_is_refused_with_the_way_out(
    server: ThreadsServer, service: Threads, tmp_path: Path
) -> None:
    with pytest.raises(RejectedError, match="public web address"):
        await service.prepare(outgoing("Hej", media=(Attachment(str(tmp_path / "a.png")),)))
    assert server.containers == {}


@pytest.mark.parametrize(
    "fields", [{"cw": "x"}, {"visibility": Visibility.FOLLOWERS}, {"due": now() + timedelta(hours=2)}]
)
async def test_what_threads_cannot_do_is_said(service: Threads, fields: dict[str, object]) -> None:
    with pytest.raises(UnsupportedError):
        await service.prepare(outgoing("Hej", **fields))


async def test_no_text_is_no_post(service: Threads) -> None:
    with pytest.raises(UsageError):
        await service.prepare(outgoing("  \n"))


async def test_without_the_permission_no_container_is_made(server: ThreadsServer, kit: Kit) -> None:
    server.tokens["anna-token"].scopes = SCOPES - {"threads_manage_replies", "threads_delete"}
    service = opened(server, kit)
    await service.load_capabilities()
    parent = await service.post(server.write(server.people["bo"], "Hej").id)
    with pytest.raises(UnsupportedError, match="threads_manage_replies"):
        await service.prepare(outgoing("Ja", reply_to=parent))
    with pytest.raises(UnsupportedError, match="threads_delete"):
        await service.delete(parent)


async def test_one_call_that_would_take_the_net_away_is_not_made(server: ThreadsServer, service: Threads) -> None:
    await service.publish(await service.prepare(outgoing("Hej")))
    (made,) = server.asked("POST", "me/threads")
    assert "auto_publish_text" not in made.form
    assert made.path == "/v1.0/me/threads"  # a number instead of `me` has failed


# ------------------------------------------------------------ deleting and reposting


async def test_an_error_for_a_gone_post_is_a_success_and_for_a_standing_one_not(
    server: ThreadsServer, service: Threads
) -> None:
    mine = await service.post(server.write(server.people["anna"], "Hej").id)
    server.fault("DELETE", mine.remote_id, "error", 400, 100, "some other words")
    with pytest.raises(RejectedError):
        await service.delete(mine)
    server.fault("DELETE", mine.remote_id, "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.delete(mine)
    await service.delete(mine)
    assert mine.remote_id not in server.media


async def test_a_repost_is_made_once(server: ThreadsServer, service: Threads) -> None:
    theirs = await service.post(server.write(server.people["bo"], "Hej").id)
    server.fault("POST", f"{theirs.remote_id}/repost", "drop-after")
    with pytest.raises(ServiceError):
        await service.set_boosted(theirs, True)
    mine = await service.set_boosted(theirs, True)
    assert len([media for media in server.media.values() if media.reposts]) == 1
    assert mine.boost_ref in server.media
    await service.set_boosted(theirs, False)
    await service.set_boosted(theirs, False)
    assert [media for media in server.media.values() if media.reposts] == []
