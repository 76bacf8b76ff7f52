"""A real Bluesky PDS, alone or with its AppView, for tests.

Alone it starts in some 4 s and proves logins, tokens, records, blobs and rate limits; every
``app.bsky.*`` read answers 502. With the AppView (10 s, and a PostgreSQL of its own) timelines, threads,
search and notifications work too: a new post reaches them after 0.1 to 0.8 s, so poll with ``wait_for``.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers import installation
from tests.servers.processes import (
    HOST,
    ServerFailedError,
    ServerProcess,
    answers,
    as_argument,
    clean_environment,
    free_port,
    is_listening,
    run_folder,
    running,
    says_ready,
)

ADMIN_PASSWORD = "admin-pass"  # with the JWT secret, the values that @atproto/dev-env has built in
JWT_SECRET = "jwt-secret"
AUDIENCE = "did:web:localhost"  # what a PDS in development mode calls itself
PASSWORD = "a password for tests"
HANDLE_DOMAIN = ".test"


@dataclass(frozen=True)
class BlueskyAccount:
    """An account made on the test PDS, with the tokens of its first session."""

    handle: str
    did: str
    password: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that signs a request as this account."""
        return {"Authorization": f"Bearer {self.access_token}"}


@dataclass(frozen=True)
class BlueskyServer:
    """A running PDS. Clients talk to ``base_url`` only; ``plc_url`` is the directory of the DIDs."""

    base_url: str
    plc_url: str
    admin_password: str = ADMIN_PASSWORD
    jwt_secret: str = JWT_SECRET
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False, compare=False)

    def post(
        self, method: str, content: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """Call an XRPC procedure and return its answer; raises httpx.HTTPStatusError when refused."""
        answer = httpx.post(
            f"{self.base_url}/xrpc/{method}", json=content, headers=headers, timeout=30, trust_env=False
        )
        return _object(answer)

    def get(
        self, method: str, query: Mapping[str, str | int], headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """Call an XRPC query and return its answer; raises httpx.HTTPStatusError when refused."""
        answer = httpx.get(f"{self.base_url}/xrpc/{method}", params=query, headers=headers, timeout=30, trust_env=False)
        return _object(answer)

    def create_account(self, handle: str = "", password: str = PASSWORD) -> BlueskyAccount:
        """Create an account; without a handle one that no other test has, ``.test`` is added if missing."""
        name = handle.removesuffix(HANDLE_DOMAIN) or f"person{next(self._numbers)}"
        answer = self.post(
            "com.atproto.server.createAccount",
            {"handle": name + HANDLE_DOMAIN, "email": f"{name}@mail.test", "password": password},
        )
        return BlueskyAccount(
            handle=str(answer["handle"]),
            did=str(answer["did"]),
            password=password,
            access_token=str(answer["accessJwt"]),
            refresh_token=str(answer["refreshJwt"]),
        )

    def create_app_password(self, account: BlueskyAccount, name: str = "mbclient") -> str:
        """Create an app password for the account, which is what people give a client."""
        answer = self.post("com.atproto.server.createAppPassword", {"name": name}, account.authorization)
        return str(answer["password"])

    def create_post(self, account: BlueskyAccount, text: str) -> str:
        """Post as the account, from outside the client under test; return the ``at://`` address."""
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        }
        return self.create_record(account, "app.bsky.feed.post", record)

    def follow(self, account: BlueskyAccount, other: BlueskyAccount) -> str:
        """Let the account follow the other; return the follow's ``at://`` address."""
        record = {
            "$type": "app.bsky.graph.follow",
            "subject": other.did,
            "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        }
        return self.create_record(account, "app.bsky.graph.follow", record)

    def create_record(self, account: BlueskyAccount, collection: str, record: Mapping[str, object]) -> str:
        """Create any record as the account; return its ``at://`` address."""
        answer = self.post(
            "com.atproto.repo.createRecord",
            {"repo": account.did, "collection": collection, "record": record},
            account.authorization,
        )
        return str(answer["uri"])

    def records(self, account: BlueskyAccount, collection: str = "app.bsky.feed.post") -> list[object]:
        """Return the account's records as the PDS has them, newest first (at most 100)."""
        query: dict[str, str | int] = {"repo": account.did, "collection": collection, "limit": 100}
        found = self.get("com.atproto.repo.listRecords", query)["records"]
        assert isinstance(found, list)
        return found

    def mint_expired_access(self, did: str) -> str:
        """Return a genuine access token of that DID that expired an hour ago: 400 ``ExpiredToken``."""
        now = int(time.time())
        header = {"typ": "at+jwt", "alg": "HS256"}
        claims = {
            "scope": "com.atproto.access",
            "aud": AUDIENCE,
            "sub": did,
            "iat": now - 3 * 3600,
            "exp": now - 3600,
        }
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        signature = hmac.new(self.jwt_secret.encode(), signed, hashlib.sha256).digest()
        return (signed + b"." + _base64url(signature)).decode()


@contextmanager
def bluesky_pds(*, rate_limits: bool = False) -> Iterator[BlueskyServer]:
    """Run a PDS and its PLC directory; with ``rate_limits`` the real ones, as bsky.social has them.

    Raises ServerUnavailableError or ServerFailedError.
    """
    node = installation.node_folder()
    pds_port, plc_port = free_port(), free_port()
    server = BlueskyServer(f"http://{HOST}:{pds_port}", f"http://{HOST}:{plc_port}")
    with run_folder("pds") as folder:
        options = {
            "pdsPort": pds_port,
            "plcPort": plc_port,
            "folder": str(folder),
            "adminPassword": server.admin_password,
            "jwtSecret": server.jwt_secret,
            "rateLimits": rate_limits,
        }
        with running(
            "bluesky-pds",
            [node / "node", _script(node, folder, "pds.mjs"), as_argument(options)],
            folder,
            lambda process: says_ready(process) and answers(f"{server.base_url}/xrpc/_health"),
            ports=(pds_port, plc_port),
            environment={"LOG_ENABLED": "0"},
        ):
            yield server


@contextmanager
def bluesky_network() -> Iterator[BlueskyServer]:
    """Run a PDS with its PLC directory, AppView and a PostgreSQL cluster of its own.

    Raises ServerUnavailableError or ServerFailedError.
    """
    node = installation.node_folder()
    pds_port, plc_port, appview_port = free_port(), free_port(), free_port()
    server = BlueskyServer(f"http://{HOST}:{pds_port}", f"http://{HOST}:{plc_port}")
    options = {"pdsPort": pds_port, "plcPort": plc_port, "appviewPort": appview_port, "schema": "test"}
    with (
        postgres() as database,
        run_folder("network") as folder,
        running(
            "bluesky-network",
            [node / "node", _script(node, folder, "network.mjs"), as_argument(options)],
            folder,
            lambda process: says_ready(process) and answers(f"{server.base_url}/xrpc/_health"),
            ports=(pds_port, plc_port, appview_port),
            environment={"LOG_ENABLED": "0", "DB_POSTGRES_URL": database, "REDIS_HOST": "not used"},
        ),
    ):
        yield server


@contextmanager
def postgres() -> Iterator[str]:
    """Run a throw-away PostgreSQL cluster and give its URL. It trusts everyone on 127.0.0.1.

    PostgreSQL refuses to run as root: then it runs as the system user ``postgres``.
    Raises ServerUnavailableError or ServerFailedError.
    """
    programs = installation.postgres_programs()
    user = "postgres" if os.geteuid() == 0 else None
    port = free_port()
    with run_folder("postgres", owner=user) as folder:
        data = folder / "data"
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "pg", "--auth=trust", "--no-sync", "-E", "UTF8"],
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=folder,
            env=clean_environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if made.returncode != 0:
            raise ServerFailedError(f"initdb ended with status {made.returncode}:\n{made.stdout}")
        settings = {
            "port": port,
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 200,
        }
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with running(
            "postgres",
            [programs / "postgres", "-D", data, *flags],
            folder,
            lambda process: _accepts_connections(process, port),
            ports=(port,),
            user=user,
            end_signal=signal.SIGQUIT,  # at once: the data are thrown away
        ):
            yield f"postgresql://pg@{HOST}:{port}/postgres"


def _accepts_connections(process: ServerProcess, port: int) -> bool:
    return "ready to accept connections" in process.log_text() and is_listening(port)


def _script(node: Path, folder: Path, name: str) -> Path:
    """Put the script where Node finds its packages: it looks for node_modules beside the file."""
    (folder / "node_modules").symlink_to(node / "node_modules")
    for source in (installation.HERE / "node").glob("*.mjs"):
        shutil.copy(source, folder)
    return folder / name


def _object(answer: httpx.Response) -> dict[str, object]:
    if answer.is_error:
        raise httpx.HTTPStatusError(f"{answer.status_code} {answer.text}", request=answer.request, response=answer)
    content = answer.json()
    assert isinstance(content, dict)
    return content


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
