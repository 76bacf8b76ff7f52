from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mbclient.core.preferences import Confirmation
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import SettingsError, UsageError
from mbclient.settings.accounts import FileAccountBook
from mbclient.settings.config import load_config
from mbclient.settings.paths import Paths
from tests.settings.conftest import put
from tests.settings.modes import mode, umask

ANNA = Account("work", "mastodon", "https://mastodon.example", "anna", "109", token_command=("pass", "show", "m"))
TODAY = date(2026, 11, 24)
YES = Confirmation(Known.YES, Known.YES, TODAY)


def book(paths: Paths) -> FileAccountBook:
    return FileAccountBook(paths, load_config(paths).document)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_saved_account_is_there_for_the_next_run(paths: Paths, mask: int) -> None:
    with umask(mask):
        book(paths).save(ANNA)
    assert list(book(paths).accounts()) == [ANNA]
    assert load_config(paths).accounts == (ANNA,)
    assert mode(paths.accounts_file) == 0o600
    assert not paths.config_file.exists()


def test_confirming_and_taking_back(paths: Paths) -> None:
    accounts = book(paths)
    accounts.save(ANNA)
    assert accounts.confirmation("work") == Confirmation()
    accounts.confirm("work", YES)
    assert book(paths).confirmation("work") == YES
    assert book(paths).accounts()[0].employer_visible is Known.YES
    accounts.confirm("work", Confirmation(Known.UNKNOWN, Known.NO, None))
    assert book(paths).confirmation("work") == Confirmation(Known.UNKNOWN, Known.NO, None)
    with pytest.raises(UsageError, match="no account 'wrok'"):
        accounts.confirm("wrok", YES)


def test_what_was_confirmed_stays_with_the_same_profile_only(paths: Paths) -> None:
    accounts = book(paths)
    accounts.save(ANNA)
    accounts.confirm("work", YES)
    accounts.save(ANNA)
    assert accounts.confirmation("work") == YES
    accounts.save(Account("work", "mastodon", "https://mastodon.example", "bo", "200"))
    assert accounts.confirmation("work") == Confirmation()
    assert accounts.accounts()[0].handle == "bo"


def test_removing(paths: Paths) -> None:
    accounts = book(paths)
    accounts.save(ANNA)
    accounts.save(Account("home", "local"))
    accounts.remove("work")
    assert [account.name for account in accounts.accounts()] == ["home"]
    with pytest.raises(UsageError):
        accounts.remove("work")


def test_an_account_of_config_toml_is_the_users(paths: Paths) -> None:
    put(paths.config_file, "\n[[accounts]]\nname = 'work'\nservice = 'mastodon'\nurl = 'https://mastodon.example/'\n")
    accounts = book(paths)
    accounts.save(ANNA)  # what login learnt
    accounts.confirm("work", YES)
    (account,) = book(paths).accounts()
    assert (account.handle, account.remote_id, account.token_command) == ("anna", "109", ())
    assert book(paths).confirmation("work") == YES
    with pytest.raises(SettingsError, match=r"line 2: the account 'work' stands in config\.toml"):
        accounts.remove("work")
    with pytest.raises(SettingsError, match=r"stands in config\.toml"):
        accounts.save(Account("work", "bluesky"))
    assert paths.config_file.read_text().startswith("\n[[accounts]]")


@pytest.mark.parametrize(
    "change",
    [
        "service = 'bluesky'",
        "service = 'mastodon'\nurl = 'https://other.example'",
        "service = 'mastodon'\nhandle = 'bo'",
    ],
)
def test_nothing_learnt_of_another_profile_is_believed(paths: Paths, change: str) -> None:
    accounts = book(paths)
    accounts.save(ANNA)
    accounts.confirm("work", YES)
    put(paths.config_file, f"[[accounts]]\nname = 'work'\n{change}\n")
    (account,) = book(paths).accounts()
    assert account.remote_id == ""
    assert book(paths).confirmation("work") == Confirmation()
    book(paths).confirm("work", Confirmation(Known.NO, Known.NO, TODAY))
    assert book(paths).confirmation("work") == Confirmation(Known.NO, Known.NO, TODAY)
    assert book(paths).accounts()[0].remote_id == ""


def test_another_process_is_heard(paths: Paths) -> None:
    one, other = book(paths), book(paths)
    assert list(one.accounts()) == []
    other.save(ANNA)
    assert list(one.accounts()) == [ANNA]
    one.save(Account("home", "local"))
    assert [account.name for account in other.accounts()] == ["work", "home"]


BROKEN = pytest.mark.parametrize(
    "text",
    [
        "[[accounts]\n",
        "schema = 9",
        "[[accounts]]\nname = 'work'",
        "accounts = 1",
        b"\xff\xfe",
        "[[accounts]]\nname='a'\nservice='zzz'",
    ],
)


@BROKEN
def test_a_broken_file_costs_nothing_that_was_saved(paths: Paths, text: str | bytes) -> None:
    book(paths).save(ANNA)
    put(paths.accounts_file, text)
    config = load_config(paths)
    assert config.accounts == (ANNA,)
    assert "accounts.toml" in config.notices[0]
    assert "last good" in config.notices[0]
    book(paths).save(Account("home", "local"))
    assert [account.name for account in load_config(paths).accounts] == ["work", "home"]
    assert load_config(paths).notices == ()
    aside = list(paths.config_dir.glob("accounts.toml.broken-*"))
    assert [path.read_bytes() for path in aside] == [text if isinstance(text, bytes) else text.encode()]


@BROKEN
def test_a_broken_file_without_a_copy_is_an_empty_one(paths: Paths, text: str | bytes) -> None:
    put(paths.accounts_file, text)
    assert load_config(paths).accounts == ()
    assert load_config(paths).notices


def test_a_wide_file_is_tightened_and_told(paths: Paths) -> None:
    book(paths).save(ANNA)
    paths.accounts_file.chmod(0o644)
    assert "only you can" in load_config(paths).notices[0]
    assert mode(paths.accounts_file) == 0o600


def test_a_link_is_not_written_through(paths: Paths) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.accounts_file.symlink_to(paths.config_dir / "elsewhere")
    with pytest.raises(SettingsError, match="link"):
        book(paths).save(ANNA)
    assert not (paths.config_dir / "elsewhere").exists()


@pytest.mark.parametrize("handle", ["a\x1b[31m", "a\nb", "\ud800", "x" * 501])
def test_what_could_not_be_read_back_is_not_written(paths: Paths, handle: str) -> None:
    accounts = book(paths)
    accounts.save(ANNA)
    before = paths.accounts_file.read_bytes()
    with pytest.raises(SettingsError):
        accounts.save(Account("home", "local", handle=handle))
    assert paths.accounts_file.read_bytes() == before


_NAMES = st.sampled_from(["work", "home", "side"])
_ACCOUNTS = st.builds(
    Account,
    _NAMES,
    st.sampled_from(["local", "mastodon", "bluesky"]),
    st.sampled_from(["", "https://a.example", "https://b.example"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20),
    pseudonymous=st.booleans(),
    token_command=st.lists(st.just("pass") | st.just("--x=å"), max_size=2).map(tuple),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["save", "remove", "confirm"]), _ACCOUNTS), max_size=8))
def test_the_book_is_a_table_by_name(paths: Paths, deeds: list[tuple[str, Account]]) -> None:
    paths.accounts_file.unlink(missing_ok=True)
    accounts, expected = book(paths), dict[str, Account]()
    for deed, account in deeds:
        if deed == "save":
            accounts.save(account)
            expected[account.name] = account
        elif account.name in expected:
            if deed == "remove":
                accounts.remove(account.name)
                del expected[account.name]
            else:
                accounts.confirm(account.name, Confirmation(Known.NO, Known.NO, TODAY))
    found = [
        replace(known, employer_visible=Known.UNKNOWN, real_name_visible=Known.UNKNOWN)
        for known in book(paths).accounts()
    ]
    assert {known.name: known for known in found} == expected
