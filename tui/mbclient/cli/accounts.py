"""account add, list, check, remove, confirm."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from mbclient.cli import ask
from mbclient.cli.login import TerminalDialog
from mbclient.cli.output import error_line
from mbclient.cli.run import Run
from mbclient.cli.spec import nearest, shown
from mbclient.core.jsonform import Json, account_json
from mbclient.core.ports import LoginForm
from mbclient.domain.account import Account, Known
from mbclient.domain.errors import (
    AuthError,
    MbclientError,
    RateLimitedError,
    SecretError,
    ServiceError,
    UnreachableError,
    UsageError,
)
from mbclient.domain.secret import Secret
from mbclient.settings.system_keyring import NoKeyringFoundError
from mbclient.texts import _
from mbclient.texts.explain import known_word

CHECK_S = 15.0
_STATES = {
    AuthError: "signed-out",
    SecretError: "no-secret",
    RateLimitedError: "limited",
    UnreachableError: "unreachable",
}


async def add(run: Run) -> int:
    """Signs in, reads the profile, keeps the secret, then the account."""
    desk, given = run.desk, run.given
    service = given.word("SERVICE")
    names = desk.world.services.names()
    if service not in names:
        raise UsageError(
            _("there is no service {name}").format(name=shown(service)),
            nearest(service, names) or _("there are: {names}").format(names=", ".join(names)),
        )
    form = desk.world.services.login_form(service)
    name = given.text("--name", service)
    known = desk.accounts.known(name, service) or Account(name, service)
    handle = given.text("--handle") or (known.handle if form.handle_required else "")
    account = Account(
        name=name,
        service=service,
        url=_address(given.text("--url") or known.url or form.url, form),
        handle=_asked(handle, form.handle_required, _("Your name there (handle):"), "--handle"),
        pseudonymous=given.has("--pseudonymous"),
    )
    secret: Secret | None = None
    if given.has("--secret-stdin"):
        secret = ask.secret_from_stdin()
    elif form.secret:
        secret = ask.secret(form.secret)
    dialog = TerminalDialog()
    signed, profile = await desk.accounts.add(
        account, dialog, secret=secret, paste="SSH_CONNECTION" in os.environ, ask_file=_may_use_file
    )
    facts = desk.judge.account_facts()[signed.name]
    if run.out.json:
        run.out.object(account_json(signed, _words(facts.employer_visible, facts.real_name_visible), "ok"))
        return 0
    run.out.text(_("{name} is signed in as {handle}").format(name=signed.name, handle=profile.handle))
    if Known.YES not in (facts.employer_visible, facts.real_name_visible) and not signed.pseudonymous:
        run.out.text(
            _("say what the profile shows: mbclient account confirm {name} --employer yes --real-name yes").format(
                name=signed.name
            )
        )
    return 0


def _address(url: str, form: LoginForm) -> str:
    url = _asked(url, form.url_required, _("The server's address:"), "--url")
    return url if not url or "://" in url else f"https://{url}"


def _asked(value: str, required: bool, question: str, flag: str) -> str:
    if value or not required:
        return value
    answer = ask.line(question) if ask.can_ask() else ""
    if not answer:
        raise UsageError(_("{flag} is missing").format(flag=flag), _("`mbclient account add --help` shows how"))
    return answer


async def _may_use_file(error: SecretError) -> bool:
    """Only where there is no keyring at all, and only after a yes on the terminal."""
    if not isinstance(error, NoKeyringFoundError) or not ask.can_ask():
        return False
    question = _("There is no keyring here. Keep the secret in a file that only you can read?")
    return ask.confirm(question)


# ------------------------------------------------------------ list and check


async def show(run: Run) -> int:
    """Every account with its state, which only asking tells; each answers for itself."""
    await _states(run, run.desk.accounts.all())
    return 0


async def check(run: Run) -> int:
    """Likewise, with the reasons, and status 1 if one does not work."""
    name = run.given.word("NAME")
    accounts = (run.desk.accounts.get(name),) if name else run.desk.accounts.all()
    errors = await _states(run, accounts)
    for account, error in errors:
        text = error_line(error)
        run.out.note(text if account in text else f"{account}: {text}")
    return 1 if errors else 0


async def _states(run: Run, accounts: Sequence[Account]) -> list[tuple[str, MbclientError]]:
    with run.out.progress(_("asking the services")):
        found = await asyncio.gather(*(_state(run, account) for account in accounts))
    known = run.desk.judge.account_facts()
    for account, (state, _error) in zip(accounts, found, strict=True):
        facts = known[account.name]
        if run.out.json:
            words = _words(facts.employer_visible, facts.real_name_visible)
            run.out.object(account_json(account, words, state))
            continue
        run.out.text(f"{account.name} · {account.service} · {state}", style="bold")
        rows = [
            (_("name there"), account.handle),
            (_("address"), account.url),
            (_("shows your employer"), known_word(facts.employer_visible)),
            (_("shows your name"), known_word(facts.real_name_visible)),
        ]
        if account.pseudonymous:
            rows.append((_("private, anonymous account"), _("yes")))
        rows.append((_("spent this month"), run.desk.spending.words(account.name)))
        run.out.rows([(label, value) for label, value in rows if value], indent=2)
    return [(account.name, error) for account, (_state_, error) in zip(accounts, found, strict=True) if error]


async def _state(run: Run, account: Account) -> tuple[str, MbclientError | None]:
    try:
        async with asyncio.timeout(CHECK_S):
            await run.desk.accounts.verify(account.name)
        await run.desk.accounts.learn(account.name)
    except (ServiceError, SecretError, UsageError) as error:
        kinds = [state for kind, state in _STATES.items() if isinstance(error, kind)]
        return kinds[0] if kinds else "error", error
    except TimeoutError:
        late = UnreachableError(_("{account} does not answer").format(account=account.name), account=account.name)
        return "unreachable", late
    return "ok", None


def _words(employer: Known, real_name: Known) -> dict[str, str]:
    return {"employer_visible": employer.value, "real_name_visible": real_name.value}


# ------------------------------------------------------------ remove and confirm


async def remove(run: Run) -> int:
    name = run.given.word("NAME")
    await run.desk.accounts.remove(name)
    if run.out.json:
        run.out.object({"schema": 1, "name": name, "removed": True})
    else:
        words = _("{name} is forgotten here, with what came through it alone; nothing was deleted at the service")
        run.out.text(words.format(name=name))
    return 0


async def confirm(run: Run) -> int:
    """The user's word on what the profile shows, held against the profile where it can be read (policy facts 3.4)."""
    desk, given = run.desk, run.given
    name = given.word("NAME")
    account = desk.accounts.get(name)
    employer, real_name = given.text("--employer"), given.text("--real-name")
    if not employer and not real_name:
        raise UsageError(_("nothing is confirmed"), _("add --employer yes, --real-name yes, or no"))
    await _state(run, account)  # a profile that can't be read now contradicts nothing
    said = desk.accounts.confirm(
        name,
        employer=Known(employer) if employer else None,
        real_name=Known(real_name) if real_name else None,
    )
    desk.judge.record_fact(f"account {account.service}", f"employer {said.employer}, name {said.real_name}")
    answer: Json = {"schema": 1, "name": name, **_words(said.employer, said.real_name)}
    answer["confirmed_on"] = said.on.isoformat() if said.on else None
    if run.out.json:
        run.out.object(answer)
    else:
        words = _("{name}: employer shown: {employer}, name shown: {real_name}; holds {n} days")
        run.out.text(
            words.format(
                name=name,
                employer=known_word(said.employer),
                real_name=known_word(said.real_name),
                n=desk.judge.policy.recheck_days,
            )
        )
    return 0
