"""Where a text names an organisation (policy facts 9.2), beyond the worked examples."""

from __future__ import annotations

import pytest

from mbclient.policy.cleaning import read
from mbclient.policy.model import Alias, Organisation
from mbclient.policy.names import Names, book
from tests.policy.world import parsed

POLICY = parsed()


def named(text: str) -> list[str]:
    """The competitors that a text names, once each."""
    mentions = book(POLICY.employer, POLICY.competitors).competitor_mentions(read(text))
    return sorted({mention.name for mention in mentions})


def found(text: str, *aliases: str | Alias, **other: tuple[str, ...]) -> bool:
    known = tuple(alias if isinstance(alias, Alias) else Alias(alias) for alias in aliases)
    return bool(Names([Organisation("X", known, **other)]).find(read(text)))


_LONG_ENDINGS = ["s", "'s", "’s", ":s", "en", "et", "n", "ens", "ets", "ns", ":n", ":en", ":et", ":ns", ":ens", ":ets"]


@pytest.mark.parametrize("ending", _LONG_ENDINGS)
def test_every_swedish_ending_of_a_long_alias(ending: str) -> None:
    assert found(f"om Kronspel{ending}.", "Kronspel")
    assert found(f"om SVEA LOTT{ending.upper()}!", "Svea Lott")


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        *[(ending, True) for ending in ("", "s", ":s", "'s", "’s", ":n", ":en", ":et")],
        *[(ending, False) for ending in ("en", "et", "n", "ens", "ns", ":ns", ":ens", "appen", "a")],
    ],
)
def test_the_endings_of_a_short_alias(ending: str, expected: bool) -> None:
    assert found(f"om KLT{ending} nu", "KLT") is expected


@pytest.mark.parametrize("ending", ["", "s", ":s", "'s", "’s", ":n", ":en", ":et"])
def test_the_endings_of_a_case_sensitive_alias(ending: str) -> None:
    assert found(f"om KLT{ending} nu", Alias("KLT", True))
    assert found(f"om Nya KLT{ending} nu", Alias("Nya KLT", True))
    assert not found(f"om klt{ending} nu", Alias("KLT", True))


@pytest.mark.parametrize("written", ["Domino's", "Domino’s"])
@pytest.mark.parametrize("text", ["på Domino's i dag", "på Domino’s i dag"])
def test_any_apostrophe_is_one(written: str, text: str) -> None:
    assert found(text, Alias(written, True))
    assert found(text, Alias(written))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kronspelarna", True),
        ("kronspelx", False),
        ("kronspelxy", False),
        ("kronspelxyz", True),
        ("kronspel123", False),
        ("kronspelarna:s", True),
        ("superkronspel", False),
        ("super-kronspel", True),
        ("kronspel-super", True),
        ("k r o n s p e l", False),
        ("#kronspelfan", True),
        ("#superkronspel", False),
        ("@kronspel", True),
        ("@kronspel@host.example", True),
        ("@kronspelfan", False),
        ("kronspel.example", False),
        ("kronspel.evil.example", False),
        ("https://x.example/kronspel?kronspel#kronspel", False),
        ("x.example/kronspel", False),
        ("Slut.Kronspel börjar", True),
        ("_Kronspel_ *Kronspel*", True),
        ("Kronspel/Blåbet", True),
    ],
)
def test_one_word(text: str, expected: bool) -> None:
    assert found(text, "Kronspel") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Svea Lott", True),
        ("svea\nlott", True),
        ("Svea-Lott-appen", True),
        ("Svea Lotten", True),
        ("Svealott", True),
        ("svealottkund", True),
        ("#SveaLott", True),
        ("#svealottfan", True),
        ("@svealott", True),
        ("Svea. Lott", False),
        ("Sveas Lott", False),
        ("Svea Lottkund", False),
        ("Svea", False),
        ("Lott Svea", False),
    ],
)
def test_several_words(text: str, expected: bool) -> None:
    assert found(text, "Svea Lott") is expected


def test_signs_inside_an_alias_belong_to_it() -> None:
    assert found("på H&M nu", "H&M")
    assert not found("på H M nu", "H&M")
    assert found("McDonald’s och", "McDonald's")
    assert found("boka på Booking.com nu", "Booking.com")


def test_a_case_sensitive_alias_is_so_everywhere() -> None:
    alias = Alias("Stjärnan", case_sensitive=True)
    assert all(found(text, alias) for text in ("Stjärnan", "Stjärnans", "#Stjärnan", "Nya-Stjärnan"))
    assert not any(found(text, alias) for text in ("stjärnan", "STJÄRNAN", "#stjärnan", "@stjärnan"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@blabet", True),
        ("@BLABET@any.example", True),
        ("@bo@home.example", True),
        ("@bo", True),
        ("@bo@other.example", False),
        ("@blabetfan", False),
    ],
)
def test_handles(text: str, expected: bool) -> None:
    assert found(text, handles=("blabet", "@bo@home.example")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://Blåbet.example", True),
        ("https://xn--blbet-nra.example/x", True),
        ("http://a.b.blåbet.example:8080/", True),
        ("info@blåbet.example", True),
        ("blåbet.example.", True),
        ("@blåbet.example", True),  # a handle that is a domain
        ("https://blåbet.example.evil.example", False),
        ("https://notblåbet.example", False),
        ("https://blåbet.example@evil.example", False),
        ("https://evil.example/blåbet.example", False),
    ],
)
def test_domains(text: str, expected: bool) -> None:
    assert found(text, domains=("blåbet.example",)) is expected


def test_the_longest_name_wins_over_a_competitor_inside_it() -> None:
    employer = Organisation("Nya Kronspel AB", (Alias("Kronspelshuset"),))
    names = book(employer, (Organisation("Kronspel", (Alias("Kronspel"),)),))
    assert not names.competitor_mentions(read("Nya Kronspel AB och Kronspelshusets kök"))
    assert names.competitor_mentions(read("Nya Kronspel AB slår Kronspel"))
    longer = book(Organisation("Kronspel", (Alias("Kronspel"),)), (Organisation("B", (Alias("Kronspel Bet"),)),))
    assert longer.competitor_mentions(read("Kronspel Bet"))


def test_a_competitor_as_long_as_the_employer_or_longer_stays_a_mention() -> None:
    same = book(Organisation("Svea Lott"), (Organisation("B", (Alias("Svealott"),)),))
    assert same.competitor_mentions(read("Svealott"))
    shorter = book(Organisation("Krons"), (Organisation("Kronspel", (Alias("Kronspel"),)),))
    assert shorter.competitor_mentions(read("Kronspelen"))  # the employer too, as a compound


def test_five_letters_make_a_long_alias() -> None:
    assert found("Spelaappen", "Spela")
    assert not found("Spelappen", "Spel")
    assert found("Spelaens", "Spela")
    assert not found("Spelens", "Spel")
    assert not found("Ett spelat", "Sp el")


def test_each_competitor_is_named_by_its_name() -> None:
    assert named("Blåbet, KLT:s, Stjärnan och Svea Lott") == ["Blåbet", "KLT", "Stjärnan", "Svea Lott"]
    assert named("Grönkvist är bra") == []


def test_without_competitors_nothing_is_named() -> None:
    assert book(Organisation(), ()).competitor_mentions(read("Blåbet")) == []
