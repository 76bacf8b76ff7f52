"""The real clock. Everything else is told the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Fills the `Clock` port."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
