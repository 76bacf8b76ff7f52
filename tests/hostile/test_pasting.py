"""A paste is never keys, however the terminal cuts and fills it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from mbclient.ui.pasting import BEGIN, END, PICTURES, PasteParser

BODIES = st.text(alphabet="ab\x1b[]201~\x13\x07q\n", max_size=40).filter(lambda text: END not in f"{text}{END}"[:-1])


def read(data: str, cuts: list[int]) -> list[Message]:
    parser = PasteParser()
    found: list[Message] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        if start < end:
            found += parser.feed(data[start:end])
    return found


@given(BODIES, st.lists(st.integers(0, 200), max_size=6))
def test_no_paste_becomes_a_key(body: str, cuts: list[int]) -> None:
    found = read(f"{BEGIN}{body}{END}", cuts)
    assert not [each for each in found if isinstance(each, events.Key)]
    assert "".join(each.text for each in found if isinstance(each, events.Paste)) == body.translate(PICTURES)


@pytest.mark.parametrize("body", ["\x1b\x13", "x\x1b]52;c;aGVq\x07y", "\x1b[A", "\x1bOP", "\x1b"])
def test_keys_around_a_paste_are_keys(body: str) -> None:
    found = read(f"a\x1b[B{BEGIN}{body}{END}\x1b[Ab", [])
    keys = [each.key for each in found if isinstance(each, events.Key)]
    assert keys == ["a", "down", "up", "b"]


def test_no_control_is_left_for_fields_of_one_line() -> None:
    (paste,) = read(f"{BEGIN}a\x9b31m\x1b]0;x\x07\x00 b\tc\r\nd{END}", [])
    assert isinstance(paste, events.Paste)
    assert paste.text == "a\ufffd31m␛]0;x␇␀ b\tc\r\nd"
