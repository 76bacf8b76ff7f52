"""The cleaned copy and its tokens (policy facts 9.1)."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.policy.cleaning import cap_marks, clean, fold, parts, read

any_text = st.text(st.characters(codec=None, exclude_categories=()))


def test_no_format_character_of_unicode_is_left() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    left = [f"U+{ord(one):04X}" for one in every if unicodedata.category(one) == "Cf" and clean(f"å{one}") != "å"]
    assert left == []


@pytest.mark.parametrize("gone", ["\u034f", "\ufe0e", "\ufe0f", "\U000e0100", "\U000e0061"])
def test_selectors_joiners_and_tags_are_left_out(gone: str) -> None:
    assert clean(f"Blå{gone}bet") == "Blåbet"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ｂｌåｂｅｔ", "Blåbet"),
        ("Bla\u030abet", "Blåbet"),
        ("Вlåbеt", "Blåbet"),  # Cyrillic В and е
        ("Βlåbet", "Blåbet"),  # Greek Β
        ("Bl\u0430\u030abet", "Blåbet"),  # Cyrillic а under a ring
        ("ΚLΤ", "KLT"),
        ("ﬁnt", "fint"),
        ("blåbär åäö ÅÄÖ", "blåbär åäö ÅÄÖ"),
    ],
)
def test_look_alikes(written: str, meant: str) -> None:
    assert clean(written) == meant


@given(any_text)
def test_cleaning_twice_changes_no_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text("a\u0301\u0315\uff9e\u0f73", max_size=200))
def test_marks_are_capped_to_a_stream_safe_run(text: str) -> None:
    run = longest = 0
    for character in unicodedata.normalize("NFKD", cap_marks(text)):
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    assert longest <= 60  # thirty, of which each may itself be two


def test_swedish_letters_are_letters() -> None:
    assert fold("Å") == "å"
    assert [piece.folded for piece in parts("Åska-ÄR BLÅ’s")] == ["åska", "är", "blå's"]


@pytest.mark.parametrize(
    ("text", "words", "tags", "handles", "hosts"),
    [
        ("Hej, världen!", ["Hej", "världen"], [], [], []),
        ("KLT:s isn't ’citat’ a-b", ["KLT:s", "isn't", "citat", "a", "b"], [], [], []),
        ("*fet* _kursiv_", ["fet", "kursiv"], [], [], []),
        ("#tag #två_ord C#", ["C"], ["tag", "två_ord"], [], []),
        ("@anna @bo@host.example @x.bsky.social.", [], [], ["anna", "bo@host.example", "x.bsky.social"], []),
        ("skriv till info@blabet.example!", ["skriv", "till"], [], [], ["blabet.example"]),
        ("https://u:p@host.example:80/väg?q#f slut", ["slut"], [], [], ["host.example"]),
        ("HTTPS://host.example", [], [], [], ["host.example"]),
        ("(https://host.example) www.b.se/x b.se", [], [], [], ["host.example", "www.b.se", "b.se"]),
        ("https://a.example\\@b.example", [], [], [], ["a.example"]),
        ("Bra.Dåligt", ["Bra", "Dåligt"], [], [], ["Bra.Dåligt"]),
        ("slut.Vi börjar", ["slut", "Vi", "börjar"], [], [], ["slut.Vi"]),
        ("https:// och http://", ["och"], [], [], []),
    ],
)
def test_tokens(text: str, words: list[str], tags: list[str], handles: list[str], hosts: list[str]) -> None:
    reading = read(text)
    assert [piece.text for piece in reading.words] == words
    assert [piece.text for piece in reading.tags] == tags
    assert [piece.text for piece in reading.handles] == handles
    assert [piece.folded for piece in reading.hosts] == [host.casefold() for host in hosts]


@given(any_text)
def test_every_piece_stands_where_it_says(text: str) -> None:
    reading = read(text)
    for piece in (*reading.words, *reading.tags, *reading.handles, *reading.hosts, *reading.whole_words()):
        assert reading.text[piece.start : piece.end] == piece.text
        assert piece.start < piece.end


def test_whole_words_keep_their_hyphens() -> None:
    assert [piece.folded for piece in read("Blå-gul-grön Bet - nej").whole_words()] == ["blå-gul-grön", "bet", "nej"]
