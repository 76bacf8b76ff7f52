"""Disparaging words near a competitor (policy facts 9.4): each word for and against, and the rules around them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.policy.cleaning import read
from mbclient.policy.names import book
from mbclient.policy.respect import POSITIVE, TERMS, disrespect
from tests.policy.world import parsed

POLICY = parsed()


def terms(text: str, extra: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> list[str]:
    policy = replace(POLICY, respect_extra_terms=extra, respect_allow_terms=allowed)
    reading = read(text)
    found = disrespect(policy, reading, book(policy.employer, policy.competitors).competitor_mentions(reading))
    return list(found.terms) if found else []


def test_fan_is_left_out_on_purpose() -> None:
    assert "fan" not in TERMS
    assert not TERMS & POSITIVE


@pytest.mark.parametrize("term", sorted(TERMS))
def test_each_term_for_and_against(term: str) -> None:
    assert terms(f"Blåbet är {term}.") == [term]
    assert terms(f"Blåbet ÄR {term.upper()}!") == [term.upper()]
    assert terms(f"Blåbet är inte {term}.") == []
    assert terms(f"Grönkvist är {term}.") == []
    assert terms(f"Blåbet är x{term}.") == []


_NEGATIONS = ["inte", "icke", "ej", "aldrig", "knappast", "ingen", "inga"]
_NEGATIONS += ["not", "never", "no", "isn't", "aren't", "don't", "isn’t"]


@pytest.mark.parametrize("word", _NEGATIONS)
def test_each_negation_reaches_three_words(word: str) -> None:
    assert terms(f"Blåbet {word} så väldigt usla") == []
    assert terms(f"Blåbet {word} så väldigt mycket usla") == ["usla"]


@pytest.mark.parametrize("word", sorted(POSITIVE))
def test_each_positive_word_saves_a_profanity(word: str) -> None:
    assert terms(f"Blåbet är jävla {word}") == []
    assert terms(f"Blåbet är jävla så {word}") == []
    assert terms(f"Blåbet är jävla så väldigt {word}") == ["jävla"]
    assert terms(f"Blåbet är usla men {word}") == ["usla"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blåbet! Usla.", []),
        ("Blåbet\nusla", []),
        ("Blåbet… usla", []),
        ("blabet.example är usla", ["usla"]),
        ("Blåbet, usla", ["usla"]),
        ("Usla? Blåbet suger. Usla!", ["suger"]),
        ("De är inte. Blåbet usla", ["usla"]),  # a negation does not reach over a sentence's end
        ("#blåbet suger", ["suger"]),
        ("https://blabet.example suger", ["suger"]),
        ("Blåbet https://x.example/usla", []),
        ("Blåbet #usla @usla", []),
        ("Blåbet usla-appen", []),
        ("Blåbet suger och suger, usla", ["suger", "usla"]),
        ("En fan of Blåbet", []),
        ("Blåbet slutar med fart prick klockan åtta", []),
    ],
)
def test_only_words_of_the_sentence_that_names_a_competitor(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_word_of_the_name_itself_is_no_insult() -> None:
    policy = parsed(competitors=[{"name": "Bluff Bolaget", "aliases": ["Bluff Bolaget"]}])
    reading = read("Bluff Bolaget öppnar")
    mentions = book(policy.employer, policy.competitors).competitor_mentions(reading)
    assert disrespect(policy, reading, mentions) is None
    assert disrespect(policy, read("Bluff Bolaget är bluff"), mentions) is not None


def test_extra_and_allowed_terms() -> None:
    assert terms("Blåbet är korkade", extra=("Korkade",)) == ["korkade"]
    assert terms("Blåbet är helt väck", extra=("helt väck",)) == ["helt väck"]
    assert terms("Blåbet är väck", extra=("helt väck",)) == []
    assert terms("Blåbet suger", allowed=("SUGER",)) == []
    assert terms("Blåbet är skit-kass", extra=("skit-kass",)) == ["skit-kass"]


def test_competitors_near_the_terms_are_told() -> None:
    reading = read("Blåbet suger. Kronspel är bra. KLT är usla.")
    mentions = book(POLICY.employer, POLICY.competitors).competitor_mentions(reading)
    found = disrespect(POLICY, reading, mentions)
    assert found is not None
    assert found.competitors == ("Blåbet", "KLT")
