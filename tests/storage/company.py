"""A company's database of reports, set up by the words of docs/report.md, and reports to hand in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import psycopg

from mbclient.core.reportform import Report
from mbclient.storage.reporttable import PostgresReports
from tests.core.reports import WEEK

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "report.md").read_text("utf-8")
(SCHEMA,) = re.findall(r"```sql\n(.*?)```", _DOCUMENT, re.DOTALL)


class Company:
    """A database set up by the document. `reporter`, `reader`: addresses of people with just these rights."""

    def __init__(self, url: str) -> None:
        self.owner = url
        self.reporter = url.replace("pg@", "reports@")
        self.reader = url.replace("pg@", "boss@")
        self.run(SCHEMA.encode(), "CREATE ROLE reports LOGIN IN ROLE mbclient_reporter")
        self.run("CREATE ROLE boss LOGIN IN ROLE mbclient_reader")

    def run(self, *statements: str | bytes) -> None:
        with psycopg.connect(self.owner) as db:
            for statement in statements:
                db.execute(statement.encode() if isinstance(statement, str) else statement)

    def empty(self) -> None:
        self.run("DELETE FROM mbclient.report_row", "DELETE FROM mbclient.closed")

    def hand_in(self, *reports: Report) -> None:
        for report in reports:
            PostgresReports(self.reporter).submit(report)

    def close(self, period: str = WEEK) -> None:
        self.run(f"SELECT mbclient.close('{period}')")


def a_report(
    number: int, *, posts: int = 15, period: str = WEEK, services: Mapping[str, int] = MappingProxyType({})
) -> Report:
    """By contributor `number`; `services`: posts for each."""
    figures = {"days_with_data": 5, "posts.total": posts, "timeline.received": 100, "timeline.filtered_pct": 5 * number}
    return Report(period, f"{number:032x}", "", figures, {name: {"posts": value} for name, value in services.items()})
