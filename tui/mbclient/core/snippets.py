"""Texts that one writes again and again, kept in the settings and put into a draft with today's facts filled in."""

from __future__ import annotations

from datetime import datetime

from mbclient.core.judge import Judge
from mbclient.core.preferences import Snippet
from mbclient.domain.latepattern import late

_NAMES = late(r"\{(date|week|name|employer)\}")


def filled_in(snippet: Snippet, judge: Judge, now: datetime) -> str:
    """The text with `{date}` (2026-11-24), `{week}` (48), `{name}` and `{employer}` filled in; other braces stay.

    Day and week are those of the policy's zone.
    """
    policy = judge.policy
    today = now.astimezone(policy.zone).date()
    facts = {
        "date": today.isoformat(),
        "week": str(today.isocalendar().week),
        "name": policy.person_name,
        "employer": policy.employer.name,
    }
    return _NAMES.sub(lambda found: facts[found[1]], snippet.text)
