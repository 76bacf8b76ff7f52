"""Whose computer this is: work, private or undeclared, and who says so (policy facts 3.3)."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mbclient.core.preferences import MachineFacts, PolicySource
from mbclient.domain.errors import SettingsError
from mbclient.policy.model import Machine
from mbclient.settings import checks
from mbclient.settings.checks import Spec, read_table
from mbclient.settings.files import locked, write_atomically
from mbclient.settings.lastgood import signature
from mbclient.settings.paths import Paths
from mbclient.settings.toml import load
from mbclient.settings.written import dump
from mbclient.texts import _

ENVIRONMENT, SYSTEM, DECLARED, SSH, NOBODY = "environment", "system", "declared", "ssh", "nobody"
_OWNERSHIP = checks.one_of("work", "private")
_SYSTEM_FILE: Spec = {"schema": checks.schema, "ownership": _OWNERSHIP}
_DECLARATION: Spec = {
    "schema": checks.schema,
    "ownership": _OWNERSHIP,
    "salt": checks.filled,
    "fingerprint": checks.filled,
}
_UNREAD = (None, MachineFacts(Machine.UNDECLARED))  # of no state of the files
_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"), Path("/etc/hostid"))


def machine_id() -> str:
    """What the system calls this computer; empty when it can't be read. Never stored or shown as it is."""
    if sys.platform == "darwin":
        return _mac_id()
    if sys.platform == "win32":
        return _windows_id()
    for path in _ID_FILES:
        with suppress(OSError, UnicodeDecodeError):
            found = path.read_text("ascii").strip()
            if found and found != "uninitialized":  # what systemd writes before the first boot
                return found
    return ""


def _mac_id() -> str:
    import re
    import subprocess

    with suppress(OSError, subprocess.SubprocessError):
        tree = subprocess.run(
            ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout
        if match := re.search(r'"IOPlatformUUID" = "([^"]+)"', tree):
            return match[1]
    return ""


def _windows_id() -> str:
    if sys.platform == "win32":
        import winreg

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    return ""


class FileMachineSource:
    """Fills the core's `MachineSource`. `policy` says what counts over SSH."""

    def __init__(self, paths: Paths, policy: PolicySource, identify: Callable[[], str] = machine_id) -> None:
        self._paths = paths
        self._policy = policy
        self._identify = identify
        self._known: tuple[object, MachineFacts] = _UNREAD  # in one: threads read it too

    def current(self) -> MachineFacts:
        """Read once; again when a file has changed."""
        seen, known = signature(self._paths.machine_file, self._paths.declaration_file), self._known
        if known[0] != seen:
            known = self._known = seen, self._ownership()
        return self._under_ssh(known[1])

    def declare(self, machine: Machine) -> None:
        """The user's own word, bound to this computer. Raises SettingsError when it can't be given or kept."""
        if self._ownership().source == SYSTEM:
            raise SettingsError(
                _("{file} decides whose computer this is").format(file=self._paths.machine_file),
                _("ask the one who administers it"),
            )
        if machine is Machine.UNDECLARED:
            raise SettingsError(_("a computer is declared work or private"), _("choose one of them"))
        identity = self._identify()
        if not identity:
            raise SettingsError(
                _("this computer has no machine id that can be read, so nothing can be declared for it"),
                _("it counts as a work computer"),
            )
        salt = os.urandom(16).hex()
        path = self._paths.declaration_file
        entry = {"schema": 1, "ownership": str(machine), "salt": salt, "fingerprint": _fingerprint(salt, identity)}
        with locked(path):
            write_atomically(path, dump(path, entry).text.encode())
        self._known = _UNREAD

    def _under_ssh(self, found: MachineFacts) -> MachineFacts:
        """Over SSH the computer one sits at can't be seen."""
        if "SSH_CONNECTION" not in os.environ or found.machine is Machine.WORK:
            return found
        if self._policy.current().policy.ssh_session == "as-declared":
            return found
        return MachineFacts(Machine.WORK, SSH, found.notices)

    def _ownership(self) -> MachineFacts:
        notices: list[str] = []
        wanted = os.environ.get("MBCLIENT_MACHINE", "")
        if wanted == "work":
            return MachineFacts(Machine.WORK, ENVIRONMENT)
        if wanted:
            notices.append(_("MBCLIENT_MACHINE is ignored: it can only say work"))
        try:
            system = load(self._paths.machine_file)
            if system is not None:
                values = read_table(system, _SYSTEM_FILE)
                if "ownership" not in values:
                    raise system.error((), _("ownership is missing"), _('write ownership = "work" or "private"'))
                return MachineFacts(Machine(values["ownership"]), SYSTEM, tuple(notices))
        except SettingsError as error:
            # What the administrator meant is not known, so it is the stricter; the user's own word doesn't count.
            notices.append(_("{error} (this counts as a work computer)").format(error=error))
            return MachineFacts(Machine.WORK, SYSTEM, tuple(notices))
        declared, notice = self._declared()
        notices += [notice] if notice else []
        source = NOBODY if declared is Machine.UNDECLARED else DECLARED
        return MachineFacts(declared, source, tuple(notices))

    def _declared(self) -> tuple[Machine, str]:
        try:
            document = load(self._paths.declaration_file)
            if document is None:
                return Machine.UNDECLARED, ""
            values = read_table(document, _DECLARATION)
        except SettingsError as error:
            return Machine.UNDECLARED, _("{error} (declare this computer again)").format(error=error)
        identity = self._identify()
        expected = _fingerprint(values.get("salt", ""), identity)
        if not identity or values.get("fingerprint") != expected:
            return Machine.UNDECLARED, _("this is not the computer that was declared; declare it again")
        return Machine(values.get("ownership", "undeclared")), ""


def _fingerprint(salt: str, identity: str) -> str:
    return hashlib.sha256(f"{salt}:{identity}".encode()).hexdigest()
