"""Reasons of the system and of libraries: the giver's own words in English, Swedish where they are known."""

from __future__ import annotations

import errno
import os
import tomllib

import pytest

from mbclient.texts import set_language
from mbclient.texts.outside import KNOWN, system_reason, told

NUMBERS = (
    errno.ENOENT,
    errno.EACCES,
    errno.EPERM,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EISDIR,
    errno.ENOTDIR,
)
WRONG_TOML = (
    "a",
    "= 1",
    "a = ",
    "a = [1",
    'a = "x',
    "[a",
    "[[a",
    "a = 1 b",
    "a = 1\na.b = 2",
    "a = 2026-13-01",
    "a = {",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_the_system_says_of_a_file(number: int) -> None:
    error = OSError(number, os.strerror(number))
    assert system_reason(error) == error.strerror
    set_language("sv")
    assert system_reason(error) not in (error.strerror, "")


@pytest.mark.parametrize("text", WRONG_TOML)
def test_what_the_reader_of_toml_says(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    reason = str(caught.value).partition(" (at ")[0]
    assert told(reason) == reason
    set_language("sv")
    assert told(reason) != reason


def test_every_known_reason_is_told_in_both_languages() -> None:
    assert [told(reason) for reason in KNOWN] == list(KNOWN)
    set_language("sv")
    assert [reason for reason in KNOWN if told(reason) == reason] == []


def test_the_number_before_a_reason_stays() -> None:
    set_language("sv")
    assert told("[Errno 111] Connection refused") == "[Errno 111] anslutningen nekades"


@pytest.mark.parametrize("reason", ["", "[Errno 5]", "[Errno 5] ", "] ", "something new {x}"])
def test_what_is_not_known_is_told_as_it_is(reason: str) -> None:
    set_language("sv")
    assert told(reason) == reason


def test_an_error_without_words_is_told_by_its_name() -> None:
    assert system_reason(TimeoutError()) == "TimeoutError"
