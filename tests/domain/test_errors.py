"""An error on one line: what went wrong, then what to do."""

from __future__ import annotations

import pytest

from mbclient.domain.errors import MbclientError


@pytest.mark.parametrize(
    ("problem", "advice", "said"),
    [
        ("no such post", "look again", "no such post; look again"),
        ("Rephrase?", "send it anyway", "Rephrase? send it anyway"),
        ("It is gone.", "look again", "It is gone. look again"),
        ("no such post", "", "no such post"),
    ],
)
def test_the_two_are_joined_by_one_sign(problem: str, advice: str, said: str) -> None:
    assert str(MbclientError(problem, advice)) == said
