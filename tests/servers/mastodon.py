"""The Mastodon mock: a stateful mock of Mastodon's API, not Mastodon.

It differs where the shapes of rate-limit headers, content and dates matter; test those against the
project's own loopback server with the true shapes.
"""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.servers import installation
from tests.servers.processes import HOST, answers, free_port, run_folder, running

VERSION = "4.5.0"  # the Mastodon it says it is
SEEDED = {"anna": "Anna Ek", "bo": "Bo Lind", "carla": "Carla Moss"}
FOLLOWS = (("anna", "bo"), ("bo", "anna"))
FIRST_POST = "A patched openssl is out"


@dataclass(frozen=True)
class MastodonAccount:
    """An account on the mock."""

    username: str
    access_token: str = field(repr=False)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that signs a request as this account."""
        return {"Authorization": f"Bearer {self.access_token}"}


@dataclass(frozen=True)
class MastodonMock:
    """A running mock. Seeded: ``anna``, ``bo`` and ``carla``; anna and bo follow each other."""

    base_url: str
    accounts: Mapping[str, MastodonAccount]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False, compare=False)

    @property
    def access_tokens(self) -> dict[str, str]:
        """The seeded accounts' tokens by user name."""
        return {name: account.access_token for name, account in self.accounts.items()}

    def create_account(self, username: str = "") -> MastodonAccount:
        """Create an account; without a name one that no other test has. ``reset`` removes it."""
        name = username or f"person{next(self._numbers)}"
        answer = self._control("POST", "dev_user", {"username": name, "display_name": name})
        assert isinstance(answer, dict)
        return MastodonAccount(name, str(answer["access_token"]))

    def create_post(self, account: MastodonAccount, text: str) -> str:
        """Post as the account, from outside the client under test; return the status's id."""
        answer = httpx.post(
            f"{self.base_url}/api/v1/statuses",
            data={"status": text},
            headers=account.authorization,
            timeout=30,
            trust_env=False,
        )
        return str(answer.raise_for_status().json()["id"])

    def fault(
        self,
        effect: str,
        *,
        path: str = "*",
        methods: Sequence[str] | None = None,
        count: int | None = 1,
        status: int | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        delay_ms: int = 0,
    ) -> str:
        """Let the next ``count`` matching requests (None: all) go wrong; return the rule's id.

        ``effect`` is status, ratelimit, latency, malformed or timeout; ``path`` may hold ``*``;
        ``delay_ms`` is for latency and timeout.
        """
        what: dict[str, object] = {"type": effect, "delay_ms": delay_ms, "headers": dict(headers or {})}
        if status is not None:
            what["status"] = status
        if body is not None:
            what["body"] = body
        match = {"path": path, "methods": list(methods) if methods else None}
        rule = self._control("POST", "faults", {"match": match, "effect": what, "count": count})
        assert isinstance(rule, dict)
        return str(rule["id"])

    def clear_faults(self) -> None:
        """Drop every fault that is still waiting."""
        self._control("DELETE", "faults")

    def reset(self) -> None:
        """Go back to the seeded state: accounts, posts and tokens made since are gone, faults too."""
        self._control("POST", "reset")

    def _control(self, method: str, action: str, content: object = None) -> object:
        answer = httpx.request(
            method, f"{self.base_url}/api/v1/_mock/{action}", json=content, timeout=30, trust_env=False
        )
        result: object = answer.raise_for_status().json()
        return result


@contextmanager
def mastodon_mock(*, rate_limit: int | None = None) -> Iterator[MastodonMock]:
    """Run the mock, in memory; ``rate_limit`` switches its limit headers on: requests per 300 s.

    Raises ServerUnavailableError or ServerFailedError.
    """
    venv = installation.mastodon_folder()
    port = free_port()
    accounts = {name: MastodonAccount(name, f"{name}-token") for name in SEEDED}
    server = MastodonMock(f"http://{HOST}:{port}", accounts)
    with run_folder("mastodon") as folder:
        config = folder / "mock.toml"
        _write_config(config, port, rate_limit)
        command: list[str | Path] = [venv / "bin/mastodon_mock", "serve", "--config", config]
        with running(
            "mastodon-mock",
            [*command, "--in-memory", "--host", HOST, "--port", str(port), "--log-level", "warning"],
            folder,
            lambda _: answers(f"{server.base_url}/health"),
            ports=(port,),
        ):
            yield server


def _write_config(path: Path, port: int, rate_limit: int | None) -> None:
    """Write the mock's TOML. Without domain and scheme its links would point elsewhere."""
    lines = [
        f'mocked_version = "{VERSION}"',
        f'domain = "{HOST}:{port}"',
        'url_scheme = "http"',
        "[auth]",
        "enforce_scopes = true",
    ]
    if rate_limit is not None:
        lines += ["[ratelimit]", "enabled = true", f"limit = {rate_limit}", "window_seconds = 300"]
    for name, display_name in SEEDED.items():
        lines += _table(
            "seed.accounts",
            username=name,
            display_name=display_name,
            access_token=f"{name}-token",
            email=f"{name}@mail.test",
        )
    for follower, following in FOLLOWS:
        lines += _table("seed.follows", follower=follower, following=following)
    lines += _table("seed.statuses", account="bo", text=FIRST_POST)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _table(name: str, **values: str) -> list[str]:
    # A JSON string of plain text is a TOML basic string too.
    return [f"[[{name}]]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
