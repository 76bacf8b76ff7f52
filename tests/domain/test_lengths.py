"""Counting as the services count: the cases of the Mastodon facts 11, and its properties."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.lengths import countable, grapheme_length, links, mastodon_length, utf8_length
from mbclient.domain.tlds import TOP_LEVEL_DOMAINS

FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("åäö", 3),
        ("a\u0308", 1),
        (FAMILY, 1),
        ("🇸🇪🇳🇴", 2),
        ("👍🏽", 1),
        ("❤️", 1),
        ("\r\n", 1),
        ("\n\n", 2),
        ("e\u0301" * 4, 4),
        ("한국어", 3),
        ("नमस्ते", 4),
    ],
)
def test_graphemes(text: str, length: int) -> None:
    assert grapheme_length(text) == length


@pytest.mark.parametrize(("text", "length"), [("abc", 3), ("å", 2), ("€", 3), ("😀", 4), ("\ud800", 3)])
def test_bytes(text: str, length: int) -> None:
    assert utf8_length(text) == length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://example.com", ["https://example.com"]),
        ("http://a.io", ["http://a.io"]),
        ("HTTPS://EXAMPLE.COM/X", ["HTTPS://EXAMPLE.COM/X"]),
        ("see https://example.com/a?b=c#d, ok", ["https://example.com/a?b=c#d"]),
        ("(https://example.com/a)", ["https://example.com/a"]),
        ("https://en.wikipedia.org/wiki/A_(b)", ["https://en.wikipedia.org/wiki/A_(b)"]),
        ("https://example.com/a_(b_(c))_d.", ["https://example.com/a_(b_(c))_d"]),
        ("https://example.com:8080/x!", ["https://example.com:8080/x"]),
        ("https://example.com/x/", ["https://example.com/x/"]),
        ("https://example.com?q=1&r=å.", ["https://example.com?q=1&r=å"]),
        ("https://example.com/@anna@b.example", ["https://example.com/@anna@b.example"]),
        ("https://åäö.se/ö", ["https://åäö.se/ö"]),
        ("https://例え.jp/x", ["https://例え.jp/x"]),
        ("https://xn--4cab6c.xn--p1ai/x", ["https://xn--4cab6c.xn--p1ai/x"]),
        ("https://a.b.c.example.co.uk/x", ["https://a.b.c.example.co.uk/x"]),
        ("https://a_b.example.com", ["https://a_b.example.com"]),
        ("https://a.example.com https://b.example.com", ["https://a.example.com", "https://b.example.com"]),
        ("https://example.com.", ["https://example.com"]),
        ("https://example.comå", ["https://example.com"]),
        ("mehr:https://example.com", ["https://example.com"]),
        ("xhttps://example.com", []),
        ("@https://example.com", []),
        ("#https://example.com", []),
        ("example.com", []),
        ("www.example.com/x", []),
        ("ftp://example.com", []),
        ("http://localhost/x", []),
        ("http://127.0.0.1/x", []),
        ("http://[::1]/x", []),
        ("https://example.notatld/x", []),
        ("https://com", []),
        ("https://a_b.com", []),
        ("https://-a.com", []),
        ("https://", []),
        ("https://.com", []),
        ("https://example.com@evil", []),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found


@pytest.mark.parametrize(
    ("text", "cw", "length"),
    [
        ("https://example.com/" + "x" * 200, "", 23),
        ("http://a.io", "", 23),
        ("https://example.com", "cw", 25),
        ("@anna@mastodon.example hej", "", 9),
        ("@anna hej", "", 9),
        ("x@anna@mastodon.example", "", 23),
        ("/@anna@mastodon.example", "", 23),
        ("=@anna@mastodon.example", "", 23),
        ("@a.b-c@mastodon.example", "", 6),
        ("@anna@mastodon.example://", "", 25),
        (FAMILY + " https://example.com/" + FAMILY, "", 25),
        ("", FAMILY, 1),
    ],
)
def test_mastodon(text: str, cw: str, length: int) -> None:
    assert mastodon_length(text, cw) == length


def test_the_cost_of_a_link_is_the_servers() -> None:
    assert mastodon_length("https://example.com", per_url=32) == 32


def test_the_known_endings() -> None:
    assert {"com", "se", "xn--p1ai"} & TOP_LEVEL_DOMAINS == {"com", "se"}
    assert {"localhost", "local", "test", "example", "invalid", ""} & TOP_LEVEL_DOMAINS == set()
    assert all(name == name.lower() and "." not in name for name in TOP_LEVEL_DOMAINS)
    assert 1200 < len(TOP_LEVEL_DOMAINS) < 2000


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_without_links_and_mentions_it_is_graphemes(text: str) -> None:
    plain = text.replace("@", " ").replace("://", " ")
    assert mastodon_length(plain) == grapheme_length(plain)
    assert grapheme_length(plain) <= len(plain) <= utf8_length(plain)


@given(st.text(alphabet="a:/.@hps()com?=_- å", max_size=60))
def test_links_lie_in_order_within_the_text(text: str) -> None:
    position = 0
    for start, end in links(text):
        assert position <= start < end <= len(text)
        assert text[start:end].lower().startswith(("http://", "https://"))
        position = end
    assert countable(text, 23).count("x" * 23) >= len(list(links(text)))


@pytest.mark.parametrize(
    "text",
    [
        "http://a.com/" + "(" * 20_000,
        "http://a.com/(x" * 1300,
        "@a.-" * 5000,
        "@a@" + "a.-" * 6000,
        "http://" * 2800,
        "https://" + "a." * 9000,
        "http://a.com/" + "." * 19_000,
        "http://a.com?" + "." * 19_000,
        "@" * 20_000,
    ],
    ids=lambda text: text[:14],
)
def test_no_text_is_slow(text: str) -> None:
    begun = time.process_time()
    mastodon_length(text)
    assert time.process_time() - begun < 0.3
