"""Proposals of work terms: from tags that are followed, written and read, and never one that is set already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.domain.errors import MbclientError, RejectedError, UnreachableError
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.domain.terms import compile_terms
from tests.core.fakes import Office, a_post, mine


def tagged(number: int, author: str, *tags: str) -> Post:
    who = Author(SafeText(author), SafeText(author), remote_id=author)
    return a_post(remote_id=str(number), author=who, tags=tuple(map(SafeText, tags)))


def fill(office: Office, *posts: Post) -> None:
    office.desk.refresher.fill(office.desk.accounts.get("work"), posts)


async def test_followed_tags_come_first_then_own_then_what_most_people_write(office: Office) -> None:
    office.service("sky").tags = ("Certificates",)
    chatty = [tagged(number, "chatty", "Lunch") for number in range(5)]
    others = [tagged(10 + number, f"person{number}", "Postgres") for number in range(3)]
    own = mine(remote_id="20", tags=(SafeText("release"),))
    fill(office, *chatty, *others, own)
    found = await office.desk.suggestions.work_terms()
    assert list(found) == ["#certificates", "#release", "#postgres", "#lunch"]


async def test_what_is_a_term_or_excluded_is_not_proposed(office: Office) -> None:
    """The office's terms are `openssl` and `giveaway`: as words they say nothing of the tags."""
    office.service("work").tags = ("openssl", "ops")
    work = office.desk.preferences.work_filter
    office.prefer(work_filter=replace(work, terms=("#OPS",), exclude=("#openssl",)))
    assert list(await office.desk.suggestions.work_terms()) == []


@pytest.mark.parametrize("error", [UnreachableError("work is away"), RejectedError("outside the authorized scopes")])
async def test_a_service_that_tells_none_takes_nothing_from_the_rest(office: Office, error: MbclientError) -> None:
    office.service("work").tags = error
    office.service("sky").tags = ("ops",)
    assert list(await office.desk.suggestions.work_terms()) == ["#ops"]


async def test_every_proposal_is_a_term_whatever_a_server_calls_a_tag(office: Office) -> None:
    office.service("work").tags = ("", "#", "two words", "a,b", '"', "x" * 300, "\x1b[2J", "åäö", "#Ops", "c")
    found = await office.desk.suggestions.work_terms()
    assert list(found) == ["#åäö", "#ops"]
    compile_terms(found, ())


async def test_no_more_than_asked_for(office: Office) -> None:
    office.service("work").tags = [f"tag{number}" for number in range(40)]
    assert len(await office.desk.suggestions.work_terms(limit=5)) == 5
