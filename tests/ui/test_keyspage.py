"""docs/keys.md is that of today's keys, and leaves out no screen."""

from __future__ import annotations

import re
import tomllib

from mbclient.core.keytable import problems
from tests.ui.keyspage import PAGE, SCREENS, screens


def test_the_page_is_of_these_keys() -> None:
    assert PAGE.read() == PAGE.written(), "python -m tests.ui.keyspage --write"


def test_the_keys_that_it_shows_as_an_example_would_be_accepted() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE.read(), re.DOTALL)
    assert problems(tomllib.loads(block)["keys"]) == ()


def test_every_screen_with_keys_of_its_own_is_there() -> None:
    assert SCREENS.keys() == dict(screens()).keys()
