"""Accounts: signing in, checking, and what is known of who speaks through them (policy facts 3.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from mbclient.core.abilities import Forthcoming, SigningOut
from mbclient.core.events import Bus, FactsChanged, FilterChanged, Notice
from mbclient.core.ports import Clock, LoginDialog, Profile, Secrets, Service, Services, SignIn
from mbclient.core.preferences import AccountBook, Confirmation, PolicySource, Preferences
from mbclient.domain.account import ACCOUNT_NAME, Account, Known
from mbclient.domain.errors import MbclientError, SecretError, ServiceError, SettingsError, UsageError
from mbclient.domain.post import Visibility
from mbclient.domain.secret import Secret
from mbclient.policy.model import AccountFacts, Policy
from mbclient.texts import _

LOCAL = "local"
NOTEBOOK = Account(name="notebook", service=LOCAL, handle="me", remote_id="me")
READ_ONLY = frozenset({"feed"})
LEARN_S = 10.0
SIGN_OUT_S = 3.0  # what does not go in this time stays signed in at the service


class Accounts:
    """The accounts in force. Without any, the embedded notebook stands in, so that everything works at once."""

    def __init__(
        self,
        book: AccountBook,
        services: Services,
        secrets: Secrets,
        policy: PolicySource,
        preferences: Callable[[], Preferences],
        clock: Clock,
        bus: Bus,
        *,
        forget_posts: Callable[[str], None],
    ) -> None:
        """`forget_posts`: takes an account's name, and drops what no other account has received too."""
        self._book = book
        self._services = services
        self._secrets = secrets
        self._policy = policy
        self._preferences = preferences
        self._clock = clock
        self._bus = bus
        self._forget_posts = forget_posts
        self._profiles: dict[str, Profile] = {}

    def all(self) -> tuple[Account, ...]:
        return tuple(map(_known_to_itself, self._book.accounts())) or (NOTEBOOK,)

    @property
    def only_notebook(self) -> bool:
        """True before any account was added: the welcome is shown then."""
        return not self._book.accounts()

    def get(self, name: str) -> Account:
        """Raises `UsageError` for a name that is not there. The notebook is, listed or not: what was written stays."""
        for account in (*self.all(), NOTEBOOK):
            if account.name == name:
                return account
        known = ", ".join(account.name for account in self.all())
        raise UsageError(_("there is no account {name!r}").format(name=name), _("known: {known}").format(known=known))

    def is_there(self, name: str) -> bool:
        """False once it was removed, also by another program. Settings that cannot be read just now say nothing."""
        try:
            self.get(name)
        except UsageError:
            return False
        except SettingsError:
            return True
        return True

    def service(self, name: str) -> Service:
        return self._services.open(self.get(name))

    def services_there(self, names: Iterable[str]) -> list[tuple[str, Service]]:
        """Each once, with its service. A name that is no account (any more) is left out: `Composer.check` names it."""
        there = []
        for name in dict.fromkeys(names):
            with suppress(UsageError):
                there.append((name, self.service(name)))
        return there

    def default_names(self) -> tuple[str, ...]:
        """Where a new post goes: the settings' default accounts as they stand there, else the first that can post.

        A name that is no account stays among them: another target is never put in its place, `Composer.check`
        names it and nothing is sent.
        """
        names = [account.name for account in self.all() if account.service not in READ_ONLY]
        return tuple(dict.fromkeys(self._preferences().default_accounts)) or tuple(names[:1])

    def next_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """After these: each account that can post, alone, in their order; then the usual ones."""
        rounds = list(
            dict.fromkeys(
                [
                    self.default_names(),
                    *((account.name,) for account in self.all() if account.service not in READ_ONLY),
                ]
            )
        )
        place = rounds.index(tuple(names)) if tuple(names) in rounds else -1
        return rounds[(place + 1) % len(rounds)]

    def remote_hosts(self) -> int:
        """How many servers could tell the time."""
        return len({account.url for account in self.all() if account.service != LOCAL and account.url})

    # ------------------------------------------------------------ signing in

    async def add(
        self,
        account: Account,
        dialog: LoginDialog,
        *,
        secret: Secret | None = None,
        paste: bool = False,
        ask_file: Callable[[SecretError], Awaitable[bool]] | None = None,
    ) -> tuple[Account, Profile]:
        """Signs in, checks the account by reading its profile, keeps the secret and then the account.

        `ask_file`: asked when the keyring failed, whether the secret may stand in a 0600 file instead.
        """
        account = self._completed(account)
        signed = await self._services.sign_in(SignIn(account, secret, paste), dialog)
        if signed.secret is not None and not account.token_command:
            await self._keep(account.name, signed.secret, ask_file)
        self._book.save(signed.account)
        await self._services.forget(account.name)
        self._bus.publish(FactsChanged())
        return signed.account, signed.profile

    async def _keep(self, name: str, secret: Secret, ask_file: Callable[[SecretError], Awaitable[bool]] | None) -> None:
        try:
            await asyncio.to_thread(self._secrets.set, name, secret)
        except SecretError as error:
            if ask_file is None or not await ask_file(error):
                raise
            await asyncio.to_thread(self._secrets.set, name, secret, allow_file=True)

    def known(self, name: str, service: str) -> Account | None:
        """The account of that name, if it is one of this service: to sign in to it again takes nothing but its name."""
        found = (each for each in self._book.accounts() if each.name == name and each.service == service)
        return next(found, None)

    def _completed(self, account: Account) -> Account:
        """The account to sign in to. One that is there already keeps what is not said again.

        Raises `UsageError` for a name that is none, or another account's.
        """
        if not ACCOUNT_NAME.match(account.name):
            raise UsageError(
                _("{name!r} is no account name").format(name=account.name), _("use letters, digits, - and _")
            )
        taken = next((known for known in self._book.accounts() if known.name == account.name), None)
        if taken is None:
            return account
        form = self._services.login_form(account.service)
        url = account.url if account.url != form.url else ""  # the service's own front door says nothing
        if taken.service != account.service or not _same_place(taken.url, url):
            raise UsageError(
                _("there is an account {name!r} already").format(name=account.name), _("choose another with --name")
            )
        if not _same_handle(taken.handle, account.handle):
            raise UsageError(
                _("the account {name!r} is {handle} already").format(name=account.name, handle=taken.handle),
                _("choose another with --name"),
            )
        # a handle that nobody has to type may have changed there since
        handle = account.handle or (taken.handle if form.handle_required else "")
        pseudonymous = account.pseudonymous or taken.pseudonymous
        return replace(taken, url=url or taken.url, handle=handle, pseudonymous=pseudonymous)

    async def remove(self, name: str) -> None:
        """Forgets account, secret and what came through it; at the service the login ends, and nothing is deleted."""
        account = self.get(name)
        if account is NOTEBOOK:
            raise UsageError(_("the notebook is part of the program and stays"), _("nobody else reads it"))
        self._book.remove(name)
        try:
            await self._sign_out(account)
        finally:  # whatever became of that: nobody could ask for the rest again
            await self._forget(name)

    async def _forget(self, name: str) -> None:
        try:
            await asyncio.to_thread(self._secrets.delete, name)
        except SecretError as error:
            self._bus.publish(Notice(str(error), "warning"))
        await self._services.forget(name)
        self._profiles.pop(name, None)
        await asyncio.to_thread(self._forget_posts, name)
        self._bus.publish(FactsChanged())
        self._bus.publish(FilterChanged())

    async def _sign_out(self, account: Account) -> None:
        """Else what is lost with the secret is good for ever at some. An account goes without it all the same.

        Not what the user's own command gives, which was never ours, nor a login of somebody who stays with us under
        another name: a server may give the same token to the same program twice.
        """
        if account.token_command or any(_same_person(account, other) for other in self.all()):
            return
        with suppress(MbclientError, TimeoutError):
            service = self._services.open(account)
            if isinstance(service, SigningOut):
                async with asyncio.timeout(SIGN_OUT_S):
                    await service.sign_out()

    async def verify(self, name: str) -> Profile:
        """Reads the own profile and holds it against what was confirmed. Raises `ServiceError`."""
        profile = await self.service(name).verify()
        self._profiles[name] = profile
        self._compare(self.get(name), profile)
        return profile

    async def learn(self, name: str) -> None:
        """Reads anew what the server says of itself: a limit may be another, a site private, a server a newer one.

        What does not answer stays as it was known. For after `verify`, which tells whether one is signed in.
        """
        service = self.service(name)
        if isinstance(service, Forthcoming) and service.verify_tells_all:
            return
        with suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(LEARN_S):
                await service.load_capabilities()

    async def verify_all(self) -> None:
        """Once a day for every account and its server; a profile that can't be read keeps what was confirmed."""
        for account in self.all():
            if account.service == LOCAL or account.service in READ_ONLY:
                continue
            try:
                await self.verify(account.name)
                await self.learn(account.name)
            except MbclientError:  # signed out, unreachable, no keyring: the account's state says so elsewhere
                continue

    def usual_visibility(self, name: str) -> Visibility:
        """What the account's owner has set at the service for new posts; public as long as it was not read."""
        profile = self._profiles.get(name)
        return profile.default_visibility if profile is not None else Visibility.PUBLIC

    # ------------------------------------------------------------ who is speaking

    def confirm(self, name: str, *, employer: Known | None = None, real_name: Known | None = None) -> Confirmation:
        """The user's word on what the profile shows; it counts from today for `identity.recheck_days`.

        What the profile as last read contradicts does not become a yes. Gives what holds now.
        """
        account = self.get(name)
        policy = self._policy.current().policy
        today = self._clock.now().astimezone(policy.zone).date()
        if account.service == LOCAL:  # read by nobody else: both facts are yes by definition (3.4)
            return Confirmation(Known.YES, Known.YES, today)
        old = self._book.confirmation(name)
        fresh = _is_fresh(old, policy, today)
        kept = replace(old, employer=_aged(old.employer, fresh), real_name=_aged(old.real_name, fresh))
        said = Confirmation(employer or kept.employer, real_name or kept.real_name, today)
        only_one = (employer is None and said.employer is Known.YES) or (
            real_name is None and said.real_name is Known.YES
        )
        if only_one:  # one word on one fact does not renew the other
            said = replace(said, on=old.on)
        self._book.confirm(name, said)
        if name in self._profiles:
            self._compare(account, self._profiles[name])
        self._bus.publish(FactsChanged())
        return self._book.confirmation(name)

    def _compare(self, account: Account, profile: Profile) -> None:
        """A confirmed fact that the profile no longer bears out turns unknown, and the user is told."""
        if account.service == LOCAL:
            return  # read by nobody else: both facts are yes by definition (3.4)
        from mbclient.policy.profile import profile_shows  # late: profiles are read after the first paint

        confirmed = self._book.confirmation(account.name)
        employer, name = profile_shows(
            self._policy.current().policy, name=str(profile.name), text=str(profile.text), handle=str(profile.handle)
        )
        changed = confirmed
        if confirmed.employer is Known.YES and employer is False:
            changed = replace(changed, employer=Known.UNKNOWN)
            self._tell(account.name, _("your employer"))
        if confirmed.real_name is Known.YES and name is False:
            changed = replace(changed, real_name=Known.UNKNOWN)
            self._tell(account.name, _("your name"))
        if changed != confirmed:
            self._book.confirm(account.name, changed)
            self._bus.publish(FactsChanged())

    def _tell(self, account: str, what: str) -> None:
        text = _("The profile of {account} no longer shows {what}; confirm it again once it does.")
        self._bus.publish(Notice(text.format(account=account, what=what), "warning"))

    def facts(self, policy: Policy, now: datetime) -> Mapping[str, AccountFacts]:
        """What rules 4 and 5 are told of every account, of the notebook too when it is not listed."""
        accounts = self.all()
        if all(account.name != NOTEBOOK.name for account in accounts):
            accounts = (*accounts, NOTEBOOK)
        lonely = all(account.service == LOCAL for account in accounts)
        today = now.astimezone(policy.zone).date()
        return {account.name: self._facts_of(account, policy, today, lonely) for account in accounts}

    def _facts_of(self, account: Account, policy: Policy, today: date, lonely: bool) -> AccountFacts:
        if account.service == LOCAL:
            return AccountFacts(account.name, LOCAL, Known.YES, Known.YES, account.pseudonymous, notebook=not lonely)
        said = self._book.confirmation(account.name)
        fresh = _is_fresh(said, policy, today)
        return AccountFacts(
            account.name,
            account.service,
            _aged(said.employer, fresh),
            _aged(said.real_name, fresh),
            account.pseudonymous,
        )


def _known_to_itself(account: Account) -> Account:
    """No login tells a notebook who writes in it: one that the settings name only by its name writes under that."""
    if account.service != LOCAL or account.remote_id:
        return account
    handle = account.handle or account.name
    return replace(account, handle=handle, remote_id=handle)


def _is_fresh(said: Confirmation, policy: Policy, today: date) -> bool:
    """Whether a confirmation still counts: on its day and the `recheck_days` after it.

    One of a day to come was given by a clock that was wrong; a day ahead may be another time zone.
    """
    if said.on is None:
        return False
    return said.on - timedelta(days=1) <= today <= said.on + timedelta(days=policy.recheck_days)


def _aged(fact: Known, fresh: bool) -> Known:
    """A yes expires; a no is the stricter value and stays."""
    return fact if fresh or fact is Known.NO else Known.UNKNOWN


def _same_place(one: str, other: str) -> bool:
    """Whether both addresses may be the same server's or site's; an empty one says nothing.

    What a service stores is not what was typed: a site moves to its www name, an address gets its "/" or a path.
    """
    if not one or not other:
        return True
    (host, path), (other_host, other_path) = _place(one), _place(other)
    return host == other_host and (not path or not other_path or path == other_path)


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        usual = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    except ValueError:
        return url, ""
    host = parts.netloc.casefold().removesuffix(usual) if usual else parts.netloc.casefold()
    return host.removeprefix("www."), parts.path.strip("/")


def _same_handle(one: str, other: str) -> bool:
    """Whether both may be the same person's on one server: the host is compared where both name it."""
    if not one or not other:
        return True
    (name, host), (other_name, other_host) = _parts(one), _parts(other)
    return name == other_name and (not host or not other_host or host == other_host)


def _same_person(one: Account, other: Account) -> bool:
    """Whether both may be one account at the service."""
    if one.service != other.service or not _same_place(one.url, other.url):
        return False
    if one.remote_id and other.remote_id:
        return one.remote_id == other.remote_id
    return _same_handle(one.handle, other.handle)


def _parts(handle: str) -> tuple[str, str]:
    name, _at, host = handle.lstrip("@").casefold().partition("@")
    return name, host
