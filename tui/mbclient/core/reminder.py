"""Rule 1's reminder to who is expected to be active: at most once a day, however often the program starts."""

from __future__ import annotations

from datetime import date

from mbclient.core.judge import Judge
from mbclient.core.stores import DecisionLog
from mbclient.policy.model import Status
from mbclient.texts.findings import silence_text

FACT = "silence-reminder"


class SilenceReminder:
    """The decision log keeps on which day it was shown (policy facts 6, P1)."""

    def __init__(self, judge: Judge, log: DecisionLog) -> None:
        self._judge = judge
        self._log = log
        self._day: date | None = None  # being shown since
        self._seen: date | None = None  # was shown, or taken away

    def words(self, status: Status) -> str:
        """What to show now; empty when nothing is due, or today's has been shown. Showing it is noted here."""
        policy = self._judge.policy
        text = silence_text(status, policy)
        today = status.now.astimezone(policy.zone).date()
        if text is None or self._seen == today:
            return ""
        if self._day != today:
            if self._shown_before(today):
                self._seen = today
                return ""
            self._judge.record_fact(FACT, today.isoformat())
            self._day = today
        return text

    def put_away(self) -> None:
        """The user has read it; the next one comes another day."""
        self._seen = self._day

    def _shown_before(self, today: date) -> bool:
        return any(
            entry.get("fact") == FACT and entry.get("value") == today.isoformat() for entry in self._log.entries()
        )
