"""A desk on a real disk over services whose faults are programmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.preferences import Confirmation, MachineFacts
from mbclient.domain.account import Account, Known
from mbclient.domain.capabilities import Idempotency
from mbclient.policy.model import Machine
from tests.core.remote import TUESDAY, Clock, FakeService, FakeServices, Remote, a_draft, a_post, mine

__all__ = ["TUESDAY", "Clock", "FakeService", "FakeServices", "Office", "Remote", "a_draft", "a_post", "mine"]
CONFIG = """
schema = 1
language = "en"

[work_filter]
terms = ["openssl"]
exclude = ["giveaway"]

[[views]]
name = "Security"
terms = ["cve"]
accounts = ["work"]

[policy.employer]
name = "Grönkvist"

[policy.person]
name = "Anna Ek"

[[policy.competitors]]
name = "Blåbet"
aliases = ["Blåbet"]
"""
ACCOUNTS = (
    Account("work", "mastodon", "https://one.example", "anna@one.example", "me-work"),
    Account("sky", "bluesky", "https://two.example", "anna.two.example", "me-sky"),
)


class Computer:
    """Fills the `MachineSource` port."""

    def __init__(self) -> None:
        self.machine = Machine.WORK

    def current(self) -> MachineFacts:
        return MachineFacts(self.machine, "declared")

    def declare(self, machine: Machine) -> None:
        self.machine = machine


class Office:
    """A real desk over a folder, its own services replaced by fakes; `crash` begins anew over the same folder."""

    def __init__(
        self,
        folder: Path,
        *,
        accounts: Sequence[Account] = ACCOUNTS,
        idempotency: Idempotency = Idempotency.KEY,
        config: str = CONFIG,
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self.remote = Remote(idempotency)
        self.computer = Computer()
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "config.toml"
        self.config.write_text(config, encoding="utf-8")
        self.desk = self._start()
        for account in accounts:
            self.desk.world.accounts.save(account)
            self.desk.accounts.confirm(account.name, employer=Known.YES, real_name=Known.YES)

    def _start(self) -> Desk:
        setup = bootstrap.read_settings(config=str(self.config), data_dir=str(self.folder / "data"))
        real = bootstrap.build(setup, clock=self.clock)
        self.services = FakeServices(self.remote, self.clock, real.world.services.open)
        return Desk(replace(real.world, services=self.services, machine=self.computer))

    def crash(self) -> Desk:
        """The program dies without a word and is started again."""
        self.close()
        self.desk = self._start()
        return self.desk

    def close(self) -> None:
        self.desk.world.stores.close()

    def service(self, account: str) -> FakeService:
        return self.services.fake(self.desk.accounts.get(account))

    def prefer(self, **changes: Any) -> None:
        self.desk.preferences = replace(self.desk.preferences, **changes)

    def confirm(self, account: str, employer: Known, real_name: Known, on: date) -> None:
        self.desk.world.accounts.confirm(account, Confirmation(employer, real_name, on))
