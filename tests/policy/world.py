"""The setting of the worked examples (policy facts 13): one company, five accounts, a Tuesday in November."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from mbclient.domain.account import Known
from mbclient.policy.model import AccountFacts, Facts, LedgerEntry, Machine, Policy
from mbclient.policy.parse import parse_policy
from mbclient.policy.scenario import parse_scenario, run_scenario

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TUESDAY = "2026-11-24"

POLICY: dict[str, Any] = {
    "employer": {"name": "Grönkvist", "aliases": ["Grönkvist AB"], "handles": ["gronkvist"]},
    "person": {"name": "Anna Ek"},
    "competitors": [
        {
            "name": "Blåbet",
            "aliases": ["Blåbet"],
            "handles": ["blabet"],
            "domains": ["blabet.example"],
            "hashtags": ["blabet"],
        },
        {"name": "Kronspel", "aliases": ["Kronspel"]},
        {"name": "Svea Lott", "aliases": ["Svea Lott"]},
        {"name": "KLT", "aliases": [{"text": "KLT", "case_sensitive": True}]},
        {"name": "Stjärnan", "aliases": [{"text": "Stjärnan", "case_sensitive": True}]},
    ],
}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "masto": {"service": "mastodon", "employer_visible": "yes", "real_name_visible": "yes"},
    "bsky": {"service": "bluesky", "employer_visible": "no", "real_name_visible": "yes"},
    "corp": {"service": "mastodon", "employer_visible": "yes", "real_name_visible": "no"},
    "anon": {"service": "mastodon", "employer_visible": "no", "real_name_visible": "no", "pseudonymous": True},
    "unk": {"service": "misskey"},
}


def zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def at(when: str) -> datetime:
    """An instant by its wall clock in Stockholm, unless it says its zone; a time alone is on the Tuesday."""
    found = datetime.fromisoformat(when if "-" in when else f"{TUESDAY} {when}")
    return (found if found.tzinfo else found.replace(tzinfo=STOCKHOLM)).astimezone(UTC)


def iso(when: str) -> str:
    return at(when).isoformat()


def company(**tables: Any) -> dict[str, Any]:
    """The policy table of the examples with other values for some keys."""
    merged = {**POLICY}
    for key, value in tables.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, Mapping) else value
    return merged


def parsed(**tables: Any) -> Policy:
    """The same as a `Policy`; it has to be without a fault."""
    policy, problems = parse_policy(company(**tables), zone)
    assert not [problem for problem in problems if not problem.warning], problems
    return policy


def facts(machine: Machine = Machine.WORK, ledger: Sequence[LedgerEntry] = (), **changes: Any) -> Facts:
    accounts = {
        name: AccountFacts(
            name,
            row["service"],
            Known(row.get("employer_visible", "unknown")),
            Known(row.get("real_name_visible", "unknown")),
            row.get("pseudonymous", False),
        )
        for name, row in ACCOUNTS.items()
    }
    return Facts(machine=machine, accounts=accounts, ledger=tuple(ledger), **changes)


def posts(number: int, when: str = "08:00", **changes: Any) -> list[dict[str, Any]]:
    """That many separate posts of `masto`, one group each."""
    return [{"at": iso(when), "account": "masto", "group": f"g{n}-{when}", **changes} for n in range(number)]


def scenario(
    now: str,
    text: str | None = None,
    account: str | Sequence[str] = "masto",
    *,
    machine: str = "work",
    policy: Mapping[str, Any] | None = None,
    ledger: Sequence[Mapping[str, Any]] = (),
    due: str | None = None,
    about: str = "",
    **changes: Any,
) -> dict[str, Any]:
    """The result of `policy test` for one line in the setting of the examples; without a text, no draft."""
    line: dict[str, Any] = {
        "id": "W",
        "policy": POLICY if policy is None else policy,
        "accounts": ACCOUNTS,
        "machine": machine,
        "now": iso(now),
        "ledger": list(ledger),
    }
    outer = {key: changes.pop(key) for key in ("role", "role_since", "skew_s", "ssh") if key in changes}
    if text is not None:
        names = [account] if isinstance(account, str) else list(account)
        line["draft"] = {"text": text, "accounts": names, "about": {"text": about, "author": ""}, **changes}
        line["draft"]["due"] = iso(due) if due else None
    return run_scenario(parse_scenario(json.dumps({**line, **outer}), zone))


def outcome(result: Mapping[str, Any]) -> str:
    """A result in one line, as the table of the examples has it: `nudge P2-COUNT P2-SLOT`."""
    return " ".join([result["level"], *sorted(finding["id"] for finding in result["findings"])])
