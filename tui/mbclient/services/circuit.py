"""A server that fails again and again is left alone for a while: one circuit an account (reliability facts 4.1).

After five failures in a row nothing is asked for a minute; then one request tries, and a whole answer closes the
circuit. So a server that is down meets ten requests in five minutes at most. A failure is an answer of 5xx, or none to
a request that was sent. A connection that never came about is none: it costs the server nothing, and the network may be
back any second.
"""

from __future__ import annotations

from mbclient.core.ports import Clock
from mbclient.domain.errors import NotAskedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _

FAILURES = 5
OPEN_S = 60.0
NOT_IMPLEMENTED = 501  # a sound server's answer to what it does not have


@dataclass(slots=True)
class _State:
    failures: int = 0
    shut_until: float = 0.0  # on the steady clock


class Circuits:
    """All accounts' circuits. Requests without an account (a login, the user waits) have none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._states: dict[str, _State] = {}

    def enter(self, account: str, host: str) -> None:
        """To be called before a request. Raises `NotAskedError` while the circuit is open; nothing was sent then."""
        state = self._states.get(account)
        if state is None or state.failures < FAILURES:
            return
        now = self._clock.monotonic()
        if now < state.shut_until:
            raise NotAskedError(
                _("{host} failed {n} times in a row and is left alone for a minute").format(
                    host=host, n=state.failures
                ),
                _("try again later"),
                account=account,
            )
        state.shut_until = now + OPEN_S  # this one tries; others wait for what comes of it

    def failing(self, account: str) -> bool:
        """Whether the last request failed too: nothing is asked twice then."""
        return account in self._states

    def answered(self, account: str, status: int) -> None:
        if status >= 500 and status != NOT_IMPLEMENTED:
            self.failed(account)
        else:
            self._states.pop(account, None)

    def failed(self, account: str) -> None:
        """No whole answer came to a request that was sent, or the server could not answer it."""
        if not account:
            return
        state = self._states.setdefault(account, _State())
        state.failures += 1
        if state.failures >= FAILURES:
            state.shut_until = self._clock.monotonic() + OPEN_S
