"""Verdict and status as the JSON objects of the commands, but for the sentences: those are made of the ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mbclient.policy.model import Finding, Mode, Status, Verdict

Message = Callable[[Finding], str]


def verdict_json(verdict: Verdict, message: Message | None = None) -> dict[str, object]:
    """The object of `check` but for the lengths; `message` gives each finding's sentence."""
    return {
        "schema": 1,
        "level": verdict.level.word,
        "findings": [finding_json(finding, message) for finding in verdict.findings],
        "per_target": {name: level.word for name, level in verdict.per_target.items()},
        "modes": modes_json(verdict.modes),
    }


def finding_json(finding: Finding, message: Message | None = None) -> dict[str, object]:
    """One finding, with its sentence if there is one who makes it."""
    return {
        "id": finding.id,
        "level": finding.level.word,
        "accounts": list(finding.accounts),
        **({"message": message(finding)} if message else {}),
        "missing": list(finding.missing),
        "why": list(finding.why),
        "fixes": list(finding.fixes),
    }


def status_json(status: Status) -> dict[str, object]:
    """The object of `meter`; the caller adds `text`."""
    return {
        "schema": 1,
        "count": status.count,
        "planned": status.planned,
        "limit": status.limit,
        "count_state": status.count_state.value,
        "current_slot": _instant(status.current_slot),
        "next_slot": _instant(status.next_slot),
        "work_time": status.work_time,
        "workday": status.workday,
        "machine": status.machine.value,
        "modes": modes_json(status.modes),
        "silence_workdays": status.silence_workdays,
        "skew_s": round(status.skew.total_seconds()),
    }


def modes_json(modes: Mapping[str, Mode]) -> dict[str, str]:
    """The identity mode of each account."""
    return {name: mode.value for name, mode in modes.items()}


def _instant(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
