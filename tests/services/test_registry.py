"""The registry: what is installed, opened once, refused by name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from mbclient.core.lasting import to_the_end
from mbclient.core.ports import Service
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import UsageError
from mbclient.services.kit import Kit
from mbclient.services.registry import GROUP, Registry, load_plugin, plugin_points
from tests.services.kit import kit_in
from tests.services.wire import Reply, Request, Wire

ACCOUNT = Account("work", "mastodon", "https://mastodon.example")


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Registry]:
    async with kit_in(tmp_path) as kit:
        yield Registry(kit)


def test_the_shipped_services(registry: Registry) -> None:
    assert {"local", "mastodon", "bluesky"} <= set(registry.names())
    assert registry.title("mastodon") == "Mastodon"
    assert registry.login_form("mastodon").browser
    assert registry.login_form("mastodon").url_required


def test_an_unknown_service_is_refused_with_the_known_ones(registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"there is no service 'myspace'; known: .*mastodon"):
        registry.title("myspace")
    with pytest.raises(UsageError) as caught:
        registry.open(replace(ACCOUNT, service="x\x1b[31m"))
    assert "\x1b" not in str(caught.value)


async def test_one_account_is_one_object_until_forgotten(registry: Registry) -> None:
    first = registry.open(ACCOUNT)
    assert registry.open(ACCOUNT) is first
    assert registry.open(replace(ACCOUNT, employer_visible=Known.YES)) is not first
    again = registry.open(ACCOUNT)
    await registry.forget("work")
    await registry.forget("nobody")
    assert registry.open(ACCOUNT) is not again


@pytest.mark.parametrize("end", ["forget", "aclose"])
async def test_what_a_changed_account_replaced_is_closed_with_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """It holds lines; a request may be under way through it, so not before."""
    closed: list[Account] = []

    class Lines:
        def __init__(self, account: Account) -> None:
            self.account = account

        async def aclose(self) -> None:
            closed.append(self.account)

    class Lined:
        def open(self, account: Account, _kit: Kit) -> Lines:
            return Lines(account)

    monkeypatch.setattr(registry, "_plugin", lambda _service: Lined())
    changed, other = replace(ACCOUNT, employer_visible=Known.YES), replace(ACCOUNT, name="other")
    for account in (ACCOUNT, changed, other):
        registry.open(account)
    assert closed == []
    if end == "forget":
        await registry.forget("work")
        assert closed == [ACCOUNT, changed]
    await registry.aclose()
    assert sorted(closed, key=str) == sorted([ACCOUNT, changed, other], key=str)


async def test_two_threads_that_open_an_account_have_the_same(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow:
        def open(self, account: Account, kit: Kit) -> Service:
            begun.set()
            go.wait(5)
            return load_plugin(account.service, plugin_points()).open(account, kit)

    monkeypatch.setattr(registry, "_plugin", lambda _service: Slow())
    one = asyncio.ensure_future(asyncio.to_thread(registry.open, ACCOUNT))
    await asyncio.to_thread(begun.wait, 5)
    other = asyncio.ensure_future(asyncio.to_thread(registry.open, ACCOUNT))
    for _step in range(50):  # it comes as far as it can
        await asyncio.to_thread(bool)
    go.set()
    assert await one is await other


@pytest.mark.parametrize("value", ["no_such_module:PLUGIN", "mbclient.services.mastodon:NOTHING"])
def test_a_broken_plugin_takes_no_other_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    points = [EntryPoint("broken", value, GROUP), EntryPoint("mastodon", "mbclient.services.mastodon:PLUGIN", GROUP)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
    registry = Registry(Kit(None, None, None, tmp_path, tmp_path))  # type: ignore[arg-type]  # nothing is opened
    with pytest.raises(UsageError, match="the service broken cannot be loaded"):
        registry.title("broken")
    assert registry.title("mastodon") == "Mastodon"


async def test_an_address_that_is_none_is_refused_when_opened(registry: Registry) -> None:
    with pytest.raises(UsageError, match="no server name"):
        registry.open(replace(ACCOUNT, url="http://mastodon.example"))
    with pytest.raises(UsageError, match="no server is named"):
        registry.open(replace(ACCOUNT, url=""))


async def test_what_must_not_be_broken_off_has_its_answer_before_all_is_closed(kit: Kit) -> None:
    asked, go = asyncio.Event(), asyncio.Event()
    kept: list[object] = []

    async def answer(_request: Request) -> Reply:
        asked.set()
        await go.wait()
        return Reply(200, {"refresh_token": "new"})

    async with Wire(answer) as wire:

        async def renew() -> None:
            kept.append((await kit.http.request("POST", wire.url)).json())

        caller = asyncio.ensure_future(to_the_end(renew()))
        await asked.wait()
        caller.cancel()
        closing = asyncio.ensure_future(Registry(kit).aclose())
        await asyncio.sleep(0)
        go.set()
        await closing
    assert kept == [{"refresh_token": "new"}]


async def test_warming_and_closing(registry: Registry) -> None:
    await registry.warm(["mastodon", "no such"])
    assert registry.skew_seconds() == ()
    await registry.aclose()
    await registry.aclose()
