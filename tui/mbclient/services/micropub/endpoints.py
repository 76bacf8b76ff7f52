"""What a web site says of itself: where it takes posts, where it signs people in (facts/micropub.md A)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from urllib.parse import urlsplit

from mbclient.domain.errors import RejectedError, ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.answers import raise_for_status
from mbclient.services.fields import obj, string
from mbclient.services.http import Http, check_address
from mbclient.services.kit import Kit
from mbclient.services.page import read_page
from mbclient.services.redirects import follow
from mbclient.texts import _


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses; empty where the site names none. `home`: the site itself, after permanent moves.

    `timeline`: the root of micro.blog's own API, for a site that has it. `title`, `about`: the page's own words.
    """

    home: str
    micropub: str = ""
    media: str = ""
    authorize: str = ""
    token: str = ""
    issuer: str = ""
    timeline: str = ""
    title: str = ""
    about: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.home).netloc

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Endpoints | None:
        """None for what an older version or nobody wrote."""
        found = {field.name: string(stored, field.name) for field in fields(cls)}
        addresses = [found[name] for name in ("home", "micropub")]
        return cls(**found) if all(map(web_link, addresses)) else None


def home_address(typed: str) -> str:
    """`https://host[/path]` of what the user typed. Raises `UsageError`."""
    text = typed.strip()
    url = web_link(text if "://" in text else f"https://{text}")
    if not url or urlsplit(url).fragment:
        raise UsageError(
            _("{name} is no address of a web site").format(name=SafeText.line(repr(typed), max_characters=80)),
            _("write it as https://anna.example"),
        )
    check_address(url)
    return url if urlsplit(url).path else url + "/"


async def discover(url: str, kit: Kit, account: str) -> Endpoints:
    """Reads the home page, and the metadata that it names. Nothing secret is sent. Raises the `ServiceError` tree.

    A site without `micropub` comes back with that empty: it may still be micro.blog itself.
    """
    answer, home = await follow(kit.http, url, account=account, headers={"Accept": "text/html, */*;q=0.5"})
    raise_for_status(answer, kit.clock.now(), account=account, write=False)
    page = read_page(answer)
    authorize, token, issuer = page.first("authorization_endpoint"), page.first("token_endpoint"), ""
    metadata = page.first("indieauth-metadata")
    if metadata:
        told = await _metadata(metadata, kit.http, account, own=url, near=answer.near)
        authorize = web_link(told.get("authorization_endpoint")) or authorize
        token = web_link(told.get("token_endpoint")) or token
        issuer = string(told, "issuer")
    return Endpoints(
        home=home,
        micropub=page.first("micropub"),
        authorize=authorize,
        token=token,
        issuer=issuer,
        title=SafeText.line(page.title, max_characters=200).strip(),
        about=SafeText.line(page.description, max_characters=500).strip(),
    )


async def _metadata(url: str, http: Http, account: str, *, own: str, near: bool) -> Mapping[str, object]:
    """An object; empty for what is none: the older links may still be there."""
    try:
        headers = {"Accept": "application/json"}
        answer, _moved = await follow(http, url, account=account, headers=headers, own=own, near=near)
        return obj(answer.json()) if answer.ok else {}
    except ServiceError:
        return {}


def need_micropub(found: Endpoints, account: str) -> Endpoints:
    """Raises `RejectedError` for a site that takes no posts."""
    if found.micropub:
        return found
    raise RejectedError(
        _("{host} names no Micropub endpoint").format(host=found.host),
        _('put <link rel="micropub" href="…"> on the page, or check the address'),
        account=account,
        status=404,
        code="no-micropub",
    )
