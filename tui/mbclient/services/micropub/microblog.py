"""micro.blog's own API: whether a site has it, and who one is there (facts/micropub.md C)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.errors import AuthError, ServiceError, UnreachableError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.addresses import web_link
from mbclient.services.answers import PASSING, Answer, raise_for_status
from mbclient.services.fields import obj, string
from mbclient.services.kit import Kit
from mbclient.services.micropub.endpoints import Endpoints
from mbclient.texts import _

PATH = "/micropub"
GONE = frozenset({404, 405, 410})
DOWN = PASSING - {500}  # which a site may say to an address that it does not know


@dataclass(frozen=True, slots=True)
class Who:
    """The account that a token belongs to."""

    username: str
    name: SafeText
    site: str = ""


async def who_am_i(root: str, token: Secret, kit: Kit, account: str) -> Who:
    """Asks `account/verify`. Raises `AuthError` for a token that is not valid, else the common meaning of an answer."""
    answer = await _verified(root, token, kit, account)
    raise_for_status(answer, kit.clock.now(), account=account, write=False)
    who = _who(answer, account)
    if who is None:
        raise UnreachableError(
            _("{host} answered with something else than asked for").format(host=answer.host),
            _("try again later"),
            account=account,
        )
    return who


async def _verified(root: str, token: Secret, kit: Kit, account: str) -> Answer:
    form = {"token": token.reveal()}
    return await kit.http.request("POST", f"{root}/account/verify", account=account, form=form, write=False)


def _who(answer: Answer, account: str) -> Who | None:
    """None for what is not of its form. Raises `AuthError` for a token that is not valid, which is told in a 200."""
    try:
        told = obj(answer.json()) if answer.ok else {}
    except ServiceError:
        return None
    if string(told, "error"):
        reason = SafeText.line(string(told, "error"), max_characters=200)
        raise AuthError(
            _("{host} said: {reason}").format(host=answer.host, reason=reason),
            _("make a new app token on its account page"),
            account=account,
        )
    username = "".join(SafeText.line(string(told, "username")).split())
    if not username:
        return None
    site = string(told, "default_site")
    url = web_link(site if "://" in site or not site else f"https://{site}")
    return Who(username, SafeText.line(string(told, "name"), max_characters=200), url)


async def timeline_root(found: Endpoints, token: Secret, kit: Kit, account: str, *, known: str = "") -> Endpoints:
    """The endpoints with micro.blog's root, if what takes the posts is a micro.blog.

    Its Micropub endpoint is `/micropub` at the root; its own home page need not name it. The token is sent to nobody
    but that server, which is to get it anyway.

    `known`: the root as found before. A server that is down or busy does not stop being a micro.blog by that: only its
    word that there is no such address takes the timeline away.
    """
    endpoint = urlsplit(found.micropub or found.home)
    if found.micropub and endpoint.path != PATH:
        return found
    root = f"{endpoint.scheme}://{endpoint.netloc}"
    answer = await _verified(root, token, kit, account)
    stays = root == known and answer.status not in GONE
    if _who(answer, account) is None and not stays:
        if answer.status in DOWN:
            raise_for_status(answer, kit.clock.now(), account=account, write=False)
        return found
    return replace(found, micropub=found.micropub or f"{root}{PATH}", timeline=root)
