"""Markers: what a server keeps of the reading places, what it lacks, and how ids are ordered (Mastodon facts 3, 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.abilities import Marking
from mbclient.domain.errors import RateLimitedError, RejectedError, UnreachableError, UnsupportedError
from mbclient.services.kit import Kit
from mbclient.services.mastodon.markers import at_or_below
from mbclient.services.mastodon.service import Mastodon
from tests.services.mastodon.conftest import opened
from tests.services.mastodon_server import MastodonServer
from tests.services.mastodon_shapes import BEHAVIOURS

PATH = "/api/v1/markers"
KEEPERS = sorted(name for name, behaviour in BEHAVIOURS.items() if behaviour.markers)


@pytest.mark.parametrize("name", KEEPERS)
async def test_what_is_set_is_read(kit: Kit, name: str) -> None:
    async with MastodonServer(name) as server:
        service: Marking = opened(server, kit)
        assert await service.read_marks() == {}
        mark = server.write(server.people["bo"], "hej").id
        assert await service.set_mark("home", mark)
        assert await service.set_mark("notifications", "7")
        assert await service.read_marks() == {"home": mark, "notifications": "7"}
        assert server.people["anna"].markers == {"home": mark, "notifications": "7"}


async def test_a_race_is_no_fault(server: MastodonServer, service: Mastodon) -> None:
    server.fault("POST", PATH, "status", status=409, body={"error": "Conflict"})
    assert not await service.set_mark("home", "5")
    assert await service.set_mark("home", "5")


@pytest.mark.parametrize(
    ("status", "expected"), [(403, RejectedError), (429, RateLimitedError), (503, UnreachableError)]
)
async def test_a_fault_has_its_name(
    server: MastodonServer, service: Mastodon, status: int, expected: type[Exception]
) -> None:
    server.fault("GET", PATH, "status", status=status, body={"error": "no"})
    with pytest.raises(expected):
        await service.read_marks()


@pytest.mark.parametrize("name", ["snac", "takahe"])
async def test_a_server_without_markers_is_asked_once(kit: Kit, name: str) -> None:
    async with MastodonServer(name) as server:
        service = opened(server, kit)
        for _round in range(2):
            with pytest.raises(UnsupportedError):
                await service.read_marks()
        with pytest.raises(UnsupportedError):
            await service.set_mark("home", "1")
        assert len(server.asked("GET", PATH)) == 1
        assert server.asked("POST", PATH) == []


@pytest.mark.parametrize(
    "answer",
    [[], 7, {"home": None}, {"home": {"last_read_id": None}}, {"home": []}, {"home": {"last_read_id": {"a": 1}}}],
)
async def test_nonsense_is_no_mark(server: MastodonServer, service: Mastodon, answer: object) -> None:
    server.fault("GET", PATH, "status", status=200, body=answer)
    assert await service.read_marks() == {}


@given(one=st.integers(0, 10**20), other=st.integers(0, 10**20))
def test_numbers_are_ordered_as_numbers(one: int, other: int) -> None:
    assert at_or_below(str(other), str(one)) is (other <= one)


@given(orders=st.lists(st.integers(1, 1 << 60), min_size=2, max_size=2, unique=True))
async def test_ulids_are_ordered_as_they_were_made(orders: list[int]) -> None:
    server = MastodonServer("gotosocial")
    older, newer = (server._id(order) for order in sorted(orders))
    assert at_or_below(older, newer)
    assert not at_or_below(newer, older)
