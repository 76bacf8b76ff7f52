"""Whose reading is told: an account that is made pseudonymous takes its past along, everybody else's stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.figurestores import Activity, ReadingPiece, ReadingSum, TermSum
from mbclient.core.readingsums import Told, read_by
from mbclient.core.reportform import read_period, report_json
from mbclient.domain.account import Account
from mbclient.domain.draft import Draft
from mbclient.policy.model import AccountFacts, Finding, Level, Verdict
from tests.core.fakes import TUESDAY, Office
from tests.core.reports import WEEK

TODAY = date(2026, 11, 24)
SECRET = Account("secret", "mastodon", "https://three.example", "owl@three.example", "me-owl")


def piece(minutes: float, account: str, *terms: str, service: str = "mastodon", hour: int = 0) -> ReadingPiece:
    at = TUESDAY + timedelta(hours=hour)
    return ReadingPiece(at, timedelta(minutes=minutes), TODAY, True, Activity.READING, service, terms, account)


def make_pseudonymous(office: Office, account: Account) -> None:
    office.desk.world.accounts.save(replace(account, pseudonymous=True))


def test_what_was_read_before_an_account_was_made_pseudonymous_is_in_no_figure(office: Office) -> None:
    office.desk.world.accounts.save(SECRET)
    statistics = office.desk.statistics
    office.desk.world.stores.reading.add(
        [piece(40, "work", "openssl"), piece(90, "secret", "cve", hour=2), piece(8, "", service="")]
    )
    assert statistics.figures(1).reading == read_by(office.desk.world.stores.reading.sums(TODAY, TODAY), len_0)[0]
    make_pseudonymous(office, SECRET)
    figures = statistics.figures(1)
    assert figures.reading is not None
    assert figures.reading.total == timedelta(minutes=48)
    assert {name: one.reading.total for name, one in figures.by_service.items()} == {
        "": timedelta(minutes=8),
        "mastodon": timedelta(minutes=40),
    }
    assert {term: one.reading.in_work_time for term, one in figures.by_term.items()} == {
        "openssl": timedelta(minutes=40)
    }
    assert set(statistics.hours(TODAY, TODAY).values()) == {timedelta(minutes=48)}
    found = report_json(office.desk.reports.report(read_period(WEEK)))
    assert found["reading_minutes_work_time"] == {"total": 45, "work_relevant": 45}
    assert found["by_service"] == {"mastodon": {"posts": 0, "reading_minutes_work_time": 45}}


def len_0(_one: ReadingSum) -> int:
    """All in one group."""
    return 0


def test_nor_is_what_was_read_through_an_account_that_is_gone(office: Office) -> None:
    office.desk.world.stores.reading.add([piece(40, "work"), piece(90, "secret")])
    figures = office.desk.statistics.figures(1)
    assert figures.reading is not None
    assert figures.reading.total == timedelta(minutes=40)


def test_what_was_kept_without_an_account_goes_where_its_service_has_a_pseudonymous_one(office: Office) -> None:
    log = office.desk.world.stores.reading
    log.add([piece(40, ""), piece(30, "", service="bluesky"), piece(8, "", service="")])
    office.desk.world.accounts.save(replace(SECRET, pseudonymous=True))
    figures = office.desk.statistics.figures(1)
    assert figures.reading is not None
    assert figures.reading.total == timedelta(minutes=38)


def test_terms_of_before_accounts_were_kept_are_told_while_nobody_is_pseudonymous() -> None:
    old = TermSum(TODAY, True, "cve", timedelta(minutes=3))
    facts = {"work": AccountFacts("work", "mastodon")}
    assert Told.of(facts, notebook=True)(old)
    hidden = {**facts, "anon": AccountFacts("anon", "bluesky", pseudonymous=True)}
    assert not Told.of(hidden, notebook=True)(old)


def test_what_the_policy_said_of_a_pseudonymous_account_alone_is_no_figure(office: Office) -> None:
    finding = Finding("P2-SLOT", Level.NUDGE)
    verdict = Verdict(Level.NUDGE, (finding,), {}, {}, ())
    for accounts in (("work",), ("sky",), ("work", "sky")):
        office.desk.judge.record(Draft("x", accounts=accounts), verdict, "sent", draft_id="".join(accounts))
    assert office.desk.statistics.figures(1).findings == {"P2-SLOT": {"sent": 3}}
    make_pseudonymous(office, office.desk.accounts.get("sky"))
    assert office.desk.statistics.figures(1).findings == {"P2-SLOT": {"sent": 2}}


@given(
    st.lists(
        st.builds(
            ReadingSum,
            day=st.just(TODAY),
            in_work_time=st.booleans(),
            activity=st.sampled_from([str(one) for one in Activity]),
            service=st.sampled_from(["", "mastodon", "bluesky"]),
            related=st.booleans(),
            length=st.timedeltas(timedelta(), timedelta(hours=9)),
            account=st.sampled_from(["", "work", "sky"]),
        )
    )
)
def test_groups_add_up_to_the_whole(sums: list[ReadingSum]) -> None:
    (whole, *_nothing) = [*read_by(sums, len_0).values(), None]
    parts = read_by(sums, lambda one: (one.service, one.account)).values()
    if whole is not None:
        assert sum((part.total for part in parts), timedelta()) == whole.total
        assert sum((part.related for part in parts), timedelta()) == whole.related <= whole.total
        assert sum((part.composing for part in parts), timedelta()) == whole.composing
