"""Handle → DID → document → PDS and back, against answers written out here: no host is really asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mbclient.domain.errors import RejectedError, ServiceError, UnreachableError, UsageError
from mbclient.services.answers import Answer
from mbclient.services.bluesky.identity import Identity, Resolver, is_did, is_handle
from mbclient.services.http import Http
from tests.services.kit import SystemClock

DID = "did:plc:" + "a" * 24
RESOLVE = "https://bsky.social/xrpc/com.atproto.identity.resolveHandle"
WELL_KNOWN = "https://anna.example.org/.well-known/atproto-did"
DOCUMENT = f"https://plc.directory/{DID}"
NOT_FOUND = (400, {"error": "HandleNotFound", "message": "Unable to resolve handle"})


class Scripted(Http):
    """Answers from a table; what is not in it cannot be reached."""

    def __init__(self, answers: Mapping[str, tuple[int, object]]) -> None:
        super().__init__(SystemClock())
        self._answers = answers
        self.asked: list[str] = []

    async def request(self, method: str, url: str, **_options: Any) -> Answer:
        self.asked.append(url)
        if url not in self._answers:
            raise UnreachableError(f"{url} cannot be reached")
        status, body = self._answers[url]
        kind = "text/plain" if isinstance(body, str) else "application/json"
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return Answer(status, {"content-type": kind}, raw, url)


def document(did: str = DID, *, handle: str = "anna.example.org", pds: object = "https://pds.example.org") -> object:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}
    return {"id": did, "alsoKnownAs": [f"at://{handle}"], "service": [{"id": "#other"}, service]}


async def resolve(answers: Mapping[str, tuple[int, object]], typed: str = "anna.example.org") -> Identity:
    http = Scripted(answers)
    return await Resolver(http, SystemClock()).resolve(typed, "https://bsky.social")


@pytest.mark.parametrize("typed", ["anna.example.org", "@anna.example.org", " Anna.Example.ORG "])
async def test_the_server_is_asked_first(typed: str) -> None:
    found = await resolve({RESOLVE: (200, {"did": DID}), DOCUMENT: (200, document())}, typed)
    assert found == Identity(DID, "anna.example.org", "https://pds.example.org")
    assert found.login == "https://pds.example.org"


@pytest.mark.parametrize("server", [NOT_FOUND, (503, {}), (200, {"did": "nonsense"}), (200, [])])
async def test_the_handles_own_host_is_asked_next(server: tuple[int, object]) -> None:
    found = await resolve({RESOLVE: server, WELL_KNOWN: (200, DID + "\n"), DOCUMENT: (200, document())})
    assert found.did == DID


async def test_a_did_needs_no_handle() -> None:
    assert await resolve({DOCUMENT: (200, document())}, DID) == Identity(
        DID, "anna.example.org", "https://pds.example.org"
    )


async def test_a_did_of_a_web_host() -> None:
    did = "did:web:anna.example.org"
    answers = {RESOLVE: (200, {"did": did}), "https://anna.example.org/.well-known/did.json": (200, document(did))}
    assert (await resolve(answers)).did == did


async def test_logins_of_blueskys_own_hosts_go_to_the_entryway() -> None:
    pds = "https://puffball.us-east.host.bsky.network"
    found = await resolve({RESOLVE: (200, {"did": DID}), DOCUMENT: (200, document(pds=pds))})
    assert (found.pds, found.login) == (pds, "https://bsky.social")


@pytest.mark.parametrize(
    ("shown", "error", "said"),
    [
        (document(handle="bo.example.org"), RejectedError, "does not name it"),
        ({"id": DID, "alsoKnownAs": "at://anna.example.org"}, RejectedError, "does not name it"),
        (document("did:plc:" + "b" * 24), UnreachableError, "not understood"),
        ([], UnreachableError, "not understood"),
        ({"id": DID, "alsoKnownAs": ["at://anna.example.org"]}, RejectedError, "names no server"),
        (document(pds="http://pds.example.org"), UsageError, "no server name"),
        (document(pds="https://user:pw@pds.example.org"), UsageError, "no server name"),
        (document(pds="https://10.0.0.1"), UsageError, "no server name"),
        (document(pds=["https://pds.example.org"]), RejectedError, "names no server"),
        (document(pds="http://127.0.0.1:2583"), RejectedError, "this machine"),
    ],
)
async def test_a_document_that_does_not_hold(shown: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        await resolve({RESOLVE: (200, {"did": DID}), DOCUMENT: (200, shown)})


async def test_somebody_elses_did_is_caught_by_the_document() -> None:
    """A server that answers wrongly cannot lead the password elsewhere."""
    other = "did:plc:" + "c" * 24
    shown = document(other, handle="mallory.example.org")
    with pytest.raises(RejectedError, match="does not name it"):
        await resolve({RESOLVE: (200, {"did": other}), f"https://plc.directory/{other}": (200, shown)})


async def test_a_did_that_leads_to_this_machine_is_not_followed() -> None:
    with pytest.raises(RejectedError, match="this machine"):
        await resolve({RESOLVE: (200, {"did": "did:web:localhost%3A2583"})})


@pytest.mark.parametrize("well_known", [(404, "no"), (200, "<html>"), (200, {"did": DID})])
async def test_nobody_has_the_handle(well_known: tuple[int, object]) -> None:
    with pytest.raises(RejectedError, match="nobody has the handle"):
        await resolve({RESOLVE: NOT_FOUND, WELL_KNOWN: well_known})


async def test_no_answer_is_not_nobody() -> None:
    with pytest.raises(UnreachableError):
        await resolve({})
    with pytest.raises(ServiceError, match="503"):
        await resolve({RESOLVE: (200, {"did": DID}), DOCUMENT: (503, {})})
    with pytest.raises(RejectedError, match="nobody has the identity"):
        await resolve({RESOLVE: (200, {"did": DID}), DOCUMENT: (404, {})})


async def test_development_names_are_not_looked_up_outside() -> None:
    http = Scripted({RESOLVE: NOT_FOUND})
    with pytest.raises(RejectedError, match="nobody"):
        await Resolver(http, SystemClock()).resolve("anna.test", "https://bsky.social")
    assert http.asked == [RESOLVE]


@pytest.mark.parametrize(
    ("text", "handle", "did"),
    [
        ("anna.bsky.social", True, False),
        ("xn--grnkvist-n4a.example.se", True, False),
        ("a.b", True, False),
        ("grönkvist.se", False, False),
        ("anna", False, False),
        ("anna..example.org", False, False),
        ("anna.example.1", False, False),
        ("anna.example.org/", False, False),
        (DID, False, True),
        (DID.upper(), False, False),
        (DID + "a", False, False),
        ("did:web:example.org", False, True),
        ("did:web:example.org:user", False, False),
        ("did:key:zQ3sh", False, False),
        ("anna.example.org\n", False, False),
    ],
)
def test_what_is_a_handle_and_what_a_did(text: str, handle: bool, did: bool) -> None:
    assert (is_handle(text), is_did(text)) == (handle, did)
