"""docs/configuration.md is that of today's settings, and tells every key."""

from __future__ import annotations

from mbclient.settings.checks import Spec, first_sentence
from mbclient.settings.config import CONFIG
from mbclient.settings.toml import parse
from tests.settings.reference import EXAMPLE, LISTS, PAGE, check_of, sections
from tests.settings.test_example import leaves, uncommented

FOUND = list(sections(EXAMPLE.read_text("utf-8")))


def test_the_page_is_of_these_settings() -> None:
    assert PAGE.read() == PAGE.written(), "python -m tests.settings.reference --write"


def test_every_key_of_the_example_is_told() -> None:
    shown = set(leaves(parse(uncommented(EXAMPLE.read_text("utf-8")).encode()).values))
    told = {".".join(filter(None, (section.name, key))) for section in FOUND for key, _value, _words in section.keys}
    assert told == shown


def test_what_may_stand_there_is_said_of_every_key() -> None:
    for section in FOUND:
        if not section.name.startswith("policy"):  # docs/company.md has those
            for key, _value, _words in section.keys:
                check = check_of(section.name, key)
                assert check is not None
                assert first_sentence(check), key


def test_the_lists_are_those_of_the_settings() -> None:
    spec: Spec = CONFIG
    assert LISTS.keys() == {section.name for section in FOUND if section.example and section.name in spec}
