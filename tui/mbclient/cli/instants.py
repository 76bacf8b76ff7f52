"""Reading times and days as they are typed on the command line."""

from __future__ import annotations

from datetime import date

from mbclient.cli.spec import shown
from mbclient.core.instants import YEARS, future, instant, too_far
from mbclient.domain.errors import UsageError
from mbclient.texts import _

__all__ = ["day", "future", "instant"]


def day(text: str, default: date) -> date:
    """`2026-11-24`. Raises `UsageError`."""
    try:
        found = date.fromisoformat(text) if text else default
    except ValueError:
        raise UsageError(_("{text} is no date").format(text=shown(text)), _("write it as 2026-11-24")) from None
    if found.year not in YEARS:
        raise too_far(text)
    return found
