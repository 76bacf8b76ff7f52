"""What a server is: where its API lies, which software it runs, how much it takes (facts/gnusocial.md 1, 8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from urllib.parse import quote, unquote, urlsplit

from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import RejectedError, ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import links
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import server_address
from mbclient.services.answers import raise_for_status
from mbclient.services.fields import number, obj, string
from mbclient.services.kit import Kit
from mbclient.texts import _

NO_LIMIT = 20_000  # characters: a server without a limit still gets no more than this program shows of a post
DEFAULT_LIMIT = 140
MAX_URL_LENGTH = 100
MAX_MEDIA = 4
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]{1,60}){0,5}\Z")


def site_address(typed: str) -> str:
    """`https://host[:port][/path]` of what the user typed; a site may lie below its host. Raises `UsageError`."""
    text = typed.strip()
    start = text.index("://") + 3 if "://" in text else 0
    host, slash, rest = text[start:].partition("/")
    origin = server_address(text[:start] + host)
    path = ("/" + rest if slash else "").rstrip("/")
    decoded = unquote(path)
    if not _PATH.match(decoded) or "/." in decoded:
        raise UsageError(
            _("{name} is no address of a site").format(name=SafeText.line(repr(typed), max_characters=80)),
            _("write it as https://social.example or https://example.org/social"),
        )
    return origin + quote(decoded)


@dataclass(frozen=True, slots=True)
class Site:
    """A server's facts. `base`: where its pages are, `root`: its API. `limit`: code points of a post.

    `decodes_entities`, `obeys`: that it turns `&amp;` into `&`, and takes some texts as commands. `notice_pages`: a
    post's page is `/notice/ID`. `max_url`: longer addresses are shortened by the server, 0: none are.
    """

    base: str
    root: str
    software: str = ""
    version: str = ""
    limit: int = DEFAULT_LIMIT
    max_url: int = 0
    uploads: bool = False
    max_upload: int = 0
    private: bool = False
    decodes_entities: bool = False
    obeys: bool = False
    notice_pages: bool = False

    @property
    def domain(self) -> str:
        return urlsplit(self.base).netloc

    def capabilities(self) -> Capabilities:
        return Capabilities(
            search=True,
            visibilities=(Visibility.PUBLIC, Visibility.FOLLOWERS) if self.private else (Visibility.PUBLIC,),
            feeds=("home", "local", "tag", "list", "author"),
            max_length=self.limit,
            max_media=MAX_MEDIA if self.uploads else 0,
            max_alt=0,
            max_image_bytes=self.max_upload,
            idempotency=Idempotency.READ_BACK,
            software=self.software,
            version=self.version,
        )

    def wire_text(self, text: str) -> str:
        """What is sent so that the server's post has the words that the user wrote."""
        return _as_sent(self.own_names(text), self.decodes_entities)

    def own_names(self, text: str) -> str:
        """`@bo@this.server` as `@bo`: that is how these servers know their own people."""
        if f"@{self.domain}" not in text:
            return text
        return re.sub(rf"(?<![\w@])(@\w+)@{re.escape(self.domain)}(?![\w.-]*\w)", r"\1", text)

    def measure(self, text: str) -> Length:
        """Code points after the server's own work: outer blanks gone, long addresses no longer than `max_url`.

        How short those become only the server knows; no shortener's address is longer than that.
        """
        shown = self.own_names(text).strip()
        used = len(shown)
        if self.max_url:
            used -= sum(max(0, end - start - self.max_url) for start, end in links(shown))
        return Length(used, self.limit)

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object], base: str) -> Site | None:
        """None for what an older version or nobody wrote."""
        fallback = asdict(cls(base, base))
        if stored.get("base") != base or any(type(stored.get(name)) is not type(fallback[name]) for name in fallback):
            return None
        return cls(**{name: stored[name] for name in fallback})  # type: ignore[arg-type]  # compared one by one above


def _as_sent(text: str, decodes: bool) -> str:
    return re.sub(r"&(?=#?\w{1,31};)", "&amp;", text) if decodes else text


def read_config(config: Mapping[str, object], base: str, root: str, software: str) -> Site:
    """From the JSON of `gnusocial/config` or `statusnet/config`; numbers may come as strings."""
    site, notice = obj(config.get("site")), obj(config.get("notice"))
    attachments, url = obj(config.get("attachments")), obj(config.get("url"))
    limit = _whole(notice.get("contentlimit"))
    if limit is None:
        limit = _whole(site.get("textlimit"))
    max_url = _whole(url.get("maxurllength"))
    return Site(
        base=base,
        root=root,
        software=software,
        limit=NO_LIMIT if limit == 0 else min(limit or DEFAULT_LIMIT, NO_LIMIT),
        max_url=MAX_URL_LENGTH if max_url is None else max_url,
        uploads=_true(attachments.get("uploads")),
        max_upload=_whole(attachments.get("file_quota")) or 0,
        private=_true(site.get("private")),
        decodes_entities=True,
        obeys=True,
        notice_pages=True,
    )


def _whole(value: object) -> int | None:
    """A whole number, also one in a string; None for none."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip()):
        return int(value)
    found = number({"n": value}, "n", -1)
    return found if found >= 0 else None


def _true(value: object) -> bool:
    return value is True or value in (1, "1", "true", "yes", "on")


async def fetch_site(base: str, kit: Kit, account: str = "") -> Site:
    """Looks for the API below a site's address. Raises the `ServiceError` tree.

    A server that has no configuration to read but answers `verify_credentials` is a Twitter-compatible one.
    """
    for root in _roots(base):
        for software in ("gnusocial", "statusnet"):
            config = await _json(f"{root}/{software}/config.json", kit, account)
            if obj(config.get("site")):
                site = read_config(config, _base_of(base, root), root, software)
                return await _with_version(site, kit, account)
    found = await twitter_site(base, kit, account)
    if found is not None:
        return found
    raise RejectedError(
        _("{host} speaks neither GNU social's nor the old Twitter's language").format(host=urlsplit(base).hostname),
        _("check the address"),
        account=account,
        status=404,
    )


async def twitter_site(base: str, kit: Kit, account: str = "") -> Site | None:
    """A server that answers `verify_credentials` and says nothing of itself; None where nothing does."""
    for root in _roots(base):
        answer = await kit.http.request("GET", f"{root}/account/verify_credentials.json", account=account)
        if answer.status in (401, 403) or (answer.ok and "json" in answer.headers.get("content-type", "")):
            return Site(base=_base_of(base, root), root=root, software="twitter")
        if answer.status == 429 or answer.status >= 500:
            raise_for_status(answer, kit.clock.now(), account=account, write=False)
    return None


def _roots(base: str) -> list[str]:
    return [base] if base.endswith("/api") else [f"{base}/api", f"{base}/index.php/api", base]


def _base_of(base: str, root: str) -> str:
    return root.removesuffix("/api") if base == root else base


async def _json(url: str, kit: Kit, account: str) -> Mapping[str, object]:
    """The object at an address; empty for what is not there, or is something else."""
    answer = await kit.http.request("GET", url, account=account)
    if answer.status == 429 or (answer.status >= 500 and answer.status != 501):
        raise_for_status(answer, kit.clock.now(), account=account, write=False)
    if not answer.ok:
        return {}
    try:
        return obj(answer.json())
    except ServiceError:
        return {}  # a page of HTML: another program's, or PHP's own fault


async def _with_version(site: Site, kit: Kit, account: str) -> Site:
    answer = await kit.http.request("GET", f"{site.root}/{site.software}/version.json", account=account)
    try:
        version = answer.json() if answer.ok else ""
    except ServiceError:
        version = ""
    named = version if isinstance(version, str) else string(obj(version), "version")
    return replace(site, version=SafeText.line(named, max_characters=60))
