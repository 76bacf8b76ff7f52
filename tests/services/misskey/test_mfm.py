"""MFM to plain text and links (facts/misskey.md 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services.misskey.mfm import plain_text


@pytest.mark.parametrize(
    ("mfm", "text"),
    [
        ("Hej **du** ~~inte~~ *så*", "Hej **du** ~~inte~~ *så*"),
        ("$[x2 stort]", "stort"),
        ("$[shake.speed=1s,deg=3 skakar] ja", "skakar ja"),
        ("$[spin $[x3 djupt] ner]", "djupt ner"),
        ("$[ruby 漢字 かんじ]", "漢字 (かんじ)"),
        ("$[unixtime 1764000000]", "2025-11-24 16:00 UTC"),
        ("$[unixtime snart]", "snart"),
        ("$[x2 utan slut", "$[x2 utan slut"),
        ("$[ x] $[] ]", "$[ x] $[] ]"),
        ("<small>litet</small> <center>mitt</center>", "litet mitt"),
        ("<plain>$[x2 a] **b**</plain>", "$[x2 a] **b**"),
        ("<plain>utan slut $[x2 a]", "<plain>utan slut a"),
        ("`$[x2 a]` och `<b>`", "`$[x2 a]` och `<b>`"),
        ("```py\n$[x2 a]\n```\n$[x2 b]", "```py\n$[x2 a]\n```\nb"),
        ("```\n```", "```\n```"),
        ("skriv <b> här, och </i>", "skriv <b> här, och </i>"),
        ("<b>a <small>b</small></b> <b>c", "a b <b>c"),
        ("$[x2 <b>a] b</b>", "<b>a b</b>"),
        ("<b>a $[x2 b</b>] c", "a b c"),
        ("```\nutan slut $[x2 a]", "```\nutan slut a"),
        ("> citat\nsvar", "> citat\nsvar"),
        (":blobcat: #tag @bo@x.example", ":blobcat: #tag @bo@x.example"),
        ("[sidan](https://ex.example/a)", "sidan [ex.example]"),
        ("?[tyst](https://ex.example/a)", "tyst [ex.example]"),
        ("[ex.example](https://ex.example/a)", "ex.example"),
        ("[fel](javascript:x)", "[fel](javascript:x)"),
        ("[wiki](https://ex.example/a_(b))!", "wiki [ex.example]!"),
        ("<https://ex.example/å>", "https://ex.example/%C3%A5"),
        ("a < b > c [@click=app.quit]x[/]", "a < b > c [@click=app.quit]x[/]"),
    ],
)
def test_what_a_reader_sees(mfm: str, text: str) -> None:
    assert plain_text(mfm).text == text


def test_links_each_once_with_their_words() -> None:
    found = plain_text("[här](https://a.se/x) https://a.se/x <https://b.se/> $[x2 https://c.se/y]").links
    assert found == (
        Link("https://a.se/x", SafeText("här")),
        Link("https://b.se/"),
        Link("https://c.se/y"),
    )


def test_depth_and_length_are_bounded() -> None:
    deep = plain_text("$[x2 " * 3000 + "in" + "]" * 3000)
    assert "in" in deep.text
    assert len(plain_text("a" * 100_000).text) == 20_000
    for bomb in ("<plain>", "```\n", "[", "$[x ", "`", "[a](https://x.se/" + "b" * 50):
        plain_text(bomb * 4000)


@given(st.text(max_size=300))
def test_any_text_is_read_and_clean(text: str) -> None:
    found = plain_text(text)
    assert isinstance(found.text, SafeText)
    assert not {"\x1b", "\x00", "\u202e"} & set(found.text)


@given(st.text(st.sampled_from("$[x2 ]<plain>/`\n*()?:. "), max_size=120))
def test_markup_alone_never_fails(text: str) -> None:
    plain_text(text)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=60))
def test_words_stay_whatever_wraps_them(words: str) -> None:
    plain = str(SafeText(words))
    for wrapped in (f"$[tada {words}]", f"<small>{words}</small>", f"$[x2 $[spin {words}]]", f"<plain>{words}</plain>"):
        assert plain_text(wrapped).text == plain
