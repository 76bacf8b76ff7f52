"""Where an author's picture stands, as each service tells it; whatever is no web address is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mbclient.domain.account import Account
from mbclient.domain.post import Author
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.bluesky import views
from mbclient.services.cache import JsonCache
from mbclient.services.feed import jsonfeed
from mbclient.services.feed import posts as feed
from mbclient.services.gnusocial import statuses as gnusocial
from mbclient.services.gnusocial.site import Site
from mbclient.services.jaiku import entries as jaiku
from mbclient.services.jaiku.feeds import json_posts
from mbclient.services.mastodon import statuses as mastodon
from mbclient.services.micropub import entries as micropub
from mbclient.services.misskey import notes as misskey
from mbclient.services.nostr import posts as nostr
from mbclient.services.nostr.events import signed
from mbclient.services.threads import posts as threads
from mbclient.services.x import posts as x
from mbclient.services.x.marks import Marks
from tests.services.nostr.support import BO

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SITE = Site("https://m.example", "https://m.example/api")


def _mastodon(avatar: object) -> Author:
    return mastodon.Decoder("work", "m.example").author({"id": "2", "acct": "bo", "avatar_static": avatar})


def _mastodon_moving(avatar: object) -> Author:
    """Servers that have the moving one alone."""
    return mastodon.Decoder("work", "m.example").author({"id": "2", "acct": "bo", "avatar": avatar})


def _bluesky(avatar: object) -> Author:
    return views.author({"did": "did:plc:" + "a" * 24, "handle": "bo.example", "avatar": avatar})


def _misskey(avatar: object) -> Author:
    return misskey.Decoder("work", "https://m.example").author({"id": "2", "username": "bo", "avatarUrl": avatar})


def _x(avatar: object) -> Author:
    decoder = x.Decoder("work", "1", "https://x.com", Marks(JsonCache(Path("/nowhere")), "m"))
    return decoder.author({"id": "2", "username": "bo", "profile_image_url": avatar})


def _threads(avatar: object) -> Author:
    raw = {"id": "2", "username": "bo", "timestamp": "2026-11-24T10:00:00+0000", "profile_picture_url": avatar}
    return threads.Decoder("work").post(raw).author


def _gnusocial(avatar: object) -> Author:
    return gnusocial.Decoder("work", SITE).author({"id": 2, "screen_name": "bo", "profile_image_url": avatar})


def _nostr(avatar: object) -> Author:
    profile = signed(BO, 1, 0, [], json.dumps({"name": "bo", "picture": avatar}))
    decoder = nostr.Decoder(Account("work", "nostr"), "", lambda _id: None, {BO.pubkey: profile})
    return decoder.author(BO.pubkey)


def _micropub(avatar: object) -> Author:
    raw = {"id": 1, "url": "https://bo.example/1", "date_published": "2026-11-24T10:00:00Z", "content_html": "<p>x</p>"}
    author = {"name": "Bo", "avatar": avatar, "_microblog": {"username": "bo"}}
    decoder = micropub.Decoder("work", "micropub", Author(SafeText("anna.example")))
    return decoder.item({**raw, "author": author}, "micro.blog").author


def _feed(avatar: object) -> Author:
    item = {"id": "1", "content_text": "x", "authors": [{"name": "Bo", "avatar": avatar}]}
    version = "https://jsonfeed.org/version/1.1"
    document = jsonfeed.read_jsonfeed(
        {"version": version, "title": "x", "items": [item]}, "https://m.example/feed.json"
    )
    return (
        feed.Decoder("work", "feed", "https://m.example/feed.json", document).post(document.items[0], None, NOW).author
    )


def _jaiku(avatar: object) -> Author:
    item = {
        "id": "a" * 32,
        "title": "x",
        "url": f"https://bo.m.example/presence/{'a' * 32}",
        "created_at": "2026-11-24T10:00:00Z",
        "user": {"nick": "bo", "full_nick": "bo@m.example", "avatar": avatar},
    }
    answer = Answer(200, {}, json.dumps({"stream": [item]}).encode(), "https://m.example/feed/json")
    (post,), _bad = json_posts(answer, jaiku.Decoder("work", "jaiku", "https://m.example"))
    return post.author


EVERY = [
    _mastodon, _mastodon_moving, _bluesky, _misskey, _x, _gnusocial, _nostr, _micropub, _feed, _jaiku, _threads,
]  # fmt: skip


@pytest.mark.parametrize("read", EVERY)
def test_an_authors_picture_stands_where_the_service_says(read: Callable[[object], Author]) -> None:
    assert read("https://files.example/bo.png").avatar == "https://files.example/bo.png"


@pytest.mark.parametrize("read", EVERY)
@pytest.mark.parametrize("nonsense", [None, True, "", "javascript:x", "file:///etc/passwd", "https://a@b.example/", {}])
def test_what_is_no_web_address_is_no_picture(read: Callable[[object], Author], nonsense: object) -> None:
    assert read(nonsense).avatar == ""
