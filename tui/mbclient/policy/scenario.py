"""One line of `policy test`: a policy, facts and a draft, tried on the very functions that everything else uses.

A company tries its policy with these before it rolls it out, so a line is read strictly: a slip in a key or a
value is an error that names the line and the key, never a scenario that quietly means something else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NoReturn, TypeVar

from mbclient.domain.account import Known
from mbclient.domain.draft import About, Draft, Kind
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.marked import N_
from mbclient.domain.post import Visibility
from mbclient.policy import values
from mbclient.policy.engine import evaluate, status
from mbclient.policy.identity import settled_machine, with_local_rules
from mbclient.policy.json import modes_json, status_json, verdict_json
from mbclient.policy.model import (
    AccountFacts,
    Facts,
    Finding,
    LedgerEntry,
    LedgerStatus,
    Level,
    Machine,
    Policy,
    Status,
)
from mbclient.policy.parse import EMPLOYEE, parse_policy
from mbclient.policy.values import Problem, Section, Wrong, list_of

T = TypeVar("T")
Zone = Callable[[str], tzinfo]

FINDING_IDS = ("CFG-ERROR", "P2-COUNT", "P2-SLOT", "P4", "P4-LINK", "P5-ID", "P5-RESPECT")
_LEVELS = {level.word: level for level in Level}
_MAX_SEGMENTS = 10_000
_INSTANT = N_('must be an instant such as "2026-11-24T14:00:00Z"')


@dataclass(frozen=True, slots=True)
class Expect:
    """What a scenario should come to; None is not asked."""

    level: Level | None = None
    findings: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line, read. `draft` None: only the status is asked for."""

    id: str
    policy: Policy
    facts: Facts
    now: datetime
    draft: Draft | None = None
    expect: Expect | None = None


def parse_scenario(line: str, zone: Zone, *, now: datetime | None = None) -> Scenario:
    """Read one line of JSON.

    `now` is what a scenario without a `now` gets; None makes the key required. `Wrong` has the first thing that is
    wrong, its path being that in the line.
    """
    try:
        table = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except Wrong:
        raise
    except json.JSONDecodeError as error:
        raise Wrong(
            N_("is not JSON: {reason}: line {line} column {column} (char {char})"),
            reason=error.msg,
            line=error.lineno,
            column=error.colno,
            char=error.pos,
        ) from None
    except (ValueError, RecursionError) as error:
        raise Wrong(N_("is not JSON: {reason}"), reason=str(error)) from None
    if not isinstance(table, dict):
        raise Wrong(N_("must be one JSON object"))
    problems: list[Problem] = []
    scenario = _scenario(Section(table, (), problems), zone, now)
    if problems:
        raise Wrong.of(problems[0])
    return scenario


def run_scenario(
    scenario: Scenario,
    message: Callable[[Finding, Policy], str] | None = None,
    meter: Callable[[Status, Policy], str] | None = None,
) -> dict[str, object]:
    """The result object of a scenario. `message` and `meter` make the sentences, which this room has none of.

    The meter is that of the draft's accounts; without a draft it is that of all, `level` is null and the modes are
    the meter's. `ok` is null if nothing was expected.
    """
    policy, draft = scenario.policy, scenario.draft
    own_text = draft.text if draft and draft.kind is not Kind.BOOST else ""
    shown = status(policy, scenario.facts, scenario.now, accounts=draft.accounts if draft else None, text=own_text)
    level, ids = None, frozenset[str]()
    said: dict[str, object] = {"level": None, "findings": [], "per_target": {}, "modes": modes_json(shown.modes)}
    if draft is not None:
        verdict = evaluate(policy, scenario.facts, draft, scenario.now)
        level, ids = verdict.level, frozenset(finding.id for finding in verdict.findings)
        said = verdict_json(verdict, (lambda finding: message(finding, policy)) if message else None)
    return {
        "id": scenario.id,
        **{key: said[key] for key in ("level", "findings", "per_target", "modes")},
        "status": status_json(shown) | ({"text": meter(shown, policy)} if meter else {}),
        "ok": _met(scenario.expect, level, ids),
    }


def _met(expect: Expect | None, level: Level | None, ids: frozenset[str]) -> bool | None:
    if expect is None:
        return None
    return (expect.level is None or expect.level == level) and (expect.findings is None or expect.findings == ids)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
        raise Wrong(N_("the key {key!r} stands here twice"), key=twice)
    return found


def _no_constant(name: str) -> NoReturn:
    raise Wrong(N_("{name} is no number"), name=name)


def _scenario(top: Section, zone: Zone, default_now: datetime | None) -> Scenario:
    policy = _policy(top, zone)
    role = top.take("role", values.choice(EMPLOYEE, *policy.roles), policy.role)
    since = top.take("role_since", _day, policy.role_since)
    policy = replace(policy, role=role, role_since=since)
    named = "accounts" in top
    known = _Names(_accounts(top), closed=named)
    ledger: tuple[LedgerEntry, ...] = top.take("ledger", _tables(lambda item: _entry(item, known)), ())
    draft = top.take("draft", _whole_table(lambda item: _draft(item, known)), None)
    machine = top.take("machine", values.one_of(Machine), Machine.UNDECLARED)
    facts = Facts(
        machine=settled_machine(policy, machine, ssh=top.take("ssh", values.flag, False)),
        accounts=with_local_rules(known.accounts),
        ledger=ledger,
        skew=top.take("skew_s", _skew, timedelta(0)),
        role_since=since,
    )
    now = top.take("now", _instant, default_now)
    scenario = Scenario(
        id=top.take("id", values.text, ""),
        policy=policy,
        facts=facts,
        now=now or datetime.fromtimestamp(0, UTC),
        draft=draft,
        expect=top.take("expect", _whole_table(_expect), None),
    )
    if now is None and "now" not in top:
        top.problem(values.MISSING, "now")
    top.close()
    return scenario


def _policy(top: Section, zone: Zone) -> Policy:
    """The policy of the scenario: read once for all lines that hold the same table."""

    def convert(value: object) -> Policy:
        if not isinstance(value, Mapping):
            raise Wrong(values.TABLE)
        policy, problem = _cached_policy(json.dumps(value, sort_keys=True), zone)
        if problem:
            raise Wrong.of(problem)
        return policy

    return top.take("policy", convert, _cached_policy("{}", zone)[0])


@lru_cache(maxsize=256)
def _cached_policy(table: str, zone: Zone) -> tuple[Policy, Problem | None]:
    policy, problems = parse_policy(json.loads(table), zone)
    return policy, next((problem for problem in problems if not problem.warning), None)


class _Names:
    """The scenario's accounts. A draft may name only these: what is judged must not hang on a slip.

    Without `closed` the ledger may name others, of which nothing is known.
    """

    def __init__(self, accounts: dict[str, AccountFacts], *, closed: bool) -> None:
        self.accounts = accounts
        self._defined = frozenset(accounts)
        self._closed = closed

    def of_ledger(self, value: object) -> str:
        name = values.text(value)
        if not self._closed:
            self.accounts.setdefault(name, AccountFacts(name))
            return name
        return self.of_draft(name)

    def of_draft(self, value: object) -> str:
        name = values.text(value)
        if name not in self._defined:
            raise Wrong(N_("no account is called {name!r}: define it under accounts"), name=name)
        return name


def _whole_table(convert: Callable[[Section], T]) -> Callable[[object], T | None]:
    """A converter for a table whose first problem is the value's."""

    def read(value: object) -> T:
        problems: list[Problem] = []
        section = Section(value, (), problems)
        found = convert(section)
        section.close()
        if problems:
            raise Wrong.of(problems[0])
        return found

    return read


def _tables(convert: Callable[[Section], T]) -> Callable[[object], tuple[T, ...]]:
    read = _whole_table(convert)

    def one(value: object) -> T:
        found = read(value)
        assert found is not None  # `_whole_table` widens its type for keys that may be left out
        return found

    return list_of(one)


def _accounts(top: Section) -> dict[str, AccountFacts]:
    section = top.section("accounts")
    accounts = {}
    for name in section.names():
        one = section.section(name)
        accounts[name] = AccountFacts(
            name=name,
            service=one.take("service", values.text, ""),
            employer_visible=one.take("employer_visible", values.one_of(Known), Known.UNKNOWN),
            real_name_visible=one.take("real_name_visible", values.one_of(Known), Known.UNKNOWN),
            pseudonymous=one.take("pseudonymous", values.flag, False),
        )
        one.close()
    return accounts


def _entry(section: Section, names: _Names) -> LedgerEntry:
    at = section.take("at", _instant, None)
    if "at" not in section:
        section.problem(values.MISSING, "at")
    return LedgerEntry(
        at=at or datetime.fromtimestamp(0, UTC),
        account=section.take("account", names.of_ledger, next(iter(names.accounts), "")),
        service=section.take("service", values.text, ""),
        kind=section.take("kind", values.one_of(Kind), Kind.POST),
        segments=section.take("segments", values.whole(1, _MAX_SEGMENTS), 1),
        group=section.take("group", _group, ""),
        status=section.take("status", values.one_of(LedgerStatus), LedgerStatus.SENT),
        visibility=section.take("visibility", values.one_of(Visibility), Visibility.PUBLIC),
        deleted=section.take("deleted", values.flag, False),
        text=section.take("text", _body, ""),
        remote_id=section.take("remote_id", _group, ""),
    )


def _draft(section: Section, names: _Names) -> Draft:
    accounts = section.take("accounts", list_of(names.of_draft), tuple(names.accounts))
    if not accounts and "accounts" in section and not section.problems:
        section.problem(N_("must name at least one account"), "accounts")
    return Draft(
        text=section.take("text", _body, ""),
        accounts=accounts,
        kind=section.take("kind", values.one_of(Kind), Kind.POST),
        segments=section.take("segments", values.whole(1, _MAX_SEGMENTS), 1),
        visibility=section.take("visibility", values.one_of(Visibility), Visibility.PUBLIC),
        due=section.take("due", lambda value: None if value is None else _instant(value), None),
        about=section.take("about", _whole_table(_about), None) or About(),
    )


def _about(section: Section) -> About:
    return About(section.take("text", _body, ""), section.take("author", _body, ""))


def _expect(section: Section) -> Expect:
    ids = list_of(values.choice(*FINDING_IDS))
    return Expect(
        level=section.take("level", lambda value: _LEVELS[values.choice(*_LEVELS)(value)], None),
        findings=section.take("findings", lambda value: frozenset(ids(value)), None),
    )


def _body(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(values.TEXT)
    return value


def _group(value: object) -> str:
    return "" if value is None else values.text(value)


def _day(value: object) -> date | None:
    return None if value is None or value == "" else values.day(value)


def _skew(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Wrong(N_("must be a number of seconds"))
    if abs(value) > 366 * 86_400:
        raise Wrong(values.TOO_LARGE)
    return timedelta(seconds=value)


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise Wrong(_INSTANT)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(_INSTANT) from None
    if found.tzinfo is None:
        raise Wrong(N_("must say its zone, such as Z at the end"))
    if not values.FIRST_YEAR <= found.year <= values.LAST_YEAR:
        raise Wrong(values.YEARS, first=values.FIRST_YEAR, last=values.LAST_YEAR)
    return found.astimezone(UTC)
