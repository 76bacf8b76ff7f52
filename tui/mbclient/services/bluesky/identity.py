"""Who a handle is and where its data live: handle → DID → document → PDS, and back (Bluesky facts 2)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from mbclient.core.ports import Clock
from mbclient.domain.errors import RejectedError, ServiceError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import server_address
from mbclient.services.bluesky.shape import Object, objects, optional_text, texts
from mbclient.services.bluesky.xrpc import Xrpc, not_understood, query
from mbclient.services.http import LOOPBACK, Http, raise_for_status
from mbclient.texts import _

PUBLIC_DIRECTORY = "https://plc.directory"
ENTRYWAY = "https://bsky.social"
_ENTRYWAY_HOSTS = ".host.bsky.network"  # the PDSs whose logins bsky.social takes
_HANDLE = re.compile(
    r"(?=.{3,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?\Z", re.IGNORECASE
)
_DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.-]+(%3A[0-9]{1,5})?)\Z")
# Top-level domains that no handle is looked up at (the handle specification's list); .test is for development.
_NOWHERE = frozenset({"alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"})


@dataclass(frozen=True, slots=True)
class Identity:
    """`pds` is the host that holds the account, without a trailing slash; `login` the one that takes its password."""

    did: str
    handle: str
    pds: str

    @property
    def login(self) -> str:
        host = urlsplit(self.pds).hostname or ""
        return ENTRYWAY if host.endswith(_ENTRYWAY_HOSTS) else self.pds


def is_handle(text: str) -> bool:
    """Whether this is the form of a handle (a domain name)."""
    return _HANDLE.match(text) is not None


def is_did(text: str) -> bool:
    """Whether this is a DID of a kind that Bluesky uses (plc, web)."""
    return _DID.match(text) is not None


class Resolver:
    """Looks identities up. `directory` is the host of the did:plc documents.

    A server on this machine is a development server, whose DIDs the public directory does not know: unless it has a
    directory of its own, it is taken to be the PDS itself.
    """

    def __init__(self, http: Http, clock: Clock, directory: str = PUBLIC_DIRECTORY) -> None:
        self._http = http
        self._clock = clock
        self._directory = directory.rstrip("/")
        self._xrpc = Xrpc(http, clock)

    async def resolve(self, typed: str, server: str) -> Identity:
        """The identity of a handle (with or without @) or a DID, asked at `server` first.

        Raises `UsageError` for what is neither, `RejectedError` for a handle that nobody has or that its DID's
        document does not name, and the `ServiceError`s of the hosts asked.
        """
        name = typed.strip().removeprefix("@")
        if not is_did(name) and not is_handle(name):
            raise UsageError(
                _("{name} is no Bluesky handle").format(name=SafeText.line(repr(name), max_characters=80)),
                _("write it whole, as in anna.bsky.social"),
            )
        local = (urlsplit(server).hostname or "") in LOOPBACK
        did = name if is_did(name) else await self._did(name.lower(), server)
        if local and did.startswith("did:plc:") and self._directory == PUBLIC_DIRECTORY:
            return Identity(did, "" if is_did(name) else name.lower(), server)
        document = await self._document(did, local)
        aliases = [alias.lower() for alias in texts(document.get("alsoKnownAs"))]
        handles = [alias.removeprefix("at://") for alias in aliases if alias.startswith("at://")]
        handle = (handles[0] if handles else "") if is_did(name) else name.lower()
        if not is_did(name) and handle not in handles:
            raise RejectedError(
                _("{handle} leads to an identity that does not name it").format(handle=handle),
                _("check the handle; its owner may have changed it"),
                code="HandleMismatch",
            )
        return Identity(did, handle if is_handle(handle) else "", _pds(document, local))

    async def _did(self, handle: str, server: str) -> str:
        """The server's word first, then the handle's own host. Both are checked back against the document."""
        try:
            answer = await self._xrpc.call(server, query("com.atproto.identity.resolveHandle", ("handle", handle)))
            did = optional_text(answer, "did")
            if is_did(did):
                return did
            raise not_understood(urlsplit(server).hostname or server, "")
        except ServiceError as error:
            if handle.rpartition(".")[2] in _NOWHERE:
                raise _nobody(handle) if isinstance(error, RejectedError) else error from error
            return await self._well_known(handle, error)

    async def _well_known(self, handle: str, before: ServiceError) -> str:
        try:
            answer = await self._http.request("GET", f"https://{handle}/.well-known/atproto-did", max_wire=10_000)
        except ServiceError:
            raise _nobody(handle) if isinstance(before, RejectedError) else before from before
        did = answer.text.strip()
        if not answer.ok or not is_did(did):
            raise _nobody(handle) if isinstance(before, RejectedError) else before
        return did

    async def _document(self, did: str, local: bool) -> Object:
        if did.startswith("did:web:"):
            host = unquote(did.removeprefix("did:web:"))
            url = f"{_host(host, local)}/.well-known/did.json"
        else:
            url = f"{self._directory}/{quote(did, safe=':')}"
        answer = await self._http.request("GET", url, headers={"Accept": "application/json"}, max_wire=200_000)
        if answer.status in (404, 410):
            raise RejectedError(_("nobody has the identity {did}").format(did=did), status=answer.status)
        raise_for_status(answer, self._clock.now(), write=False)
        document = answer.json()
        if not isinstance(document, dict) or document.get("id") != did:
            raise not_understood(answer.host, "")
        return document


def _pds(document: Object, local: bool) -> str:
    for service in objects(document.get("service")):
        is_pds = optional_text(service, "id").endswith("#atproto_pds")
        address = optional_text(service, "serviceEndpoint").rstrip("/")
        if address and is_pds and service.get("type") == "AtprotoPersonalDataServer":
            return _host(address, local)
    raise RejectedError(
        _("the identity {did} names no server that holds its data").format(did=optional_text(document, "id"))
    )


def _host(name: str, local: bool) -> str:
    """A host out of somebody's document: https, and this machine only when the whole login is on this machine."""
    address = server_address(name)
    if (urlsplit(address).hostname or "") in LOOPBACK and not local:
        raise RejectedError(_("the identity leads to this machine, which is not followed"))
    return address


def _nobody(handle: str) -> RejectedError:
    return RejectedError(
        _("nobody has the handle {handle}").format(handle=handle),
        _("check its spelling; write it whole, as in anna.bsky.social"),
        code="HandleNotFound",
    )
