"""X's weighted counting, held against what twitter-text 3.1.0 gives (facts/x.md 6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.weighted import has_link, links, weighted_length

PARTS = st.sampled_from(
    ["a.se", "https://", "x", "å", "日", "😀", "👍🏽", ".", "/", "-", "@", "(", ")", " ", "\u200d", "t.co/a"]
)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("", 0),
        ("åäö", 3),
        ("cafe\u0301", 4),
        ("漢字", 4),
        ("😀", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇸🇪", 2),
        ("🇦🇦", 4),
        ("🇸🇪🇳", 4),
        ("1️⃣", 2),
        ("👍🏽", 2),
        ("👍🏽🏽", 4),
        ("❤️", 2),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2),
        ("€", 2),
        ("→", 2),
        ("•", 2),
        ("…", 2),
        ("–“”", 3),
        ("†", 2),
        ("\u200b", 1),
        ("\u1100", 2),
        ("한글", 4),
        ("Привет", 6),
        ("สวัสดี", 6),
        ("नमस्ते", 6),
        ("a\nb", 3),
        ("ab\r\nc", 5),
        ("©", 1),
        ("a\ufe0f", 3),
    ],
)
def test_characters(text: str, used: int) -> None:
    assert weighted_length(text) == used


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://example.com.", ["https://example.com"]),
        ("README.md", ["README.md"]),
        ("main.py", ["main.py"]),
        ("v1.2.se", ["v1.2.se"]),
        ("a@example.com", []),
        ("e.g.", []),
        ("1.2.3.4", []),
        ("räksmörgås.se", ["räksmörgås.se"]),
        ("åexample.com", ["example.com"]),
        ("日本語example.com日本語", ["example.com"]),
        ("пример.рф", []),
        ("https://пример.рф/путь", ["https://пример.рф/путь"]),
        ("例え.jp", []),
        ("https://例え.jp/x", ["https://例え.jp/x"]),
        ("-example.com", []),
        ("x/a.se", []),
        ("#a.se", []),
        ("a.se@b", []),
        ("example.se-x", []),
        ("https://a.b_c.com", []),
        ("https://a_b.example.com", ["https://a_b.example.com"]),
        ("example.com/a(b)c", ["example.com/a(b)c"]),
        ("(example.com/a)", ["example.com/a"]),
        ("www.example.com,b.se", ["www.example.com", "b.se"]),
        ("http://t.co/abc123åäö", ["http://t.co/abc123"]),
        ("https://t.co/abc/def", ["https://t.co/abc"]),
        ("foo.example.com:80/x", ["foo.example.com:80/x"]),
        ("b..t.co/x", []),
        ("com\n.http://xn--t.co/", ["http://xn--t.co/"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found
    assert has_link(text) is bool(found)


def test_a_link_counts_23_whatever_its_length() -> None:
    for link in ("a.se", "https://example.com/" + "x" * 300, "README.md"):
        assert weighted_length(link) == 23
    assert weighted_length("https://example.com.") == 24
    assert weighted_length("a@example.com") == 13


@given(st.lists(PARTS, max_size=30).map("".join))
def test_every_text_has_a_length_and_links_do_not_overlap(text: str) -> None:
    position = 0
    for start, end in links(text):
        assert position <= start < end <= len(text)
        position = end
    assert 0 <= weighted_length(text) <= 23 * len(text)


@given(st.text(alphabet="abcåäö ,!", max_size=200))
def test_plain_words_count_their_letters(text: str) -> None:
    assert weighted_length(text) == len(text)


def test_a_long_hostile_text_takes_no_time_to_speak_of() -> None:
    """A quadratic search would run into the time limit here."""
    assert weighted_length("å" * 20_000) == 20_000
    assert weighted_length("a." * 500) == 1_000
    assert weighted_length("https://" * 2_000) == 16_000
