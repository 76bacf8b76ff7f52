"""The work filter at work: what is shown where, why, and what new terms change; bad terms in the user's words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mbclient.core.criteria import Why
from mbclient.core.events import FilterChanged
from mbclient.core.preferences import Preferences, View, WorkFilter
from mbclient.core.sieve import Sieve
from mbclient.core.stores import ViewQuery
from mbclient.core.workterms import FAULTS, read_terms
from mbclient.domain.account import Account
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.domain.terms import Fault
from tests.core.fakes import Office, a_post, mine

ME = Account("work", "mastodon", "https://one.example", "anna@one.example", "me-work")
FILTER = WorkFilter(
    terms=("openssl", '"release notes"', "@bo", "from:ciso@one.example", "#infosec"), exclude=("giveaway",)
)
PREFERENCES = Preferences(
    work_filter=FILTER, views=(View("Security", ("cve",), ("work",)), View("All", (), ()), View("Sky", (), ("sky",)))
)


def views(post: Post, account: Account = ME) -> set[str]:
    (arrival,) = Sieve(PREFERENCES).sort([post], account)
    return set(arrival.views)


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (a_post(text="OpenSSL 4 is out"), {"work", "All"}),
        (a_post(text="lunch"), {"All"}),
        (a_post(text="openssl giveaway"), {"All"}),
        (a_post(text="CVE in openssl"), {"work", "Security", "All"}),
        (a_post("sky", text="cve"), {"All", "Sky"}),
        (a_post(mentions=(SafeText("anna@one.example"),)), {"mentions", "All"}),
        (a_post(mentions=(SafeText("Anna"),)), {"mentions", "All"}),
        (a_post(mentions=(SafeText("anna@two.example"),)), {"All"}),
        (mine(text="openssl"), {"work", "mine", "All"}),
        (mine(mentions=(SafeText("anna"),)), {"mine", "All"}),
        (a_post(kind=PostKind.BOOST, boosted_by=Author(SafeText("anna"), remote_id="me-work")), {"mine", "All"}),
        (mine(kind=PostKind.BOOST, boosted_by=Author(SafeText("bo"), remote_id="bo")), {"All"}),
    ],
)
def test_views(post: Post, expected: set[str]) -> None:
    assert views(post) == expected


def test_a_view_of_some_accounts_has_what_one_of_them_has_seen_too() -> None:
    sieve = Sieve(PREFERENCES)
    assert not sieve.why(a_post(text="cve"), "Sky").shown
    assert sieve.why(a_post(text="cve", also=("sky:at://1",)), "Sky").shown


def test_mine_by_handle_where_no_id_is_known() -> None:
    account = replace(ME, remote_id="")
    assert "mine" in views(a_post(author=Author(SafeText("Anna@One.example"))), account)
    assert "mine" not in views(a_post(author=Author(SafeText(""))), replace(account, handle=""))


@pytest.mark.parametrize(
    ("post", "changes", "why"),
    [
        (a_post(text="openssl"), {}, Why(True, ("openssl",))),
        (a_post(text="openssl giveaway"), {}, Why(False, ("openssl",), "giveaway")),
        (a_post(text="lunch"), {}, Why(False)),
        (a_post(text="lunch"), {"terms": ()}, Why(True, no_terms=True)),
        (a_post(text="giveaway"), {"terms": ()}, Why(False, (), "giveaway")),
        (
            a_post(text="openssl", kind=PostKind.BOOST),
            {"hide_boosts": True},
            Why(False, ("openssl",), hidden_kind="boost"),
        ),
        (
            a_post(text="openssl", kind=PostKind.REPLY),
            {"hide_replies": True},
            Why(False, ("openssl",), hidden_kind="reply"),
        ),
    ],
)
def test_why(post: Post, changes: dict[str, object], why: Why) -> None:
    changed = replace(FILTER, **changes)  # type: ignore[arg-type]  # any field, by name
    assert Sieve(Preferences(work_filter=changed)).why(post) == why


@pytest.mark.parametrize(
    ("text", "view", "lit"),
    [
        ("openssl: cve fixed", "work", ["openssl"]),
        ("openssl: cve fixed", "home", ["openssl"]),
        ("openssl: cve fixed", "Security", ["cve"]),
        ("openssl: cve fixed", "All", ["openssl"]),
        ("notes of the last release", "work", []),
        ("patch day", "work", []),
        ("patch it on tuesday", "work", ["patch", "tuesday"]),
    ],
)
def test_the_terms_that_match_are_lit_up_and_no_half_of_another(text: str, view: str, lit: list[str]) -> None:
    work = replace(FILTER, terms=(*FILTER.terms, "patch tuesday"))
    spans = Sieve(replace(PREFERENCES, work_filter=work)).spans(a_post(text=text), view)
    assert [text[start:end] for start, end in spans] == lit


def test_what_services_are_asked_for() -> None:
    assert Sieve(PREFERENCES).search_queries() == ("openssl", '"release notes"', "#infosec")
    quiet = replace(FILTER, search_services=False)
    assert Sieve(Preferences(work_filter=quiet)).search_queries() == ()


async def test_new_terms_mark_the_whole_archive(office: Office) -> None:
    account = office.desk.accounts.get("work")
    posts = [a_post(remote_id=str(n), text="kubernetes" if n % 2 else "openssl") for n in range(450)]
    await office.desk.refresher.take(posts, account)
    told: list[object] = []
    office.desk.bus.listen(lambda event: told.append(event) if isinstance(event, FilterChanged) else None)
    counts = office.desk.reading.counts(ViewQuery("work"))
    assert (counts.shown, counts.hidden, counts.received) == (225, 225, 450)
    preferences = replace(office.desk.preferences, work_filter=WorkFilter(terms=("kubernetes",)))
    await office.desk.use(replace(preferences, views=(View("New", ("openssl",)),)))
    shown = office.desk.reading.page(ViewQuery("work"), limit=500)
    assert {str(entry.post.text) for entry in shown} == {"kubernetes"}
    assert {entry.post.terms for entry in shown} == {("kubernetes",)}
    assert len(office.desk.reading.page(ViewQuery("New"), limit=500)) == 225
    assert len(told) == 2
    await office.desk.use(replace(office.desk.preferences, theme="mbclient-light"))
    assert len(told) == 2


def test_a_bad_term_is_one_line_that_names_it() -> None:
    for written in ("a*b", '"open', "from:", "domain:", "#", "@", "*", '""', "lang:", "", "x" * 500, "a\x1bb"):
        with pytest.raises(UsageError) as error:
            read_terms((written,))
        assert "\n" not in str(error.value)
        assert repr(written[:40])[1:-1] in str(error.value)
    with pytest.raises(UsageError, match="can only end a word"):
        Sieve(Preferences(work_filter=WorkFilter(terms=("ok", "a*b"))))


def test_every_fault_has_its_words() -> None:
    assert {fault: str(fault) for fault in Fault} == FAULTS
