"""Refusals for haste that no header explains, and one that is kept by the key (Mastodon facts 10, 14)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mbclient.domain.errors import RateLimitedError
from mbclient.services.kit import Kit
from tests.services.contract import outgoing
from tests.services.mastodon.conftest import opened
from tests.services.mastodon.test_posting import send
from tests.services.mastodon_server import MastodonServer


async def test_pleroma_repeats_no_refusal_for_haste_for_ever(kit: Kit) -> None:
    """It keeps that one by the key as well, for six hours: nothing was posted, so the row goes out under another."""
    async with MastodonServer("pleroma") as server:
        service = opened(server, kit)
        prepared = await service.prepare(outgoing("hej"))
        server.throttled = 2
        for _number in range(2):
            with pytest.raises(RateLimitedError):
                await service.publish(prepared)
        assert server.by(server.people["anna"], "hej") == []
        published = await service.publish(prepared)
        assert [published.remote_id] == [each.id for each in server.by(server.people["anna"], "hej")]
        assert (await service.publish(prepared)).remote_id == published.remote_id  # as after a lost answer
        assert len(server.by(server.people["anna"], "hej")) == 1


@pytest.mark.parametrize("software", ["pleroma", "akkoma", "mastodon"])
async def test_haste_without_a_header_waits_as_long_as_that_server_counts(kit: Kit, software: str) -> None:
    """15 posts in 10 s, 3 deeds on one status in 60 s, 3 timelines in half a second; elsewhere a minute."""
    async with MastodonServer(software) as server:
        service = opened(server, kit)
        await service.load_capabilities()
        post = await service.post(server.write(server.people["bo"], "hej").id)
        like = f"/api/v1/statuses/{post.remote_id}/favourite"
        quick = software != "mastodon"
        for method, path, seconds, ask in (
            ("GET", "/api/v1/timelines/home", 1 if quick else 60, service.page),
            ("POST", "/api/v1/statuses", 10 if quick else 60, lambda: send(service, "hej")),
            ("POST", like, 60, lambda: service.set_liked(post, True)),
        ):
            server.fault(method, path, "status", status=429, body={"error": "Throttled"})
            with pytest.raises(RateLimitedError) as caught:
                await ask()
            assert seconds - 5 < (caught.value.until - datetime.now(UTC)).total_seconds() <= seconds


async def test_a_header_is_believed_before_that(kit: Kit) -> None:
    async with MastodonServer("pleroma") as server:
        service = opened(server, kit)
        await service.load_capabilities()
        body, headers = {"error": "Throttled"}, {"Retry-After": "300"}
        server.fault("GET", "/api/v1/timelines/home", "status", status=429, body=body, headers=headers)
        with pytest.raises(RateLimitedError) as caught:
            await service.page()
        assert (caught.value.until - datetime.now(UTC)).total_seconds() > 290
