"""Facets: byte offsets, what is found in a text, what is read out of a record."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services.bluesky.richtext import facets, find, link, read

FEATURE = "app.bsky.richtext.facet#"
PIECES = st.sampled_from(
    [
        "Hej ",
        "åäö ",
        "👩‍👩‍👧‍👦",
        "\n",
        "https://example.org/å?x=1 ",
        "(example.com) ",
        "#säkerhet ",
        "@anna.test ",
        ". ",
        "é",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join))


def found(text: str) -> list[tuple[str, str, str]]:
    return [(item.kind, text[item.start : item.end], item.value) for item in find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Se https://example.org/a.", [("link", "https://example.org/a", "https://example.org/a")]),
        ("(https://en.wikipedia.org/wiki/A_(b))", [("link", "https://en.wikipedia.org/wiki/A_(b)", None)]),
        ("example.com och example.notatld", [("link", "example.com", "https://example.com")]),
        ("Läs example.com/å!", [("link", "example.com/å", "https://example.com/%C3%A5")]),
        ("klart.Sedan", []),
        ("mejla anna@example.com", []),
        ("HTTPS://EXAMPLE.ORG", [("link", "HTTPS://EXAMPLE.ORG", "https://example.org")]),
        ("javascript:alert(1) ftp://example.org", []),
        ("@anna.bsky.social, hej", [("mention", "@anna.bsky.social", "anna.bsky.social")]),
        ("(@Anna.Test)", [("mention", "@Anna.Test", "anna.test")]),
        ("@anna och x@anna.test", []),
        ("@anna.bsky.social.", [("mention", "@anna.bsky.social", "anna.bsky.social")]),
        ("#säkerhet! #123 # #a_b", [("tag", "#säkerhet", "säkerhet"), ("tag", "#a_b", "a_b")]),
        ("＃日本語", [("tag", "＃日本語", "日本語")]),
        ("a#b", []),
        ("#" + "x" * 65, []),
        ("#️⃣ knapp", []),
        ("https://example.org/#topp #topp", [("link", "https://example.org/#topp", None), ("tag", "#topp", "topp")]),
    ],
)
def test_what_is_found(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    got = found(text)
    assert [item[:2] for item in got] == [item[:2] for item in expected]
    assert all(want is None or value == want for (_k, _s, value), (_k2, _s2, want) in zip(got, expected, strict=True))


def slices(text: str, made: list[dict[str, Any]]) -> list[str]:
    raw = text.encode()
    return [raw[item["index"]["byteStart"] : item["index"]["byteEnd"]].decode() for item in made]


def test_offsets_are_utf8_bytes() -> None:
    text = "👩‍👩‍👧‍👦 åäö @anna.test https://example.org/å #å"
    made = facets(text, {"anna.test": "did:plc:x"})
    assert slices(text, made) == ["@anna.test", "https://example.org/å", "#å"]
    assert made[0]["index"]["byteStart"] == len("👩‍👩‍👧‍👦 åäö ".encode()) == 33
    assert [item["features"][0] for item in made] == [
        {"$type": FEATURE + "mention", "did": "did:plc:x"},
        {"$type": FEATURE + "link", "uri": "https://example.org/%C3%A5"},
        {"$type": FEATURE + "tag", "tag": "å"},
    ]


def test_a_mention_of_nobody_stays_text() -> None:
    assert facets("@anna.test #x", {})[0]["features"][0]["$type"] == FEATURE + "tag"


@given(TEXTS)
def test_facets_lie_within_the_text_in_order_and_do_not_overlap(text: str) -> None:
    made = facets(text, dict.fromkeys((item.value for item in find(text)), "did:plc:x"))
    ends = [0]
    for item in made:
        assert item["index"]["byteStart"] >= ends[-1]
        assert item["index"]["byteEnd"] > item["index"]["byteStart"]
        ends.append(item["index"]["byteEnd"])
    assert ends[-1] <= len(text.encode("utf-8", "surrogatepass"))


@given(TEXTS.filter(lambda text: text.isprintable()))
def test_what_is_written_is_read_back(text: str) -> None:
    dids = {item.value: "did:plc:x" for item in find(text) if item.kind == "mention"}
    rich = read({"text": text, "facets": facets(text, dids)})
    assert {item.url for item in rich.links} == {item.value for item in find(text) if item.kind == "link"}
    assert {tag.casefold() for tag in rich.tags} == {
        SafeText.line(item.value).casefold() for item in find(text) if item.kind == "tag"
    }
    assert {name.lower() for name in rich.mentions} == set(dids)


def facet(start: object, end: object, **feature: object) -> dict[str, object]:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def test_words_that_are_not_the_address_are_kept() -> None:
    record = {
        "text": "Läs mer här",
        "facets": [facet(9, 13, **{"$type": FEATURE + "link", "uri": "https://evil.example/x"})],
    }
    assert read(record).links == (Link("https://evil.example/x", SafeText("här")),)


@pytest.mark.parametrize("words", ["https://example.org/a", "example.org/a", "https://example.org/a/", ""])
def test_words_that_are_the_address_are_not_repeated(words: str) -> None:
    assert link("https://example.org/a", words) == Link("https://example.org/a")


@pytest.mark.parametrize(
    ("start", "end"), [(0, 999), (-1, 2), (2, 2), (5, 1), ("0", 3), (None, None), (1, 2), (0, True)]
)
def test_wrong_offsets_lose_the_words_and_not_the_link(start: object, end: object) -> None:
    """The server takes any offsets; inside a character they give no text either."""
    record = {"text": "åäö", "facets": [facet(start, end, **{"$type": FEATURE + "link", "uri": "https://example.org"})]}
    assert read(record).links == (Link("https://example.org"),)


@pytest.mark.parametrize(
    "uri",
    ["javascript:alert(1)", "file:///etc/passwd", "//example.org", "https://a\x1b[31m.example", 7, None, "x" * 9999],
)
def test_other_addresses_are_no_links(uri: object) -> None:
    assert read({"text": "x", "facets": [facet(0, 1, **{"$type": FEATURE + "link", "uri": uri})]}).links == ()


@pytest.mark.parametrize("shape", [None, [], "x", [None], [{"features": "x"}], [{"index": [], "features": [1, {}]}]])
def test_facets_of_any_shape_do_no_harm(shape: object) -> None:
    assert read({"text": "x", "facets": shape, "tags": shape}).links == ()


def test_tags_come_from_facets_and_from_the_record() -> None:
    record = {"text": "#a", "facets": [facet(0, 2, **{"$type": FEATURE + "tag", "tag": "A"})], "tags": ["a", "#b", 3]}
    assert read(record).tags == ("A", "b")
