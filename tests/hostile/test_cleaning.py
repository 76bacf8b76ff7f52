"""The one cleaning function, over the corpus and over anything (reliability facts 4.5 and 5)."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.safetext import MAX_CHARACTERS, MAX_LINES, MAX_MARKS, SafeText, holds_none_of_a_text, own_text
from mbclient.domain.scripts import mixes_scripts
from tests.hostile.corpus import POSTS

TEXTS = st.one_of(
    st.text(), st.sampled_from(sorted(POSTS.values())), st.text(alphabet="\x1b[]\x07\x9b\u202e\u0301a\r\n")
)
JOINERS = "\u200c\u200d"


def unsafe(text: str) -> set[str]:
    """What no terminal may get from outside: controls, surrogates, and formats but those that join letters."""
    return {each for each in text if each != "\n" and unicodedata.category(each) in ("Cc", "Cs", "Cf")} - set(JOINERS)


def most_marks(text: str) -> int:
    most = run = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me") and character not in "\ufe0e\ufe0f":
            run += 1
            most = max(most, run)
        elif character not in f"{JOINERS}\ufe0e\ufe0f":
            run = 0
    return most


def test_the_corpus_is_wide() -> None:
    assert len(POSTS) >= 300
    assert sum(1 for text in POSTS.values() if unsafe(text)) >= 200


@pytest.mark.parametrize("name", POSTS)
def test_nothing_hostile_is_left_and_no_word_is_lost(name: str) -> None:
    raw = POSTS[name]
    clean = SafeText(raw)
    assert unsafe(clean) == set()
    assert most_marks(clean) <= MAX_MARKS
    printable = [each for each in raw[:MAX_CHARACTERS] if " " < each <= "~"]
    kept = [each for each in clean if " " < each <= "~"]
    assert kept == printable[: len(kept)]
    if raw.count("\n") < MAX_LINES and len(clean) < MAX_CHARACTERS:
        assert kept == printable


@given(TEXTS)
def test_the_properties_of_cleaned_text(raw: str) -> None:
    clean = SafeText(raw)
    assert unsafe(clean) == set()
    assert len(clean) <= MAX_CHARACTERS
    assert clean.count("\n") < MAX_LINES
    assert most_marks(clean) <= MAX_MARKS
    assert SafeText(str(clean)) == clean
    assert "\n" not in SafeText.line(raw)


@given(TEXTS, TEXTS)
def test_two_cleaned_texts_side_by_side_need_no_second_cleaning(first: str, second: str) -> None:
    """But for marks: those that begin the second stack on the first one's end, and the bounds are for one text."""
    joined = str(SafeText(first)) + str(SafeText(second))
    again = str(SafeText(joined, max_characters=10 * MAX_CHARACTERS, max_lines=10 * MAX_LINES))
    if most_marks(joined) <= MAX_MARKS:
        assert again == joined


@given(st.text(alphabet="abcåäöÅÄÖé €–…”’!?\n0123456789"))
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert SafeText(text, max_lines=10_000) == text


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا", "क्षत्रिय", "สวัสดี", "👩‍💻 🇸🇪 ❤️ 1️⃣", "会議", "e\u0301a\u030a"])
def test_real_writing_is_unharmed(text: str) -> None:
    assert SafeText(text) == text


@pytest.mark.parametrize(
    "text", ["👩🏽‍❤️‍💋‍👨🏿", "👩‍❤‍👨", "🏳️‍🌈", "🏴‍☠️", "⛓️‍💥", "🧎🏽‍♂️‍➡️", "⛹🏽‍♀️", "👁️‍🗨️", "ශ්‍රී", "क्‍ष", "র‍্য"]
)
def test_joiners_stay_where_they_join(text: str) -> None:
    assert SafeText(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u200db", "ab"),
        ("👨\u200d x", "👨 x"),
        ("\u200d👨", "👨"),
        ("░\u200d░", "░░"),
        ("क\u200dक", "कक"),
        ("ab\u200d", "ab"),
    ],
)
def test_joiners_go_where_they_hide_the_width_of_what_follows(text: str, clean: str) -> None:
    assert SafeText(text) == clean


def test_no_post_is_slow() -> None:
    """Processor time, not the wall's: 20,000 characters of the worst kind are cleaned in a fraction of a second."""
    begun = time.process_time()
    for raw in POSTS.values():
        SafeText(raw)
    assert time.process_time() - begun < 2.0


@pytest.mark.parametrize(
    "handle",
    ["аnna@mastodon.example", "anna@аpple.example", "bο@x.example", "pаypal", "ѕupport@x.example", "gооgle.example"],
)
def test_look_alike_handles_and_hosts_are_marked(handle: str) -> None:
    assert mixes_scripts(handle)


@pytest.mark.parametrize("handle", ["anna@x.example", "åsa", "анна@почта.example", "田中taro", "δημήτρης", "bjørn_2"])
def test_honest_names_are_not(handle: str) -> None:
    assert not mixes_scripts(handle)


@given(st.text())
def test_own_words_are_cleaned_and_never_cut(text: str) -> None:
    once = own_text(text)
    assert own_text(once) == once
    assert {each for each in once if each not in "\n\t" and unicodedata.category(each) in ("Cc", "Cs")} == set()
    assert not set(once) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert own_text("x\n" * 30_000 + "slut").endswith("slut")
    assert "\x1b" not in own_text(f"{text}\x1b[2J")


@pytest.mark.parametrize(
    "text",
    [
        "👩‍💻",
        "می‌خواهم",
        "x\u200fy \u200ez",
        "co\u00adop\tz",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "e\u0301\u0302\u0303\u0304\u0305\u0306",
        "a\u2060b\u200bc\u3000d\u00a0e",
    ],
)
def test_own_words_are_sent_as_they_are_written(text: str) -> None:
    assert own_text(text) == text
    assert not holds_none_of_a_text(f"{text}\r\n{text}")
    assert holds_none_of_a_text(f"{text}\x1b")
    assert holds_none_of_a_text(f"\u202e{text}")
    assert own_text(f"\ufeff{text}") == text, "the mark of a file's byte order is no part of it"
    assert not holds_none_of_a_text(f"\ufeff{text}")
