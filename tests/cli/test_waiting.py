"""What makes a command wait is said while it is waited for, on standard error, where no script reads answers."""

from __future__ import annotations

import pytest

from mbclient.storage import database
from mbclient.storage.schema import MIGRATIONS
from tests.cli.conftest import CommandLine
from tests.storage.earlier import earlier_file


@pytest.mark.parametrize(("command", "said"), [("drafts list", True), ("meter", False)])
def test_a_large_file_of_an_earlier_program(
    mb: CommandLine, monkeypatch: pytest.MonkeyPatch, command: str, said: bool
) -> None:
    """Not by what stands in a prompt."""
    earlier_file(mb.folder / "data", len(MIGRATIONS) - 1)
    monkeypatch.setattr(database, "LARGE", 0)
    answer = mb(*command.split())
    assert (answer.status, "bringing the data file" in answer.err) == (0, said)
    assert "bringing the data file" not in mb(*command.split()).err
