"""The start's instructions: the one figure of speed that is the same at any load, so that a test can hold it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import g01_instructions
from tests.benchmarks.frame import Bench
from tests.servers.installation import installed

POSTS = 1000
# Times the minimal application: 1.18 is reached, and another patch release of Python or of the C library may count a
# few per cent more. The goal is 1.2 (speed facts 8, G1).
AT_MOST = 1.24


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_start_needs_no_more_instructions_than_it_did(tmp_path: Path) -> None:
    installed("valgrind")
    (figure,) = g01_instructions.run(Bench(tmp_path, posts=POSTS))
    assert figure.value <= AT_MOST, figure.detail
