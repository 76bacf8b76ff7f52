"""A policy table of a file, checked: every problem of it as an error with file, line and key (policy facts 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from mbclient.domain.errors import SettingsError
from mbclient.policy.parse import Problem, parse_policy
from mbclient.settings.toml import Document, KeyPath
from mbclient.texts import _
from mbclient.texts.faults import fault_text, problem_text

_ROLE = ("person", "role")


def find_zone(name: str) -> tzinfo:
    """The zone of an IANA name. Raises LookupError, ValueError or OSError for one that is not to be had."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def check_policy(
    document: Document, table: Mapping[str, Any], *, above: KeyPath = (), any_role: bool = False
) -> list[str]:
    """Raises SettingsError for the first error; gives the warnings. `above`: where the table stands in the file.

    `any_role`: the roles are defined elsewhere (the company's file), so an unknown one can't be judged here.
    """
    errors, warnings = all_problems(document, table, above=above, any_role=any_role)
    if errors:
        raise errors[0]
    return warnings


def all_problems(
    document: Document, table: Mapping[str, Any], *, above: KeyPath = (), any_role: bool = False
) -> tuple[list[SettingsError], list[str]]:
    """Every error, and every warning; otherwise as `check_policy`."""
    try:
        _policy, problems = parse_policy(table, find_zone)
    except (LookupError, OSError):  # the default zone itself
        raise SettingsError(_("this system has no time zone database"), _("install the package tzdata")) from None
    errors = [
        document.error((*above, *problem.path), *_said(problem, above))
        for problem in problems
        if not problem.warning and not (any_role and problem.path == _ROLE)
    ]
    return errors, [problem_text(problem) for problem in problems if problem.warning]


def _said(problem: Problem, above: KeyPath) -> tuple[str, str]:
    if not above and problem.path == ("policy",):  # copied from a config.toml
        return (
            _("a company's file has these keys at its top level"),
            _("write [employer], not [policy.employer], and so on"),
        )
    advice = _("did you mean {key!r}?").format(key=problem.advice) if problem.advice else _("correct it")
    return fault_text(problem), advice
