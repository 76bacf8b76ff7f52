"""One XRPC call, and its errors by name (Bluesky facts 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mbclient.core.ports import Clock
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer, error_of
from mbclient.services.bluesky.dpop import Proofs
from mbclient.services.bluesky.shape import Object, optional_text
from mbclient.services.http import Http
from mbclient.services.limits import limited_until, wait_until
from mbclient.services.person import sign_in_again
from mbclient.texts import _

_EXPIRED = frozenset({"ExpiredToken", "InvalidToken", "invalid_token"})  # the last where OAuth's tokens are used
_SIGNED_OUT = frozenset({"AuthMissing", "AuthenticationRequired", "AuthRequired"})
_CLOSED = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated", "AccountNotFound"})
_ABSENT = frozenset({"MethodNotImplemented", "XRPCNotSupported", "InvalidXRPC"})


class ExpiredError(AuthError):
    """The access token has expired or is not accepted: a refresh may mend it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A query (neither body nor content), a procedure, or an upload of `content` with its `mime` type.

    `write`: whether a lost answer may have changed something that others see.
    """

    nsid: str
    params: Sequence[tuple[str, str]] = ()
    body: Object | None = None
    content: bytes | None = None
    mime: str = ""
    post: bool = False
    write: bool = False


def query(nsid: str, *params: tuple[str, str]) -> Call:
    """A reading call; a parameter with an empty value is left out."""
    return Call(nsid, tuple(pair for pair in params if pair[1]))


def procedure(nsid: str, body: Object | None = None, *, write: bool = True) -> Call:
    """A writing call."""
    return Call(nsid, body=body, post=True, write=write)


class Xrpc:
    """Calls to any host. `account`: whose errors and rate budget they are; None before login."""

    def __init__(self, http: Http, clock: Clock, account: Account | None = None) -> None:
        self._http = http
        self._clock = clock
        self._account = account.name if account else ""
        self._again = sign_in_again(account) if account else _("sign in again: mbclient account add")

    async def call(
        self, host: str, call: Call, token: str = "", *, budget: bool = True, proofs: Proofs | None = None
    ) -> Object:
        """The answer's JSON object (empty for an empty body). Raises the `ServiceError` tree.

        `budget`: False where the rate headers are those of the login, not of reading. `proofs`: of the key that the
        token is bound to.
        """
        method, url = "POST" if call.post else "GET", f"{host}/xrpc/{call.nsid}"
        usual = {"Accept": "application/json", **({"Content-Type": call.mime} if call.mime else {})}

        async def send(headers: Mapping[str, str]) -> Answer:
            return await self._http.request(
                method,
                url,
                account=self._account if budget else "",
                headers={**usual, **headers},
                params=list(call.params) or None,
                json=call.body,
                content=call.content,
                write=call.write,
            )

        if proofs is not None:
            answer = await proofs.send(method, url, send, token)
        else:
            answer = await send({"Authorization": f"Bearer {token}"} if token else {})
        if not answer.ok:
            self._raise(answer, call)
        return self._object(answer) if answer.body else {}

    def _object(self, answer: Answer) -> Object:
        value: Any = answer.json()
        if isinstance(value, dict):
            return value
        raise not_understood(answer.host, self._account, write=answer.write)

    def _raise(self, answer: Answer, call: Call) -> None:
        name, message = _named(answer)
        account = self._account
        said = SafeText.line(message or name, max_characters=300)
        problem = _("{host} said: {reason}").format(host=answer.host, reason=said)
        again = self._again
        if name in _EXPIRED:
            raise ExpiredError(problem, again, account=account)
        if name == "AuthFactorTokenRequired":
            raise AuthError(
                _("{host} wants a code from an e-mail for this password").format(host=answer.host),
                _("make an app password in Bluesky's settings and sign in with that"),
                account=account,
            )
        if name in _CLOSED:
            raise AuthError(problem, _("look at the account in the web client"), account=account)
        if name in _SIGNED_OUT:
            raise AuthError(problem, again, account=account)
        if name == "RateLimitExceeded":
            until = limited_until(answer.headers, self._clock.now())
            raise RateLimitedError(problem, wait_until(until), account=account, until=until)
        if name in _ABSENT or answer.status == 501:
            raise UnsupportedError(
                _("{host} has no {method}").format(host=answer.host, method=call.nsid), account=account
            )
        now = self._clock.now()
        raise error_of(answer, now, account=account, write=call.write, reason=str(said), code=name, again=again)


def _named(answer: Answer) -> tuple[str, str]:
    """The error's name and message; both empty where a proxy answered with something else."""
    if "json" not in answer.headers.get("content-type", ""):
        return "", ""
    try:
        value = answer.json()
    except (UnreachableError, OutcomeUnknownError):
        return "", ""
    if not isinstance(value, dict):
        return "", ""
    return optional_text(value, "error"), optional_text(value, "message")


def not_understood(host: str, account: str, *, write: bool = False) -> UnreachableError | OutcomeUnknownError:
    """For a whole answer that lacks what every answer to this call has."""
    problem = _("{host} answered with something that is not understood").format(host=host)
    if write:
        return OutcomeUnknownError(problem, _("it is looked up before anything is sent again"), account=account)
    return UnreachableError(problem, _("try again later"), account=account)
