"""A policy written out as a table and read back is the same policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mbclient.policy.parse import parse_policy
from mbclient.policy.table import policy_table
from tests.policy.world import company, zone


@pytest.mark.parametrize(
    "table",
    [
        {},
        company(),
        company(work={"mon": ["22:00-06:00"], "tue": ["00:00-24:00"], "sat": ["08:00-12:00", "13:00-15:30"]}),
        company(
            work={
                "exceptions": [{"date": "2026-12-23", "hours": ["08:00-12:00"]}, {"date": "2026-12-22", "hours": []}],
                "absences": [{"from": "2026-07-06", "to": "2026-07-31"}],
                "holidays": "none",
            },
            posting={"daily_soft_limit": "none", "slot_capacity": 2, "slots": ["09:05"]},
            roles={"vd": {"duty": "active", "max_silence_workdays": 2}},
            person={"name": "Anna Ek", "role": "vd", "role_since": "2026-01-01"},
            overrides={"P4": "user-with-reason"},
            competitor_rule={"disclosure": "text", "respect": False, "respect_extra_terms": ["tråkig"]},
            reading={"hourly_rate": 412.5, "idle_timeout_s": 60},
        ),
    ],
)
def test_what_is_written_is_read_back(table: dict[str, Any]) -> None:
    policy, problems = parse_policy(table, zone)
    assert not [problem for problem in problems if not problem.warning]
    written = json.loads(json.dumps(policy_table(policy)))
    again, problems = parse_policy(written, zone)
    assert not [problem for problem in problems if not problem.warning]
    assert again == policy
    assert policy_table(again) == policy_table(policy)
