"""One run of a command: what was given, where it answers, and the settings and the desk when they are first wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mbclient.cli.output import Output
from mbclient.cli.spec import Given

if TYPE_CHECKING:
    from mbclient.bootstrap import Setup
    from mbclient.core.desk import Desk
    from mbclient.core.events import Event


@dataclass
class Run:
    """`quiet`: notices are kept back, for what stands in prompts. `judges`: what is doubtful in the settings is this
    command's own to tell.
    """

    given: Given
    out: Output
    quiet: bool = False
    judges: bool = False
    opened: list[Desk] = field(default_factory=list)

    @cached_property
    def setup(self) -> Setup:
        """The settings as read. Raises `SettingsError`."""
        from mbclient.bootstrap import read_settings

        setup = read_settings(
            config=self.given.text("--config") or None, data_dir=self.given.text("--data-dir") or None
        )
        self._notice(*(each for each in setup.notices if not (self.judges and each in setup.config.doubts)))
        return setup

    @cached_property
    def desk(self) -> Desk:
        """Every use case over the real world. Raises `SettingsError` and `StorageError`."""
        from mbclient.bootstrap import build

        desk = build(self.setup, say=self._notice)
        self.opened.append(desk)
        self._notice(*desk.notices)
        desk.bus.listen(self._heard)
        return desk

    def _notice(self, *notices: str) -> None:
        if not self.quiet:
            for notice in notices:
                self.out.note(notice)

    def _heard(self, event: Event) -> None:
        from mbclient.core.events import Notice

        if isinstance(event, Notice):
            self._notice(event.text)
