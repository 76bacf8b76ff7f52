"""Data files as earlier programs left them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mbclient.storage import database
from mbclient.storage.files import private_file, private_folder
from mbclient.storage.schema import MIGRATIONS


def earlier_file(folder: Path, migrations: int) -> Path:
    """An empty one of a program that knew so many migrations."""
    path = folder / "mbclient.db"
    private_folder(folder)
    private_file(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "MIGRATIONS", MIGRATIONS[:migrations])
        patch.setattr(database, "VERSION", migrations)
        database.migrate(path)
    return path
