"""One account's requests: paid for, signed, counted against each endpoint's own limit, and refused by name."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from urllib.parse import urlsplit

from mbclient.core.purse import Billed
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    MbclientError,
    OutcomeUnknownError,
    RateLimitedError,
    ServiceError,
    StorageError,
    UnreachableError,
)
from mbclient.services.accountapi import AccountApi
from mbclient.services.addresses import server_address
from mbclient.services.answers import Answer
from mbclient.services.cache import JsonCache
from mbclient.services.fields import obj, string
from mbclient.services.kit import Kit
from mbclient.services.limits import Budget, read_budget, wait_until
from mbclient.services.x.dialects import DIALECTS, Dialect, known_as, names_a_field
from mbclient.services.x.faults import WEB, problem_of, refuse
from mbclient.services.x.prices import POST_READ, WITH_IT, Price, posts_read
from mbclient.services.x.session import Session
from mbclient.texts import _

HOME = "https://api.x.com"
Params = Sequence[tuple[str, str]]
Files = Mapping[str, tuple[str, bytes, str]]


class Api(AccountApi):
    """Requests of one account. Raises the `ServiceError` tree with the account's name.

    `me`: the own remote id, empty until known. Every billable call has its price: it is set aside before the first
    byte and settled by what the answer holds; a write whose answer was lost stays counted.
    """

    def __init__(self, account: Account, kit: Kit) -> None:
        super().__init__(account, kit, server_address(account.url or HOME))
        self.session = Session(account, kit, self.base)
        self.cache = JsonCache(kit.cache_dir)
        self._till = asyncio.Lock()
        self._budgets: dict[str, Budget] = {}
        self._dialect = known_as(string(self.cache.read(self._cache_name), "dialect"))

    @property
    def web(self) -> str:
        """Where the pages are: people's, and the one that signs in."""
        return WEB if self.base == HOME else self.base

    @property
    def _cache_name(self) -> str:
        return f"x-{urlsplit(self.base).netloc}"

    # ------------------------------------------------------------ reading

    async def page(
        self, path: str, params: Params, wanted: int, least: int, *, polling: bool = False
    ) -> Mapping[str, object]:
        """The JSON of a list of posts, in the API's dialect: as many as are wanted and the cap leaves money for.

        `least`: fewer than so many the endpoint does not give.
        """
        async with self._at_the_till() as left:
            most = wanted if left is None else min(wanted, left // (POST_READ * WITH_IT))
            count = max(least, most)
            asked = [*params, ("max_results", str(count))]
            return await self._read(path, asked, posts_read(count), Dialect.of_posts, polling=polling)

    async def one(self, path: str) -> Mapping[str, object]:
        """The JSON of one post; it may hold errors in place of data."""
        async with self._at_the_till():
            return await self._read(path, (), posts_read(1), Dialect.of_posts, accept=frozenset({404}))

    async def person(self, path: str, price: Price) -> Mapping[str, object]:
        async with self._at_the_till():
            return await self._read(path, (), price, Dialect.of_person)

    @asynccontextmanager
    async def _at_the_till(self) -> AsyncGenerator[int | None, None]:
        """What the cap leaves; None without a cap. With one, one call at a time pays: what another has set aside for a
        moment would look like spent, and refuse this one for the rest of the month.
        """
        left = await asyncio.to_thread(self.kit.purse.left, self.account.name)
        if left is None:
            yield None
            return
        async with self._till:
            yield await asyncio.to_thread(self.kit.purse.left, self.account.name)

    async def _read(
        self,
        path: str,
        params: Params,
        price: Price,
        fields: Callable[[Dialect], list[tuple[str, str]]],
        *,
        polling: bool = False,
        accept: frozenset[int] = frozenset(),
    ) -> Mapping[str, object]:
        """A 400 that names a field means that the service spells them otherwise: the next dialect, from now on."""
        for _attempt in DIALECTS:
            number = self._dialect
            asked, taken = [*params, *fields(DIALECTS[number])], accept | {400}
            answer = await self._paid("GET", path, params=asked, price=price, polling=polling, accept=taken)
            if answer.status != 400:
                break
            if not names_a_field(problem_of(answer).reason):
                refuse(answer, self.kit.clock.now(), self.account.name)
            if self._dialect == number:  # nobody else has found out meanwhile
                self._dialect = (number + 1) % len(DIALECTS)
                self.cache.write(self._cache_name, {"dialect": DIALECTS[self._dialect].name})
        else:
            refuse(answer, self.kit.clock.now(), self.account.name)
        whole = await self.json(answer)
        if not isinstance(whole, dict):
            raise self.garbled()
        return whole

    # ------------------------------------------------------------ any request

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        files: Files | None = None,
        form: Mapping[str, str] | None = None,
        write: bool | None = None,
        price: Price | None = None,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """One request that does something; an answer other than 2xx raises by its meaning, unless it is in `accept`."""
        async with self._at_the_till() if price else nullcontext():
            return await self._paid(
                method, path, body=body, files=files, form=form, write=write, price=price, accept=accept
            )

    async def check_cap(self, prices: Iterable[Price]) -> None:
        """Raises `CapReachedError` where the cap does not leave so much for all of them; nothing is set aside yet."""
        async with self._at_the_till() as left:
            if left is not None:
                most = sum(price.limit for price in prices)
                await asyncio.to_thread(self.kit.purse.check, self.account.name, most)

    async def deed(self, method: str, path: str, price: Price, body: object = None) -> Mapping[str, object]:
        """The `data` of one that may be repeated: a lost answer is only a lost answer, but may have cost."""
        try:
            answer = await self.call(method, path, body=body, price=price)
            return obj(obj(answer.json()).get("data"))
        except OutcomeUnknownError as error:
            raise UnreachableError(error.problem, _("try again later"), account=self.account.name) from error

    async def _paid(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        body: object = None,
        files: Files | None = None,
        form: Mapping[str, str] | None = None,
        write: bool | None = None,
        price: Price | None = None,
        polling: bool = False,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """`polling`: nobody waits for it; it leaves the last fifth of what the endpoint allows to the user."""
        endpoint = f"{method} {re.sub(r'[0-9]+', '#', path.partition('/2/')[2])}"
        if polling:
            self._spare(endpoint)
        purse, name = self.kit.purse, self.account.name
        number = await asyncio.to_thread(purse.reserve, name, price.what, price.limit) if price else 0
        try:
            answer = await self._signed(method, path, params, body, files, form, write)
        except (MbclientError, asyncio.CancelledError) as error:
            perhaps_done = isinstance(error, OutcomeUnknownError | asyncio.CancelledError) and method != "GET"
            if price and not perhaps_done:
                await self._settle(number)
            raise
        if price and not (answer.write and answer.status >= 500):
            await self._settle(number, price.billed(_json(answer)) if answer.ok else ())
        self._remember(endpoint, answer)
        if not answer.ok and answer.status not in accept:
            refuse(answer, self.kit.clock.now(), name)
        return answer

    async def _settle(self, number: int, billed: Sequence[Billed] = ()) -> None:
        """Where the disk takes it no more, what was set aside stays counted, which is the most that it can have cost:
        an answer must not be lost for that, least of all the one that says that a post is out.
        """
        with suppress(StorageError):
            await asyncio.to_thread(self.kit.purse.settle, self.account.name, number, billed)

    async def _signed(
        self,
        method: str,
        path: str,
        params: Params,
        body: object,
        files: Files | None,
        form: Mapping[str, str] | None,
        write: bool | None,
    ) -> Answer:
        """A token that is not accepted is renewed, once: nothing was done with it."""
        tokens = await self.session.tokens()
        for attempt in (1, 2):
            answer = await self.kit.http.request(
                method,
                self.base + path,
                account=self.account.name,
                headers={"Authorization": f"Bearer {tokens.access.reveal()}"},
                params=params,
                json=body,
                files=files,
                form=form,
                write=write,
            )
            if answer.status != 401:
                break
            if attempt == 2:
                raise self.session.signed_out(_("{host} does not accept the token").format(host=answer.host))
            tokens = await self.session.renewed(tokens)
        return answer

    def _remember(self, endpoint: str, answer: Answer) -> None:
        budget = read_budget(answer.headers, self.kit.clock.now())
        if budget is not None:
            self._budgets[endpoint] = budget

    def _spare(self, endpoint: str) -> None:
        """Each endpoint counts for itself, so the client's one budget for an account would not do."""
        budget = self._budgets.get(endpoint)
        if budget is None or budget.remaining * 5 > budget.limit or budget.until <= self.kit.clock.now():
            return
        raise RateLimitedError(
            _("nearly all requests that the server allows are used"),
            wait_until(budget.until),
            account=self.account.name,
            until=budget.until,
        )


def _json(answer: Answer) -> object:
    """What the price is counted by; nothing where the answer is none."""
    with suppress(ServiceError):
        return obj(answer.json())
    return {}
