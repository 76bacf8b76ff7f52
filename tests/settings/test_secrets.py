from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordSetError

from mbclient.domain.account import Account
from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.settings.paths import Paths
from mbclient.settings.secrets import SecretStore
from mbclient.settings.system_keyring import NoKeyringFoundError, SystemKeyring
from tests.servers.keyring import SecretService, secret_service, without_bus
from tests.settings.conftest import put
from tests.settings.modes import mode, umask

CANARY = "canary-7f3a9c"
TOKEN = Secret(CANARY)


class MemoryKeyring(KeyringBackend):
    """Keeps entries in memory, and does what it is told before each."""

    priority = 1

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.before = before

    def get_password(self, service: str, username: str) -> str | None:
        self.before()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.before()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def use(make: Callable[[], KeyringBackend], monkeypatch: pytest.MonkeyPatch) -> None:
    backend = make()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    backend = MemoryKeyring()
    use(lambda: backend, monkeypatch)
    return backend


def everything_said(error: BaseException) -> str:
    """All that a crash screen or a log could show of an error, the locals of its frames (but the test's) included."""
    assert error.__traceback__ is not None
    error.with_traceback(error.__traceback__.tb_next)
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(whole.format()) + repr(error) + repr(vars(error))


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# ------------------------------------------------------------ the keyring


def test_a_secret_comes_back_until_it_is_deleted(paths: Paths, memory: MemoryKeyring) -> None:
    store = SecretStore(paths)
    assert store.get("work") is None
    store.set("work", TOKEN)
    assert memory.entries == {("mbclient", "work"): CANARY}
    assert store.get("work") == TOKEN
    assert store.get("other") is None
    store.delete("work")
    store.delete("work")
    assert store.get("work") is None
    assert not paths.data_dir.exists()


def test_with_a_keyring_a_yes_to_a_file_changes_nothing(paths: Paths, memory: MemoryKeyring) -> None:
    SecretStore(paths).set("work", TOKEN, allow_file=True)
    assert memory.entries
    assert not paths.secrets_file.exists()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_without_a_keyring_nothing_is_written_without_a_yes(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, backend: Callable[[], KeyringBackend]
) -> None:
    use(backend, monkeypatch)
    store = SecretStore(paths)
    with pytest.raises(NoKeyringFoundError, match="no keyring"):
        store.set("work", TOKEN)
    with pytest.raises(SecretError):
        store.get("work")
    assert not paths.data_dir.exists()
    store.set("work", TOKEN, allow_file=True)
    assert store.get("work") == TOKEN
    renewed = Secret("renewed")
    store.set("work", renewed)  # the yes was given for the account: tokens change without being asked for
    assert store.get("work") == renewed
    with pytest.raises(NoKeyringFoundError):
        store.set("other", TOKEN)


def test_a_backend_that_takes_all_and_keeps_nothing_is_no_keyring(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    use(Forgetful, monkeypatch)
    with pytest.raises(NoKeyringFoundError):
        SecretStore(paths).set("work", TOKEN)


def test_a_backend_that_writes_plain_files_is_no_keyring(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MemoryKeyring()
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyrings.alt.file")
    use(lambda: plain, monkeypatch)
    with pytest.raises(NoKeyringFoundError):
        SecretStore(paths).set("work", TOKEN)
    assert plain.entries == {}


class ForeignError(Exception):
    """What no one knows of."""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (KeyringLocked(CANARY), "locked; unlock it"),
        (InitError(CANARY), "locked; unlock it"),
        (NoKeyringError(CANARY), "no keyring"),
        (PasswordSetError(CANARY), "PasswordSetError"),
        (ConnectionResetError(CANARY), "ConnectionResetError"),
        (RuntimeError(CANARY), "RuntimeError"),
    ],
)
def test_every_fault_is_told_in_plain_words_without_the_secret(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, fault: Exception, words: str
) -> None:
    def before() -> None:
        raise fault

    use(lambda: MemoryKeyring(before), monkeypatch)
    store = SecretStore(paths)
    attempts: list[Callable[[], object]] = [lambda: store.get("work"), lambda: store.set("work", TOKEN)]
    for attempt in attempts:
        with pytest.raises(SecretError, match=words) as caught:
            attempt()
        assert CANARY not in everything_said(caught.value)
    assert not paths.secrets_file.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is what the test is about
def test_a_fault_that_nobody_knows_of_is_still_a_secret_error(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def before() -> None:
        raise ForeignError

    use(lambda: MemoryKeyring(before), monkeypatch)
    with pytest.raises(SecretError, match="the keyring failed"):
        SecretStore(paths).get("work")


def test_a_locked_keyring_is_no_reason_for_a_file(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def before() -> None:
        raise KeyringLocked

    use(lambda: MemoryKeyring(before), monkeypatch)
    with pytest.raises(SecretError, match="locked"):
        SecretStore(paths).set("work", TOKEN, allow_file=True)
    assert not paths.secrets_file.exists()


def test_a_keyring_that_hangs_is_left_after_its_time(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    use(lambda: MemoryKeyring(answer.wait), monkeypatch)
    with pytest.raises(SecretError, match="did not answer within"):
        SecretStore(paths, keyring=SystemKeyring(timeout=0.05)).get("work")
    answer.set()


# ------------------------------------------------------------ the file


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_file_is_private_and_outside_the_settings(paths: Paths, monkeypatch: pytest.MonkeyPatch, mask: int) -> None:
    use(fail.Keyring, monkeypatch)
    with umask(mask):
        SecretStore(paths).set("work", TOKEN, allow_file=True)
    assert mode(paths.secrets_file) == 0o600
    assert mode(paths.data_dir) == 0o700
    assert not paths.secrets_file.is_relative_to(paths.config_dir / "themes")
    assert paths.secrets_file.parent == paths.data_dir


def test_a_link_in_the_files_place_gets_nothing(paths: Paths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(fail.Keyring, monkeypatch)
    paths.data_dir.mkdir(parents=True, mode=0o700)
    paths.secrets_file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SecretError, match="can't be written"):
        SecretStore(paths).set("work", TOKEN, allow_file=True)
    assert not (tmp_path / "elsewhere").exists()


def test_moving_to_a_keyring_and_deleting_empties_the_file(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    use(fail.Keyring, monkeypatch)
    store = SecretStore(paths)
    store.set("work", TOKEN, allow_file=True)
    store.set("other", Secret("second"), allow_file=True)
    store.delete("other")
    assert b"second" not in written(paths.data_dir)
    use(MemoryKeyring, monkeypatch)
    store.set("work", TOKEN)
    assert CANARY.encode() not in written(paths.data_dir)
    assert store.get("work") == TOKEN


@pytest.mark.parametrize("text", [f'secrets = "{CANARY}"', f"[secrets]\nwork = {CANARY}", f"{CANARY} = 1\n[secrets]\n"])
def test_a_damaged_file_is_told_without_its_content(paths: Paths, memory: MemoryKeyring, text: str) -> None:
    put(paths.secrets_file, text)
    with pytest.raises(SecretError, match="not in order") as caught:
        SecretStore(paths).get("work")
    assert CANARY not in f"{caught.value}{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert paths.secrets_file.read_text() == text


# ------------------------------------------------------------ token_command


def commanding(paths: Paths, script: str) -> SecretStore:
    return SecretStore(paths, lambda: [with_command(sys.executable, "-c", script)])


def with_command(*command: str) -> Account:
    return Account("work", "mastodon", token_command=command)


def test_the_first_line_of_the_command(paths: Paths, memory: MemoryKeyring) -> None:
    store = commanding(paths, f"print('{CANARY}\\r\\nuser: anna')")
    assert store.get("work") == TOKEN
    assert store.get("other") is None
    with pytest.raises(SecretError, match="token_command"):
        store.set("work", TOKEN)
    store.delete("work")
    assert memory.entries == {}


def test_no_shell_reads_the_command(paths: Paths, memory: MemoryKeyring) -> None:
    store = SecretStore(paths, lambda: [with_command("printf", "%s", "$HOME;`id`")])
    assert store.get("work") == Secret("$HOME;`id`")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"import sys; print('{CANARY}'); print('{CANARY}', file=sys.stderr); sys.exit(3)", "ended with status 3"),
        ("print()", "printed nothing"),
        ("pass", "printed nothing"),
        (f"import sys; sys.stdout.buffer.write(b'{CANARY}\\xff')", "not text"),
        (f"while True: print('{CANARY}' * 100)", "ended with status"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_printed(
    paths: Paths, memory: MemoryKeyring, capfd: pytest.CaptureFixture[str], script: str, words: str
) -> None:
    with pytest.raises(SecretError, match=words) as caught:
        commanding(paths, script).get("work")
    assert CANARY not in f"{caught.value}{caught.value!r}"
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("command", [["/nowhere/pass"], ["/"], ["pass\0"]])
def test_a_command_that_cannot_be_started(paths: Paths, memory: MemoryKeyring, command: list[str]) -> None:
    with pytest.raises(SecretError, match="can't be started"):
        SecretStore(paths, lambda: [with_command(*command)]).get("work")


def test_a_command_that_takes_too_long_is_ended_with_its_children() -> None:
    from mbclient.settings.secret_command import run_token_command

    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with pytest.raises(SecretError, match="did not end within"):
        run_token_command("work", [sys.executable, "-c", script], timeout=0.5)


# ------------------------------------------------------------ the real keyring


SCRIPT = """
from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.settings.paths import find_paths
from mbclient.settings.secrets import SecretStore

store = SecretStore(find_paths())
try:
    {body}
except SecretError as error:
    print(type(error).__name__, error)
"""


def run_script(service: SecretService, body: str) -> str:
    done = service.run_python(SCRIPT.format(body=body))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def daemon() -> Iterator[SecretService]:
    from tests.servers.fixtures import or_skip

    with or_skip(secret_service()) as service:
        yield service


@pytest.mark.server
def test_the_real_keyring_keeps_and_forgets(daemon: SecretService) -> None:
    body = (
        "store.set('work', Secret('canary'), allow_file=True); found = store.get('work'); store.delete('work');"
        " print(found.reveal(), store.get('work'), store.describe())"
    )
    assert run_script(daemon, body).startswith("canary None SecretService")
    assert not any("secrets.toml" in str(path) for path in Path(daemon.environment["HOME"]).rglob("*"))


@pytest.mark.server
def test_a_real_keyring_that_nobody_unlocked(daemon: SecretService) -> None:
    from tests.servers.fixtures import or_skip

    with or_skip(secret_service(unlocked=False)) as locked:
        said = run_script(locked, "store.set('work', Secret('canary'), allow_file=True); print('kept')")
    assert said.startswith("SecretError the keyring is locked")


@pytest.mark.server
def test_a_real_collection_that_is_locked(daemon: SecretService) -> None:
    lock = (
        "store.set('work', Secret('canary')); import secretstorage;"
        " secretstorage.get_default_collection(secretstorage.dbus_init()).lock(); print(store.get('work'))"
    )
    assert run_script(daemon, lock).startswith(("SecretError the keyring is locked", "SecretError the keyring did not"))


def test_no_session_bus(tmp_path: Path) -> None:
    said = run_script(SecretService(without_bus(tmp_path)), "store.get('work')")
    assert said.startswith("NoKeyringFoundError there is no keyring")
