"""Against the real PDS and AppView: what the contract does not ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from mbclient.core.ports import Feed
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import FilterAction, NotificationKind, Post, PostKind
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.bluesky.xrpc import procedure
from tests.servers.bluesky import BlueskyAccount, BlueskyServer
from tests.servers.processes import READY_SECONDS
from tests.services.bluesky.pictures import png
from tests.services.bluesky.support import now_text, opened
from tests.services.contract import assert_safe, eventually, outgoing, unique
from tests.services.kit import kit_in

pytestmark = pytest.mark.server
POST = "app.bsky.feed.post"
T = TypeVar("T")


class World:
    """Anna follows Bo; each with a client of their own."""

    def __init__(self, server: BlueskyServer, anna: Bluesky, bo: Bluesky, people: dict[str, BlueskyAccount]) -> None:
        self.server, self.anna, self.bo, self.people = server, anna, bo, people

    async def publish(self, service: Bluesky, text: str, **fields: object) -> Post:
        published = await service.publish(await service.prepare(outgoing(text, **fields)))
        assert published.post is not None
        return published.post

    async def home(self, post: Post) -> Post:
        """The post as it reaches Anna's home."""
        page = await wait(self.anna.page, lambda page: any(found.uri == post.uri for found in page.posts))
        return next(found for found in page.posts if found.uri == post.uri)


async def wait(ask: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
    answer = await eventually(ask, good, READY_SECONDS)
    assert good(answer)
    return answer


@pytest.fixture
async def world(bluesky_network: BlueskyServer, tmp_path: Path) -> AsyncIterator[World]:
    server = bluesky_network
    people = {name: server.create_account() for name in ("anna", "bo")}
    server.follow(people["anna"], people["bo"])
    async with kit_in(tmp_path) as kit:
        anna, bo = [await opened(server, person, kit, name) for name, person in people.items()]
        yield World(server, anna, bo, people)


async def test_a_rich_post_arrives_as_it_was_written(world: World, tmp_path: Path) -> None:
    picture = tmp_path / "katt.png"
    picture.write_bytes(png(640, 480))
    quoted = await world.home(await world.publish(world.bo, unique("citat")))
    handle = world.anna.account.handle
    text = f"👩‍👩‍👧‍👦 åäö @{handle} https://example.org/å #säkerhet"
    media = (Attachment(str(picture), "En katt å"),)
    sent = await world.publish(world.bo, text, lang="sv", media=media, quote_of=quoted)
    post = await world.home(sent)
    assert_safe(post)
    assert (post.text, post.lang, post.kind) == (text, "sv", PostKind.QUOTE)
    assert [link.url for link in post.links] == ["https://example.org/%C3%A5"]
    assert (post.tags, post.mentions) == (("säkerhet",), (handle,))
    assert [(item.type, item.alt) for item in post.media] == [("image", "En katt å")]
    assert post.media[0].url.startswith("http")
    assert post.quoted is not None
    assert (post.quoted.remote_id, post.quoted.text) == (quoted.remote_id, quoted.text)
    assert post.quoted.author.handle == world.bo.account.handle


async def test_what_was_just_sent_is_whole_at_once(world: World, tmp_path: Path) -> None:
    """From the own repository, whether the AppView knows it yet or not; home follows."""
    quoted = await world.home(await world.publish(world.bo, unique("citat")))
    sent = await world.publish(world.anna, unique("min"), quote_of=quoted)
    assert sent.quoted is not None
    assert sent.quoted.text == quoted.text
    assert (await world.anna.post(sent.remote_id)).text == sent.text
    assert (await world.home(sent)).quoted == sent.quoted


async def test_boosts_are_entries_with_who_boosted(world: World) -> None:
    own = await world.publish(world.anna, unique("annas"))
    await wait(lambda: world.bo._reader.viewed([own.uri]), lambda found: own.uri in found)
    await world.bo.set_boosted(await world.bo.post(own.uri), True)
    page = await wait(world.anna.page, lambda page: any(post.kind is PostKind.BOOST for post in page.posts))
    boost = next(post for post in page.posts if post.kind is PostKind.BOOST)
    assert boost.boosted_by is not None
    assert boost.boosted_by.remote_id == world.people["bo"].did
    assert (boost.remote_id, boost.text) == (own.remote_id, own.text)
    assert boost.entry_id != own.remote_id
    assert boost.sorted_at >= own.created_at


async def test_notifications_of_every_common_kind(world: World) -> None:
    own = await world.publish(world.anna, unique("annas"))
    await wait(lambda: world.bo._reader.viewed([own.uri]), lambda found: own.uri in found)
    seen = await world.bo.post(own.uri)
    world.server.follow(world.people["bo"], world.people["anna"])
    await world.bo.set_liked(seen, True)
    await world.bo.set_boosted(seen, True)
    reply = await world.publish(world.bo, unique("svar"), reply_to=seen)
    quote = await world.publish(world.bo, unique("citat"), quote_of=seen)
    mention = await world.publish(world.bo, f"hej @{world.anna.account.handle} {uuid4().hex[:8]}")
    kind = NotificationKind
    wanted = {kind.FOLLOW, kind.LIKE, kind.BOOST, kind.REPLY, kind.QUOTE, kind.MENTION}
    page = await wait(world.anna.notifications, lambda page: {item.kind for item in page.notifications} >= wanted)
    about = {item.kind: item.post.remote_id if item.post else None for item in page.notifications}
    assert about == {
        kind.FOLLOW: None,
        kind.LIKE: own.remote_id,
        kind.BOOST: own.remote_id,
        kind.REPLY: reply.remote_id,
        kind.QUOTE: quote.remote_id,
        kind.MENTION: mention.remote_id,
    }
    assert {item.author.handle for item in page.notifications if item.author} == {world.bo.account.handle}
    assert page.skipped == 0


async def test_notifications_read_here_are_read_everywhere(world: World) -> None:
    own = await world.publish(world.anna, unique("annas"))
    await wait(lambda: world.bo._reader.viewed([own.uri]), lambda found: own.uri in found)
    await world.publish(world.bo, unique("svar"), reply_to=await world.bo.post(own.uri))
    page = await wait(world.anna.notifications, lambda page: bool(page.notifications))
    newest = page.notifications[0]
    assert not newest.read
    assert await world.anna.set_mark("notifications", world.anna.mark(newest.remote_id, newest.at))
    await wait(world.anna.notifications, lambda page: all(each.read for each in page.notifications))
    assert await world.anna.read_marks() == {"notifications": world.anna.mark(newest.remote_id, newest.at)}


async def test_a_thread_of_two_people(world: World) -> None:
    root = await world.home(await world.publish(world.bo, unique("root")))
    first = await world.publish(world.anna, unique("first"), reply_to=root)
    assert first.root == (root.remote_id, root.version)
    await wait(lambda: world.bo._reader.viewed([first.uri]), lambda found: first.uri in found)
    second = await world.publish(world.bo, unique("second"), reply_to=await world.bo.post(first.uri))
    assert second.root == (root.remote_id, root.version)
    thread = await wait(lambda: world.anna.thread(root), lambda thread: len(thread.descendants) == 2)
    assert [post.remote_id for post in thread.descendants] == [first.remote_id, second.remote_id]
    thread = await world.anna.thread(await world.anna.post(second.uri))
    assert [post.remote_id for post in thread.ancestors] == [root.remote_id, first.remote_id]


async def test_the_feeds_that_are_promised(world: World) -> None:
    word = f"tagg{uuid4().hex[:8]}"
    tagged = await world.home(await world.publish(world.bo, f"hej #{word}"))
    assert world.anna.capabilities.feeds == ("home", "author", "list", "tag")
    author = await world.anna.page(Feed("author", world.people["bo"].did))
    assert tagged.remote_id in [post.remote_id for post in author.posts]
    tag = await wait(lambda: world.anna.page(Feed("tag", word)), lambda page: bool(page.posts))
    assert [post.remote_id for post in tag.posts] == [tagged.remote_id]
    anna = world.people["anna"]
    made = {"purpose": "app.bsky.graph.defs#curatelist", "name": "Lista", "createdAt": now_text()}
    address = world.server.create_record(anna, "app.bsky.graph.list", made)
    item = {"list": address, "subject": world.people["bo"].did, "createdAt": now_text()}
    world.server.create_record(anna, "app.bsky.graph.listitem", item)

    async def listed() -> list[str]:
        try:
            return [post.remote_id for post in (await world.anna.page(Feed("list", address))).posts]
        except RejectedError:  # the list itself has not arrived yet
            return []

    assert tagged.remote_id in await wait(listed, bool)


async def test_own_posts_come_with_what_the_appview_knows(world: World) -> None:
    own = await world.publish(world.anna, unique("annas"))
    await wait(lambda: world.bo._reader.viewed([own.uri]), lambda found: own.uri in found)
    await world.bo.set_liked(await world.bo.post(own.uri), True)

    async def likes() -> int:
        (post,) = await world.anna.own_posts(datetime.now(UTC) - timedelta(minutes=5))
        return post.counts.likes

    assert await wait(likes, bool) == 1


async def test_what_the_accounts_preferences_say_is_applied(world: World) -> None:
    defs = "app.bsky.actor.defs#"
    word = {"value": "Fotboll", "targets": ["content", "tag"], "actorTarget": "all"}
    until = {"value": "hockey", "targets": ["content"], "expiresAt": "2999-01-01T00:00:00.000Z"}
    preferences = [
        {"$type": f"{defs}mutedWordsPref", "items": [word, until]},
        {"$type": f"{defs}adultContentPref", "enabled": True},
        {"$type": f"{defs}contentLabelPref", "label": "graphic-media", "visibility": "hide"},
    ]
    await world.anna._session.call(procedure("app.bsky.actor.putPreferences", {"preferences": preferences}))
    football, hockey, other = [
        await world.home(await world.publish(world.bo, unique(text))) for text in ("fotboll!", "hockey", "annat")
    ]
    assert [(str(each.title), each.action) for each in football.filtered] == [("fotboll", FilterAction.HIDE)]
    assert hockey.filtered[0].until == datetime(2999, 1, 1, tzinfo=UTC)
    assert other.filtered == ()
    labelled = {
        "text": unique("bild"),
        "createdAt": now_text(),
        "labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]},
    }
    uri = await asyncio.to_thread(world.server.create_record, world.people["bo"], POST, labelled)
    page = await wait(world.anna.page, lambda page: any(found.uri == uri for found in page.posts))
    (post,) = [found for found in page.posts if found.uri == uri]
    assert [(str(each.title), each.action) for each in post.filtered] == [
        ("labelled: graphic-media", FilterAction.HIDE)
    ]
    ids = world.anna.capabilities.filters
    assert ids is not None
    assert {each.id for each in (*football.filtered, *hockey.filtered, *post.filtered)} <= ids


async def test_a_thread_closed_by_its_author(world: World) -> None:
    post = await world.home(await world.publish(world.bo, unique("stängd")))
    gate = {"$type": "app.bsky.feed.threadgate", "post": post.remote_id, "allow": [], "createdAt": now_text()}
    body = {"repo": world.people["bo"].did, "collection": "app.bsky.feed.threadgate", "record": gate}
    body["rkey"] = post.remote_id.rpartition("/")[2]
    await asyncio.to_thread(world.server.post, "com.atproto.repo.putRecord", body, world.people["bo"].authorization)

    async def refused() -> bool:
        try:
            await world.anna.prepare(outgoing(unique(), reply_to=post))
        except RejectedError:
            return True
        return False

    assert await wait(refused, bool)


async def test_a_like_taken_back_at_once_is_gone_everywhere(world: World) -> None:
    post = await world.home(await world.publish(world.bo, unique("gillad")))
    for _press in range(2):
        mine = await world.anna.set_liked(post, True)
    mine = await world.anna.set_liked(post, False)
    assert (mine.liked, mine.like_ref) == (False, "")
    assert not world.server.records(world.people["anna"], "app.bsky.feed.like")
    await wait(lambda: world.anna.post(post.uri), lambda found: found.counts.likes == 0 and not found.mine.liked)
