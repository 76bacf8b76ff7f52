"""The channels over one WebSocket (facts/misskey.md 9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from mbclient.core.ports import PostDeleted, PostEdited, StreamEvent, StreamOpened
from mbclient.domain.errors import AuthError, UnreachableError
from mbclient.domain.post import Notification, NotificationKind, Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.misskey import streaming
from mbclient.services.misskey.service import Misskey
from tests.services.misskey.conftest import opened
from tests.services.misskey.server import MisskeyServer
from tests.services.misskey.shapes import Note

Events = AsyncGenerator[StreamEvent, None]


async def opening(service: Misskey) -> Events:
    events = service.stream()
    assert isinstance(await anext(events), StreamOpened)
    return events


async def test_notes_of_home_and_notifications(server: MisskeyServer, service: Misskey) -> None:
    async with asyncio.timeout(10), aclosing(await opening(service)) as events:
        server.write(server.people["eva"], "jag följs inte")
        note = server.write(server.people["bo"], "Hej")
        event = await anext(events)
        assert isinstance(event, Post)
        assert event.remote_id == note.id
        server.notify(server.people["anna"], "follow", server.people["bo"])
        event = await anext(events)
        assert isinstance(event, Notification)
        assert event.kind is NotificationKind.FOLLOW


async def test_a_deletion_is_told_of_what_went_by(server: MisskeyServer, service: Misskey) -> None:
    """Only of captured notes: they are captured as they come, a boost and the boosted one too."""
    async with asyncio.timeout(10), aclosing(await opening(service)) as events:
        theirs = server.write(server.people["eva"], "långt borta")
        renote = server.write(server.people["bo"], None, renote=theirs)
        event = await anext(events)
        assert isinstance(event, Post)
        assert event.boost_id == renote.id
        (state,) = server.lines.values()
        await server.heard(lambda: {renote.id, theirs.id} <= state["captured"])
        for note in (renote, theirs):
            server.remove(note.id)
            assert await anext(events) == PostDeleted(note.id)


async def test_an_edit_is_read_again(kit: Kit) -> None:
    """Sharkey tells that, not what."""
    async with MisskeyServer("sharkey") as server:
        service = opened(server, kit)
        note = server.write(server.people["bo"], "fle")
        async with asyncio.timeout(10), aclosing(await opening(service)) as events:
            server.write(server.people["bo"], None, renote=note)
            await anext(events)
            (state,) = server.lines.values()
            await server.heard(lambda: note.id in state["captured"])
            state["captured"].add("gone")
            server.tell_of_edit(Note("gone", note.at, note.user))
            note.text, note.edited = "fel", note.at
            server.tell_of_edit(note)
            event = await anext(events)
            assert isinstance(event, PostEdited)
            assert (event.post.remote_id, event.post.text) == (note.id, "fel")


async def test_captures_are_bounded(server: MisskeyServer, service: Misskey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CAPTURED", 3)
    async with asyncio.timeout(10), aclosing(await opening(service)) as events:
        ids = []
        for n in range(6):
            ids.append(server.write(server.people["bo"], f"nr {n}").id)
            await anext(events)
        (state,) = server.lines.values()
        await server.heard(lambda: state["captured"] == set(ids[-3:]))


async def test_nonsense_takes_nothing_along(server: MisskeyServer, service: Misskey) -> None:
    nonsense: list[Any] = [
        7,
        None,
        {"type": "channel"},
        {"type": "channel", "body": {"id": "home", "type": "note", "body": {"id": "1"}}},
        {"type": "channel", "body": {"id": "home", "type": "note", "body": None}},
        {"type": "channel", "body": {"id": "main", "type": "notification", "body": []}},
        {"type": "channel", "body": {"id": "main", "type": "readAllNotifications", "body": None}},
        {"type": "noteUpdated", "body": {"type": "deleted"}},
        {"type": "emojiAdded", "body": {}},
    ]
    async with asyncio.timeout(10), aclosing(await opening(service)) as events:
        for message in nonsense:
            await server.say(message)
        note = server.write(server.people["bo"], "Hej")
        event = await anext(events)
        assert isinstance(event, Post)
        assert event.remote_id == note.id


async def test_a_channel_that_is_refused_is_met_with_silence(
    server: MisskeyServer, service: Misskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "CONNECT_S", 0.05)
    server.silent_channels.add("homeTimeline")
    with pytest.raises(UnreachableError, match="does not open the stream"):
        await anext(service.stream())


async def test_without_notifications_home_is_told_all_the_same(server: MisskeyServer, service: Misskey) -> None:
    server.silent_channels.add("main")
    async with asyncio.timeout(10), aclosing(await opening(service)) as events:
        server.write(server.people["bo"], "Hej")
        assert isinstance(await anext(events), Post)


async def test_a_line_that_breaks_and_one_that_does_not_open(server: MisskeyServer, service: Misskey) -> None:
    async with asyncio.timeout(10):
        events = await opening(service)
        await server.cut()
        with pytest.raises(UnreachableError):
            await anext(events)
        server.refuse_sockets = 1
        with pytest.raises(UnreachableError):
            await anext(service.stream())


async def test_a_token_that_no_longer_holds(server: MisskeyServer, kit: Kit) -> None:
    service = opened(server, kit)
    kit.secrets.set("work", Secret("old"))
    with pytest.raises(AuthError) as caught:
        await anext(service.stream())
    assert caught.value.account == "work"
