"""What every adapter is handed, and what every adapter's plugin offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol, runtime_checkable

from mbclient.core.ports import Clock, LoginDialog, LoginForm, Secrets, Service, SignedIn, SignIn
from mbclient.core.purse import Billed, Purse
from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.http import Http


class OpenPurse:
    """No cap and no count: for what is opened without the program's store."""

    def left(self, account: str) -> int | None:
        return None

    def check(self, account: str, most: int) -> None:
        pass

    def reserve(self, account: str, what: str, most: int) -> int:
        return 0

    def settle(self, account: str, number: int, billed: Sequence[Billed]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Kit:
    """`secrets` blocks: reach it through `asyncio.to_thread`. `data_file` is the program's SQLite file.

    `cache_dir` is a private folder for what an adapter may lose (instance facts, registered apps). `purse` counts what
    calls cost at services that charge for them; it may wait for the disk, so a thread calls it.
    """

    http: Http
    secrets: Secrets
    clock: Clock
    data_file: Path
    cache_dir: Path
    purse: Purse = field(default_factory=OpenPurse)


@runtime_checkable
class Closable(Protocol):
    """A service that keeps lines open between two calls."""

    async def aclose(self) -> None: ...


class Plugin(Protocol):
    """A service, as registered under the entry-point group `mbclient.services`."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def form(self) -> LoginForm: ...

    def open(self, account: Account, kit: Kit) -> Service: ...

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        """Signs in, checks by reading the profile, and gives account and secret; it stores neither.

        An adapter whose secret changes later (rotated tokens) saves the new one through `kit.secrets`.
        """
        ...
