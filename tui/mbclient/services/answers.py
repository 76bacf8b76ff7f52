"""What a server's answer means: its JSON, its errors by name. Until when it wants to be left alone: `limits`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.domain.hosts import host_of
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.limits import limited_until, wait_until
from mbclient.texts import _

MAX_DIGITS = 400
PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, within bounds. Header names are lower case. `write`: it answers a request that may have acted.

    `near`: it came from this machine or a private network, and not through a proxy.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    account: str = ""
    write: bool = False
    near: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or _("the server")

    def json(self) -> Any:
        """The decoded JSON, free of lone surrogates. When it is none (a proxy's page, a cut body, a nesting bomb):

        `UnreachableError`, or `OutcomeUnknownError` after a write, which may well have acted.
        """
        try:
            return decode_json(self.body)
        except (ValueError, RecursionError) as error:
            problem = _("{host} answered with something that is not JSON").format(host=self.host)
            if self.write:
                advice = _("it is looked up before anything is sent again")
                raise OutcomeUnknownError(problem, advice, account=self.account) from error
            advice = _("try again later; check the account's url")
            raise UnreachableError(problem, advice, account=self.account) from error


def decode_json(body: bytes) -> Any:
    """JSON from outside, free of lone surrogates and of numbers past any use. Raises `ValueError`, `RecursionError`."""
    value = json.loads(body, parse_constant=_no_constant, parse_int=_bounded_int)
    return _repaired(value) if b"\\u" in body else value


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON; as null they do no harm."""


def _bounded_int(digits: str) -> int | None:
    """A number of thousands of digits is nobody's count: null, so that only its item is lost."""
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _repaired(value: Any) -> Any:
    """Lone surrogates become U+FFFD: no store and no terminal takes them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _surrogate(value) else value
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {_repaired(name): _repaired(item) for name, item in value.items()}
    return value


_SURROGATE = late("[\ud800-\udfff]")


def _surrogate(text: str) -> bool:
    return not text.isascii() and _SURROGATE.search(text) is not None


def is_passing(answer: Answer) -> bool:
    """Busy or down: it says nothing of what stands at the address."""
    return answer.status in PASSING


def raise_for_status(
    answer: Answer, now: datetime, *, account: str = "", write: bool, reason: str = "", code: str = ""
) -> None:
    """The common meaning of a status. Adapters look at their service's own error names first."""
    if not answer.ok:
        raise error_of(answer, now, account=account, write=write, reason=reason, code=code)


def error_of(
    answer: Answer,
    now: datetime,
    *,
    account: str = "",
    write: bool,
    reason: str = "",
    code: str = "",
    again: str = "",
) -> ServiceError:
    """What an answer other than 2xx means. `again`: how to sign in again, where it is known for whom that is."""
    host, status = answer.host, answer.status
    why = SafeText.line(reason or error_text(answer), max_characters=300)
    said = (
        _("{host} said: {reason}").format(host=host, reason=why)
        if why
        else _("{host} answered {status}").format(host=host, status=status)
    )
    if status == 401:
        return AuthError(said, again or _("sign in again: mbclient account add"), account=account)
    if status == 429 or (status == 503 and not write and "retry-after" in answer.headers):
        until = limited_until(answer.headers, now)
        return RateLimitedError(said, wait_until(until), account=account, until=until)
    if 300 <= status < 400:
        target = SafeText.line(host_of(answer.headers.get("location", "")) or _("another address"))
        return RejectedError(
            _("{host} redirects to {target}, which is not followed").format(host=host, target=target),
            _("check the account's url"),
            account=account,
            status=status,
        )
    if status >= 500 and write:
        advice = _("it is looked up before anything is sent again")
        return OutcomeUnknownError(f"{said} ({status})", advice, account=account)
    if status >= 500 or status in (408, 425):
        return UnreachableError(f"{said} ({status})", _("try again later"), account=account)
    return RejectedError(said, account=account, status=status, code=code)


def error_text(answer: Answer) -> str:
    """The server's own reason: JSON `error`, `message`, `error_description`, or a short plain text. Uncleaned."""
    kind = answer.headers.get("content-type", "")
    if "json" in kind:
        try:
            body = decode_json(answer.body)
        except (ValueError, RecursionError):
            return ""
        if isinstance(body, dict):
            for name in ("error_description", "message", "error"):
                if isinstance(body.get(name), str):
                    return str(body[name])
        return ""
    return answer.text[:300] if "text/plain" in kind else ""
