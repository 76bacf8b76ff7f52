"""The one tree of errors.

    MbclientError
    ├── UsageError            what was asked for cannot be (an unknown id, account or view)
    ├── SettingsError         a file of settings: file, line, key
    ├── StorageError          the data file: full, damaged, locked, newer
    ├── SecretError           the keyring or the token command does not answer
    └── ServiceError          a service, by account
        ├── AuthError         signed out: log in again
        ├── RateLimitedError  wait until `until`
        │   └── CapReachedError  the user's own cap, not the server's limit: a cheaper call may still go
        ├── RejectedError     the server said no, with its reason; a repeat would be refused too
        │   └── MovedError    it stands at `url`, on a host that the user has not agreed to
        ├── UnsupportedError  this server cannot do that
        ├── UnreachableError  nothing was written: safe to try again
        │   └── NotAskedError  no connection came about: the network may be back any second
        └── OutcomeUnknownError  the request was written and no answer came: read back, never resend blindly

Each carries two plain sentences: what went wrong, and what to do. The command line prints them as one line. Whatever
looks like a secret in them is taken out.
"""

from __future__ import annotations

from datetime import datetime


def joined(problem: str, advice: str) -> str:
    """Both sentences on one line; where the first has a sign at its end, no semicolon comes after it."""
    if not advice:
        return problem
    return f"{problem} {advice}" if problem.endswith((".", "?", "!", "…", ":")) else f"{problem}; {advice}"


class MbclientError(Exception):
    """The root. `problem`: what went wrong. `advice`: what to do about it (may be empty)."""

    def __init__(self, problem: str, advice: str = "") -> None:
        from mbclient.domain.tokens import without_tokens  # late: 3 ms of patterns, and most starts tell of no error

        self.problem = without_tokens(problem)
        self.advice = without_tokens(advice)
        super().__init__(self.problem)

    def __str__(self) -> str:
        return joined(self.problem, self.advice)


class UsageError(MbclientError):
    """What was asked for cannot be: an unknown account, id, view, argument."""


class SettingsError(MbclientError):
    """A settings or policy file is wrong. `file`, `line` (1-based, None if unknown), dotted `key`.

    `place` is file and line in the user's language, which stand before the problem; English when it is left out.
    """

    def __init__(
        self,
        problem: str,
        advice: str = "",
        *,
        file: str = "",
        line: int | None = None,
        key: str = "",
        place: str = "",
    ) -> None:
        where = place or (f"{file}, line {line}" if file and line else file)
        super().__init__(f"{where}: {problem}" if where else problem, advice)
        self.file = file
        self.line = line
        self.key = key


class StorageError(MbclientError):
    """The data file cannot be read or written."""


class SecretError(MbclientError):
    """The keyring is absent or locked, or a token command failed."""


class ServiceError(MbclientError):
    """A service did not do what was asked. `account` is the local account name, empty before login."""

    def __init__(self, problem: str, advice: str = "", *, account: str = "") -> None:
        super().__init__(problem, advice)
        self.account = account


class AuthError(ServiceError):
    """Signed out, revoked or expired: only the user can mend it."""


class RateLimitedError(ServiceError):
    """Too many requests. `until`: aware UTC instant before which nothing may be asked."""

    def __init__(self, problem: str, advice: str = "", *, account: str = "", until: datetime) -> None:
        super().__init__(problem, advice, account=account)
        self.until = until


class CapReachedError(RateLimitedError):
    """A call could cost more than the user's cap leaves this month. `until`: the month's end; a cheaper call may go
    before it.
    """


class RejectedError(ServiceError):
    """The server refused, with a reason. `status`: the HTTP status, `code`: the server's own name for it."""

    def __init__(self, problem: str, advice: str = "", *, account: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(problem, advice, account=account)
        self.status = status
        self.code = code


class MovedError(RejectedError):
    """What was asked for stands at `url`, whose host only the user can agree to."""

    def __init__(self, problem: str, advice: str = "", *, url: str) -> None:
        super().__init__(problem, advice)
        self.url = url


class UnsupportedError(ServiceError):
    """This service or server cannot do that."""


class UnreachableError(ServiceError):
    """No answer, and nothing was written (or the server said 5xx to a read): try again later."""


class NotAskedError(UnreachableError):
    """Nobody was asked: there is no network, the host is not there, or it is left alone for having failed so often."""


class OutcomeUnknownError(ServiceError):
    """A write was sent and its outcome is not known: read back before anything else."""
