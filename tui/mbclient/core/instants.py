"""Times as people type them: a wall time in the policy's zone, or an instant of ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.policy.calendar import resolve
from mbclient.policy.model import Policy
from mbclient.texts import _

_WALL = re.compile(r"(\d{1,2})[:.](\d{2})\Z")
_DATED_WITH_A_POINT = re.compile(r"(\d{4}-\d{2}-\d{2}[ T]\d{2})\.(\d{2})\Z")
YEARS = range(1970, 3000)


def instant(text: str, policy: Policy, now: datetime) -> datetime:
    """`15:00` (today), `2026-11-24 15:00`, either with a point, `2026-11-24T14:00:00Z`. Raises `UsageError`."""
    words = text.strip()
    wall = _WALL.match(words)
    today = now.astimezone(policy.zone).date()
    try:
        if wall:
            return resolve(policy.zone, today, time(int(wall[1]), int(wall[2])))
        found = datetime.fromisoformat(_DATED_WITH_A_POINT.sub(r"\1:\2", words))
        if found.year not in YEARS:
            raise too_far(words)
        if found.tzinfo is None:
            return resolve(policy.zone, found.date(), found.time())
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            _("{text} is no time").format(text=_shown(text)),
            _("write it as 15:00, 2026-11-24 15:00 or 2026-11-24T14:00:00Z"),
        ) from None


def too_far(text: str) -> UsageError:
    """The refusal of a date that no post and no figure has."""
    return UsageError(
        _("{text} is too far away").format(text=_shown(text)),
        _("write a year from {first} to {last}").format(first=YEARS[0], last=YEARS[-1]),
    )


def future(text: str, policy: Policy, now: datetime) -> datetime:
    """Likewise, for what is to be sent: it must not have passed."""
    found = instant(text, policy, now)
    if found < now - timedelta(minutes=1):
        raise UsageError(_("{text} has passed").format(text=_shown(text)), _("give a time to come, with its date"))
    return found


def _shown(text: str) -> str:
    return repr(str(SafeText.line(text, max_characters=60)))
