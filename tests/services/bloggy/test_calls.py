"""Bloggy's known calls, each with what is known of it and nothing more (facts/gnusocial.md 9)."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.secret import Secret
from mbclient.services.bloggy import PLUGIN
from mbclient.services.bloggy.service import Bloggy
from mbclient.services.bloggy.site import beside
from mbclient.services.kit import Kit
from tests.services.bloggy.conftest import opened
from tests.services.bloggy.server import BloggyServer
from tests.services.contract import outgoing

CANARY = "canary-0123456789abcdef"
RIGHT = Secret("anna-password")


async def published(service: Bloggy, text: str) -> str:
    return (await service.publish(await service.prepare(outgoing(text)))).remote_id


# ------------------------------------------------------------ post


async def test_a_post_goes_by_the_known_call(server: BloggyServer, kit: Kit) -> None:
    remote_id = await published(await opened(server, kit), "Å & ä = 100 % + #bloggy")
    (request,) = server.asked("post")
    assert (request.method, request.path, request.query["type"]) == ("GET", "/api", "post")
    assert [(str(n.id), n.text) for n in server.notices.values()] == [(remote_id, "Å & ä = 100 % + #bloggy")]


async def test_a_reply_goes_by_the_api_of_twitters_kind(server: BloggyServer, kit: Kit) -> None:
    service = await opened(server, kit)
    parent = await service.post(str(server.write(server.people["bo"], "Fika?").id))
    await service.publish(await service.prepare(outgoing("Ja", reply_to=parent)))
    assert server.asked("post") == []
    assert [n.parent for n in server.notices.values() if n.text == "Ja"] == [int(parent.remote_id)]


async def test_without_that_api_a_reply_is_refused_before_anything_is_sent(
    plain_server: BloggyServer, kit: Kit
) -> None:
    service = await opened(plain_server, kit)
    parent = await service.post(str(plain_server.write(plain_server.people["anna"], "Fika?").id))
    with pytest.raises(UnsupportedError, match="reply"):
        await service.prepare(outgoing("Ja", reply_to=parent))
    assert plain_server.asked("post") == []


async def test_140_characters_are_the_limit_and_a_file_has_no_way(server: BloggyServer, kit: Kit) -> None:
    service = await opened(server, kit)
    await published(service, "å" * 140)
    with pytest.raises(RejectedError, match="takes 140"):
        await service.prepare(outgoing("å" * 141))
    with pytest.raises(UnsupportedError, match="media"):
        await service.prepare(outgoing("se", media=(Attachment("x.png"),)))


async def test_words_that_gnu_social_would_obey_are_only_words_here(server: BloggyServer, kit: Kit) -> None:
    await published(await opened(server, kit), "stats")
    assert [n.text for n in server.notices.values()] == ["stats"]


@pytest.mark.parametrize(
    ("words", "kind", "error"),
    [
        ("Error: \x1b[31mfull", "text/plain", RejectedError),
        ("OK: something else", "text/plain", RejectedError),
        ("Fel lösenord", "text/plain", AuthError),
        ("<html>OK</html>", "text/html", OutcomeUnknownError),
        ("", "text/plain", OutcomeUnknownError),
    ],
)
async def test_whatever_is_not_the_known_yes_is_no_yes(
    server: BloggyServer, kit: Kit, words: str, kind: str, error: type[ServiceError]
) -> None:
    service = await opened(server, kit)
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("GET", "post", "status", status=200, body=words.encode(), headers={"Content-Type": kind})
    with pytest.raises(error) as caught:
        await service.publish(prepared)
    assert "\x1b" not in str(caught.value)
    assert await service.find(prepared) is None


async def test_a_lost_answer_is_never_asked_again_though_it_is_a_get(server: BloggyServer, kit: Kit) -> None:
    service = await opened(server, kit)
    prepared = await service.prepare(outgoing("Hej"))
    server.fault("GET", "post", "drop-before")
    with pytest.raises(OutcomeUnknownError):
        await service.publish(prepared)
    assert len(server.asked("post")) == 1
    assert await service.find(prepared) is None


async def test_a_number_that_cannot_be_read_back_is_still_a_yes(server: BloggyServer, kit: Kit) -> None:
    service = await opened(server, kit)
    prepared = await service.prepare(outgoing("Hej"))
    body = b"OK: post created with guid http://bloggy.example/post/4711"
    server.fault("GET", "post", "status", status=200, body=body, headers={"Content-Type": "text/html"})
    assert (await service.publish(prepared)).remote_id == "4711"


# ------------------------------------------------------------ RSS


async def test_rss_gives_the_newest_twenty_and_says_where_it_ends(plain_server: BloggyServer, kit: Kit) -> None:
    service = await opened(plain_server, kit)
    anna = plain_server.people["anna"]
    ids = [str(plain_server.write(anna, f"nr {n} <b> & co").id) for n in range(25)]
    page = await service.page()
    assert [post.remote_id for post in page.posts] == ids[::-1][:20]
    assert {str(post.author.handle).partition("@")[0] for post in page.posts} == {"anna"}
    assert page.newer is not None
    older = await service.page(before=page.older)
    assert (older.posts, older.older) == ((), None)
    for n in range(25):
        plain_server.write(anna, f"mer {n}")
    newer = await service.page(after=page.newer)
    assert len(newer.posts) == 20
    assert not newer.complete  # five are lost to the window, and that is told
    with pytest.raises(RejectedError, match="no longer has"):
        await service.post(ids[0])


async def test_what_only_the_api_could_do_is_refused_by_name(plain_server: BloggyServer, kit: Kit) -> None:
    service = await opened(plain_server, kit)
    post = await service.post(str(plain_server.write(plain_server.people["anna"], "Hej").id))
    can = service.capabilities
    assert (can.post, can.search) == (True, True)
    assert not any((can.reply, can.like, can.boost, can.delete, can.thread, can.notifications))
    for call in (
        service.delete(post),
        service.set_liked(post, True),
        service.set_boosted(post, True),
        service.thread(post),
        service.notifications(),
    ):
        with pytest.raises(UnsupportedError):
            await call


async def test_something_else_than_rss_is_no_timeline(plain_server: BloggyServer, kit: Kit) -> None:
    service = await opened(plain_server, kit)
    plain_server.fault("GET", "anna/rss", "status", status=200, body=b"<rss><!ENTITY x 'y'></rss>")
    with pytest.raises(UnreachableError):
        await service.page()


# ------------------------------------------------------------ search


@pytest.mark.parametrize("search_json", [True, False])
async def test_search_is_asked_on_its_own_host_in_json_then_in_atom(
    server: BloggyServer, kit: Kit, search_json: bool
) -> None:
    server.search_json = search_json
    service = await opened(server, kit)
    ids = [str(server.write(server.people["eva"], f"nål {n} & tråd").id) for n in range(3)]
    page = await service.search("nål")
    assert [post.remote_id for post in page.posts] == ids[::-1]
    assert page.posts[0].text == "nål 2 & tråd"
    assert page.posts[0].author.handle.startswith("eva@")
    assert bool(server.asked("search/search.atom")) is not search_json


async def test_a_search_that_speaks_neither_is_told_as_it_began(server: BloggyServer, kit: Kit) -> None:
    server.search_json = False
    service = await opened(server, kit)
    server.fault("GET", "search/search.atom", "status", status=404, body=b"no")
    with pytest.raises(UnreachableError):
        await service.search("nål")


# ------------------------------------------------------------ addresses and signing in


@pytest.mark.parametrize(
    ("base", "name", "address"),
    [
        ("https://bloggy.example", "Anna", "https://anna.bloggy.example"),
        ("https://bloggy.example:8443", "search", "https://search.bloggy.example:8443"),
        ("http://127.0.0.1:80", "anna", "http://127.0.0.1:80/anna"),
    ],
)
def test_people_and_search_have_hosts_of_their_own(base: str, name: str, address: str) -> None:
    assert beside(base, name) == address


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "anna\n", "å", "-a", "x" * 64, "evil.example#"])
def test_a_nick_that_is_no_part_of_a_host_leads_nowhere(name: str) -> None:
    with pytest.raises(UsageError):
        beside("https://bloggy.example", name)


def request(server: BloggyServer, handle: str = "anna", secret: Secret | None = RIGHT) -> SignIn:
    return SignIn(Account("work", "bloggy", server.url, handle), secret)


class NoDialog:
    """Nobody is asked anything."""

    async def show_address(self, url: str) -> None:
        raise AssertionError(url)

    async def ask_code(self) -> str:
        raise AssertionError("no code is needed")


@pytest.mark.parametrize("api", [True, False])
async def test_signing_in(kit: Kit, api: bool) -> None:
    async with BloggyServer(api=api) as server:
        signed = await PLUGIN.sign_in(request(server), NoDialog(), kit)
        assert signed.account.handle == f"anna@127.0.0.1:{server.wire.port}"
        assert signed.account.remote_id == ("1" if api else "anna")
        kit.secrets.set("work", Secret("anna-password"))
        service = PLUGIN.open(signed.account, kit)
        assert service.capabilities.reply is api  # kept from signing in: nothing is asked
        assert service.capabilities.max_length == 140
        with pytest.raises(UsageError, match="no password"):
            await PLUGIN.sign_in(request(server, secret=None), NoDialog(), kit)


async def test_a_wrong_password_is_told_by_the_api_or_by_the_first_post(
    server: BloggyServer, plain_server: BloggyServer, kit: Kit
) -> None:
    with pytest.raises(AuthError):
        await PLUGIN.sign_in(request(server, secret=Secret("fel")), NoDialog(), kit)
    service = await opened(plain_server, kit)
    kit.secrets.set("work", Secret("fel"))
    with pytest.raises(AuthError, match="wrong login"):
        await published(service, "Hej")


async def test_a_nick_that_nobody_has_is_refused(plain_server: BloggyServer, kit: Kit) -> None:
    with pytest.raises(RejectedError):
        await PLUGIN.sign_in(request(plain_server, "nobody"), NoDialog(), kit)


@pytest.mark.parametrize("fault", ["drop-before", "garbage", "status"])
async def test_the_password_in_the_address_stays_there(
    plain_server: BloggyServer, kit: Kit, fault: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    plain_server.people["anna"].password = CANARY
    service = await opened(plain_server, kit)
    kit.secrets.set("work", Secret(CANARY))
    caplog.set_level(logging.DEBUG)
    await published(service, "Hej")
    prepared = await service.prepare(outgoing("Hej igen"))
    plain_server.fault("GET", "post", fault, body={"error": "nope"})
    with pytest.raises(ServiceError) as caught:
        await service.publish(prepared)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert CANARY not in told
    assert all(CANARY.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
