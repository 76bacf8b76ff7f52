"""The system's keyring, with every way that it can fail made a `SecretError`.

What a backend says is never repeated: nobody promises that a secret does not stand in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mbclient.domain.errors import SecretError
from mbclient.domain.secret import Secret
from mbclient.texts import _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "mbclient"
TIMEOUT_S = 5.0
_PLAIN_TEXT = ("keyrings.alt.file", "keyrings.alt.Gnome", "sagecipher")  # files that are no keyring at all

T = TypeVar("T")


class NoKeyringFoundError(SecretError):
    """There is no keyring that keeps anything safe: a file, after a yes, is the only other place."""


class SystemKeyring:
    """Entries under the service `mbclient`, one an account. Blocking, for `timeout` seconds at most."""

    def __init__(self, timeout: float = TIMEOUT_S) -> None:
        self._timeout = timeout

    def get(self, account: str) -> Secret | None:
        """None when there is no entry. Raises SecretError."""

        def read() -> Secret | None:
            value = _backend().get_password(SERVICE, account)
            return None if value is None else Secret(value)

        return self._run(read)

    def set(self, account: str, secret: Secret) -> None:
        """Keep it, and read it back: some backends take everything and keep nothing. Raises SecretError."""

        def keep() -> None:
            backend = _backend()
            backend.set_password(SERVICE, account, secret.reveal())
            kept = backend.get_password(SERVICE, account)
            if kept is None or Secret(kept) != secret:
                raise _no_keyring()

        self._run(keep)

    def delete(self, account: str) -> None:
        """Forget it; no entry is fine. Raises SecretError."""

        def drop() -> None:
            backend = _backend()
            if backend.get_password(SERVICE, account) is not None:
                backend.delete_password(SERVICE, account)

        self._run(drop)

    def describe(self) -> str:
        """The backend's name, for `doctor`. Raises SecretError when there is none."""
        return self._run(lambda: str(_backend().name))

    def _run(self, work: Callable[[], T]) -> T:
        """In a thread of its own: a keyring may hang on D-Bus for ever, and its caller must not."""
        import threading

        outcome: list[T] = []
        failure: list[SecretError] = []

        def run() -> None:
            try:
                outcome.append(work())
            except SecretError as error:
                failure.append(error)
            except _backend_errors() as error:
                failure.append(_explained(error))

        # A daemon: one that never comes back must not keep the program from ending either.
        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._timeout)
        if thread.is_alive():
            raise SecretError(
                _("the keyring did not answer within {seconds:g} s").format(seconds=self._timeout),
                _("unlock it and try again"),
            )
        if failure:
            raise failure[0].with_traceback(None)  # the old frames hold the secret among the backend's locals
        if not outcome:
            raise _failed("")
        return outcome[0]


def _backend() -> KeyringBackend:
    """The backend that keyring chose. Raises NoKeyringFoundError for those that are none."""
    import keyring  # late: it costs a quarter of a second

    backend = keyring.get_keyring()
    chosen = next(iter(getattr(backend, "backends", ())), backend)  # the first of a chain is where it writes
    module = type(chosen).__module__
    if module in ("keyring.backends.fail", "keyring.backends.null") or module.startswith(_PLAIN_TEXT):
        raise _no_keyring()
    return backend


def _backend_errors() -> tuple[type[BaseException], ...]:
    """What a backend raises: keyring's own tree, the libraries below it where they are loaded, and broken pipes."""
    from keyring.errors import KeyringError

    below = [
        getattr(sys.modules.get(module), name, None)
        for module, name in (
            ("secretstorage.exceptions", "SecretStorageException"),
            ("jeepney", "DBusErrorResponse"),
        )
    ]
    loaded = [found for found in below if isinstance(found, type) and issubclass(found, Exception)]
    return (KeyringError, OSError, RuntimeError, ValueError, LookupError, ImportError, *loaded)


def _explained(error: BaseException) -> SecretError:
    from keyring import errors

    kind = type(error).__name__
    if isinstance(error, errors.NoKeyringError) or kind == "SecretServiceNotAvailableException":
        return _no_keyring()
    if isinstance(error, errors.KeyringLocked | errors.InitError) or kind in (
        "LockedException",
        "PromptDismissedException",
    ):
        return SecretError(_("the keyring is locked"), _("unlock it and try again"))
    return _failed(kind)


def _no_keyring() -> NoKeyringFoundError:
    return NoKeyringFoundError(
        _("there is no keyring that keeps secrets"),
        _("start one, set token_command, or allow a file that only you can read"),
    )


def _failed(kind: str) -> SecretError:
    detail = f" ({kind})" if kind else ""
    return SecretError(_("the keyring failed") + detail, _("try again, or see `mbclient doctor`"))
