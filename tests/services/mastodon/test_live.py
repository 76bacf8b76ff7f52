"""A whole desk on a Mastodon of our own, its stream cut in the middle: nothing that happened meanwhile is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.stores import ViewQuery
from mbclient.domain.account import Account
from tests.core.remote import Clock
from tests.core.watched import is_live, until, watched
from tests.services.mastodon_server import MastodonServer

CONFIG = 'schema = 1\nlanguage = "en"\n[policy.employer]\nname = "Grönkvist"\n'


class House:
    """The desk, its clock, the server."""

    def __init__(self, desk: Desk, clock: Clock, server: MastodonServer) -> None:
        self.desk = desk
        self.clock = clock
        self.server = server
        self.bo = server.people["bo"]
        self._at = clock.now() - timedelta(minutes=10)

    def texts(self) -> list[str]:
        """What home shows, from the top."""
        return [str(entry.post.text) for entry in self.desk.reading.page(ViewQuery("home"), limit=500)]

    def posts(self, *texts: str) -> None:
        """By somebody whom I follow, one a second."""
        for text in texts:
            self._at += timedelta(seconds=1)
            self.server.write(self.bo, text, created_at=self._at)

    async def mend(self) -> None:
        """The back-off after a first break is two seconds at most."""
        await until(self.desk, lambda: not self.desk.refresher.states["work"].live)
        self.clock.pass_(seconds=2)
        await until(self.desk, lambda: is_live(self.desk, "work"))


@pytest.fixture(params=["mastodon", "gotosocial"])  # server-sent events, and WebSockets
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "no-company"))
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, "utf-8")
    clock = Clock(datetime.now(UTC))
    desk = bootstrap.build(bootstrap.read_settings(config=str(config), data_dir=str(tmp_path / "data")), clock=clock)
    async with MastodonServer(str(request.param)) as server:
        desk.world.accounts.save(
            Account("work", "mastodon", server.url, "anna@" + server.domain, "1", token_command=("echo", "anna-token"))
        )
        try:
            yield House(desk, clock, server)
        finally:
            await desk.aclose()


async def test_what_happens_is_shown_as_it_happens(house: House) -> None:
    house.posts("before")
    async with watched(house.desk):
        await until(house.desk, lambda: is_live(house.desk, "work"))
        assert house.texts() == ["before"]
        first = house.server.write(house.bo, "one")
        second = house.server.write(house.bo, "two")
        house.server.edit(first, "one, mended")
        house.server.delete(second)
        await until(house.desk, lambda: house.texts() == ["one, mended", "before"])


async def test_a_cut_line_leaves_no_gap(house: House) -> None:
    async with watched(house.desk):
        house.posts("before")
        await until(house.desk, lambda: is_live(house.desk, "work"))
        house.posts("told")
        await until(house.desk, lambda: house.texts() == ["told", "before"])
        house.server.lines.cut()
        missed = [f"missed {n}" for n in range(60)]  # more than a page
        house.posts(*missed)
        await house.mend()
        house.posts("after")
        expected = ["after", *reversed(missed), "told", "before"]
        await until(house.desk, lambda: house.texts() == expected)
        assert house.desk.reading.gaps(ViewQuery("home")) == []


async def test_posts_between_the_opening_and_its_fill_come_once(house: House) -> None:
    """The line stands before the fill asks, so both may bring the same."""
    async with watched(house.desk):
        await until(house.desk, lambda: is_live(house.desk, "work"))
        for round_ in range(5):
            house.server.lines.cut()
            house.posts(f"missed {round_}")
            await until(house.desk, lambda: not house.desk.refresher.states["work"].live)
            house.clock.pass_(seconds=64)
            await until(house.desk, lambda: house.server.lines.events or house.server.lines.sockets)
            house.posts(f"told {round_}")
            await until(house.desk, lambda: is_live(house.desk, "work"))
        await until(house.desk, lambda: len(house.texts()) == 10)
    assert len(set(house.texts())) == 10


async def test_a_revoked_token_ends_the_line_and_asks_no_more(house: House) -> None:
    async with watched(house.desk):
        await until(house.desk, lambda: is_live(house.desk, "work"))
        house.server.revoked.add("anna-token")
        asked = len(house.server.wire.requests)
        house.server.lines.cut()
        house.clock.pass_(seconds=2)
        await until(house.desk, lambda: house.desk.refresher.states["work"].health == "signed-out")
        house.clock.pass_(minutes=5)
        house.desk.watch.tick()
    assert len(house.server.wire.requests) - asked <= 2


# ---------------------------------------------------------------- reading places


def place(house: House) -> str:
    """The post at home's place."""
    at = house.desk.reading.place("home")
    entries = house.desk.reading.page(ViewQuery("home"), limit=100)
    return next((str(entry.post.text) for entry in entries if entry.key == at), "")


async def test_the_reading_place_goes_from_client_to_client(house: House) -> None:
    anna = house.server.people["anna"]
    house.posts(*(f"post {n}" for n in range(8)))
    ids = {stored.text: stored.id for stored in house.server.statuses.values()}
    anna.markers["home"] = ids["post 3"]
    async with watched(house.desk):
        await until(house.desk, lambda: place(house) == "post 3")
        assert house.server.asked("POST", "/api/v1/markers") == []
        top = house.desk.reading.page(ViewQuery("home"), limit=1)[0]
        house.desk.reading.keep_place("home", top.key)
        house.server.fault("POST", "/api/v1/markers", "status", status=409, body={"error": "Conflict"})

        def told() -> bool:
            house.clock.pass_(seconds=1)  # a round that is on its way now does not know the new place yet
            return len(house.server.asked("POST", "/api/v1/markers")) == 1

        await until(house.desk, told)
        assert anna.markers["home"] == ids["post 3"]
    assert anna.markers["home"] == ids["post 7"]  # at the latest when one quits


async def test_notifications_read_in_another_client_are_read_here(house: House) -> None:
    anna = house.server.people["anna"]
    mine = house.server.write(anna, "mine")
    first, second = (house.server.write(house.bo, text, parent=mine.id) for text in ("@anna one", "@anna two"))
    anna.markers["notifications"] = f"n{first.id}"
    expected = {f"n{first.id}": True, f"n{second.id}": False}

    def read() -> dict[str, bool]:
        return {each.remote_id: each.read for each in house.desk.reading.notifications()}

    async with watched(house.desk):
        await until(house.desk, lambda: is_live(house.desk, "work") and read() == expected)
        house.clock.pass_(minutes=10)
        await until(house.desk, lambda: len(house.server.asked("GET", "/api/v1/notifications")) == 3)
        await until(house.desk, lambda: is_live(house.desk, "work"))
        assert read() == expected  # the next refresh does not make them new again
