"""One's own site: posts by slug and time, lists in any order, a feed without one (facts/micropub.md A, G)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.ports import Feed, Published
from mbclient.domain.draft import Attachment, Written
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.post import PostKind, Visibility
from mbclient.services.kit import Kit
from mbclient.services.micropub.service import Micropub
from tests.services.contract import all_older, outgoing
from tests.services.micropub.conftest import opened
from tests.services.micropub.server import MicropubSite, Settings

BASE = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)


@pytest.fixture
async def service(site: MicropubSite, kit: Kit) -> Micropub:
    return await opened(site, kit)


# ------------------------------------------------------------ posting


@pytest.mark.parametrize("answer", [201, 202, 0])
async def test_a_success_may_be_201_202_or_without_an_address(kit: Kit, answer: int) -> None:
    async with MicropubSite(Settings(answer=answer)) as site:
        service = await opened(site, kit)
        published = await service.publish(await service.prepare(outgoing("Hej")))
        assert [published.remote_id] == site.by("Hej")  # without one it is looked for


@pytest.mark.parametrize("location", ["http://[x", "https://a\uff0fb.example/1", "javascript:alert(1)"])
async def test_a_success_with_a_broken_address_is_looked_for(kit: Kit, location: str) -> None:
    async with MicropubSite(Settings(location=location)) as site:
        service = await opened(site, kit)
        published = await service.publish(await service.prepare(outgoing("Hej")))
        assert [published.remote_id] == site.by("Hej")


async def test_a_post_that_is_nowhere_yet_has_no_made_up_address(kit: Kit) -> None:
    """A site that is built anew needs minutes: absence proves nothing, and another address would count twice."""
    async with MicropubSite(Settings(answer=0)) as site:
        service = await opened(site, kit)
        prepared = await service.prepare(outgoing("Hej"))
        site.fault("GET", "/endpoint", "status", status=200, body={"items": []})
        with pytest.raises(OutcomeUnknownError, match="took the post"):
            await service.publish(prepared)
        found = await service.find(prepared)
        assert found is not None
        assert [found.remote_id] == site.by("Hej")


@pytest.mark.parametrize("wanted", [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.DIRECT])
@pytest.mark.parametrize("hides", [True, False])
async def test_what_the_site_shows_to_more_than_asked_is_taken_back(kit: Kit, wanted: Visibility, hides: bool) -> None:
    async with MicropubSite(Settings(hides=hides)) as site:
        site.config = {"visibility": ["public", "unlisted", "private"]}
        service = await opened(site, kit)
        prepared = await service.prepare(outgoing("Hej", visibility=wanted))
        if hides or wanted is Visibility.PUBLIC:
            published = await service.publish(prepared)
            assert (await service.post(published.remote_id)).visibility is wanted
            return
        with pytest.raises(RejectedError, match="taken back"):
            await service.publish(prepared)
        assert site.entries == {}


async def test_slug_and_time_are_settled_before_sending_and_stay(site: MicropubSite, service: Micropub) -> None:
    one = outgoing("Hej")
    prepared = await service.prepare(one)
    assert prepared["slug"] == (await service.prepare(one))["slug"]
    assert prepared["slug"] != (await service.prepare(outgoing("Hej")))["slug"]
    await service.publish(prepared)
    (entry,) = site.entries.values()
    assert entry["published"] == [prepared["published"]]
    assert "." not in entry["published"][0]  # whole seconds


@pytest.mark.parametrize(
    "settings",
    [Settings(keeps_slug=True, keeps_time=False), Settings(), Settings(keeps_time=False), Settings(lists=False)],
)
async def test_a_lost_answer_is_found_by_another_run(kit: Kit, settings: Settings) -> None:
    async with MicropubSite(settings) as site:
        site.write("Hej", datetime.now(UTC) - timedelta(hours=1))  # an older equal one
        service = await opened(site, kit)
        prepared = await service.prepare(outgoing("Hej *du* <b> & _jag_"))
        assert await service.find(prepared) is None
        site.fault("POST", "/endpoint", "drop-after")
        with pytest.raises(OutcomeUnknownError):
            await service.publish(prepared)
        found = await (await opened(site, kit)).find(prepared)
        assert found is not None
        assert [found.remote_id] == site.by("Hej *du* <b> & _jag_")


async def test_an_older_equal_post_is_not_taken_for_this_one(site: MicropubSite, service: Micropub) -> None:
    site.write("Hej", datetime.now(UTC) - timedelta(hours=1))
    assert await service.find(await service.prepare(outgoing("Hej"))) is None


async def test_a_page_of_html_to_a_post_is_looked_up(site: MicropubSite, service: Micropub) -> None:
    prepared = await service.prepare(outgoing("Hej"))
    for status in (200, 502):
        site.fault("POST", "/endpoint", "status", status=status, body=b"<html>", headers={"Content-Type": "text/html"})
        with pytest.raises(OutcomeUnknownError):
            await service.publish(prepared)
    assert await service.find(prepared) is None


async def test_a_clock_that_is_ahead_of_the_sites_sends_no_time_to_come(
    site: MicropubSite, service: Micropub, kit: Kit
) -> None:
    kit.http.dates.append(("127.0.0.1", -600.0))
    prepared = await service.prepare(outgoing("Hej"))
    ahead = datetime.now(UTC) - datetime.fromisoformat(str(prepared["published"]))
    assert timedelta(minutes=9) < ahead < timedelta(minutes=11)
    kit.http.dates.append(("127.0.0.1", 600.0))  # behind: nothing to correct
    prepared = await service.prepare(outgoing("Hej"))
    assert datetime.fromisoformat(str(prepared["published"])) <= datetime.now(UTC)


async def test_a_reply_names_what_it_answers(site: MicropubSite, service: Micropub) -> None:
    parent = await service.post(site.write("Fika?"))
    published = await service.publish(await service.prepare(outgoing("Ja", reply_to=parent)))
    assert site.entries[published.remote_id]["in-reply-to"] == [parent.url]
    reply = await service.post(published.remote_id)
    assert (reply.kind, reply.in_reply_to) == (PostKind.REPLY, parent.remote_id)
    other = await service.prepare(outgoing("Ja"))
    assert await service.find(other) is None  # the same words, but no reply


async def test_pictures_go_to_the_media_endpoint_with_their_description(
    site: MicropubSite, kit: Kit, tmp_path: Path
) -> None:
    site.config = {"media-endpoint": f"{site.url}/media"}
    service = await opened(site, kit)
    assert service.capabilities.max_media > 0
    picture = tmp_path / "bild å.png"
    picture.write_bytes(b"\x89PNG")
    published = await service.publish(
        await service.prepare(outgoing("Se", media=(Attachment(str(picture), "En graf"),)))
    )
    assert len(site.files) == 1
    assert site.entries[published.remote_id]["photo"] == [{"value": f"{site.url}/files/1.png", "alt": "En graf"}]
    (medium,) = (await service.post(published.remote_id)).media
    assert (medium.type, medium.alt) == ("image", "En graf")


async def test_a_site_that_knows_pictures_by_address_alone_gets_the_description_beside(
    kit: Kit, tmp_path: Path
) -> None:
    picture = tmp_path / "bild.png"
    picture.write_bytes(b"\x89PNG")
    async with MicropubSite(Settings(plain_photos=True)) as site:
        site.config = {"media-endpoint": f"{site.url}/media"}
        service = await opened(site, kit)
        for alt in ("En graf", ""):
            await service.publish(await service.prepare(outgoing(f"Se {alt}", media=(Attachment(str(picture), alt),))))
            assert list(site.alts) == ([alt] if alt else [])
        assert [entry["photo"] for entry in site.entries.values()] == [[f"{site.url}/files/{n}.png"] for n in (1, 2)]


async def test_without_a_media_endpoint_there_are_no_pictures(service: Micropub) -> None:
    assert service.capabilities.max_media == 0
    with pytest.raises(UnsupportedError, match="media"):
        await service.prepare(outgoing("Se", media=(Attachment("x.png"),)))


TARGETS = [{"uid": "https://a.example", "name": "Mastodon"}, {"uid": "b", "name": "B", "checked": True}, 7, {"uid": ""}]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ((), ["b"]),  # the site's own choice
        (("mastodon",), ["https://a.example"]),
        (("B", "https://a.example", "MASTODON"), ["b", "https://a.example"]),
    ],
)
async def test_posts_are_passed_on_to_where_the_user_or_the_site_chose(
    site: MicropubSite, kit: Kit, wanted: tuple[str, ...], sent: list[str]
) -> None:
    site.config = {"syndicate-to": TARGETS}
    service = await opened(site, kit, syndicate_to=wanted)
    await service.publish(await service.prepare(outgoing("Hej")))
    assert site.syndicated == sent


async def test_a_place_that_the_site_does_not_know_is_refused_with_those_it_knows(site: MicropubSite, kit: Kit) -> None:
    site.config = {"syndicate-to": TARGETS}
    service = await opened(site, kit, syndicate_to=("Mastodn",))
    with pytest.raises(RejectedError, match=r"no posts on to Mastodn; .*it knows: Mastodon, B"):
        await service.prepare(outgoing("Hej"))
    assert site.entries == {}


@pytest.mark.parametrize("told", [{}, [], None, {"visibility": "public", "syndicate-to": {}, "media-endpoint": 3}])
async def test_a_configuration_may_be_empty_or_odd(site: MicropubSite, kit: Kit, told: Any) -> None:
    site.config = told
    service = await opened(site, kit)
    assert service.capabilities.visibilities == (Visibility.PUBLIC,)
    with pytest.raises(UnsupportedError):
        await service.prepare(outgoing("Hej", visibility=Visibility.UNLISTED))


async def test_a_time_to_come_is_never_sent(service: Micropub) -> None:
    """A site that does not know schedules would publish at once."""
    assert not service.capabilities.schedule
    with pytest.raises(UnsupportedError, match="schedule"):
        await service.prepare(outgoing("Hej", due=datetime.now(UTC) + timedelta(days=1)))
    with pytest.raises(UsageError):
        await service.prepare(outgoing("  "))


async def test_what_a_site_has_not_is_refused_by_name(site: MicropubSite, service: Micropub) -> None:
    post = await service.post(site.write("Hej"))
    for call in (
        service.set_liked(post, True),  # it would be a post of one's own, for all to see
        service.set_boosted(post, True),
        service.set_bookmarked(post, True),
        service.search("x"),
        service.thread(post),
        service.notifications(),
    ):
        with pytest.raises(UnsupportedError):
            await call
    with pytest.raises(UsageError):
        await service.page(Feed("local"))


async def test_the_daily_look_reads_the_configuration_once(site: MicropubSite, service: Micropub) -> None:
    site.config = {"media-endpoint": f"{site.url}/media"}
    assert service.verify_tells_all
    before = len(site.asked("/endpoint"))
    await service.verify()
    assert service.capabilities.max_media > 0
    assert len(site.asked("/endpoint")) - before == 1


# ------------------------------------------------------------ editing


async def edit(service: Micropub, url: str, text: str) -> Published:
    return await service.publish(await service.prepare(outgoing(text, edit_of=await service.post(url))))


async def test_a_post_of_html_is_not_edited_into_bare_words(site: MicropubSite, service: Micropub) -> None:
    html = [{"html": '<p>Se <a href="https://example.org/x">här</a></p>', "value": "Se här"}]
    url = site.write("", content=html)
    with pytest.raises(RejectedError, match=r"kept as HTML at .*; edit it on the site itself"):
        await edit(service, url, "Se här!")
    with pytest.raises(RejectedError, match="kept as HTML"):  # already when an edit would begin
        await service.written(await service.post(url))
    assert site.entries[url]["content"] == html


async def test_a_post_that_is_longer_than_is_shown_is_not_cut_by_an_edit(site: MicropubSite, service: Micropub) -> None:
    text = "rad\n" * 600
    url = site.write(text)
    with pytest.raises(RejectedError, match="longer than is shown"):
        await edit(service, url, "rad\n" * 500)
    assert site.entries[url]["content"] == [text]


@pytest.mark.parametrize("value", ["Hej på dig", {"value": "Hej på dig"}])
@pytest.mark.parametrize("title", ["Rubrik", " Ru\tbrik ", "Hej…", ""])
async def test_the_title_stays_beside_the_words_of_an_edit(
    site: MicropubSite, kit: Kit, service: Micropub, title: str, value: object
) -> None:
    url = site.write(value, name=[title])
    post = await service.post(url)
    begun = await service.written(post)
    prepared = await service.prepare(outgoing(begun.text.replace("dig", "er"), edit_of=post))
    assert await service.find(prepared) is None
    site.fault("POST", "/endpoint", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    found = await (await opened(site, kit)).find(prepared)
    assert found is not None
    assert found.remote_id == url
    assert (site.entries[url]["content"], site.entries[url]["name"]) == (["Hej på er"], [title])


@pytest.mark.parametrize("content", ["Donau\u00addampf", "x\u200ey", {"html": "Hej\n"}])
async def test_words_that_are_shown_whole_are_edited(site: MicropubSite, service: Micropub, content: object) -> None:
    """Marks that are not shown, and a line's end, are no part of a post that would be lost."""
    url = site.write("", content=[content])
    await edit(service, url, "Rubrik\n\nHej då")
    assert site.entries[url]["content"] == ["Rubrik\n\nHej då"]


# ------------------------------------------------------------ deleting


async def test_a_400_for_what_is_gone_is_a_success_and_for_what_is_not_a_refusal(
    site: MicropubSite, service: Micropub
) -> None:
    post = await service.post(site.write("Hej"))
    site.fault("POST", "/endpoint", "status", status=400, body={"error": "invalid_request"})
    with pytest.raises(RejectedError, match="does not delete"):
        await service.delete(post)
    await service.delete(post)
    assert site.entries == {}
    await service.delete(post)


# ------------------------------------------------------------ reading


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("paging", ["offset", "after"])
async def test_a_list_is_read_whole_in_whatever_order_it_comes(kit: Kit, newest_first: bool, paging: str) -> None:
    async with MicropubSite(Settings(newest_first=newest_first, paging=paging)) as site:
        service = await opened(site, kit)
        ids = [site.write(f"nr {n}", BASE + timedelta(seconds=n)) for n in range(230)]
        posts = await all_older(service, await service.page(limit=40), 40)
        assert [post.remote_id for post in posts] == ids[::-1]
        own = await service.own_posts(BASE + timedelta(seconds=100))
        assert sorted(post.remote_id for post in own) == sorted(ids[100:])


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("endless", [True, False])
async def test_a_list_in_small_pages_is_followed_as_far_as_it_names_another(
    kit: Kit, newest_first: bool, endless: bool
) -> None:
    """A site gives as many as it likes: fewer than were asked for is no end."""
    settings = Settings(newest_first=newest_first, paging="after", most=20, endless=endless)
    async with MicropubSite(settings) as site:
        service = await opened(site, kit)
        ids = [site.write(f"nr {n}", BASE + timedelta(seconds=n)) for n in range(70)]
        posts = await all_older(service, await service.page(limit=40), 40)
        assert [post.remote_id for post in posts] == ids[::-1]
        assert len(await service.own_posts(BASE)) == 70


async def test_a_list_that_comes_newest_first_is_asked_for_once(site: MicropubSite, service: Micropub) -> None:
    for n in range(230):
        site.write(f"nr {n}", BASE + timedelta(seconds=n))
    before = len(site.asked("/endpoint"))
    await service.page(limit=20)
    assert len(site.asked("/endpoint")) - before == 1


async def test_a_server_that_ignores_where_to_go_on_ends(site: MicropubSite, service: Micropub) -> None:
    entries = [{"properties": {"url": [f"https://x.example/{n}"], "published": [BASE.isoformat()], "content": ["x"]}}
               for n in range(100)]  # fmt: skip
    for _number in range(3):
        site.fault("GET", "/endpoint", "status", status=200, body={"items": entries})
    assert len((await service.page(limit=200)).posts) == 100
    assert len(site.faults) == 1


async def test_deeds_and_drafts_are_nobodys_posts(site: MicropubSite, service: Micropub) -> None:
    post = site.write("Hej", BASE)
    site.write("gillar", BASE, **{"like-of": ["https://x.example/"]})
    site.write("delar", BASE, **{"repost-of": ["https://x.example/"]})
    site.write("utkast", BASE, **{"post-status": ["draft"]})
    page = await service.page()
    assert [found.remote_id for found in page.posts] == [post]
    assert page.skipped == 0
    assert [found.remote_id for found in await service.own_posts(BASE)] == [post]


async def test_pages_of_nothing_but_deeds_are_not_the_end(site: MicropubSite, service: Micropub) -> None:
    post = site.write("Hej", BASE)
    for n in range(250):
        site.write(f"gillar {n}", BASE + timedelta(seconds=n), **{"like-of": ["https://x.example/"]})
    assert [found.remote_id for found in (await service.page()).posts] == [post]
    assert [found.remote_id for found in await service.own_posts(BASE - timedelta(days=1))] == [post]


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ("Läs *https://example.org/* & mer", Written("Läs *https://example.org/* & mer")),
        ({"html": "Bara ord"}, Written("Bara ord")),
    ],
)
async def test_an_edit_begins_with_the_content_alone(
    site: MicropubSite, service: Micropub, content: object, written: Written
) -> None:
    """A title stands above it where it is shown, and is not replaced."""
    url = site.write("", BASE, content=[content], name=["En titel"])
    post = await service.post(url)
    assert post.text.startswith("En titel\n\n")
    assert await service.written(post) == written
    site.fault("GET", "/endpoint", "status", status=200, body={})
    with pytest.raises(UnreachableError):
        await service.written(post)


async def test_without_a_list_the_sites_feed_is_home(kit: Kit) -> None:
    async with MicropubSite(Settings(lists=False)) as site:
        ids = [site.write(f"nr {n}", BASE + timedelta(seconds=n)) for n in range(5)]
        service = await opened(site, kit)
        page = await service.page()
        assert [post.remote_id for post in page.posts] == ids[::-1]  # by its address, as the site itself calls it
        assert {str(post.author.handle) for post in page.posts} == {service.account.handle}
        assert (await service.post(ids[2])).text == "nr 2"
        assert [post.remote_id for post in await service.own_posts(BASE + timedelta(seconds=3))] == ids[:2:-1]
        with pytest.raises(RejectedError):
            await service.post(f"{site.url}/0")
        asked = len(site.asked("/feed.json"))
        await service.page()
        assert len(site.asked("/feed.json")) == asked  # a feed is not asked twice within a quarter of an hour
        assert not service.capabilities.edit


async def test_garbage_instead_of_a_list_is_no_list(site: MicropubSite, service: Micropub) -> None:
    site.fault("GET", "/endpoint", "garbage")
    with pytest.raises(UnreachableError):
        await service.page()
    assert "/feed.json" not in [request.path for request in site.wire.requests]
