"""Who is speaking: confirmations that age, profiles that contradict, the notebook, where a new post goes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.accounts import NOTEBOOK
from mbclient.core.events import Event, FactsChanged, FilterChanged, Notice
from mbclient.core.ports import Page
from mbclient.core.stores import ViewQuery
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    SecretError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.policy.model import AccountFacts, LedgerEntry
from tests.core.fakes import TUESDAY, Office, a_draft, a_post
from tests.services.kit import MemorySecrets

YES, NO, UNKNOWN = Known.YES, Known.NO, Known.UNKNOWN
TODAY = TUESDAY.date()


def facts(office: Office, account: str = "work") -> AccountFacts:
    return office.desk.judge.facts(office.clock.now()).accounts[account]


def heard(office: Office) -> list[Event]:
    events: list[Event] = []
    office.desk.bus.listen(events.append)
    return events


def nothing_shown(office: Office) -> None:
    service = office.service("work")
    service.profile = replace(service.profile, name=SafeText("anon"), text=SafeText("just me"))


@pytest.mark.parametrize(("days", "known"), [(0, YES), (30, YES), (31, UNKNOWN), (400, UNKNOWN), (-2, UNKNOWN)])
def test_a_yes_holds_recheck_days(office: Office, days: int, known: Known) -> None:
    """Also not for years because the clock stood wrong on the day it was given."""
    office.confirm("work", YES, YES, TODAY - timedelta(days=days))
    assert facts(office).employer_visible is known
    assert facts(office).real_name_visible is known


def test_a_no_does_not_age(office: Office) -> None:
    office.confirm("work", NO, NO, TODAY - timedelta(days=400))
    assert (facts(office).employer_visible, facts(office).real_name_visible) == (NO, NO)


@pytest.mark.parametrize(("days", "employer"), [(29, YES), (31, UNKNOWN)])
def test_confirming_one_fact_does_not_renew_the_other(office: Office, days: int, employer: Known) -> None:
    office.confirm("work", YES, NO, TODAY - timedelta(days=days))
    office.desk.accounts.confirm("work", real_name=YES)
    assert (facts(office).employer_visible, facts(office).real_name_visible) == (employer, YES)
    office.clock.pass_(days=2)
    assert facts(office).employer_visible is UNKNOWN


async def test_a_contradicting_profile_turns_unknown_and_tells(office: Office) -> None:
    nothing_shown(office)
    events = heard(office)
    await office.desk.accounts.verify("work")
    assert (facts(office).employer_visible, facts(office).real_name_visible) == (UNKNOWN, UNKNOWN)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert ["employer" in told[0], "name" in told[1]] == [True, True]
    assert any(isinstance(event, FactsChanged) for event in events)
    events.clear()
    await office.desk.accounts.verify("work")
    assert not events  # told once


async def test_a_word_against_the_profile_as_read_is_no_yes(office: Office) -> None:
    nothing_shown(office)
    await office.desk.accounts.verify("work")
    said = office.desk.accounts.confirm("work", employer=YES, real_name=YES)
    assert (said.employer, said.real_name) == (UNKNOWN, UNKNOWN)


async def test_a_profile_that_bears_it_out_changes_nothing(office: Office) -> None:
    events = heard(office)
    await office.desk.accounts.verify_all()
    assert not events
    assert facts(office).employer_visible is YES


@pytest.mark.parametrize("error", [UnreachableError("down"), SecretError("no keyring")])
async def test_an_unreadable_profile_keeps_what_was_confirmed(office: Office, error: Exception) -> None:
    """And stops no other account from being looked at."""
    nothing_shown(office)
    office.remote.fault("work", "verify", error)
    await office.desk.accounts.verify_all()
    assert facts(office).employer_visible is YES
    assert office.remote.requests("sky", "verify") == 1


async def test_what_a_server_says_of_itself_is_read_with_the_daily_look(office: Office) -> None:
    office.remote.fault("work", "load_capabilities", UnreachableError("down"))
    await office.desk.accounts.verify_all()
    assert [office.remote.requests(name, "load_capabilities") for name in ("work", "sky")] == [1, 1]


async def test_a_server_that_does_not_let_one_in_is_asked_no_more(office: Office) -> None:
    office.remote.fault("work", "verify", AuthError("signed out"))
    await office.desk.accounts.verify_all()
    assert office.remote.requests("work", "load_capabilities") == 0


async def test_a_service_whose_profile_tells_all_is_not_asked_twice(office: Office) -> None:
    office.service("work").verify_tells_all = True
    await office.desk.accounts.verify_all()
    assert [office.remote.requests(name, "load_capabilities") for name in ("work", "sky")] == [0, 1]


async def test_one_that_hangs_is_not_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.core.accounts.LEARN_S", 0.01)
    office.service("work").hang.add("load_capabilities")
    await office.desk.accounts.verify_all()
    assert office.remote.requests("sky", "load_capabilities") == 1


# ---------------------------------------------------------------- the notebook


@pytest.fixture
def alone(tmp_path: Path) -> Office:
    return Office(tmp_path / "alone", accounts=())


def test_without_accounts_the_notebook_is_judged_like_any(alone: Office) -> None:
    assert alone.desk.accounts.only_notebook
    assert alone.desk.accounts.default_names() == (NOTEBOOK.name,)
    known = facts(alone, NOTEBOOK.name)
    assert (known.employer_visible, known.real_name_visible, known.notebook) == (YES, YES, False)
    with pytest.raises(UsageError, match="no account"):
        alone.desk.accounts.get("work")
    alone.close()


async def test_the_notebooks_posts_count_until_another_account_comes(alone: Office) -> None:
    desk = alone.desk
    desk.world.accounts.save(replace(NOTEBOOK, name="book"))
    desk.composer.submit(a_draft("a note", "book"), confirmed=True)
    await desk.sender.flush()
    assert desk.judge.status().count == 1
    desk.world.accounts.save(Account("work", "mastodon", "https://one.example", "anna", "me"))
    assert facts(alone, "book").notebook
    assert desk.judge.status().count == 0
    alone.close()


# ---------------------------------------------------------------- where a post goes


def test_where_a_new_post_goes(office: Office) -> None:
    accounts = office.desk.accounts
    assert accounts.default_names() == ("work",)
    office.prefer(default_accounts=("sky", "work", "sky"))
    assert accounts.default_names() == ("sky", "work")
    office.desk.world.accounts.save(Account("news", "feed", "https://three.example/feed"))
    office.prefer(default_accounts=())
    assert accounts.default_names() == ("work",)


@pytest.mark.parametrize("names", [("wrok",), ("wrok", "work"), ("work", "wrok")])
def test_a_typo_never_changes_the_target(office: Office, names: tuple[str, ...]) -> None:
    office.prefer(default_accounts=names)
    draft = replace(office.desk.drafting.new(), text="Hej")
    assert draft.accounts == names
    check = office.desk.composer.check(draft)
    assert not check.sendable
    assert "there is no account 'wrok'" in "; ".join(check.problems)
    with pytest.raises(UsageError, match="there is no account 'wrok'; known: work, sky"):
        office.desk.composer.submit(draft, confirmed=True)
    assert not office.desk.outbox.rows()
    assert [kept.draft for kept in office.desk.drafts.list()] == [draft]
    office.desk.judge.status()  # the meter goes on


@pytest.mark.parametrize("name", ["", "a b", "å", "x" * 41, "a/b"])
async def test_a_bad_name_is_refused_before_anything(office: Office, name: str) -> None:
    with pytest.raises(UsageError, match="no account name"):
        await office.desk.accounts.add(Account(name, "mastodon"), _Nobody())


async def test_a_taken_name_is_refused(office: Office) -> None:
    with pytest.raises(UsageError, match="already"):
        await office.desk.accounts.add(Account("work", "bluesky"), _Nobody())


@pytest.mark.parametrize(
    ("url", "handle"),
    [
        ("", ""),
        ("https://social.example", "anna"),
        ("https://www.social.example/", "@Anna"),
        ("https://SOCIAL.example:443/people/anna", "anna@social.example"),
    ],
)
async def test_signing_in_again_takes_what_was_typed_the_first_time(office: Office, url: str, handle: str) -> None:
    """What is stored is what the service says; what is not said again stays, also the settings of the account."""
    known = Account("w", "bluesky", "https://social.example/people/anna/", "anna@social.example", plan="full")
    office.desk.world.accounts.save(known)
    assert office.desk.accounts.known("w", "bluesky") == known
    added, _profile = await office.desk.accounts.add(Account("w", "bluesky", url, handle), _Nobody())
    assert (added.name, added.url, added.plan) == ("w", url or known.url, "full")
    assert len([each for each in office.desk.accounts.all() if each.name == "w"]) == 1


@pytest.mark.parametrize(
    ("url", "handle"),
    [
        ("https://other.example", ""),
        ("https://social.example/people/bo", ""),
        ("https://social.example:8443", ""),
        ("https://[", ""),
        ("", "bo"),
        ("", "anna@other.example"),
    ],
)
async def test_another_account_does_not_take_the_name(office: Office, url: str, handle: str) -> None:
    known = Account("w", "bluesky", "https://social.example/people/anna/", "anna@social.example")
    office.desk.world.accounts.save(known)
    with pytest.raises(UsageError, match="already"):
        await office.desk.accounts.add(Account("w", "bluesky", url, handle), _Nobody())
    assert office.desk.accounts.get("w") == known
    assert office.desk.accounts.known("w", "mastodon") is None


async def test_adding_and_removing(office: Office) -> None:
    added, profile = await office.desk.accounts.add(Account("new", "bluesky", handle="anna"), _Nobody())
    assert (added.name, str(profile.handle)) == ("new", "anna")
    assert facts(office, "new").employer_visible is UNKNOWN
    await office.desk.accounts.remove("new")
    with pytest.raises(UsageError):
        office.desk.accounts.get("new")


async def test_what_came_through_a_removed_account_alone_goes_with_it(office: Office) -> None:
    desk = office.desk
    both: dict[str, Any] = {"uri": "https://social.example/1", "created_at": TUESDAY}
    office.service("work").pages = [
        Page((a_post("work", "2", created_at=TUESDAY + timedelta(minutes=1)), a_post("work", "1", **both)))
    ]
    office.service("sky").pages = [Page((a_post("sky", "9", **both),))]
    await desk.refresher.refresh()
    events = heard(office)
    await desk.accounts.remove("work")
    assert [entry.post.id for entry in desk.reading.page(ViewQuery("home"), limit=9)] == ["sky:9"]
    assert FilterChanged() in events  # what is on the screen is asked for again


class _Nobody:
    """A dialog that is not needed."""

    async def show_address(self, url: str) -> None:
        raise AssertionError

    async def ask_code(self) -> str:
        raise AssertionError


# ---------------------------------------------------------------- the notebook beside other accounts


def test_what_was_written_in_the_notebook_stays_reachable(office: Office) -> None:
    accounts = office.desk.accounts
    assert "notebook" not in [account.name for account in accounts.all()]
    assert accounts.get("notebook").service == "local"
    facts = accounts.facts(office.desk.judge.policy, office.clock.now())["notebook"]
    assert (facts.notebook, facts.employer_visible) == (True, Known.YES)


async def test_the_count_does_not_fall_when_a_second_notebook_is_made(tmp_path: Path) -> None:
    office = Office(tmp_path / "lonely", accounts=())
    try:
        office.desk.world.stores.ledger.record([LedgerEntry(TUESDAY, "notebook", remote_id="1", service="local")])
        assert office.desk.judge.status(("notebook",)).count == 1
        office.desk.world.accounts.save(Account("notes", "local"))
        assert office.desk.judge.status(("notes",)).count == 1
        with pytest.raises(UsageError, match="part of the program"):
            await office.desk.accounts.remove("notebook")
    finally:
        office.close()


# ---------------------------------------------------------------- signing out


async def test_who_is_removed_is_signed_out_while_the_secret_is_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = MemorySecrets()
    secrets.set("work", Secret("token"))
    monkeypatch.setattr(office.desk.accounts, "_secrets", secrets)
    had: list[Secret | None] = []

    async def sign_out() -> None:
        had.append(secrets.get("work"))

    monkeypatch.setattr(office.service("work"), "sign_out", sign_out)
    await office.desk.accounts.remove("work")
    assert (had, secrets.get("work")) == ([Secret("token")], None)


@pytest.mark.parametrize(
    "error", [UnreachableError("down"), AuthError("revoked"), SecretError("locked"), UnsupportedError("no such call")]
)
async def test_a_service_that_does_not_sign_out_holds_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: MbclientError
) -> None:
    secrets = MemorySecrets()
    secrets.set("work", Secret("token"))
    monkeypatch.setattr(office.desk.accounts, "_secrets", secrets)
    office.remote.fault("work", "sign_out", error)
    await office.desk.accounts.remove("work")
    assert not office.desk.accounts.is_there("work")
    assert secrets.get("work") is None


@pytest.mark.parametrize("fault", [ValueError("ours"), asyncio.CancelledError()])
async def test_what_breaks_off_the_signing_out_leaves_no_secret(
    office: Office, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    """The account is no more by then: nobody could remove it again."""
    secrets = MemorySecrets()
    secrets.set("work", Secret("token"))
    monkeypatch.setattr(office.desk.accounts, "_secrets", secrets)

    async def sign_out() -> None:
        raise fault

    monkeypatch.setattr(office.service("work"), "sign_out", sign_out)
    with pytest.raises(type(fault)):
        await office.desk.accounts.remove("work")
    assert secrets.get("work") is None


async def test_nor_does_one_that_hangs(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mbclient.core.accounts.SIGN_OUT_S", 0.01)
    office.service("work").hang.add("sign_out")
    await office.desk.accounts.remove("work")
    assert not office.desk.accounts.is_there("work")


@pytest.mark.parametrize(
    ("changes", "ended"),
    [
        ({}, 0),  # the same person: a server may have given both the same token
        ({"remote_id": "another"}, 1),
        ({"url": "https://other.example"}, 1),
        ({"service": "bluesky"}, 1),
        ({"remote_id": "", "handle": "somebody"}, 1),
        ({"remote_id": ""}, 0),
    ],
)
async def test_no_login_is_ended_that_another_account_may_use(
    office: Office, changes: dict[str, str], ended: int
) -> None:
    other = replace(office.desk.accounts.get("work"), name="twin", **changes)  # type: ignore[arg-type]  # only texts
    office.desk.world.accounts.save(other)
    await office.desk.accounts.remove("work")
    assert office.remote.requests("work", "sign_out") == ended


async def test_what_the_users_own_command_gives_stays_theirs(office: Office) -> None:
    office.desk.world.accounts.save(replace(office.desk.accounts.get("work"), token_command=("pass", "x")))
    await office.desk.accounts.remove("work")
    assert office.remote.requests("work", "sign_out") == 0
