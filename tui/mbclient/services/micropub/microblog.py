"""micro.blog's own API: whether a site has it, and who one is there (facts/micropub.md C)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from mbclient.domain.errors import AuthError, ServiceError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.domain.secret import Secret
from mbclient.services.addresses import web_link
from mbclient.services.fields import obj, string
from mbclient.services.kit import Kit
from mbclient.services.micropub.endpoints import Endpoints
from mbclient.texts import _

PATH = "/micropub"


@dataclass(frozen=True, slots=True)
class Who:
    """The account that a token belongs to."""

    username: str
    name: SafeText
    site: str = ""


async def who_am_i(root: str, token: Secret, kit: Kit, account: str) -> Who | None:
    """Asks `account/verify`; None where that is not answered in its form.

    Raises `AuthError` for a token that is not valid, which is told in a 200.
    """
    answer = await kit.http.request(
        "POST", f"{root}/account/verify", account=account, form={"token": token.reveal()}, write=False
    )
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


async def timeline_root(found: Endpoints, token: Secret, kit: Kit, account: str) -> Endpoints:
    """The endpoints with micro.blog's root, if what takes the posts is a micro.blog.

    Its Micropub endpoint is `/micropub` at the root; its own home page need not name it. The token is sent to nobody
    but that server, which is to get it anyway.
    """
    endpoint = urlsplit(found.micropub or found.home)
    if found.micropub and endpoint.path != PATH:
        return found
    root = f"{endpoint.scheme}://{endpoint.netloc}"
    who = await who_am_i(root, token, kit, account)
    if who is None:
        return found
    return replace(found, micropub=found.micropub or f"{root}{PATH}", timeline=root)
