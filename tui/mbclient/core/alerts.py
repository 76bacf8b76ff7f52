"""What is worth a notification on the desktop: somebody who writes to the user, and only now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.preferences import Preferences
from mbclient.core.reading import Reading
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Notification, NotificationKind
from mbclient.domain.safetext import SafeText
from mbclient.policy.calendar import work_time
from mbclient.texts import _, ngettext

LOOKED_AT = 40
NAME_LENGTH = 60
MOST = 3  # more at once are told by their number
_CALLS = (NotificationKind.MENTION, NotificationKind.REPLY, NotificationKind.QUOTE)


@dataclass(frozen=True, slots=True)
class Alert:
    """Who and where, never what: a locked screen shows it to anybody."""

    title: str
    body: str


class Alerts:
    """Remembers what it has told. What had come before the program began is no news, and nothing is told twice."""

    def __init__(
        self,
        reading: Reading,
        judge: Judge,
        preferences: Callable[[], Preferences],
        clock: Clock,
        began: datetime,
    ) -> None:
        self._reading = reading
        self._judge = judge
        self._preferences = preferences
        self._clock = clock
        self._since = began
        self._told: set[tuple[str, str]] = set()

    @property
    def wanted(self) -> bool:
        """Whether the desktop shall be told at all."""
        return self._preferences().alerts.desktop

    def due(self) -> Sequence[Alert]:
        """What shall be shown now. Blocks: call it in a thread. Raises `StorageError`.

        Outside work time, where the user wants it quiet, it counts as told: nothing is made up for in the morning.
        """
        fresh = [each for each in self._reading.notifications(limit=LOOKED_AT) if self._is_news(each)]
        self._told |= {(each.account, each.remote_id) for each in fresh}
        if not self.wanted or self._quiet():
            return ()
        if len(fresh) > MOST:
            accounts = ", ".join(dict.fromkeys(each.account for each in fresh))
            title = ngettext("{n} person writes to you", "{n} write to you", len(fresh)).format(n=len(fresh))
            return (Alert(title, accounts),)
        return [_alert(each) for each in reversed(fresh)]

    def _is_news(self, each: Notification) -> bool:
        known = (each.account, each.remote_id) in self._told
        return each.kind in _CALLS and not each.read and each.at >= self._since and not known

    def _quiet(self) -> bool:
        return self._preferences().alerts.quiet_outside_work and not work_time(self._judge.policy, self._clock.now())


def _alert(each: Notification) -> Alert:
    words = {
        NotificationKind.MENTION: _("{name} mentions you"),
        NotificationKind.REPLY: _("{name} replies to you"),
        NotificationKind.QUOTE: _("{name} quotes you"),
    }[each.kind]
    author = each.author
    name = SafeText.line(author.name or author.handle)[:NAME_LENGTH] if author is not None else ""
    return Alert(words.format(name=name or _("Somebody")), each.account)
