"""What servers say of themselves, and the table of their differences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.ports import Feed
from mbclient.domain.capabilities import Idempotency
from mbclient.domain.errors import UnsupportedError
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Visibility
from mbclient.services.kit import Kit
from mbclient.services.mastodon.dialects import software_of, version_of
from mbclient.services.mastodon.instance import Instance, read_instance
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer


@pytest.mark.parametrize(
    ("nodeinfo", "version", "software"),
    [
        ("mastodon", "4.5.0", "mastodon"),
        ("Mastodon", "4.5.0+glitch", "mastodon"),
        ("hometown", "3.4.6+hometown-1.0.6", "hometown"),
        ("gotosocial", "3.5.3+0.20.0", "gotosocial"),
        ("", "4.5.0", "mastodon"),
        ("", "4.6.0-alpha.2+glitch", "mastodon"),
        ("", "3.4.6+hometown-1.0.6", "hometown"),
        ("", "2.7.2 (compatible; Pleroma 2.5.0)", "pleroma"),
        ("", "2.7.2 (compatible; Akkoma 3.10.4)", "akkoma"),
        ("", "3.5.3 (compatible; Pixelfed 0.11.13)", "pixelfed"),
        ("", "takahe/0.11.0", "takahe"),
        ("", "4.0.0 (not true; really snac/2.38)", "snac"),
        ("", "0.20.0+git-abc", ""),
        ("", "2025.4.1 (compatible; Sharkey)", ""),
        ("", "", ""),
        ("something-new", "4.5.0", "something-new"),
    ],
)
def test_software(nodeinfo: str, version: str, software: str) -> None:
    assert software_of(nodeinfo, version) == software


@pytest.mark.parametrize(
    ("text", "version"),
    [("4.5.0", (4, 5, 0)), ("3.4.6+x", (3, 4, 6)), ("4", (4, 0, 0)), ("x", (0, 0, 0)), ("", (0, 0, 0))],
)
def test_versions(text: str, version: tuple[int, int, int]) -> None:
    assert version_of(text) == version


KEY, BACK = Idempotency.KEY, Idempotency.READ_BACK


@pytest.mark.parametrize(
    ("name", "idempotency", "schedule", "stream", "edit", "quote", "limit"),
    [
        ("mastodon", KEY, True, True, True, True, 500),
        ("mastodon-4.6", KEY, True, True, True, True, 500),
        ("mastodon-4.2", KEY, False, True, True, False, 500),
        ("glitch", KEY, True, True, True, True, 500),
        ("hometown", KEY, False, True, False, False, 500),
        ("gotosocial", BACK, True, True, True, False, 5000),
        ("pleroma", KEY, True, True, True, False, 5000),
        ("akkoma", BACK, True, True, True, False, 5000),
        ("pixelfed", BACK, False, False, False, False, 500),
        ("takahe", BACK, False, False, True, False, 500),
        ("snac", BACK, False, False, False, False, 100_000),
        ("hollo", KEY, False, False, True, False, 10_000),
    ],
)
async def test_capabilities_of_each_software(
    kit: Kit, name: str, idempotency: Idempotency, schedule: bool, stream: bool, edit: bool, quote: bool, limit: int
) -> None:
    async with MastodonServer(name) as server:
        can = await opened(server, kit).load_capabilities()
    assert (can.idempotency, can.schedule, can.stream, can.edit, can.quote) == (
        idempotency,
        schedule,
        stream,
        edit,
        quote,
    )
    assert can.max_length == limit
    assert can.key_minutes == ({"pleroma": 360}.get(name, 60) if idempotency is KEY else 0)
    assert Visibility.PUBLIC in can.visibilities
    assert (can.post, can.reply) == (name != "pixelfed", True)
    assert can.feeds == ("home", "local", "tag", "list", "author")


@pytest.mark.parametrize(
    ("name", "text", "used"),
    [
        ("mastodon", "https://example.com/" + "x" * 100 + " @bo@m.example", 27),
        ("gotosocial", "https://example.com/" + "x" * 100 + " @bo@m.example", 134),
        ("gotosocial", "👩‍👩‍👧", 5),
        ("pleroma", "👩‍👩‍👧 https://example.com", 21),
        ("mastodon", "👩‍👩‍👧", 1),
    ],
)
async def test_each_counts_in_its_own_way(kit: Kit, name: str, text: str, used: int) -> None:
    async with MastodonServer(name) as server:
        service = opened(server, kit)
        await service.load_capabilities()
        assert service.measure(text).used == used
        assert service.measure(text, "cw").used == used + 2


async def test_facts_are_kept_for_the_next_start(server: MastodonServer, kit: Kit) -> None:
    can = await opened(server, kit).load_capabilities()
    asked = len(server.wire.requests)
    again = opened(server, kit)
    assert again.capabilities == can
    await again.page()
    assert [request.path for request in server.wire.requests[asked:]] == ["/api/v1/timelines/home", "/api/v2/filters"]


async def test_damaged_facts_are_asked_for_again(server: MastodonServer, kit: Kit) -> None:
    can = await opened(server, kit).load_capabilities()
    (file,) = Path(kit.cache_dir).glob("mastodon-instance-*")
    for damaged in ("{", "[]", '{"domain": "x"}', json.dumps({**json.loads(file.read_text()), "domain": 7})):
        file.write_text(damaged)
        service = opened(server, kit)
        assert service.capabilities.software == ""
        await service.page()
        assert replace(service.capabilities, filters=None) == can


async def test_a_foreign_nodeinfo_is_not_asked(server: MastodonServer, kit: Kit) -> None:
    """The document also names evil.example: only the own host's is read."""
    assert (await opened(server, kit).load_capabilities()).software == "mastodon"
    assert [r.path for r in server.wire.requests][:2] == ["/.well-known/nodeinfo", "/nodeinfo/2.0"]


@pytest.mark.parametrize("kind", ["garbage", "drop-before"])
async def test_nodeinfo_may_be_broken(server: MastodonServer, kit: Kit, kind: str) -> None:
    for _number in range(2):
        server.fault("GET", "/.well-known/nodeinfo", kind)
    assert (await opened(server, kit).load_capabilities()).software == "mastodon"


@pytest.mark.parametrize("path", ["/.well-known/nodeinfo", "/nodeinfo/2.0"])
@pytest.mark.parametrize("kind", ["garbage", "status"])
async def test_nodeinfo_that_fails_once_leaves_the_software_as_it_was(kit: Kit, path: str, kind: str) -> None:
    """Its dialect decides whether a repeat is harmless: a bad answer of the daily look must not change it."""
    async with MastodonServer("gotosocial") as server:
        service = opened(server, kit)
        assert (await service.load_capabilities()).software == "gotosocial"
        for _number in range(2):
            server.fault("GET", path, kind)
        assert (await service.load_capabilities()).software == "gotosocial"
        assert opened(server, kit).capabilities.software == "gotosocial"


@pytest.mark.parametrize(
    ("body", "instance"),
    [
        ({}, Instance("m.example", "")),
        ({"version": "4.5.0", "configuration": None}, Instance("m.example", version="4.5.0")),
        ({"uri": "https://other.example/", "version": "4.5.0"}, Instance("other.example", version="4.5.0")),
        ({"domain": "evil.example/x\x1b", "version": "4.5.0"}, Instance("m.example", version="4.5.0")),
        ({"max_toot_chars": 5000}, Instance("m.example", "", max_length=5000)),
        ({"max_toot_chars": -1, "api_versions": {"mastodon": "7"}}, Instance("m.example", "")),
        ({"poll_limits": {"max_options": 20}}, Instance("m.example", "", polls=(20, 0, 0, 0))),
        ({"configuration": {"polls": {"max_options": -1, "min_expiration": "x"}}}, Instance("m.example", "")),
        ({"urls": {"streaming_api": "wss://s.example/"}}, Instance("m.example", "", streaming="https://s.example")),
        ({"urls": {"streaming_api": "ws://s.example"}}, Instance("m.example", "")),
        ({"urls": {"streaming_api": "wss://u:p@s.example"}}, Instance("m.example", "")),
        ({"urls": {"streaming_api": "ftp://s.example"}}, Instance("m.example", "")),
    ],
)
def test_reading(body: dict[str, object], instance: Instance) -> None:
    assert read_instance(body, "m.example", "") == instance


@pytest.mark.parametrize(
    ("access", "closed"),
    [
        ({"live_feeds": {"local": "disabled", "remote": "public"}}, ("local",)),
        ({"live_feeds": {"local": "authenticated", "remote": "disabled"}}, ()),
        ({"hashtag_feeds": {"local": "disabled", "remote": "public"}}, ()),
        ({"hashtag_feeds": {"local": "disabled", "remote": "disabled"}}, ("tag",)),
        ({"live_feeds": "disabled", "hashtag_feeds": None}, ()),
    ],
)
async def test_a_feed_that_is_switched_off_is_not_offered_nor_asked_for(
    server: MastodonServer, kit: Kit, access: dict[str, object], closed: tuple[str, ...]
) -> None:
    body = {"domain": server.domain, "version": "4.5.0", "configuration": {"timelines_access": access}}
    server.fault("GET", "/api/v2/instance", "status", status=200, body=body)
    can = await opened(server, kit).load_capabilities()
    again = opened(server, kit)  # from what is kept of it
    assert again.capabilities.feeds == can.feeds
    assert {"home", "local", "tag", "list", "author"} - set(can.feeds) == set(closed)
    for kind in ("local", "tag"):
        if kind in closed:
            with pytest.raises(UnsupportedError):
                await again.page(Feed(kind, "x"))
        else:
            await again.page(Feed(kind, "x"))
    assert len(server.asked("GET", "/api/v1/timelines/public")) == ("local" not in closed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["version", "domain", "uri", "configuration", "urls", "api_versions", "max_toot_chars"])
inner_names = st.sampled_from(["statuses", "media_attachments", "urls", "max_characters", "mastodon", "streaming"])


@given(st.dictionaries(names, json_values | st.dictionaries(inner_names, json_values)))
def test_no_answer_breaks_it_and_it_comes_back_from_the_cache(body: dict[str, object]) -> None:
    instance = read_instance(body, "m.example", "")
    assert instance.capabilities().max_length > 0
    assert instance.measure("hej").used == 3
    assert Instance.from_json(json.loads(json.dumps(instance.to_json()))) == instance


@pytest.mark.parametrize(
    ("instance", "limits"),
    [
        (Instance("m.example"), PollLimits(4, 50, 300, 2_629_746, hide_totals=True)),
        (Instance("m.example", polls=(10, 100, 60, 3600)), PollLimits(10, 100, 60, 3600, hide_totals=True)),
        (Instance("m.example", "pleroma", polls=(20, 200, 0, 31_536_000)), PollLimits(20, 200, 0, 31_536_000)),
        (Instance("m.example", "strange"), None),
        (Instance("m.example", "strange", polls=(6, 0, 0, 0)), PollLimits(6, 50, 0, 0)),
        (Instance("m.example", "strange", polls=(1, 0, 0, 0)), None),
        (Instance("m.example", "snac", polls=(4, 50, 300, 3600)), None),
    ],
)
def test_polls_are_as_the_server_says(instance: Instance, limits: PollLimits | None) -> None:
    assert instance.capabilities().poll == limits
    assert Instance.from_json(json.loads(json.dumps(instance.to_json()))) == instance
