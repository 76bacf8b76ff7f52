"""The policy in force: the company's files over the user's [policy] table (policy facts 4.2 and 4.3).

A company file that can't be read never makes anything freer: its last good copy stands in, and without one the
built-in rules, which then win over the user's too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mbclient.core.preferences import LoadedPolicy
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.layers import combine
from mbclient.policy.model import Override
from mbclient.policy.parse import parse_policy
from mbclient.settings.config import Config
from mbclient.settings.lastgood import load_or_last_good, signature
from mbclient.settings.paths import Paths
from mbclient.settings.policytable import check_policy, find_zone
from mbclient.settings.toml import Document
from mbclient.texts import _
from mbclient.texts.faults import problem_text

# What decides whether a post is stopped. The rest of a user's table only names things or moves reminders.
_RULES = ("timezone", "work", "identity", "machine", "competitor_rule", "overrides")


@dataclass(frozen=True, slots=True)
class CompanyFiles:
    """The company's tables in the order of who wins, the files they come from, and what is wrong with others.

    `unknown`: a file is there that can't be read, and nothing is known of what it says.
    """

    tables: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    unknown: bool = False


def load_company(paths: Paths) -> CompanyFiles:
    """Every company file that is there, each checked by itself. Never raises for a broken one."""

    def read(document: Document) -> Mapping[str, Any]:
        check_policy(document, document.values)
        return document.values

    tables, sources, notices, unknown, missing = [], [], [], False, False
    for path in paths.company_policy_files:
        loaded = load_or_last_good(path, paths.last_good, read)
        if loaded.notice:
            notices.append(loaded.notice)
            unknown = unknown or not loaded.value
        if loaded.value:
            tables.append(loaded.value)
            sources.append(str(path))
        if not loaded.exists and path == paths.tried_policy_file:
            missing = True
    if missing:
        rules = ", ".join(sources) or _("the built-in rules and your own settings")
        notices.append(
            _("{file}: there is no such file; in force are: {rules}").format(file=paths.tried_policy_file, rules=rules)
        )
    return CompanyFiles(tuple(tables), tuple(sources), tuple(notices), unknown)


def load_policy(paths: Paths, user_table: Mapping[str, Any]) -> LoadedPolicy:
    """The policy that the UI, the commands and the meter all go by. `user_table`: `Config.policy`, checked."""
    company = load_company(paths)
    if company.unknown:
        user_table = _without_rules(user_table)
    combined = combine(user_table, company.tables)
    policy, problems = parse_policy(combined.table, find_zone)
    unheard = _unheard(user_table)
    return LoadedPolicy(
        policy=policy,
        table=combined.table,
        notices=(*company.notices, *(problem_text(problem) for problem in problems), *unheard),
        locked=frozenset(".".join(path) for path in combined.locked),
        sources=company.sources,
        company_table=combine({}, company.tables).table,
        warnings=(*(problem_text(problem) for problem in problems if problem.warning), *unheard),
    )


def _unheard(user_table: Mapping[str, Any]) -> tuple[str, ...]:
    """What the user's table sets and only a company's file can, so that nobody waits for it to work.

    The value that holds anyhow is no news.
    """
    overrides, default = user_table.get("overrides"), Override.NOBODY.value
    if not isinstance(overrides, Mapping) or overrides.get("P4", default) == default:
        return ()
    return (_("overrides.P4 counts only in a company's policy file; yours is not used"),)


def _without_rules(table: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if key not in _RULES}
    work = table.get("work")
    if isinstance(work, Mapping) and "absences" in work:  # always the user's own
        kept["work"] = {"absences": work["absences"]}
    return kept


class FilePolicySource:
    """Fills the core's `PolicySource`."""

    def __init__(self, paths: Paths, config: Config) -> None:
        self._paths = paths
        self._user_table = config.policy
        self._known: tuple[Mapping[str, Any], object, LoadedPolicy] | None = None  # of which table and files it is

    def current(self) -> LoadedPolicy:
        """Read once; again when a file has changed. Threads ask too, also while another table is taken."""
        table, seen, known = self._user_table, signature(*self._paths.company_policy_files), self._known
        if known is None or known[0] is not table or known[1] != seen:
            known = self._known = table, seen, load_policy(self._paths, table)
        return known[2]

    def use(self, config: Config) -> None:
        """Takes the user's table of settings that were read anew."""
        self._user_table = config.policy
