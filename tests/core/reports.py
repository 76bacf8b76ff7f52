"""Made-up company reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WEEK = "2026-W48"


def report_tree(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The object of policy facts 15, by contributor `number`."""
    return {
        "format": "mbclient-report/1",
        "period": WEEK,
        "contributor": f"{number:032x}",
        "policy_digest": f"sha256:{0:064x}",
        "days_with_data": 5,
        "posts": {"total": 15, "days_over_limit": 0, "slot_adherence_pct": 60},
        "timeline": {"received": 1250, "work_relevant_pct": 30, "filtered_pct": 55},
        "reading_minutes_work_time": {"total": 90, "work_relevant": 45},
        "by_service": {"mastodon": {"posts": 10, "reading_minutes_work_time": 60}},
        **changes,
    }


def files(folder: Path, *trees: dict[str, Any]) -> list[str]:
    """Each in a file of its own."""
    made = []
    for number, tree in enumerate(trees):
        path = folder / f"report-{number}.json"
        path.write_text(json.dumps(tree), "utf-8")
        made.append(str(path))
    return made


def five_reports(folder: Path) -> list[str]:
    """Enough of them."""
    return files(folder, *(report_tree(number) for number in range(5)))
