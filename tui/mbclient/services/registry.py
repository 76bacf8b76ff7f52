"""Which services there are, and the one place that opens them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from mbclient.core.lasting import all_ended
from mbclient.core.ports import LoginDialog, LoginForm, Service, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, UsageError
from mbclient.domain.safetext import SafeText
from mbclient.services.kit import Closable, Kit, Plugin
from mbclient.services.person import sign_in_again
from mbclient.texts import _

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "mbclient.services"


def plugin_points() -> dict[str, EntryPoint]:
    """The services that are installed, by name: metadata of every installed package, so it takes its time."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def load_plugin(service: str, points: Mapping[str, EntryPoint]) -> Plugin:
    """Raises `UsageError` for one that is not there or cannot be loaded."""
    point = points.get(service)
    if point is None:
        raise UsageError(
            _("there is no service {name}").format(name=SafeText.line(repr(service), max_characters=40)),
            _("known: {names}").format(names=", ".join(sorted(points))),
        )
    try:
        plugin: Plugin = point.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            _("the service {name} cannot be loaded ({reason})").format(
                name=service, reason=SafeText.line(str(error), max_characters=120)
            ),
            _("install what it needs, or remove it"),
        ) from error
    return plugin


class Registry:
    """Fills the `Services` port from the entry points; a plugin is imported when it is first needed."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._open: dict[str, Service] = {}
        self._replaced: list[tuple[str, Closable]] = []  # by account; a request may still be under way through them
        self._opening = Lock()

    @cached_property
    def _points(self) -> dict[str, EntryPoint]:
        """Looked up late: the first paint has no use for it."""
        return plugin_points()

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._points))

    def _plugin(self, service: str) -> Plugin:
        return load_plugin(service, self._points)

    def title(self, service: str) -> str:
        return self._plugin(service).title

    def login_form(self, service: str) -> LoginForm:
        return self._plugin(service).form

    async def sign_in(self, request: SignIn, dialog: LoginDialog) -> SignedIn:
        """As the plugin does it; a secret that was typed wrong is to be looked at, not to be given again as it is."""
        try:
            return await self._plugin(request.account.service).sign_in(request, dialog, self._kit)
        except AuthError as error:
            again = (_("sign in again: mbclient account add"), sign_in_again(request.account))
            if request.secret is None or error.advice not in again:
                raise
            advice = _("check your name there, and the password or token that you gave")
            raise AuthError(error.problem, advice, account=error.account) from error

    def open(self, account: Account) -> Service:
        known = self._known(account)
        if known is None:
            with self._opening:  # threads open too, and an account has one service
                known = self._known(account)
                if known is None:
                    before = self._open.get(account.name)
                    known = self._open[account.name] = self._plugin(account.service).open(account, self._kit)
                    if isinstance(before, Closable):
                        self._replaced.append((account.name, before))
        return known

    def _known(self, account: Account) -> Service | None:
        known = self._open.get(account.name)
        return known if known is not None and known.account == account else None

    async def forget(self, account: str) -> None:
        replaced = [each for each in self._replaced if each[0] == account]
        for each in replaced:
            self._replaced.remove(each)  # from the list as it is: a thread may be adding to it
        service = self._open.pop(account, None)
        for _name, before in replaced:
            await before.aclose()
        if isinstance(service, Closable):
            await service.aclose()

    def skew_seconds(self) -> Sequence[tuple[str, float]]:
        return tuple(self._kit.http.dates)

    async def warm(self, services: Iterable[str] = ()) -> None:
        """Loads in a thread what the first refresh needs, 30 ms and more that no key shall wait for."""
        await self._kit.http.warm()
        await asyncio.to_thread(self._load, set(services))

    def _load(self, services: Iterable[str]) -> None:
        for service in services:
            with suppress(UsageError):  # told when it is used
                self._plugin(service)

    async def aclose(self) -> None:
        """Tokens that are being renewed come first: the old ones are spent, and the new ones come over this client."""
        await all_ended()
        for account in (*self._open, *(name for name, _service in self._replaced)):
            await self.forget(account)
        await self._kit.http.aclose()
