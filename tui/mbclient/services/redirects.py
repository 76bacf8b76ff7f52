"""Following redirects of a GET that carries no secret: a few, never out of https, never into the user's own network.

`Http` follows none by itself. What sends a token must not use this.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from mbclient.domain.errors import NotAskedError, RejectedError, UnreachableError, UsageError
from mbclient.domain.hosts import host_of
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.http import LOOPBACK, Http, check_address
from mbclient.services.page import joined
from mbclient.texts import _

MAX_REDIRECTS = 3
PERMANENT, TEMPORARY = frozenset({301, 308}), frozenset({302, 303, 307})


async def follow(
    http: Http, url: str, *, account: str, headers: Mapping[str, str], own: str = "", near: bool = False
) -> tuple[Answer, str]:
    """The answer at the end of the redirects, and the address to remember: as far as the moves were permanent.

    `own`: the address that the user named, if it is not this one. Another host must not stand in this network, unless
    the own one does (`near`: as was just seen); then the move is not remembered, so that it is seen each time.
    Raises `RejectedError` for a step that is not followed, and what `Http.request` raises.
    """
    first = remembered = url
    permanent = True
    ours = host_of(own or url)
    for _number in range(MAX_REDIRECTS + 1):
        outside = host_of(url) != ours and not near
        try:
            answer = await http.request("GET", url, account=account, headers=headers, outside=outside)
        except NotAskedError as error:
            if url == first:
                raise
            raise UnreachableError(error.problem, error.advice, account=account) from error  # who led here was asked
        near = near if host_of(url) != ours else answer.near
        if answer.status not in PERMANENT | TEMPORARY:
            return answer, first if near and host_of(remembered) != ours else remembered
        target = joined(url, answer.headers.get("location", ""))
        check_step(url, target, account)
        permanent = permanent and answer.status in PERMANENT
        remembered = target if permanent else remembered
        url = target
    raise RejectedError(
        _("{host} redirects in circles").format(host=host_of(url)),
        _("check the account's url"),
        account=account,
        status=310,
    )


def check_step(url: str, target: str, account: str) -> None:
    """Whether one address may lead to another. Raises `RejectedError`."""
    host = host_of(target)
    try:
        check_address(target)
        good = host == host_of(url) or (host not in LOOPBACK and not is_figures(host))
    except UsageError:
        good = False
    if not good:
        where = SafeText.line(target, max_characters=80) or _("another address")
        raise RejectedError(
            _("{host} redirects to {target}, which is not followed").format(host=host_of(url), target=where),
            _("check the account's url"),
            account=account,
            status=301,
        )


def is_figures(host: str) -> bool:
    """Whether it is an address in figures, in any of their notations: nobody from outside leads there."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", host))
    return True
