"""A company's own PostgreSQL table of reports, and the view of it that tells groups only (docs/report.md has both).

Needs the extra `[postgres]`. No error carries words of the driver's: with a mistyped address they could hold a
password.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from mbclient.core.reportform import FIGURES, OF_SERVICE, Report, rows
from mbclient.core.reportmerge import LEAST_PEOPLE, Merged, Total
from mbclient.domain.errors import StorageError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.texts import _

_CONNECT_SECONDS = 10
_OPTIONS = "-c statement_timeout=20000 -c lock_timeout=10000"
_READ = "SELECT measure, service, contributors, total, median FROM mbclient.report_figures WHERE period = %s"
_SUBMIT = "SELECT mbclient.submit(%s, %s, %s)"


class PostgresReports:
    """Fills the `ReportTable` port."""

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises `UsageError` for what is no address of a PostgreSQL database."""
        try:
            if not url.startswith(("postgresql://", "postgres://")):
                raise psycopg.ProgrammingError
            parts = conninfo_to_dict(url)
        except (psycopg.ProgrammingError, UnicodeError):
            raise UsageError(
                _("that is no address of a PostgreSQL database"),
                _("write it as postgresql://name@host/database; a password belongs in ~/.pgpass"),
            ) from None
        self._url = url
        self.place = str(SafeText.line(str(parts.get("host") or parts.get("service") or "localhost")))

    def submit(self, report: Report) -> None:
        figures = [{"measure": row.measure, "service": row.service, "value": row.value} for row in rows(report)]
        with self._connected() as db:
            db.execute(_SUBMIT, (report.period, report.contributor, Jsonb(figures)))

    def merged(self, period: str) -> Merged:
        with self._connected() as db:
            found = db.execute(_READ, (period,)).fetchall()
        names = {"": [measure.name for measure in FIGURES]}
        figures: dict[str, Total] = {}
        services: dict[str, dict[str, Total]] = {}
        for measure, service, contributors, total, middle in sorted(found, key=lambda row: (row[1], row[0])):
            known = names.get(service, [one.name for one in OF_SERVICE])
            if measure not in known or contributors < LEAST_PEOPLE:
                raise StorageError(
                    _("the database at {place} tells what no report holds").format(place=self.place),
                    _("set it up as docs/report.md says"),
                )
            into = services.setdefault(service, {}) if service else figures
            into[measure] = Total(contributors, float(middle), None if total is None else int(total))
        if "days_with_data" not in figures:  # every report has it
            raise UsageError(
                _("the database at {place} tells nothing of {period}").format(place=self.place, period=period),
                _("fewer than five people have handed in a report, or it is not closed yet"),
            )
        return Merged(period, figures["days_with_data"].contributors, figures, services)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        """One transaction. Raises `StorageError`."""
        try:
            with psycopg.connect(self._url, connect_timeout=_CONNECT_SECONDS, options=_OPTIONS) as db:
                yield db
        except psycopg.errors.RaiseException as error:  # the schema's own word
            why = SafeText.line(error.diag.message_primary or "")
            raise StorageError(
                _("the database at {place} refuses: {why}").format(place=self.place, why=why), _("ask who runs it")
            ) from None
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject):
            raise StorageError(
                _("the database at {place} does not let you do that").format(place=self.place), _("ask who runs it")
            ) from None
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction):
            raise StorageError(
                _("the database at {place} has no place for reports").format(place=self.place),
                _("set it up as docs/report.md says"),
            ) from None
        except psycopg.OperationalError:
            raise StorageError(
                _("the database at {place} does not answer, or refuses the login").format(place=self.place),
                _("check the address, the name and ~/.pgpass, or try again later"),
            ) from None
        except psycopg.Error as error:
            raise StorageError(
                _("the database at {place} refuses: {why}").format(
                    place=self.place, why=f"{type(error).__name__} {error.sqlstate or ''}".strip()
                ),
                _("ask who runs it"),
            ) from None
