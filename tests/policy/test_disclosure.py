"""What shows the employer and the person in a text (policy facts 9.3)."""

from __future__ import annotations

import pytest

from mbclient.policy.cleaning import read
from mbclient.policy.disclosure import disclosed, employer_line, signature, with_line
from mbclient.policy.model import Disclosed
from tests.policy.world import parsed

POLICY = parsed()


def shows(text: str) -> tuple[bool, bool]:
    found = disclosed(POLICY, read(text))
    return found.employer, found.name


@pytest.mark.parametrize(
    "text",
    [
        "Jag jobbar på Grönkvist.",
        "Arbetar själv hos Grönkvist AB",
        "jobbar för GRÖNKVIST och trivs",
        "arbetar åt @gronkvist",
        "Jag är anställd på Grönkvist",
        "Alla anställda hos Grönkvist vet",
        "anställd av Grönkvist, anställd i Grönkvist",
        "Vi på Grönkvist",
        "Fråga oss hos Grönkvist",
        "Här på Grönkvist är det fredag",
        "vi här på Grönkvist",
        "En kollega på Grönkvist",
        "kollegor hos Grönkvist",
        "Kollegorna på Grönkvist",
        "Min arbetsgivare Grönkvist",
        "I work at Grönkvist",
        "working for Grönkvist AB",
        "we at Grönkvist",
        "Ask us at Grönkvist",
        "Here at @gronkvist@social.example",
        "colleagues at Grönkvist",
        "my employer Grönkvist",
        "Som Grönkvist-anställd",
        "Grönkvist AB-medarbetare tycker",
        'Vi på "Grönkvist"',
        "Vi på\nGrönkvist",
        "Det är inte konstigt, jag jobbar på Grönkvist",
        "Hej\n– Anna, Grönkvist",
        "Hej — Grönkvist",
        "Hej /Grönkvist",
        "Hej ^Grönkvist",
        "Hej (Grönkvist)",
        "Hej\n- Grönkvist",
        "Hej – Anna Ek / Grönkvist",
        "– Grönkvist",
        "Hej\n– jobbar på Grönkvist",
        "– I work at Grönkvist  \n",
    ],
)
def test_shows_the_employer(text: str) -> None:
    assert shows(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Grönkvist",
        "Grönkvist är bra",
        "#grönkvist",
        "Vi på #Grönkvist",
        "Jag jobbade på Grönkvist",
        "I worked at Grönkvist",
        "I used to work at Grönkvist",
        "Jag jobbar inte på Grönkvist",
        "Jag som inte jobbar på Grönkvist",
        "I don't work at Grönkvist",
        "I do not currently work for Grönkvist",
        "inte vi på Grönkvist",
        "ingen Grönkvist-anställd",
        "Vi på Grönkvistska",
        "Vi på Grönkvist-koncernen",
        "Vi på Ny-Grönkvist",
        "jobbar nära Grönkvist",
        "Vi på. Grönkvist",
        "Ni på Grönkvist",
        "vi på grönkvist.example",
        "@gronkvist",
        "vi på @gronkvistfan",
        "Grönkvist-fan",
        "Blåbet-anställd",
        "och/eller Grönkvist",
        "-Grönkvist",
        "– Grönkvist\nmen mera text",
        f"Hej – {'x' * 80} Grönkvist",
        "– jobbade på Grönkvist",
        "(jobbar inte på Grönkvist)",
        "",
    ],
)
def test_shows_no_employer(text: str) -> None:
    assert not shows(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Vi har öppet. /Anna Ek",
        "Hej – anna ek",
        "Jag heter Anna Ek och ringer dig",
        "My name is Anna Ek.",
        "Hälsar Anna Ek",
        "Mvh Anna Ek",
        "Mvh,\nAnna Ek",
        "mvh: Anna-Ek",
        "(Anna Ek, Grönkvist)",
        "An\u200bna Ek – Anna E\u00adk",
    ],
)
def test_shows_the_name(text: str) -> None:
    assert shows(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Ek",
        "Anna Ek är här",
        "/Anna Eks kaffe",
        "/Anna",
        "/Ek Anna",
        "Jag heter inte Anna Ek",
        "/Anna och Ek",
        "mvh. Anna Ek",
    ],
)
def test_shows_no_name(text: str) -> None:
    assert not shows(text)[1]


def test_the_sign_off_is_at_most_eighty_characters() -> None:
    fits = "– " + "x" * (80 - 2 - 10) + " Grönkvist"
    assert len(fits) == 80
    assert shows(f"Hej\n{fits}")[0]
    assert not shows(f"Hej\n{fits.replace('x', 'xx', 1)}")[0]


def test_a_case_sensitive_alias_of_the_employer_is_so() -> None:
    policy = parsed(employer={"name": "", "aliases": [{"text": "Kvist", "case_sensitive": True}]})
    assert disclosed(policy, read("Vi på Kvist")).employer
    assert not disclosed(policy, read("Vi på kvist")).employer


def test_nothing_shows_an_employer_or_a_name_that_is_not_set() -> None:
    policy = parsed(employer={"name": "", "aliases": [], "handles": []}, person={"name": ""})
    assert disclosed(policy, read("Vi på Grönkvist\n– Anna Ek, Grönkvist")) == Disclosed(False, False)
    assert signature(policy) == employer_line(policy) == ""


def test_the_inserted_lines_show_what_they_are_for() -> None:
    assert signature(POLICY) == "– Anna Ek, Grönkvist"
    assert employer_line(POLICY) == "– jobbar på Grönkvist"
    assert employer_line(POLICY, "en-GB") == "– I work at Grönkvist"
    assert with_line("Hej \n", signature(POLICY)) == "Hej\n– Anna Ek, Grönkvist"
    assert with_line("", "– x") == "– x"
    assert shows(with_line("Hej", signature(POLICY))) == (True, True)
    assert shows(with_line("Hej", employer_line(POLICY, "en"))) == (True, False)


def test_a_signature_too_long_to_be_a_sign_off_is_not_offered() -> None:
    policy = parsed(person={"name": "Anna " + "E" * 80})
    assert signature(policy) == ""
    assert employer_line(policy)
