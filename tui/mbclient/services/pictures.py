"""Fetches a picture that a post names, when the user has asked for it: bounded, without a secret, never from near.

A post may name any address. Only the origin of the user's own server may stand in this computer's network; every
other host is looked up first, and the connection goes to the address that was looked at (reliability facts 4.5).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from mbclient.domain.errors import MovedError, RejectedError
from mbclient.domain.hosts import host_of
from mbclient.services.answers import Answer
from mbclient.services.http import LOOPBACK, Http
from mbclient.services.page import joined, media_type
from mbclient.services.redirects import MAX_REDIRECTS, PERMANENT, TEMPORARY, check_step, is_figures
from mbclient.texts import _

MAX_BYTES = 10_000_000  # on the wire
TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class WebPictures:
    """Fills the `PictureSource` port."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def fetch(self, url: str, own: str, may: Callable[[str], bool]) -> bytes:
        """A file that its server calls a picture, at most `MAX_BYTES` of it; nobody has looked into it yet.

        `own`: the address of the user's server, empty for none. `may`: whether a redirect may lead to an address; where
        it may not, `MovedError` has it. Raises the `ServiceError` tree, `UsageError` for an address that is no https.
        """
        answer = await self._followed(url, _origin(own), may)
        host = host_of(answer.url or url)
        if answer.status != 200:
            raise _refused(_("{host} does not give the picture ({status})").format(host=host, status=answer.status))
        kind = media_type(answer.headers.get("content-type", ""))
        if kind not in TYPES:
            raise _refused(_("what {host} gives is no picture that can be shown here").format(host=host))
        return answer.body

    async def _followed(self, url: str, own: tuple[str, str, int | None], may: Callable[[str], bool]) -> Answer:
        outside = False
        for _number in range(MAX_REDIRECTS + 1):
            outside = outside or _origin(url) != own  # who was once led by another is not led back near
            host = host_of(url)
            if outside and (host in LOOPBACK or is_figures(host)):
                raise _refused(_("a post must not name an address in this computer's own network, or one in figures"))
            answer = await self._http.request(
                "GET", url, headers={"Accept": ", ".join(TYPES)}, max_wire=MAX_BYTES, outside=outside
            )
            if answer.status not in PERMANENT | TEMPORARY:
                return answer
            target = joined(url, answer.headers.get("location", ""))
            check_step(url, target, "")
            if not may(target):
                raise MovedError(
                    _("the picture stands at {host}").format(host=host_of(target)),
                    _("open it in the browser if you trust it"),
                    url=target,
                )
            url = target
        raise _refused(_("{host} redirects in circles").format(host=host_of(url)))


def _origin(url: str) -> tuple[str, str, int | None]:
    """What must be the same for two addresses to be of one server; a broken one is nobody's."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None


def _refused(problem: str) -> RejectedError:
    return RejectedError(problem, _("open it in the browser if you trust it"))
