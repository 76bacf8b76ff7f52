"""What a relay says when it says no: the prefixes of NIP-01 and NIP-42, as errors of the one tree."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from mbclient.domain.errors import (
    AuthError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.domain.safetext import SafeText
from mbclient.services.limits import wait_until
from mbclient.texts import _

DUPLICATE, AUTH_REQUIRED = "duplicate", "auth-required"
LIMITED, BROKEN = "rate-limited", "error"
UNTOLD = timedelta(seconds=60)  # a relay never says for how long it wants to be left alone


def prefix_of(reason: str) -> str:
    """The machine's word before the colon, in lower case; empty without one."""
    word, colon, _rest = reason.partition(":")
    return word.strip().lower() if colon and " " not in word.strip() else ""


def host_of(relay: str) -> str:
    """The relay's name for people."""
    return urlsplit(relay).netloc or relay


def refusal(relay: str, reason: str, now: datetime, account: str) -> ServiceError:
    """The error that a relay's reason means. `error:` is the relay's own trouble: nothing was taken, try later."""
    host, prefix = host_of(relay), prefix_of(reason)
    why = SafeText.line(reason, max_characters=300) or _("no reason given")
    said = _("{host} said: {reason}").format(host=host, reason=why)
    if prefix == LIMITED:
        until = now + UNTOLD
        wait = wait_until(until)
        return RateLimitedError(said, wait, account=account, until=until)
    if prefix == AUTH_REQUIRED:
        return AuthError(said, _("the relay lets only its members in: ask its owner, or use another"), account=account)
    if prefix == "unsupported":
        return UnsupportedError(said, account=account)
    if prefix == BROKEN:
        return UnreachableError(said, _("try again later"), account=account)
    return RejectedError(said, _ADVICE.get(prefix, lambda: "")(), account=account, code=prefix)


_ADVICE = {
    "pow": lambda: _("mbclient does no proof of work: use another relay"),
    "blocked": lambda: _("ask the relay's owner, or use another relay"),
    "restricted": lambda: _("ask the relay's owner, or use another relay"),
    "invalid": lambda: _("check this computer's clock; mbclient doctor helps"),
}


def silence(relay: str, account: str) -> UnreachableError:
    """For a relay that leaves a question open."""
    return UnreachableError(
        _("{host} does not answer").format(host=host_of(relay)), _("try again later"), account=account
    )


def severest(errors: list[ServiceError]) -> ServiceError:
    """Of several relays' errors the one that says best what to do: what waiting mends goes before what is final."""
    order = (RateLimitedError, UnreachableError, AuthError, RejectedError, UnsupportedError)

    def rank(error: ServiceError) -> int:
        return next((place for place, kind in enumerate(order) if isinstance(error, kind)), len(order))

    return min(errors, key=rank)
