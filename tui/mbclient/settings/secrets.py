"""Secrets: a command of the user's, the system's keyring, or a 0600 file after an explicit yes.

No secret ever stands in an error's text: what a backend or a command says is not repeated, only its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mbclient.domain.account import Account
from mbclient.domain.errors import SecretError, SettingsError
from mbclient.domain.secret import Secret
from mbclient.settings import checks
from mbclient.settings.checks import read_table
from mbclient.settings.files import locked, tighten_file, write_atomically
from mbclient.settings.paths import Paths
from mbclient.settings.system_keyring import NoKeyringFoundError, SystemKeyring
from mbclient.settings.toml import load
from mbclient.settings.written import dump
from mbclient.texts import _


class SecretStore:
    """Fills the core's `Secrets`. Blocking: call it in a thread. `accounts`: asks who has a `token_command`."""

    def __init__(
        self,
        paths: Paths,
        accounts: Callable[[], Iterable[Account]] = tuple,
        *,
        keyring: SystemKeyring | None = None,
    ) -> None:
        self._paths = paths
        self._accounts = accounts
        self._keyring = keyring or SystemKeyring()

    def get(self, account: str) -> Secret | None:
        """The account's secret, None when nothing is kept. Raises SecretError."""
        if command := self._token_command(account):
            from mbclient.settings.secret_command import run_token_command  # late: few accounts have one

            return run_token_command(account, command)
        if (kept := self._read_file().get(account)) is not None:
            return Secret(kept)
        return self._keyring.get(account)

    def set(self, account: str, secret: Secret, *, allow_file: bool = False) -> None:
        """Keep it in the keyring; with no keyring and `allow_file`, in the 0600 file. Raises SecretError.

        An account that is in the file already was said yes to: a renewed token takes the old one's place there.
        """
        if self._token_command(account):
            raise SecretError(
                _("{account} takes its secret from token_command").format(account=account),
                _("change it where that command reads it"),
            )
        try:
            self._keyring.set(account, secret)
        except NoKeyringFoundError:
            if not allow_file and account not in self._read_file():
                raise
            self._write_file(account, secret)
        else:
            self._forget_in_file(account)

    def delete(self, account: str) -> None:
        """Forget it wherever it is kept; nothing kept is fine. Raises SecretError."""
        self._forget_in_file(account)
        if self._token_command(account):
            return
        try:
            self._keyring.delete(account)
        except NoKeyringFoundError:
            return

    def describe(self) -> str:
        """Which keyring there is, for `doctor`. Raises SecretError when there is none that works."""
        return self._keyring.describe()

    def _token_command(self, account: str) -> tuple[str, ...]:
        return next((known.token_command for known in self._accounts() if known.name == account), ())

    # ------------------------------------------------------------ the file

    def _read_file(self) -> dict[str, str]:
        try:
            tighten_file(self._paths.secrets_file)
            document = load(self._paths.secrets_file)
            if document is None:
                return {}
            values = read_table(document, {"schema": checks.schema, "secrets": checks.raw_table})
        except SettingsError as error:
            raise SecretError(
                _("the file of secrets, {file}, is not in order").format(file=self._paths.secrets_file),
                _("mend it, or delete it and log in again"),
            ) from (None if error.line else error)
        kept = values.get("secrets", {})
        return {name: value for name, value in kept.items() if isinstance(value, str)}

    def _write_file(self, account: str, secret: Secret) -> None:
        self._change_file(lambda kept: {**kept, account: secret.reveal()})

    def _forget_in_file(self, account: str) -> None:
        if account in self._read_file():
            self._change_file(lambda kept: {name: value for name, value in kept.items() if name != account})

    def _change_file(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        path = self._paths.secrets_file
        try:
            with locked(path):
                document = dump(path, {"schema": 1, "secrets": change(self._read_file())})
                write_atomically(path, document.text.encode())
        except SettingsError as error:
            raise SecretError(
                _("the file of secrets, {file}, can't be written").format(file=path), error.advice
            ) from None
