"""What else has happened, in words and not in a service's name for it."""

from __future__ import annotations

import pytest

from mbclient.texts import set_language
from mbclient.texts.notices import other_words


@pytest.mark.parametrize(
    ("name", "english", "swedish"),
    [
        ("poll", "has a poll that is over", "har en omröstning som är slut"),
        ("pollEnded", "has a poll that is over", "har en omröstning som är slut"),
        ("follow_request", "wants to follow you", "vill följa dig"),
        ("admin.sign_up", "admin.sign up", "admin.sign up"),
        ("", "something else has happened", "något annat har hänt"),
    ],
)
def test_it_is_told_in_words_and_as_it_is_called_where_there_are_none(name: str, english: str, swedish: str) -> None:
    set_language("en")
    assert other_words(name) == english
    set_language("sv")
    assert other_words(name) == swedish
