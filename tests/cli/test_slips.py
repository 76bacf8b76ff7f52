"""Slips of the hand: what is refused rather than guessed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine


@pytest.mark.parametrize("beginning", ["", "0", "01"])
@pytest.mark.parametrize("words", [("drafts", "delete"), ("drafts", "show"), ("outbox", "cancel")])
def test_a_short_beginning_of_an_id_names_nothing(mb: CommandLine, words: tuple[str, str], beginning: str) -> None:
    mb("post", "Vi på Grönkvist tycker att Blåbet suger.")
    mb("post", "Senare", "--at", "15:00")
    assert mb(*words, beginning).status == 2
    (draft,) = mb("drafts", "list", json=True).objects
    (row,) = mb("outbox", "list", json=True).objects
    assert row["state"] == "queued"
    assert mb("drafts", "delete", draft["id"][:12].lower()).status == 0
    assert mb("outbox", "cancel", row["outbox"]).status == 0


@pytest.mark.parametrize("tag", ["svenska språket", "s", "sv_SE", "\x1b[31m", "sv-"])
def test_a_language_is_a_tag(mb: CommandLine, tag: str) -> None:
    assert mb("post", "Hej", "--lang", tag).status == 2
    assert mb("post", "Hej", "--lang", "pt-BR").status == 0


def test_an_account_is_not_taken_over_by_another_handle(mb: CommandLine) -> None:
    assert mb("account", "add", "local", "--name", "bob", "--handle", "bob").status == 0
    answer = mb("account", "add", "local", "--name", "bob", "--handle", "other")
    assert answer.status == 2
    assert "--name" in answer.err
    assert mb("account", "add", "local", "--name", "bob", "--handle", "bob").status == 0
    assert [one["handle"] for one in mb("account", "list", json=True).objects if one["name"] == "bob"] == ["bob"]


def test_the_quote_of_a_deleted_post_says_so(mb: CommandLine) -> None:
    first = mb("post", "Hej", json=True).object["targets"]["notebook"]["id"]
    assert mb("post", "Se här", "--quote", first).status == 0
    assert mb("delete", first).status == 0
    quoting = mb("timeline", "--view", "home", json=True).object["id"]
    assert "> the quoted post is gone" in mb("thread", quoting).out
    listed = mb("timeline", "--view", "home").out
    assert "@:" not in listed


def test_a_boost_in_the_outbox_says_what_it_is(mb: CommandLine) -> None:
    first = mb("post", "Hej", json=True).object["targets"]["notebook"]["id"]
    assert mb("boost", first).status == 0
    assert " · boost · " in mb("outbox", "list").out


@pytest.mark.parametrize("own", ["config.toml", "choices.toml"])
def test_help_and_refusals_are_in_the_language_of_the_settings(bare: CommandLine, own: str) -> None:
    (bare.folder / own).write_text('language = "sv"\n')
    assert "visa" in bare("--help").out
    assert "mbclient post [flaggor] [TEXT]" in bare("post", "--help").out
    assert "det finns inget kommando" in bare("pst").err
    assert "det finns ingen flagga" in bare("post", "--nothing").err
    bare.settings("language = ")
    assert bare("--help").status == 0


def test_help_of_a_command_names_no_option_that_it_refuses(mb: CommandLine) -> None:
    assert "--demo" not in mb("timeline", "--help").out
    assert "--demo" in mb("--help").out
