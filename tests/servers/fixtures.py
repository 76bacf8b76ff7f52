"""The pytest plugin that hands out the servers, each started once per run and only when asked for.

A server that is not installed skips its tests with the command that installs it; with
``MBCLIENT_REQUIRE_SERVERS=1``, as in CI, it fails them instead.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.servers import bluesky, indieweb, keyring, mastodon, nostr
from tests.servers.bluesky import BlueskyServer
from tests.servers.indieweb import MicropubServer
from tests.servers.installation import servers_are_required
from tests.servers.keyring import SecretService
from tests.servers.mastodon import MastodonMock
from tests.servers.nostr import NostrRelays
from tests.servers.processes import ServerUnavailableError

Server = TypeVar("Server")


@contextmanager
def or_skip(start: AbstractContextManager[Server]) -> Iterator[Server]:
    """Run the server for the block; without it skip the test, or fail it where servers are required."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(start)
        except ServerUnavailableError as error:
            if servers_are_required():
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def bluesky_pds() -> Iterator[BlueskyServer]:
    """A Bluesky PDS without AppView and without rate limits."""
    with or_skip(bluesky.bluesky_pds()) as server:
        yield server


@pytest.fixture
def bluesky_pds_limited() -> Iterator[BlueskyServer]:
    """A Bluesky PDS of the test's own with the real rate limits (30 logins in 5 minutes)."""
    with or_skip(bluesky.bluesky_pds(rate_limits=True)) as server:
        yield server


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[BlueskyServer]:
    """A Bluesky PDS with its AppView: timelines, threads, search, notifications."""
    with or_skip(bluesky.bluesky_network()) as server:
        yield server


@pytest.fixture(scope="session")
def mastodon_server() -> Iterator[MastodonMock]:
    """The Mastodon mock for the whole run; tests take ``mastodon_mock``."""
    with or_skip(mastodon.mastodon_mock()) as server:
        yield server


@pytest.fixture
def mastodon_mock(mastodon_server: MastodonMock) -> MastodonMock:
    """The Mastodon mock, back in its seeded state."""
    mastodon_server.reset()
    return mastodon_server


@pytest.fixture(scope="session")
def micropub_server() -> Iterator[MicropubServer]:
    """A web site with Micropub, media and IndieAuth endpoints; its posts stay until the run ends."""
    with or_skip(indieweb.micropub_server()) as server:
        yield server


@pytest.fixture(scope="session")
def nostr_relays() -> Iterator[NostrRelays]:
    """Two Nostr relays of different manners; what is sent to them stays until the run ends."""
    with or_skip(nostr.nostr_relays()) as relays:
        yield relays


@pytest.fixture(scope="session")
def secret_service() -> Iterator[SecretService]:
    """An unlocked Secret Service; tests use names of their own or delete what they store."""
    with or_skip(keyring.secret_service()) as service:
        yield service
