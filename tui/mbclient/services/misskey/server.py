"""What a server says of itself and of what this account may do there (facts/misskey.md 1, 3, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from urllib.parse import urlsplit

from mbclient.domain.capabilities import Capabilities, Idempotency, Length
from mbclient.domain.errors import RejectedError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import raise_for_status
from mbclient.services.fields import number, obj, string
from mbclient.services.kit import Kit
from mbclient.services.misskey.dialects import Dialect, dialect_of, software_of
from mbclient.services.nodeinfo import software_name
from mbclient.texts import _

MAX_FILES = 16
MAX_ALT = 512
ALL = tuple(Visibility)
POLL = PollLimits(choices=10, length=50, shortest=60, longest=0, with_media=True)  # facts/misskey.md 4


@dataclass(frozen=True, slots=True)
class Server:
    """`max_length`, `max_cw`, `max_alt`: 0 where the server does not say, then the software's usual value counts.

    `public`, `local`: the account's policies for public notes and the local timeline. That for search is not kept:
    the answer to one tells it, and no word of an earlier run stands against a role that has been given since.
    """

    domain: str
    software: str = ""
    version: str = ""
    max_length: int = 0
    max_cw: int = 0
    max_alt: int = 0
    public: bool = True
    local: bool = True

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.software)

    @property
    def longest(self) -> int:
        return self.max_length or self.dialect.max_length

    @property
    def longest_cw(self) -> int:
        return self.max_cw or self.dialect.max_cw

    def measure(self, text: str) -> Length:
        """Characters of the trimmed text, addresses in full; the warning has a limit of its own."""
        return Length(self._units(text.strip()), self.longest)

    def measure_cw(self, cw: str) -> Length:
        return Length(self._units(cw), self.longest_cw)

    def _units(self, text: str) -> int:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 if self.dialect.utf16 else len(text)

    def capabilities(self) -> Capabilities:
        """Without `public` the server would quietly make a public note one for the home timelines alone.

        Every server finds tags, whatever an account's policy says of words.
        """
        return Capabilities(
            reply_needs_mention=False,
            quote=True,
            bookmark=True,
            edit=self.dialect.edit,
            search=True,
            stream=True,
            content_warning=True,
            poll=POLL,
            visibilities=ALL if self.public else ALL[1:],
            feeds=("home", *(["local"] if self.local else []), "tag", "list", "author"),
            max_length=self.longest,
            max_media=MAX_FILES,
            max_alt=self.max_alt or MAX_ALT,
            idempotency=Idempotency.READ_BACK,
            software=self.software,
            version=self.version,
        )

    def with_policies(self, policies: Mapping[str, object]) -> Server:
        """The same server for one account; what nothing is said of is on."""
        return replace(
            self,
            public=policies.get("canPublicNote") is not False,
            local=policies.get("ltlAvailable") is not False,
        )

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Server | None:
        """None for what an older version or nobody wrote."""
        usual = asdict(cls("x"))
        if not stored.get("domain") or any(type(stored.get(name)) is not type(usual[name]) for name in usual):
            return None
        return cls(**{name: stored[name] for name in usual})  # type: ignore[arg-type]  # compared one by one above


def read_meta(meta: Mapping[str, object], host: str, nodeinfo_name: str) -> Server:
    """From the answer of `meta`; limits of other names are Sharkey's."""
    version = SafeText.line(string(meta, "version"), max_characters=60)
    server = Server(
        domain=host,
        software=software_of(nodeinfo_name, version),
        version=version,
        max_length=number(meta, "maxNoteTextLength"),
        max_cw=number(meta, "maxCwLength"),
        max_alt=number(meta, "maxAltTextLength"),
    )
    return server.with_policies(obj(meta.get("policies")))


async def fetch_server(base: str, kit: Kit, account: str = "", known: str = "") -> Server:
    """Asks the server, without a token. Raises the `ServiceError` tree; `RejectedError` for one of another kind.

    `known`: its software as told before, for when nodeinfo does not answer.
    """
    host = urlsplit(base).netloc
    answer = await kit.http.request("POST", f"{base}/api/meta", account=account, json={"detail": False}, write=False)
    meta = obj(answer.json()) if answer.ok and "json" in answer.headers.get("content-type", "") else {}
    if not answer.ok and answer.status not in (400, 403, 404, 405):
        raise_for_status(answer, kit.clock.now(), account=account, write=False)
    if not string(meta, "version"):
        raise RejectedError(
            _("{host} does not speak Misskey's language").format(host=host),
            _("check the address"),
            account=account,
            status=404,
        )
    return read_meta(meta, host, await software_name(base, kit, account, known))
