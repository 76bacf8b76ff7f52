"""What the tests of the Bluesky adapter share: kits, and accounts signed in on a server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.services.bluesky.plugin import BlueskyPlugin
from mbclient.services.bluesky.service import Bluesky
from mbclient.services.kit import Kit
from tests.servers.bluesky import BlueskyAccount, BlueskyServer
from tests.services.bluesky.double import APP_PASSWORD, Double
from tests.services.kit import MemorySecrets, kit_in


class Keyring(MemorySecrets):
    """Remembers every secret it was given, and can be locked, also from the next writing on."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Secret] = []
        self.locked = False
        self.locks_when_written = False

    def get(self, account: str) -> Secret | None:
        if self.locked:
            raise SecretError("the keyring is locked", "unlock it")
        return super().get(account)

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        self.locked = self.locked or self.locks_when_written
        if self.locked:
            raise SecretError("the keyring is locked", "unlock it")
        super().set(account, secret)
        self.history.append(secret)

    def session(self, account: str = "bsky") -> dict[str, str]:
        """The kept session."""
        value = json.loads(self.kept[account].reveal())
        assert isinstance(value, dict)
        return value

    def change(self, account: str = "bsky", **parts: str) -> None:
        """Other values in the kept session, past the adapter."""
        self.kept[account] = Secret(json.dumps(self.session(account) | parts))


class Silent:
    """A login dialog that must not be asked anything."""

    async def show_address(self, url: str) -> None:
        raise AssertionError("no browser is needed")

    async def ask_code(self) -> str:
        raise AssertionError("no code is needed")


@asynccontextmanager
async def keyring_kit(folder: Path) -> AsyncIterator[tuple[Kit, Keyring]]:
    """A kit with a `Keyring`."""
    keyring = Keyring()
    async with kit_in(folder) as kit:
        yield replace(kit, secrets=keyring), keyring


async def _sign_in(plugin: BlueskyPlugin, account: Account, password: str, kit: Kit) -> SignedIn:
    signed = await plugin.sign_in(SignIn(account, Secret(password)), Silent(), kit)
    assert signed.secret is not None
    kit.secrets.set(account.name, signed.secret)  # as the core does
    return signed


async def opened(server: BlueskyServer, account: BlueskyAccount, kit: Kit, name: str = "bsky") -> Bluesky:
    """Signed in on a real server as a user does, with handle and app password, and opened."""
    plugin = BlueskyPlugin(server.plc_url)
    asked = Account(name, "bluesky", url=server.base_url, handle=account.handle)
    signed = await _sign_in(plugin, asked, server.create_app_password(account, name), kit)
    service = plugin.open(signed.account, kit)
    assert isinstance(service, Bluesky)
    return service


async def opened_double(double: Double, kit: Kit, name: str = "bsky") -> Bluesky:
    """Signed in on the double, and opened."""
    plugin = BlueskyPlugin()
    signed = await _sign_in(plugin, Account(name, "bluesky", url=double.url, handle="anna.test"), APP_PASSWORD, kit)
    service = plugin.open(signed.account, kit)
    assert isinstance(service, Bluesky)
    return service


def now_text() -> str:
    """This instant as records have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
