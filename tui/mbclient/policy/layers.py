"""Whose file wins: the user's table and the company's, combined before they are read (policy facts 4.2).

Works on plain tables as a TOML reader gives them; each file is validated by itself before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.parse import WEEKDAYS

Path = tuple[str, ...]
Table = Mapping[str, object]

_HOURS = frozenset({("work", key) for key in (*WEEKDAYS, "holidays", "eves_off", "exceptions")})
_MAY_SET_HOURS: Path = ("work", "user_may_set_hours")
_COMPANY_ONLY = frozenset({("overrides", "P4")})
_RETENTION: Path = ("log", "retention_days")
_DEFAULT_RETENTION = 90
_UNITED: Path = ("competitors",)
_SCHEMA: Path = ("schema",)


@dataclass(frozen=True, slots=True)
class Combined:
    """The table that holds, and the paths of the keys that the company has set and the user can't change."""

    table: dict[str, object]
    locked: frozenset[Path]


def combine(user_table: Table, company_tables: Sequence[Table] = ()) -> Combined:
    """Combine the user's `[policy]` with the company's files, the strongest file first.

    The first company file that sets a key wins over later ones and over the user. Competitors of all are united.
    The user keeps what is the user's own (person, absences) and, while the company lets it, the work hours.
    A company can shorten the time that the decision log is kept, never lengthen it.
    """
    company: dict[Path, object] = {}
    for table in company_tables:
        for path, value in _leaves(table):
            if not _is_users_own(path) and not _is_set(company, path):
                company[path] = value
    user = {path: value for path, value in _leaves(user_table) if path not in _COMPANY_ONLY}
    free_hours = company.get(_MAY_SET_HOURS, True) is not False
    kept = {
        path: value for path, value in user.items() if not _is_set(company, path) or (free_hours and path in _HOURS)
    }
    merged = {**company, **kept}
    competitors = _united([*company_tables, user_table])
    if competitors is not None:
        merged[_UNITED] = competitors
    if _RETENTION in company:
        merged[_RETENTION] = _shorter(company[_RETENTION], user.get(_RETENTION, _DEFAULT_RETENTION))
    free = {_UNITED, _RETENTION, _SCHEMA} | (_HOURS if free_hours else frozenset())
    return Combined(_nested(merged), frozenset(company) - free)


def _leaves(table: Table, above: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every key with its path; a list is one value."""
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        else:
            yield path, value


def _is_users_own(path: Path) -> bool:
    return path[0] == "person" or path == ("work", "absences")


def _is_set(company: Mapping[Path, object], path: Path) -> bool:
    """Whether the company has set the key, a table around it or a key inside it."""
    return any(path[: len(known)] == known or known[: len(path)] == path for known in company)


def _united(tables: Sequence[Table]) -> list[object] | None:
    """The competitors of every table, each once; None if no table names any."""
    found: list[object] = []
    named = False
    for table in tables:
        value = table.get("competitors")
        if isinstance(value, Sequence) and not isinstance(value, str):
            named = True
            found.extend(item for item in value if item not in found)
        elif value is not None:
            return [value]  # not a list: reading the table will say so
    return found if named else None


def _shorter(company: object, user: object) -> object:
    return min(company, user) if isinstance(company, int) and isinstance(user, int) else company


def _nested(flat: Mapping[Path, object]) -> dict[str, object]:
    table: dict[str, object] = {}
    for path, value in flat.items():
        place = table
        for key in path[:-1]:
            inner = place.setdefault(key, {})
            assert isinstance(inner, dict)  # `_is_set` keeps a value and a table apart
            place = inner
        place[path[-1]] = value
    return table
