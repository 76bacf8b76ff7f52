"""The hands of the contract: what an adapter's tests give to it, and what it asks with."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import pytest

from mbclient.core.ports import HOME, Feed, Outgoing, Page, Service
from mbclient.domain.post import Post
from mbclient.domain.safetext import SafeText

T = TypeVar("T")


class Bench(ABC):
    """One opened service, signed in as "me", and the hands that move the world around it."""

    patience = 0.0  # seconds until a write is visible everywhere; 0 for a server that answers from one store
    addressee = ""  # what begins a direct post, where a service takes none that is for nobody

    def __init__(self, service: Service) -> None:
        self.service = service

    @abstractmethod
    async def seed(self, texts: Sequence[str]) -> list[str]:
        """Posts by somebody whom I follow, in this order; gives their remote ids. Waits until home has them."""

    @abstractmethod
    async def reply_as_other(self, post: Post, text: str) -> str:
        """Somebody else replies to my post; gives the reply's remote id."""

    @abstractmethod
    async def count(self, text: str) -> int:
        """How many posts of mine with exactly this text the server holds, asked past the adapter."""

    async def seed_poll(self, text: str, choices: Sequence[str], *, multiple: bool = False) -> str:
        """A post by somebody whom I follow, with a poll; gives its remote id."""
        pytest.skip("nobody else asks anything here")

    async def end_poll(self, remote_id: str) -> None:
        """The time of a seeded poll has come."""
        pytest.skip("no poll ends here")

    async def spoil(self) -> None:
        """Puts an entry of nonsense into home, among the good ones, until the bench ends."""
        pytest.skip("this server cannot be made to answer nonsense")

    async def fail(self, fault: str) -> None:
        """Lets the next request fail: "auth", "limited" (429), "down" (503), "refused" (a 4xx) or "garbage"."""
        pytest.skip(f"this server cannot be made to fail with {fault!r}")

    async def later(self) -> None:  # noqa: B027 - most do not
        """Lets the time pass for which the adapter leaves the server alone after a fault, if it does."""

    async def lose_answer(self) -> None:
        """The next publish is stored, and its answer is lost on the way."""
        pytest.skip("no answer can be lost between this server and its adapter")

    def text(self, length: int) -> str:
        """A text that the service measures as exactly `length`."""
        return ("åb" * length)[:length]


def outgoing(text: str, **fields: object) -> Outgoing:
    """A post on its way, composed now, with a key of its own."""
    values: dict[str, object] = {"key": uuid4().hex, "text": text, "composed_at": datetime.now(UTC), "lang": "en"}
    return Outgoing(**(values | fields))  # type: ignore[arg-type]  # keyword by keyword, as the tests name them


def unique(text: str = "Hej") -> str:
    """A text that no other test has."""
    return f"{text} {uuid4().hex[:10]}"


async def eventually(ask: Callable[[], Awaitable[T]], good: Callable[[T], bool], patience: float) -> T:
    """Asks again until the answer is good; the last answer when it is not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        answer = await ask()
        if good(answer) or time.monotonic() >= deadline:
            return answer
        await asyncio.sleep(0.1)


async def all_older(service: Service, page: Page, limit: int, feed: Feed = HOME) -> list[Post]:
    """The page and everything below it. A short page is not the end: only a missing cursor is."""
    posts = list(page.posts)
    for _ in range(100):
        if page.older is None:
            return posts
        page = await service.page(feed, before=page.older, limit=limit)
        posts += page.posts
    raise AssertionError("paging down does not end")


async def all_newer(service: Service, after: str, limit: int, known: set[str], feed: Feed = HOME) -> list[Post]:
    """Everything above a cursor, oldest page first, gaps filled: what a refresh does after days away."""
    posts: list[Post] = []
    for _ in range(100):
        page = await service.page(feed, after=after, limit=limit)
        if not page.posts:
            return posts
        posts += page.posts
        gap = page
        while not gap.complete and gap.older is not None:
            below = await service.page(feed, before=gap.older, limit=limit)
            fresh = [post for post in below.posts if post.entry_id not in known]
            posts += fresh
            if len(fresh) < len(below.posts) or not below.posts:
                break
            gap = Page(older=below.older, complete=False)
        assert page.newer is not None, "a page with posts says where to go on"
        after = page.newer
    raise AssertionError("paging up does not end")


def assert_safe(post: Post) -> None:
    """Every outside text of a post went through the border, and ids and times have the shapes of the port."""
    authors = [post.author, *([post.boosted_by] if post.boosted_by else [])]
    texts: list[str] = [post.text, *post.tags, *post.mentions]
    texts += [part for author in authors for part in (author.name, author.handle)]
    texts += [media.alt for media in post.media] + [link.text for link in post.links]
    texts += [post.cw] if post.cw is not None else []
    texts += [choice.text for choice in post.poll.choices] if post.poll else []
    if post.quoted:
        texts += [post.quoted.text, post.quoted.author.name, post.quoted.author.handle]
    for text in texts:
        assert isinstance(text, SafeText), text
    assert isinstance(post.remote_id, str)
    assert post.remote_id
    assert post.uri
    assert post.created_at.utcoffset() == timedelta(0)
    assert all(link.url.startswith(("http://", "https://")) for link in post.links)
    assert all(author.avatar.startswith(("http://", "https://")) for author in authors if author.avatar)


def assert_all_safe(result: object) -> None:
    """Every post in what a call gave."""
    found = result.posts if isinstance(result, Page) else result if isinstance(result, Sequence) else (result,)
    for each in found:
        if isinstance(each, Post):
            assert_safe(each)


async def assert_toggles(
    bench: Bench, post_id: str, switch: Callable[[Post, bool], Awaitable[object]], state: Callable[[Post], bool]
) -> None:
    """On, on again, off, off again: the switch follows each time, and repeating is fine."""

    async def is_on() -> bool:
        return state(await bench.service.post(post_id))

    for on in (True, True, False, False):
        await switch(await bench.service.post(post_id), on)
        assert await eventually(is_on, on.__eq__, bench.patience) is on
