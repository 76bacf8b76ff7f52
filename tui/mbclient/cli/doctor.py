"""`mbclient doctor`: what works, what does not, and what to do about it. Whoever helps can be given all of it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from mbclient import __version__
from mbclient.bootstrap import data_file
from mbclient.cli.accounts import CHECK_S
from mbclient.cli.config import check_settings
from mbclient.cli.output import ascii_only
from mbclient.cli.run import Run
from mbclient.core.accounts import LOCAL
from mbclient.domain.account import Account
from mbclient.domain.errors import MbclientError, SecretError, SettingsError, StorageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import Machine
from mbclient.settings.system_keyring import NoKeyringFoundError, SystemKeyring
from mbclient.texts import N_, _, language
from mbclient.texts.findings import machine_source, machine_word
from mbclient.texts.money import dollars, expense_word
from mbclient.texts.outside import system_reason
from mbclient.texts.sizes import megabytes

OK, WARNING, ERROR = "ok", "warning", "error"
_SIGNS = {OK: ("OK", "green"), WARNING: ("!", "yellow"), ERROR: ("x", "red")}
_NAMES = {
    "program": N_("program"),
    "config": N_("settings"),
    "policy": N_("policy"),
    "machine": N_("computer"),
    "database": N_("database"),
    "keyring": N_("keyring"),
    "terminal": N_("terminal"),
    "clock": N_("clock"),
    "log": N_("log"),
    "account": N_("account"),
    "spending": N_("costs"),
}
_AROUND = {  # what a terminal's oddities often come from, by the variables that tell it
    "tmux": ("TMUX",),
    "screen": ("STY",),
    "SSH": ("SSH_CONNECTION", "SSH_TTY"),
    "NO_COLOR": ("NO_COLOR",),
}
_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `subject`: the account's name, where it is about one."""

    check: str
    state: str
    message: str
    advice: str = ""
    subject: str = ""


async def doctor(run: Run) -> int:
    """Status 1 if something is broken; a warning is not."""
    broken = False
    async for found in _all(run):
        broken = broken or found.state == ERROR
        _show(run, found)
    return 1 if broken else 0


def _show(run: Run, found: Finding) -> None:
    if run.out.json:
        run.out.object(
            {
                "schema": 1,
                "check": found.check,
                "subject": found.subject or None,
                "state": found.state,
                "message": found.message,
                "advice": found.advice or None,
            }
        )
        return
    sign, style = _SIGNS[found.state]
    name = f"{_(_NAMES[found.check])} {found.subject}".strip()
    run.out.text(f"{sign:<3}{name}: {found.message}", style=style)
    if found.advice:
        run.out.text(found.advice, indent=4)


async def _all(run: Run) -> AsyncIterator[Finding]:
    yield _program()
    yield _terminal()
    config = _config(run)
    yield config
    if config.state == ERROR:
        return  # without settings nothing else is known
    yield _log(run)
    database = _database(run)
    yield database
    if database.state == ERROR:
        return
    yield _policy(run)
    yield _machine(run)
    yield _keyring(run)
    with run.out.progress(_("asking the services")):
        accounts = await asyncio.gather(*(_account(run, account) for account in run.desk.accounts.all()))
    for found in accounts:
        yield found
    for account in run.desk.accounts.all():
        spending = _spending(run, account)
        if spending is not None:
            yield spending
    yield _clock(run)


def _program() -> Finding:
    """What is asked first of whoever needs help: the versions, the system, the language in use."""
    from importlib.metadata import version

    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    versions = f"mbclient {__version__}, Python {platform.python_version()}, Textual {version('textual')}"
    return Finding("program", OK, f"{versions}, {system}, {language()}")


def _log(run: Run) -> Finding:
    file = run.setup.paths.log_file
    return Finding("log", OK, f"{file}, {megabytes(file.stat().st_size)}" if file.exists() else _("nothing in it yet"))


def _terminal() -> Finding:
    size = shutil.get_terminal_size()
    name = os.environ.get("TERM", "")
    around = [word for word, names in _AROUND.items() if any(os.environ.get(one) for one in names)]
    message = ", ".join((name or "?", f"{size.columns}×{size.lines}", *around))
    if not sys.stdout.isatty():
        return Finding("terminal", WARNING, _("the output goes to no terminal"), _("nothing to do for commands"))
    if name in ("", "dumb"):
        return Finding("terminal", WARNING, message, _("set TERM: the terminal UI needs to know what it can do"))
    if ascii_only():
        return Finding("terminal", WARNING, message, _("set a UTF-8 locale, such as LANG=sv_SE.UTF-8"))
    if size.columns < 60:
        return Finding("terminal", WARNING, message, _("make it 60 columns wide or more"))
    return Finding("terminal", OK, message)


def _config(run: Run) -> Finding:
    def look() -> str:
        check_settings(run.setup.config, run.setup.paths)
        file = run.setup.paths.config_file
        return str(file) if file.exists() else _("none yet; the defaults are used")

    return _tried("config", look)


def _database(run: Run) -> Finding:
    def look() -> str:
        _opened = run.desk
        file = data_file(run.setup.paths)
        return f"{file}, {megabytes(file.stat().st_size)}"

    return _tried("database", look)


def _tried(check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, OK, look())
    except (SettingsError, StorageError) as error:
        return Finding(check, ERROR, error.args[0], error.advice)
    except OSError as error:
        return Finding(check, ERROR, system_reason(error))


def _policy(run: Run) -> Finding:
    loaded = run.desk.judge.loaded
    if loaded.notices:
        state = ERROR if loaded.faults else WARNING
        return Finding("policy", state, "; ".join(loaded.notices), _("`mbclient policy validate FILE` tells more"))
    if not loaded.policy.employer.name:
        advice = _('set it in config.toml: [policy.employer] name = "…"')
        return Finding("policy", WARNING, _("Employer not set"), advice)
    return Finding("policy", OK, ", ".join(loaded.sources) or _("the built-in rules and your own settings"))


def _machine(run: Run) -> Finding:
    found = run.desk.world.machine.current()
    message = f"{machine_word(found.machine)}, {machine_source(found.source)}"
    if found.notices:
        return Finding("machine", WARNING, message, "; ".join(found.notices))
    if found.machine is Machine.UNDECLARED:
        return Finding(
            "machine", WARNING, message, _("say whose it is with `mbclient machine declare work` or `private`")
        )
    return Finding("machine", OK, message)


def _keyring(run: Run) -> Finding:
    try:
        return Finding("keyring", OK, SystemKeyring().describe())
    except NoKeyringFoundError as error:
        return Finding("keyring", WARNING, error.problem, error.advice)
    except SecretError as error:
        return Finding("keyring", ERROR, error.problem, error.advice)


async def _account(run: Run, account: Account) -> Finding:
    def said(state: str, message: str, advice: str = "") -> Finding:
        return Finding("account", state, message, advice, account.name)

    try:
        async with asyncio.timeout(CHECK_S):
            profile = await run.desk.accounts.verify(account.name)
    except TimeoutError:
        return said(ERROR, _("no answer"), _("check the network and try again"))
    except MbclientError as error:
        return said(ERROR, error.problem, error.advice)
    facts = run.desk.judge.account_facts()[account.name]
    message = f"{account.service}, {profile.handle}"
    if (
        account.service != LOCAL
        and not account.pseudonymous
        and "unknown" in (facts.employer_visible, facts.real_name_visible)
    ):
        advice = _("say what the profile shows: mbclient account confirm {name} --employer yes --real-name yes")
        return said(WARNING, message, advice.format(name=account.name))
    return said(OK, message)


def _spending(run: Run, account: Account) -> Finding | None:
    """What the account's calls have cost this month; None where they cost nothing."""
    try:
        billed = run.desk.accounts.service(account.name).capabilities.billed
        spent = run.desk.spending.of(account.name)
    except MbclientError as error:
        return Finding("spending", ERROR, error.problem, error.advice, account.name)
    if not billed and not spent.amount:
        return None
    kinds = ", ".join(f"{one.number} {expense_word(one.what)} {dollars(one.amount)}" for one in spent.expenses)
    message = f"{spent.words} ({kinds})" if kinds else spent.words
    if spent.cap is None:
        advice = _("calls cost money: set a cap with monthly_cap_usd in config.toml")
        return Finding("spending", WARNING, message, advice, account.name)
    if spent.near:
        return Finding("spending", WARNING, message, _("the month's cap is near, and nothing passes it"), account.name)
    return Finding("spending", OK, message, subject=account.name)


def _clock(run: Run) -> Finding:
    status = run.desk.judge.status()
    zone = run.desk.judge.policy.zone_name
    if abs(status.skew) > _SKEW:
        minutes = round(status.skew.total_seconds() / 60)
        message = _("{n} min off, by the servers' word").format(n=abs(minutes))
        return Finding("clock", WARNING, message, _("set the clock; until then the servers' is counted with"))
    return Finding("clock", OK, zone)
