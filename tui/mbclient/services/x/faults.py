"""What X's refusals mean (facts/x.md 4): problems go by the last part of their type, sentences by their start."""

from __future__ import annotations

from datetime import datetime, timedelta

from mbclient.domain.errors import AuthError, RateLimitedError, RejectedError, ServiceError
from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer, raise_for_status
from mbclient.services.fields import items, obj, string
from mbclient.texts import _

BROKE = timedelta(hours=6)  # nobody buys credits within the minute; and the user may ask sooner by starting again
CAPPED = timedelta(days=1)
DUPLICATE, NOT_SUMMONED = "duplicate", "not-summoned"
WEB = "https://x.com"
_DUPLICATE = "duplicate content"
_NOT_SUMMONED = "reply to this conversation is not allowed"
# The account that asks; "User has been suspended" is somebody else, and "You have been blocked" is between two people.
_CLOSED = late(
    r"\byour account (?:is|was|has been) (?:\w+ )?(?:suspended|locked)\b|\bthis account is (?:\w+ )?locked\b"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as the body tells it: the kind (`invalid-request`), and its words, uncleaned."""

    kind: str = ""
    reason: str = ""


def problem_of(answer: Answer) -> Problem:
    """Of a body of any of the three forms: RFC 7807, its list of errors, or the old `errors: [{code, message}]`."""
    try:
        body = obj(answer.json())
    except ServiceError:
        return Problem()
    return problem_in(body)


def problem_in(body: object) -> Problem:
    """Likewise, of a decoded one; the first of a list tells the most."""
    whole = obj(body)
    first = obj(next(iter(items(whole.get("errors"))), None))
    kind = string(whole, "type") or string(first, "type")
    words = (string(first, "message"), string(whole, "detail"), string(first, "detail"))
    reason = " ".join(dict.fromkeys(word for word in words if word)) or string(whole, "title")
    return Problem(kind.rstrip("/").rpartition("/")[2], reason)


def refuse(answer: Answer, now: datetime, account: str) -> None:
    """Raises what an answer other than 2xx means, by the `ServiceError` tree."""
    problem = problem_of(answer)
    said = SafeText.line(problem.reason, max_characters=300)
    told = _("{host} said: {reason}").format(host=answer.host, reason=said or answer.status)
    if answer.status == 402:
        raise RateLimitedError(
            _("{host} wants to be paid first: there are no credits left").format(host=answer.host),
            _("buy some in X's developer console"),
            account=account,
            until=now + BROKE,
        )
    if problem.kind == "usage-capped":
        advice = _("raise the limit in X's developer console, or wait for the next month")
        raise RateLimitedError(told, advice, account=account, until=now + CAPPED)
    if answer.status == 403:
        _forbidden(problem, told, account)
    raise_for_status(answer, now, account=account, write=answer.write, reason=problem.reason, code=problem.kind)


def not_summoned(account: str, page: str = "", status: int = 0) -> RejectedError:
    """A reply to somebody who has not asked for one. `page`: X's own for it, which takes it."""
    return RejectedError(
        _("X lets a program reply only to who has mentioned you or quoted you (self-serve plans, since 2026)"),
        _("reply in the browser: {url}").format(url=page) if page else _("reply in the browser"),
        account=account,
        status=status,
        code=NOT_SUMMONED,
    )


def _forbidden(problem: Problem, told: str, account: str) -> None:
    words = problem.reason.casefold()
    if _DUPLICATE in words:
        advice = _("change the text: X takes the same one only once")
        raise RejectedError(told, advice, account=account, status=403, code=DUPLICATE)
    if words.startswith(_NOT_SUMMONED):
        raise not_summoned(account, status=403)
    if _CLOSED.search(words):
        raise AuthError(told, _("look at the account in the web client"), account=account)
    if problem.kind == "client-forbidden":
        advice = _("X's developer console: the app must belong to a project, with a plan that has this call")
        raise RejectedError(told, advice, account=account, status=403, code=problem.kind)
    raise RejectedError(told, account=account, status=403, code=problem.kind)
