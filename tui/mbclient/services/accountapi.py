"""What the requests of one account share at every service: whose they are, and what is said when they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mbclient.core.pieces import in_thread
from mbclient.domain.account import Account
from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
)
from mbclient.services.answers import Answer, error_of
from mbclient.services.fields import Garbage
from mbclient.services.kit import Kit
from mbclient.services.person import sign_in_again
from mbclient.texts import _

LARGE = 32_000
T = TypeVar("T")


class AccountApi:
    """Whose requests they are. `base`: the server's address.

    `me`: the own remote id, empty until known. `missing`: what the server turned out not to have or allow.
    """

    def __init__(self, account: Account, kit: Kit, base: str) -> None:
        self.account = account
        self.kit = kit
        self.base = base
        self.me = account.remote_id
        self.missing: set[str] = set()

    @property
    def host(self) -> str:
        """What the server is called in messages."""
        return urlsplit(self.base).hostname or self.account.service

    def forget(self) -> None:
        """Lets go of what was read of the secret: the user may sign in again while we run."""

    @staticmethod
    async def json(answer: Answer) -> object:
        """The decoded answer; a large one in a thread, so that no key waits for it (speed facts 5)."""
        return await in_thread(answer.json) if len(answer.body) > LARGE else answer.json()

    async def plain(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | None] | None = None,
        json: object = None,
        write: bool | None = None,
    ) -> Answer:
        """A request without a secret, to an address below `base` or anywhere; other than 2xx raises by its meaning.

        A parameter of None is left out.
        """
        whole = url if "://" in url else f"{self.base}{url}"
        given = {name: value for name, value in (params or {}).items() if value is not None}
        answer = await self.kit.http.request(
            method, whole, account=self.account.name, params=given, json=json, write=write
        )
        if not answer.ok:
            raise self.refusal(answer)
        return answer

    def only(self, decode: Callable[[Any], T], raw: object, *, sent: bool = False) -> T:
        """The one thing that an answer should hold. Raises what is said when it is none: read, or `sent`."""
        try:
            return decode(raw)
        except Garbage as error:
            raise (self.unsure() if sent else self.garbled()) from error

    # ------------------------------------------------------------ what is said

    def refusal(self, answer: Answer, *, reason: str = "", code: str = "") -> ServiceError:
        """The common meaning of an answer other than 2xx, for what the service has no names of its own."""
        return error_of(
            answer,
            self.kit.clock.now(),
            account=self.account.name,
            write=answer.write,
            reason=reason,
            code=code,
            again=sign_in_again(self.account),
        )

    def signed_out(self, problem: str, advice: str = "") -> AuthError:
        """Only signing in again helps."""
        self.forget()
        return AuthError(problem, advice or sign_in_again(self.account), account=self.account.name)

    def without_token(self) -> AuthError:
        return self.signed_out(_("no token is stored for {account}").format(account=self.account.name))

    def unsupported(self, ability: str, advice: str = "") -> UnsupportedError:
        problem = _("{host} cannot do that ({ability})").format(host=self.host, ability=ability)
        return UnsupportedError(problem, advice, account=self.account.name)

    def garbled(self) -> UnreachableError:
        """For a 2xx answer of the wrong shape to a read."""
        problem = _("{host} answered with something else than asked for").format(host=self.host)
        return UnreachableError(problem, _("try again later"), account=self.account.name)

    def unsure(self, problem: str = "") -> OutcomeUnknownError:
        """For an answer to a write that does not say what became of it."""
        return OutcomeUnknownError(
            problem or _("{host} answered without the post").format(host=self.host),
            _("it is looked up before anything is sent again"),
            account=self.account.name,
        )

    def too_long(self, used: int, limit: int, problem: str = "") -> RejectedError:
        """For a post that the server would refuse or cut."""
        said = problem or _("the post has {used} characters, and {host} takes {limit}")
        return RejectedError(
            said.format(used=used, host=self.host, limit=limit),
            _("shorten it"),
            account=self.account.name,
            code="too-long",
        )
