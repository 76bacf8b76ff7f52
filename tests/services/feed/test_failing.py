"""A feed that fails is asked no oftener than one that does not, and what it came to is told until then."""

from __future__ import annotations

import pytest

from mbclient.domain.errors import (
    AuthError,
    NotAskedError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.services.answers import Answer
from mbclient.services.feed.service import FeedService
from mbclient.services.kit import Kit
from tests.services.feed.conftest import opened
from tests.services.feed.server import FeedSite, Walk, page
from tests.services.wire import Reply

TEXT = {"Content-Type": "text/plain"}
FAILURES = {
    "not there": (Reply(404, b"not here", TEXT), RejectedError),
    "forbidden": (Reply(403, b"no", TEXT), RejectedError),
    "down": (Reply(500, b"", TEXT), UnreachableError),
    "a password": (Reply(401, b"", {"WWW-Authenticate": "Basic"}), AuthError),
    "a page": (page("<html><body>Hej</body></html>"), ServiceError),
    "no feed": (Reply(200, b"[1, 2]", {"Content-Type": "application/json"}), UnreachableError),
    "too large": (Reply(200, b"<rss>" + b" " * 6_000_000, {"Content-Type": "text/xml"}), UnreachableError),
    "broken off": (Reply(drop=True), UnreachableError),
    "led astray": (Reply(302, None, {"Location": "ftp://news.example/feed"}), RejectedError),
    "led to nobody": (Reply(302, None, {"Location": "http://127.0.0.1:9/feed"}), UnreachableError),
    "too often": (Reply(429, b"slower", TEXT), RateLimitedError),
    "too often for a moment": (Reply(429, b"slower", {**TEXT, "Retry-After": "5"}), RateLimitedError),
}


@pytest.mark.parametrize("known", [False, True], ids=["from the start", "after a good answer"])
@pytest.mark.parametrize(("reply", "error"), FAILURES.values(), ids=FAILURES)
async def test_one_that_fails_is_asked_again_after_a_quarter_of_an_hour(
    site: FeedSite, kit: Kit, clock: Walk, reply: Reply, error: type[ServiceError], known: bool
) -> None:
    site.write("one")
    if known:
        await opened(site.url, kit).page()
        clock.on(minutes=16)
    del site.wire.requests[:]
    body, kind = site.document()
    site.pages["/feed"] = reply
    told = set[tuple[type[Exception], str, int, str]]()
    service = opened(site.url, kit)
    for _minute in range(14):
        with pytest.raises(error) as caught:
            await service.page()
        one = caught.value
        told.add((type(one), str(one), getattr(one, "status", 0), getattr(one, "code", "")))
        assert one.account == "news"
        asked = len(site.asked())
        clock.on(minutes=1)
    with pytest.raises(error) as caught:
        await opened(site.url, kit).page()  # another process
    assert str(caught.value) in {words for _kind, words, _status, _code in told}
    assert len(told) == 1
    assert len(site.asked()) == asked <= 2  # a line that broke is tried twice at once
    site.pages["/feed"] = Reply(200, body, {"Content-Type": kind})
    clock.on(minutes=2)
    assert [post.text for post in (await service.page()).posts] == ["one"]
    assert (await service.page()).posts  # and nothing is left of it
    assert len(site.asked()) == asked + 1


async def test_without_a_network_nobody_was_asked(
    service: FeedService, site: FeedSite, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_given: object, **_named: object) -> Answer:
        raise NotAskedError("there is no network", account="news")

    site.write("one")
    with monkeypatch.context() as patch:
        patch.setattr(kit.http, "request", away)
        with pytest.raises(NotAskedError):
            await service.page()
    assert [post.text for post in (await service.page()).posts] == ["one"]


async def test_reading_back_what_was_posted_does_not_wait(service: FeedService, site: FeedSite) -> None:
    site.write("one")
    site.answers.append(Reply(404, b"", TEXT))
    with pytest.raises(RejectedError):
        await service.page()
    assert len((await service.source.snapshot(force=True)).document.items) == 1
    assert (await service.page()).posts


async def test_a_damaged_note_of_a_failure_is_none(site: FeedSite, kit: Kit) -> None:
    site.write("one")
    site.answers.append(Reply(404, b"", TEXT))
    with pytest.raises(RejectedError):
        await opened(site.url, kit).page()
    (file,) = kit.cache_dir.iterdir()
    file.write_text(file.read_text().replace('"status": 404', '"status": "x"'))
    assert (await opened(site.url, kit).page()).posts
