"""What the tests of every adapter are handed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mbclient.services.kit import Kit
from tests.services.kit import kit_in


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit_in(tmp_path) as kit:
        yield kit
