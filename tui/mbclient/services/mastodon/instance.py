"""What a server says of itself: limits, software, feature level. v2, else v1, else the defaults (Mastodon facts 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlsplit

from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import grapheme_length, mastodon_length
from mbclient.domain.poll import PollLimits
from mbclient.services.answers import raise_for_status
from mbclient.services.http import check_address
from mbclient.services.kit import Kit
from mbclient.services.mastodon.dialects import Dialect, dialect_of, software_of, version_of
from mbclient.services.mastodon.fields import items, number, obj, string
from mbclient.services.nodeinfo import software_name
from mbclient.texts import _

FEEDS = ("home", "local", "tag", "list", "author")


@dataclass(frozen=True, slots=True)
class Instance:
    """One server's facts. `level` is `api_versions.mastodon` (0: not given); `streaming` a base address or empty.

    `closed`: the feeds that the server shows to nobody. `polls`: choices, characters of each, shortest and longest
    seconds of a poll, 0 for what is not told; empty where nothing is.
    """

    domain: str
    software: str = "mastodon"
    version: str = ""
    level: int = 0
    max_length: int = 0
    per_url: int = 23
    max_media: int = 4
    max_alt: int = 1500
    max_image_bytes: int = 0
    media_types: tuple[str, ...] = ()
    streaming: str = ""
    closed: tuple[str, ...] = ()
    polls: tuple[int, ...] = ()

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.software)

    def is_mastodon(self) -> bool:
        return self.software in ("mastodon", "hometown")

    def measure(self, text: str, cw: str = "") -> Length:
        """As the server validates (facts 11, and per dialect 14)."""
        dialect = self.dialect
        if dialect.short_links:
            used = mastodon_length(text, cw, self.per_url)
        else:
            used = grapheme_length(cw + text) if dialect.graphemes else len(cw) + len(text)
        return Length(used, self.max_length or dialect.max_length)

    def capabilities(self) -> Capabilities:
        dialect, version = self.dialect, version_of(self.version)
        old = self.is_mastodon() and version != (0, 0, 0)
        return Capabilities(
            post=dialect.text_alone,
            quote=self.level >= 7,
            bookmark=dialect.bookmark and not (old and version < (3, 1, 0)),
            edit=dialect.edit and not (old and version < (3, 5, 0)),
            search=True,
            schedule=dialect.schedule and not (old and version < (4, 3, 0)),  # before, the key was ignored with it
            stream=bool(dialect.stream),
            content_warning=True,
            language=True,
            poll=self._poll_limits(),
            visibilities=dialect.visibilities,
            feeds=tuple(feed for feed in FEEDS if feed not in self.closed),
            max_length=self.max_length or dialect.max_length,
            max_media=self.max_media,
            max_alt=self.max_alt,
            max_image_bytes=self.max_image_bytes,
            media_types=self.media_types,
            idempotency=dialect.idempotency,
            key_minutes=dialect.key_minutes if dialect.idempotency is Idempotency.KEY else 0,
            software=self.software,
            version=self.version,
        )

    def _poll_limits(self) -> PollLimits | None:
        """What is not told is as Mastodon has it; a server that says one choice has no polls."""
        usual = PollLimits()
        if self.dialect.polls == "never" or not (self.polls or self.dialect.polls == "always"):
            return None
        choices, length, shortest, longest = self.polls or (usual.choices, usual.length, usual.shortest, usual.longest)
        if choices == 1:
            return None
        return PollLimits(
            choices or usual.choices,
            length or usual.length,
            shortest,
            longest,
            hide_totals=self.dialect.hide_totals,
        )

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Instance | None:
        """What `to_json` gave; None for anything else (an older form, a damaged file)."""
        if set(stored) != set(cls.__dataclass_fields__) or not string(stored, "domain"):
            return None
        return cls(
            domain=string(stored, "domain"),
            software=string(stored, "software"),
            version=string(stored, "version"),
            level=number(stored, "level"),
            max_length=number(stored, "max_length"),
            per_url=number(stored, "per_url"),
            max_media=number(stored, "max_media"),
            max_alt=number(stored, "max_alt"),
            max_image_bytes=number(stored, "max_image_bytes"),
            media_types=tuple(name for name in items(stored["media_types"]) if isinstance(name, str)),
            streaming=string(stored, "streaming"),
            closed=tuple(feed for feed in FEEDS if feed in items(stored["closed"])),
            polls=tuple(each for each in items(stored["polls"]) if isinstance(each, int)),
        )


def read_instance(body: Mapping[str, object], host: str, software: str) -> Instance:
    """From the JSON of `/api/v2/instance` or `/api/v1/instance`, whichever it is."""
    settings = obj(body.get("configuration"))
    statuses, media = obj(settings.get("statuses")), obj(settings.get("media_attachments"))
    default = Instance(host)
    types = tuple(name for name in items(media.get("supported_mime_types")) if isinstance(name, str) and "/" in name)
    streaming = string(obj(settings.get("urls")), "streaming") or string(obj(body.get("urls")), "streaming_api")
    version = string(body, "version")[:100]
    return Instance(
        domain=_domain(body, host),
        software=software or software_of("", version),
        version=version,
        level=number(obj(body.get("api_versions")), "mastodon"),
        max_length=number(statuses, "max_characters") or number(body, "max_toot_chars"),
        per_url=number(statuses, "characters_reserved_per_url", default.per_url),
        max_media=number(statuses, "max_media_attachments", default.max_media),
        max_alt=number(media, "description_limit", default.max_alt),
        max_image_bytes=number(media, "image_size_limit"),
        media_types=types,
        streaming=_streaming(streaming),
        closed=_closed(obj(settings.get("timelines_access"))),
        polls=_polls(obj(settings.get("polls")), obj(body.get("poll_limits"))),
    )


def _polls(told: Mapping[str, object], pleroma: Mapping[str, object]) -> tuple[int, ...]:
    """As `Instance.polls`, by Mastodon's names or by Pleroma's."""
    names = (
        ("max_options", "max_options"),
        ("max_characters_per_option", "max_option_chars"),
        ("min_expiration", "min_expiration"),
        ("max_expiration", "max_expiration"),
    )
    numbers = tuple(number(told, name) or number(pleroma, its) for name, its in names)
    return numbers if any(numbers) else ()


def _closed(access: Mapping[str, object]) -> tuple[str, ...]:
    """What is `disabled` (4.5 and later); of a tag, where that holds for the server's own posts and for others."""
    live, tags = obj(access.get("live_feeds")), obj(access.get("hashtag_feeds"))
    found = ["local"] if live.get("local") == "disabled" else []
    return (*found, "tag") if tags.get("local") == tags.get("remote") == "disabled" else tuple(found)


def _domain(body: Mapping[str, object], host: str) -> str:
    """The host of local handles; v1 calls it `uri`, some with a scheme. A doubtful one: where we asked."""
    named = string(body, "domain") or string(body, "uri")
    named = named.removeprefix("https://").removeprefix("http://").strip("/").lower()
    good = 0 < len(named) <= 253 and all(c.isalnum() or c in "-.:[]" for c in named)
    return named if good else host


def _streaming(address: str) -> str:
    """The base of the stream as an https address; empty for anything that must not be given the token."""
    scheme, _found, rest = address.rstrip("/").partition("://")
    base = {"wss": "https", "https": "https", "ws": "http", "http": "http"}.get(scheme, "") + f"://{rest}"
    try:
        check_address(base)
    except UsageError:
        return ""
    return base


async def fetch_instance(base: str, kit: Kit, account: str = "", known: str = "") -> Instance:
    """Asks the server. Raises the `ServiceError` tree; a missing endpoint is no error, a server without any is one.

    `known`: its software as told before, for when nodeinfo does not answer: a wrong dialect would be a day's.
    """
    host = urlsplit(base).netloc
    software = await software_name(base, kit, account, known)
    for path in ("/api/v2/instance", "/api/v1/instance"):
        answer = await kit.http.request("GET", base + path, account=account)
        if answer.status in (404, 405, 410, 501):
            continue
        raise_for_status(answer, kit.clock.now(), account=account, write=False)
        body = answer.json()
        if isinstance(body, dict):
            return read_instance(body, host, software)
    if software:
        return Instance(host, software)
    raise RejectedError(
        _("{host} does not speak Mastodon's language").format(host=host),
        _("check the address"),
        account=account,
        status=404,
    )
