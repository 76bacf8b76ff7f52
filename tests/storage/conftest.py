"""A data folder of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mbclient.core.stores import Stores
from mbclient.storage import open_stores
from tests.storage.posts import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def stores(data_dir: Path, clock: FixedClock) -> Iterator[Stores]:
    opened = open_stores(data_dir, clock)
    yield opened
    opened.close()
