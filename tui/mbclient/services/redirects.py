"""Following redirects of a GET that carries no secret: a few, never out of https, never to an address in figures.

`Http` follows none by itself. What sends a token must not use this.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.http import LOOPBACK, Http, check_address
from mbclient.services.page import joined
from mbclient.texts import _

MAX_REDIRECTS = 3
PERMANENT, TEMPORARY = frozenset({301, 308}), frozenset({302, 303, 307})


async def follow(http: Http, url: str, *, account: str, headers: Mapping[str, str]) -> tuple[Answer, str]:
    """The answer at the end of the redirects, and the address to remember: as far as the moves were permanent.

    Raises `RejectedError` for a step that is not followed, and what `Http.request` raises.
    """
    remembered, permanent = url, True
    for _number in range(MAX_REDIRECTS + 1):
        answer = await http.request("GET", url, account=account, headers=headers)
        if answer.status not in PERMANENT | TEMPORARY:
            return answer, remembered
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


def host_of(url: str) -> str:
    """The host of any address; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_figures(host: str) -> bool:
    """Whether it is an address in figures, in any of their notations: nobody from outside leads there."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", host))
    return True
