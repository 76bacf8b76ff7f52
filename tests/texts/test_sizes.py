"""Sizes in both languages."""

from __future__ import annotations

import pytest

from mbclient.texts import set_language
from mbclient.texts.sizes import megabytes


@pytest.mark.parametrize(
    ("size", "english", "swedish"),
    [
        (0, "0.0 MB", "0,0 MB"),
        (1, "0.1 MB", "0,1 MB"),
        (1_200_000, "1.2 MB", "1,2 MB"),
        (12_300_001, "12.4 MB", "12,4 MB"),
    ],
)
def test_megabytes(size: int, english: str, swedish: str) -> None:
    assert megabytes(size) == english
    set_language("sv")
    assert megabytes(size) == swedish
