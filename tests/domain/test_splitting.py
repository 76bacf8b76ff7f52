"""A long text in parts: nothing is lost, none is too long, and no word, address or emoji is cut that need not be."""

from __future__ import annotations

import re

import grapheme
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.lengths import grapheme_length, mastodon_length, utf8_length
from mbclient.domain.splitting import MAX_PARTS, Fits, split

FAMILY = "👩\u200d👩\u200d👧"
FLAG = "🇸🇪"
ADDRESS = "https://blog.example.org/a/very/long/path/that/counts/as/23?x=1"
WORDS = ("å", "Hej", "release", "@anna@mastodon.example", "#säkerhet", ADDRESS, FAMILY, FLAG * 3, "e\u0301", "slut.")
SPACES = (" ", " ", " ", "  ", "\n", "\n\n", "\r\n", " \n\n ", "\t", "\u00a0", "\u2028")
PROSE = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), min_size=1, max_size=80).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)
ANYTHING = st.text(max_size=120) | PROSE


def letters(limit: int) -> Fits:
    return lambda text, _place: grapheme_length(text) <= limit


def mastodon(limit: int) -> Fits:
    return lambda text, _place: mastodon_length(text) <= limit


def octets(limit: int) -> Fits:
    return lambda text, _place: utf8_length(text) <= limit


MEASURES = st.sampled_from([letters, mastodon, octets])


@given(ANYTHING, MEASURES, st.integers(1, 70), st.booleans())
def test_nothing_is_lost_and_none_is_too_long(text: str, measure: object, limit: int, numbered: bool) -> None:
    assert callable(measure)
    fits: Fits = measure(limit)
    parts = split(text, fits, numbered=numbered)
    assert len(parts) <= MAX_PARTS
    if not parts:
        return
    assert "".join(part.raw for part in parts) == text
    for place, part in enumerate(parts):
        assert fits(part.text, place)
        number = f" {place + 1}/{len(parts)}" if numbered and len(parts) > 1 else ""
        assert part.text == part.raw.strip() + number
        assert part.raw.strip() or not text.strip()


@given(PROSE, st.integers(60, 90), st.booleans())
def test_no_word_is_cut_that_fits(text: str, limit: int, numbered: bool) -> None:
    """Between words only, so that no address, handle, tag or emoji is ever in two parts."""
    words = re.findall(r"(?:\u00a0|\S)+", text.strip())
    parts = split(text, mastodon(limit), numbered=numbered)
    if parts and all(mastodon_length(word + " 40/40") <= limit for word in words):
        assert [word for part in parts for word in re.findall(r"(?:\u00a0|\S)+", part.raw.strip())] == [
            word for word in words if word.strip()
        ]


@given(st.lists(st.sampled_from([FAMILY, FLAG, "e\u0301", "x"]), min_size=1, max_size=60), st.integers(1, 9))
def test_a_word_longer_than_a_part_is_cut_between_characters(clusters: list[str], limit: int) -> None:
    text = "".join(clusters)
    parts = split(text, letters(limit))
    if parts:
        assert [one for part in parts for one in grapheme.graphemes(part.text)] == list(grapheme.graphemes(text))
        assert all(grapheme_length(part.text) == limit for part in parts[:-1])


@given(st.lists(st.sampled_from(["å", "Hej", "release", "slut.", "hej\n", "hej\n\n"]), min_size=1, max_size=200))
def test_no_part_is_less_than_half_of_what_it_might_be(words: list[str]) -> None:
    limit, longest = 60, 9
    parts = split(" ".join(words), letters(limit))
    assert all(2 * len(part.raw) >= limit - longest for part in parts[:-1])


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, ["short"]),
        ("One two it.\n\nThree. Four five six", 20, ["One two it.", "Three. Four five six"]),
        ("One two three.\nFour five six", 20, ["One two three.", "Four five six"]),
        ("One two three. Four five six", 20, ["One two three.", "Four five six"]),
        ("A. One two three four five six", 20, ["A. One two three", "four five six"]),
        ("one two three", 7, ["one two", "three"]),
        ("这是一个句子。这是第二个句子。", 9, ["这是一个句子。", "这是第二个句子。"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("10\u00a0000 kr", 6, ["10\u00a0000", "kr"]),
        ("  a  \n", 3, ["a"]),
    ],
)
def test_where_a_part_ends(text: str, limit: int, expected: list[str]) -> None:
    assert [part.text for part in split(text, letters(limit))] == expected


def test_the_numbers_take_their_room() -> None:
    parts = split("word " * 30, letters(14), numbered=True)
    assert [part.text for part in parts][:2] == ["word word 1/21", "word word 2/21"]
    assert split("word " * 8, letters(13), numbered=True)[-1].text == "word word 4/4"


@pytest.mark.parametrize("text", ["x" * 500, FAMILY, ""])
def test_what_cannot_be_split_is_not(text: str) -> None:
    assert split(text, octets(3) if text == FAMILY else letters(10)) == () or text == FAMILY
    assert all(utf8_length(part.text) <= 4 for part in split(FAMILY, octets(4)))
