"""The servers themselves: each starts, answers, takes an account and a post, and leaves its port free."""

import re
import socket
import sys
from pathlib import Path

import httpx
import pytest
from keyring import get_password

from tests.servers import bluesky, installation, keyring, mastodon
from tests.servers.fixtures import or_skip
from tests.servers.processes import (
    ServerFailedError,
    ServerUnavailableError,
    free_port,
    is_listening,
    run_folder,
    running,
    wait_for,
)

STORE_AND_READ = """
import keyring
keyring.set_password("mbclient-test", "anna", "s3cret")
assert keyring.get_password("mbclient-test", "anna") == "s3cret"
keyring.delete_password("mbclient-test", "anna")
print(type(keyring.get_keyring()).__module__, keyring.get_password("mbclient-test", "anna"))
"""


def port_of(url: str) -> int:
    """Return the port that the URL names."""
    port = httpx.URL(url).port
    assert port is not None
    return port


def refused(answer: httpx.HTTPStatusError) -> tuple[int, str]:
    """Return the status and the error's name of a refused XRPC call."""
    return answer.response.status_code, answer.response.json()["error"]


@pytest.mark.server
def test_bluesky_pds() -> None:
    """Login, app password, post, expired token; and no AppView behind it."""
    with or_skip(bluesky.bluesky_pds()) as server:
        account = server.create_account("anna.test")
        assert account.handle == "anna.test"
        app_password = server.create_app_password(account)
        session = server.post("com.atproto.server.createSession", {"identifier": account.did, "password": app_password})
        assert session["did"] == account.did

        uri = server.create_post(account, "Hej")
        assert [record["uri"] for record in server.records(account) if isinstance(record, dict)] == [uri]

        expired = {"Authorization": f"Bearer {server.mint_expired_access(account.did)}"}
        with pytest.raises(httpx.HTTPStatusError) as error:
            server.get("com.atproto.server.getSession", {}, expired)
        assert refused(error.value) == (400, "ExpiredToken")

        with pytest.raises(httpx.HTTPStatusError) as error:
            server.get("app.bsky.feed.getTimeline", {}, account.authorization)
        assert refused(error.value) == (502, "UpstreamFailure")
        assert server.create_account().handle != server.create_account().handle
    assert not is_listening(port_of(server.base_url))
    assert not is_listening(port_of(server.plc_url))


@pytest.mark.server
def test_bluesky_pds_with_rate_limits() -> None:
    """The limit headers are those of the real service."""
    with or_skip(bluesky.bluesky_pds(rate_limits=True)) as server:
        account = server.create_account()
        answer = httpx.post(
            f"{server.base_url}/xrpc/com.atproto.server.createSession",
            json={"identifier": account.handle, "password": account.password},
            trust_env=False,
        )
        assert answer.headers["RateLimit-Policy"] == "30;w=300"


@pytest.mark.server
def test_bluesky_network() -> None:
    """A post reaches a follower's timeline and the search."""
    with or_skip(bluesky.bluesky_network()) as server:
        anna, bo = server.create_account("anna"), server.create_account("bosse")
        server.follow(anna, bo)
        uri = server.create_post(bo, "A patched openssl is out")

        def timeline() -> str:
            return str(server.get("app.bsky.feed.getTimeline", {}, anna.authorization))

        def search() -> str:
            return str(server.get("app.bsky.feed.searchPosts", {"q": "openssl"}, anna.authorization))

        assert wait_for(lambda: uri in timeline())
        assert wait_for(lambda: uri in search())
    assert not is_listening(port_of(server.base_url))
    assert not is_listening(port_of(server.plc_url))


@pytest.mark.server
def test_mastodon_mock() -> None:
    """Posts, links to itself, faults that pass, and a reset."""
    with or_skip(mastodon.mastodon_mock()) as server:
        anna = server.accounts["anna"]
        posted = server.create_post(anna, "Hej")
        url = f"{server.base_url}/api/v1/statuses/{posted}"
        status = httpx.get(url, headers=anna.authorization, trust_env=False).raise_for_status().json()
        assert status["url"].startswith(server.base_url)

        server.fault("ratelimit", path="/api/v1/timelines/home", methods=["GET"])
        home = f"{server.base_url}/api/v1/timelines/home"
        answers = [httpx.get(home, headers=anna.authorization, trust_env=False) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [429, 200]
        assert mastodon.FIRST_POST in answers[1].text

        assert server.create_account().access_token
        server.reset()
        assert httpx.get(url, headers=anna.authorization, trust_env=False).status_code == 404
    assert not is_listening(port_of(server.base_url))


@pytest.mark.server
def test_secret_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret survives between two programs, and is gone when deleted."""
    with or_skip(keyring.secret_service()) as service:
        done = service.run_python(STORE_AND_READ)
        assert (done.returncode, done.stdout) == (0, "keyring.backends.SecretService None\n"), done.stderr
        tool = installation.program("secret-tool")
        names = ["service", "mbclient-test", "username", "anna"]
        assert service.run([tool, "store", "--label=test", *names], stdin="t0p").returncode == 0
        assert service.run([tool, "lookup", *names]).stdout == "t0p"

        service.use(monkeypatch)
        assert get_password("mbclient-test", "anna") == "t0p"  # in this process too


@pytest.mark.server
def test_secret_service_nobody_has_unlocked() -> None:
    """Storing fails with keyring's InitError, as on a machine reached over SSH."""
    with or_skip(keyring.secret_service(unlocked=False)) as service:
        done = service.run_python(STORE_AND_READ)
        assert done.returncode == 1
        assert "keyring.errors.InitError" in done.stderr


def test_no_bus_is_no_keyring(tmp_path: Path) -> None:
    """The environment without a bus makes keyring say that there is none."""
    service = keyring.SecretService(keyring.without_bus(tmp_path))
    done = service.run_python("import keyring; keyring.set_password('mbclient-test', 'anna', 's3cret')")
    assert "NoKeyringError" in done.stderr


def test_a_server_that_ends_early_shows_its_log() -> None:
    """The message names the status and what the server wrote."""
    command = [sys.executable, "-c", "print('no disk', flush=True); raise SystemExit(3)"]
    with (
        run_folder("early") as folder,
        pytest.raises(ServerFailedError, match=r"status 3:\nno disk"),
        running("early", command, folder, lambda _: False),
    ):
        pass


def test_a_taken_port_is_refused_before_the_start() -> None:
    """Otherwise the old server would answer for the new one."""
    with socket.create_server(("127.0.0.1", 0)) as old, run_folder("taken") as folder:
        port = old.getsockname()[1]
        with (
            pytest.raises(ServerFailedError, match=f"port {port} is already in use"),
            running("taken", [sys.executable, "-c", ""], folder, lambda _: True, ports=(port,)),
        ):
            pass


def test_a_server_that_ignores_the_end_is_killed() -> None:
    """SIGTERM is asked for first, and then no more asking."""
    script = (
        "import signal, socket, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "server = socket.create_server(('127.0.0.1', int(sys.argv[1]))); signal.pause()"
    )
    port = free_port()
    with run_folder("stubborn") as folder:
        command = [sys.executable, "-c", script, str(port)]
        with running("stubborn", command, folder, lambda _: is_listening(port), ports=(port,)):
            assert is_listening(port)
        assert not is_listening(port)
    assert not folder.exists()


def test_a_missing_installation_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skipping says what to run; where servers are required it is a failure."""
    monkeypatch.setenv("MBCLIENT_SERVERS_DIR", str(tmp_path))
    with pytest.raises(ServerUnavailableError, match=installation.INSTALL):
        installation.node_folder()
    monkeypatch.delenv(installation.REQUIRE_VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match=installation.INSTALL), or_skip(mastodon.mastodon_mock()):
        pass
    monkeypatch.setenv(installation.REQUIRE_VARIABLE, "1")
    with pytest.raises(pytest.fail.Exception, match=installation.INSTALL), or_skip(mastodon.mastodon_mock()):
        pass


def test_the_lock_names_no_download_address() -> None:
    """npm takes the packages from the registry that is set where it runs."""
    lock = (installation.HERE / "node/package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert re.search(r"https?://[^\"]*\.tgz", lock) is None


@pytest.mark.server
def test_the_fixtures_hand_out_running_servers(
    bluesky_pds: bluesky.BlueskyServer,
    mastodon_mock: mastodon.MastodonMock,
    secret_service: keyring.SecretService,
) -> None:
    """What the other tests ask for by name answers."""
    assert is_listening(port_of(bluesky_pds.base_url))
    assert is_listening(port_of(mastodon_mock.base_url))
    assert Path(secret_service.environment["XDG_RUNTIME_DIR"], "bus").is_socket()
