"""What an edit begins with: the source, and where a server keeps none, what is shown with its hosts put back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mbclient.domain.draft import Written
from mbclient.domain.errors import RejectedError, UnreachableError
from mbclient.services.kit import Kit
from mbclient.services.mastodon.rewriting import with_hosts
from mbclient.services.mastodon.service import Mastodon
from tests.services.contract import outgoing
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import Behaviour

TEXT = "Hej @cy@remote.example och @bo: https://example.org/a/path/that/is/long?x=1&y=2\n\n#infosec <b> & *så*"
EDITING = ["mastodon", "mastodon-4.2", "glitch", "gotosocial", "pleroma", "akkoma", "takahe", "hollo"]


@pytest.mark.parametrize("software", EDITING)
async def test_every_dialects_source_is_what_an_edit_begins_with(kit: Kit, software: str) -> None:
    async with MastodonServer(software) as server:
        service = opened(server, kit)
        stored = server.write(server.people["anna"], TEXT, cw="politik")
        post = await service.post(stored.id)
        assert "@cy@remote.example" not in post.text  # what is shown is not what was written
        written = await service.written(post)
        assert written == Written(TEXT, "politik")
        await service.publish(await service.prepare(outgoing(written.text, cw=written.cw, edit_of=post)))
        assert (stored.text, stored.cw) == (TEXT, "politik")


async def test_a_direct_post_keeps_its_recipients(server: MastodonServer, service: Mastodon) -> None:
    """A stranger of the same name on one's own server would become one."""
    stored = server.write(server.people["anna"], "@bo@remote.example hemligt", visibility="direct")
    post = await service.post(stored.id)
    before = post.mentions
    assert (str(post.text), before) == ("@bo hemligt", ("bo@remote.example",))
    text = (await service.written(post)).text.replace("hemligt", "viktigt")
    published = await service.publish(await service.prepare(outgoing(text, edit_of=post)))
    assert published.post is not None
    assert (stored.text, published.post.mentions) == ("@bo@remote.example viktigt", before)


async def test_without_a_source_the_hosts_are_put_back_and_it_is_said_that_more_may_lack(kit: Kit) -> None:
    async with MastodonServer(Behaviour(source=False)) as server:
        service = opened(server, kit)
        text = "Hej @cy@remote.example och @bo"
        post = await service.post(server.write(server.people["anna"], text, cw="politik").id)
        assert await service.written(post) == Written(text, "politik", exact=False)
        assert await service.written(post) == Written(text, "politik", exact=False)
        assert len(server.asked("GET", f"/api/v1/statuses/{post.remote_id}/source")) == 1  # missing once is missing
        assert service.capabilities.edit


async def test_a_post_that_is_gone_is_no_missing_source(server: MastodonServer, service: Mastodon) -> None:
    gone, other = (server.write(server.people["anna"], "Hej @cy@remote.example") for _number in range(2))
    post = await service.post(gone.id)
    server.delete(gone)
    with pytest.raises(RejectedError):
        await service.written(post)
    assert await service.written(await service.post(other.id)) == Written("Hej @cy@remote.example")


@pytest.mark.parametrize(
    "fault", [("garbage", 200, None), ("status", 503, None), ("status", 200, {"id": "1"}), ("status", 200, [])]
)
async def test_an_answer_that_is_no_source_is_no_text(
    server: MastodonServer, service: Mastodon, fault: tuple[str, int, object]
) -> None:
    post = await service.post(server.write(server.people["anna"], "Hej").id)
    kind, status, body = fault
    server.fault("GET", f"/api/v1/statuses/{post.remote_id}/source", kind, status=status, body=body)
    with pytest.raises(UnreachableError):
        await service.written(post)
    assert await service.written(post) == Written("Hej")


async def test_what_cleaning_takes_out_is_told(server: MastodonServer, service: Mastodon) -> None:
    """Line ends are only another way to write the same."""
    long = "å" * 30_000
    for text, written in (
        ("rad\r\nrad", Written("rad\nrad")),
        ("ett\u202etvå", Written("etttvå", exact=False)),
        (long, Written(long)),
    ):
        post = await service.post(server.write(server.people["anna"], text).id)
        assert await service.written(post) == written


@pytest.mark.parametrize(
    ("text", "mentions", "whole"),
    [
        (".@cy hej", ["cy@one.example"], ".@cy@one.example hej"),
        ("@Cy, @cy.", ["cy@one.example"], "@cy@one.example, @cy@one.example."),
        ("@cy.o-k @cy", ["cy.o-k@one.example"], "@cy.o-k@one.example @cy"),
        ("@cy och @cy", ["cy@one.example", "cy@two.example"], "@cy@one.example och @cy@two.example"),
        ("@cy @cy", ["cy@home.example", "cy@two.example"], "@cy @cy@two.example"),
        ("@bo @nobody", ["bo@HOME.example"], "@bo @nobody"),
        ("@cy@one.example @cy.b@one.example", ["cy@one.example"], "@cy@one.example @cy.b@one.example"),
        ("a@cy x/@cy https://one.example/@cy =@cy", ["cy@one.example"], "a@cy x/@cy https://one.example/@cy =@cy"),
        ("@" + "a." * 5000, ["a@one.example"], "@" + "a." * 5000),
    ],
)
def test_hosts_are_put_back_where_they_lack(text: str, mentions: Sequence[str], whole: str) -> None:
    assert with_hosts(text, mentions, "home.example") == whole
