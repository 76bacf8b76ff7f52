"""The long-lived token: 60 days, and another 60 each time it is refreshed (facts/threads.md 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.secret import Secret
from mbclient.services.fields import instant, number, obj, string

LIFE = timedelta(days=60)
DAY = timedelta(days=1)  # a younger token is not refreshed
EARLY = timedelta(days=30)  # refreshed when less than this is left


@dataclass(frozen=True, slots=True)
class Token:
    """`since`: when it was made or refreshed, or first seen; `ends`: None when nobody said."""

    value: Secret
    since: datetime | None = None
    ends: datetime | None = None

    @classmethod
    def parse(cls, secret: Secret) -> Token:
        """What the user brought, or what `pack` made of it."""
        text = secret.reveal().strip()
        if text.startswith("{"):
            try:
                kept = obj(json.loads(text))
            except ValueError:
                kept = {}
            return cls(Secret(string(kept, "access_token")), instant(kept.get("since")), instant(kept.get("ends")))
        return cls(Secret(text))

    def pack(self) -> Secret:
        kept = {"access_token": self.value.reveal()}
        for name, when in (("since", self.since), ("ends", self.ends)):
            if when is not None:
                kept[name] = when.isoformat()
        return Secret(json.dumps(kept))

    def is_due(self, now: datetime) -> bool:
        """Old enough to be refreshed, and near enough to its end; one whose end is unknown soon."""
        if self.since is None or now - self.since < DAY:
            return False
        return self.ends is None or (now < self.ends < now + EARLY)

    def ending(self, ends: datetime, now: datetime) -> Token:
        """The same one, whose end the server told, and so its beginning."""
        return replace(self, since=min(ends - LIFE, now), ends=ends)

    def refreshed(self, answer: Mapping[str, object], now: datetime) -> Token | None:
        """The one of an answer to a refresh; None for an answer without."""
        value, seconds = string(answer, "access_token"), number(answer, "expires_in")
        if not value:
            return None
        return Token(Secret(value), now, now + timedelta(seconds=min(seconds, 10**8)) if seconds else None)
