"""The own profile: what it shows, and what it costs to look at it (facts/x.md 3, 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.errors import AuthError
from mbclient.domain.post import Visibility
from mbclient.services.kit import Kit
from mbclient.services.x.service import X
from tests.services.kit import StoppedClock
from tests.services.x.conftest import opened
from tests.services.x.server import XServer


async def test_all_that_may_show_the_employer(server: XServer, service: X) -> None:
    anna = server.people["anna"]
    anna.name, anna.description, anna.location = "Anna Ek", "Säkerhet &amp; drift", "Gävle"
    anna.link, anna.badge, anna.protected = "https://gronkvist.example/anna", "Grönkvist", True
    profile = await service.verify()
    assert profile.text.splitlines() == [
        "Anna Ek",
        "Säkerhet & drift",
        "Gävle",
        "https://gronkvist.example/anna",
        "Grönkvist https://x.com/Gr%C3%B6nkvist",
    ]
    assert profile.default_visibility is Visibility.FOLLOWERS


async def test_the_own_profile_is_bought_once_a_day(server: XServer, service: X, kit: Kit) -> None:
    profile = await service.verify()
    server.people["anna"].name = "Anna Ek, Grönkvist"
    assert await opened(server, kit).verify() == profile  # another program of the same day
    assert len(server.asked("/2/users/me")) == 1
    clock = StoppedClock(datetime.now(UTC) + timedelta(days=1, minutes=1))
    tomorrow = Kit(kit.http, kit.secrets, clock, kit.data_file, kit.cache_dir)
    assert (await opened(server, tomorrow).verify()).name == "Anna Ek, Grönkvist"
    kit.secrets.delete("work")
    with pytest.raises(AuthError):
        await X(service.account, kit).verify()  # signed out: what was read once is no answer


async def test_another_persons_profile_is_not_taken_for_ones_own(server: XServer, service: X, kit: Kit) -> None:
    await service.verify()
    await opened(server, kit, remote_id="2").verify()
    assert len(server.asked("/2/users/me")) == 2


async def test_an_account_of_an_older_file_learns_its_id(server: XServer, kit: Kit) -> None:
    server.write(server.people["bo"], "Hej")
    assert len((await opened(server, kit, remote_id="").page()).posts) == 1
