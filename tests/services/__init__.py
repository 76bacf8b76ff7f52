"""The adapters and what they share. `contract` holds the suite that every adapter passes."""

import pytest

pytest.register_assert_rewrite("tests.services.bench", "tests.services.contract")
