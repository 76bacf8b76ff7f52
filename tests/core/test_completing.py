"""Names and tags are ended from what was read: by handle, name and use, for accounts that know them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.completing import MOST, Vocabulary, begun_word
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from tests.core.fakes import Office, a_post


def by(handle: str, name: str = "", account: str = "work", tags: tuple[str, ...] = (), number: int = 1) -> Post:
    author = Author(SafeText(handle), SafeText(name), remote_id=handle)
    return a_post(account, str(number), author=author, tags=tuple(map(SafeText, tags)))


def test_a_person_is_found_by_handle_and_by_any_part_of_the_name() -> None:
    known = Vocabulary([by("mira@one.example", "Mira Holm"), by("noor", "Noor Haddad")])
    assert list(known.endings("@mi", ["work"])) == ["@mira@one.example"]
    assert list(known.endings("@HADD", ["work"])) == ["@noor"]
    assert list(known.endings("@mira@o", ["work"])) == ["@mira@one.example"]
    assert list(known.endings("@x", ["work"])) == []


def test_handles_come_before_names_and_who_writes_most_first() -> None:
    posts = [by("anton"), by("anna"), by("anna"), by("bo", "Anders Bo"), by("bo"), by("bo")]
    assert list(Vocabulary(posts).endings("@an", ["work"])) == ["@anna", "@anton", "@bo"]


def test_only_who_the_targets_have_seen() -> None:
    known = Vocabulary([by("anna@one.example"), by("anna.two.example", account="sky")])
    assert list(known.endings("@an", ["sky"])) == ["@anna.two.example"]
    assert len(known.endings("@an", ["work", "sky"])) == 2
    assert list(known.endings("@an", [])) == []


def test_people_who_were_named_are_known_too() -> None:
    post = a_post(mentions=(SafeText("@karin@two.example"),))
    assert list(Vocabulary([post]).endings("@kar", ["work"])) == ["@karin@two.example"]


def test_tags_by_use_in_the_newest_spelling() -> None:
    posts = [by("a", tags=("OpenSSL", "ops")), by("b", tags=("openssl",)), by("c", tags=("openbsd",))]
    assert list(Vocabulary(posts).endings("#op", ["work"])) == ["#OpenSSL", "#ops", "#openbsd"]
    assert list(Vocabulary(posts).endings("#ops", ["work"])) == []  # whole already


def test_never_more_than_a_line_holds() -> None:
    known = Vocabulary(by(f"anna{number}", tags=(f"tag{number}",)) for number in range(50))
    assert len(known.endings("@an", ["work"])) == len(known.endings("#ta", ["work"])) == MOST


@pytest.mark.parametrize(
    ("line", "begun"),
    [
        ("Hej @an", "@an"),
        ("#op", "#op"),
        ("(#op", "#op"),
        ("@anna@one.ex", "@anna@one.ex"),
        ("anna@one.example", ""),
        ("https://one.example/@an", ""),
        ("Hej @", ""),
        ("Hej @anna ", ""),
        ("C#", ""),
        ("##op", ""),
        ("", ""),
    ],
)
def test_what_is_begun(line: str, begun: str) -> None:
    assert begun_word(line) == begun


@given(st.text(max_size=40), st.text(max_size=20))
def test_whatever_people_are_called_an_ending_is_one_word(handle: str, begun: str) -> None:
    known = Vocabulary([by(handle, handle, tags=(handle,))])
    for sign in "@#":
        for ending in known.endings(sign + begun, ["work"]):
            assert ending.startswith(sign)
            assert not any(character.isspace() or not character.isprintable() for character in ending)


def test_it_is_read_from_the_archive(office: Office) -> None:
    office.desk.refresher.fill(office.desk.accounts.get("work"), [by("mira@one.example", tags=("ops",))])
    known = office.desk.completing.vocabulary()
    assert list(known.endings("@mi", ["work"])) == ["@mira@one.example"]
    assert list(known.endings("#o", ["work"])) == ["#ops"]
