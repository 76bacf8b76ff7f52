"""report submit, and report merge from a company's database: in a real PostgreSQL, and where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from tests.cli.conftest import CommandLine
from tests.core.reports import WEEK
from tests.servers.bluesky import postgres
from tests.servers.fixtures import or_skip
from tests.storage.company import Company, a_report

SECRET = "hemligt-losen"


@pytest.fixture
def company() -> Iterator[Company]:
    with or_skip(postgres()) as url:
        yield Company(url)


@pytest.mark.server
def test_by_command(company: Company, mb: CommandLine) -> None:
    mb("post", "OpenSSL")
    mb.more_settings(f'\n[report]\ndatabase = "{company.reporter}"\n')
    words = ("report", "submit", "--period", WEEK)
    refused = mb(*words, stdin="n\n")
    assert (refused.status, "nothing was handed in" in refused.err) == (1, True)
    company.hand_in(*map(a_report, range(4)))
    shown = mb(*words, stdin="y\n", json=True)
    assert shown.status == 0, shown.err
    assert "and no more, into the database at 127.0.0.1? [y/N]" in shown.err
    with psycopg.connect(company.owner) as db:
        stored = db.execute(
            "SELECT measure, service, value FROM mbclient.report_row WHERE contributor = %s",
            (shown.object["contributor"],),
        ).fetchall()
    told_rows = [(row["measure"], row["service"], row["value"]) for row in shown.object["rows"]]
    assert sorted(stored) == sorted(told_rows)
    for measure, _service, value in told_rows:
        assert re.search(rf"^{re.escape(measure)} .*\b{value}$", mb(*words, stdin="n\n").out, re.MULTILINE)
    reading = ("report", "merge", "--database", company.reader, "--period", WEEK)
    early = mb(*reading)
    assert (early.status, early.out) == (2, "")
    assert "or it is not closed yet" in early.err
    company.close()
    assert mb(*reading, json=True).object["contributors"] == 5


def test_without_a_database_nothing_can_be_handed_in(mb: CommandLine) -> None:
    mb("post", "OpenSSL")
    answer = mb("report", "submit", "--period", WEEK, stdin="y\n")
    assert (answer.status, answer.out) == (2, "")
    assert "no company database is set" in answer.err


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://x",
        f"dbname=x password={SECRET}",
        f"postgresql://anna:{SECRET}@db.example:{SECRET}/x?nonsense=1",
        f"postgresql://anna:{SECRET}@127.0.0.1:1/x",
        f"postgresql://anna:{SECRET}@[::1/x",
        "postgresql://127.0.0.1:1/x",
    ],
)
def test_an_address_that_leads_nowhere_is_one_line_without_its_password(mb: CommandLine, url: str) -> None:
    answer = mb("report", "merge", "--database", url, "--period", WEEK)
    assert answer.status in (1, 2)
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert "no address of a PostgreSQL database" in answer.err or "does not answer" in answer.err
    assert SECRET not in answer.err
