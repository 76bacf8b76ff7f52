"""One relay: a line that is opened when it is needed and closed when it is not, and what is asked over it.

Several questions share the line. Events are handed on as they came; nothing here believes a word of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum

from mbclient.domain.errors import AuthError, ServiceError, UnreachableError
from mbclient.domain.lazydataclass import dataclass
from mbclient.services.kit import Kit
from mbclient.services.nostr.events import Event, Filter
from mbclient.services.nostr.refusals import AUTH_REQUIRED, DUPLICATE, host_of, prefix_of, refusal, silence
from mbclient.services.websocket import Socket, open_socket
from mbclient.texts import _

IDLE_S = 20.0  # a line that nobody uses is closed
ANSWER_S = 10.0  # between two messages of an answer
FAILURES, PAUSE_S = 3, 60.0  # so many failures in a row, and a relay is left alone for so long
MAX_WAITING = 5000  # messages of one question that nobody has taken yet

Signer = Callable[[str, str], Awaitable[Event]]  # (relay, challenge) → the event that signs in there (NIP-42)


class Sign(Enum):
    """What may come instead of an event."""

    END = "EOSE"  # all that is stored has been sent; from now on it is what happens


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an event at one relay. `error`: why it was not taken; `unknown`: sent, and no answer came."""

    relay: str
    error: ServiceError | None = None
    unknown: bool = False
    reason: str = ""

    @property
    def ok(self) -> bool:
        return self.error is None and not self.unknown


Message = object  # an event's raw JSON, or a `Sign`
_Queue = asyncio.Queue["Message | ServiceError"]


class Relay:
    """A relay, for one account. `signer`: how to sign in there; None for relays that are not told who asks.

    `outside`: a stranger's list has named it, so it must not stand in this computer's network.
    """

    def __init__(self, kit: Kit, url: str, account: str, signer: Signer | None = None) -> None:
        self._kit = kit
        self.url = url
        self._account = account
        self.signer = signer
        self.outside = False
        self._task: asyncio.Task[None] | None = None
        self._opening: asyncio.Future[Socket] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._users = 0
        self._numbers = 0
        self._questions: dict[str, _Queue] = {}
        self._receipts: dict[str, asyncio.Future[tuple[bool, str]]] = {}
        self._unanswered = 0  # events whose answer may still come, late and without their id
        self._publishing = asyncio.Lock()
        self._signing_in = asyncio.Lock()
        self._challenge = self._signed_in = ""
        self._failures = 0
        self._paused_until = 0.0

    # ------------------------------------------------------------ the line

    @property
    def paused(self) -> bool:
        """Whether it failed so often that it is left alone for now."""
        return self._failures >= FAILURES and self._kit.clock.monotonic() < self._paused_until

    @contextmanager
    def _used(self) -> Iterator[None]:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if not self._users and self._task is not None and not self._task.done():
                self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._task.cancel)

    async def _line(self) -> Socket:
        """The open line. Raises `ServiceError`."""
        if self._task is None or self._task.done():
            self._opening = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._serve(self._opening))
        assert self._opening is not None
        return await asyncio.shield(self._opening)

    async def _serve(self, opening: asyncio.Future[Socket]) -> None:
        error: ServiceError = self._ended()
        try:
            async with open_socket(self._kit, self.url, account=self._account, outside=self.outside) as socket:
                self._challenge = self._signed_in = ""
                self._unanswered = 0
                opening.set_result(socket)
                async for message in socket:
                    self._dispatch(message)
        except ServiceError as broken:
            error = broken
            self._failed()
        finally:
            if not opening.done():
                opening.set_exception(error)
                opening.exception()  # whoever asked may be gone: then nobody misses it
            for question in self._questions.values():
                question.put_nowait(error)
            for receipt in self._receipts.values():
                if not receipt.done():
                    receipt.set_exception(error)
                    receipt.exception()

    def _ended(self) -> UnreachableError:
        return UnreachableError(_("{host} ended the line").format(host=host_of(self.url)), account=self._account)

    def _failed(self) -> None:
        self._failures += 1
        self._paused_until = self._kit.clock.monotonic() + PAUSE_S

    async def aclose(self) -> None:
        """Closes the line; it opens again when it is needed."""
        if self._idle is not None:
            self._idle.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _dispatch(self, message: object) -> None:
        """One message of the relay. What is not understood, and answers to what was not asked, are passed over."""
        if not isinstance(message, list) or not message:
            return
        match message:
            case ["EVENT", str(name), event, *_rest]:
                self._hand_on(name, event)
            case ["EOSE", str(name), *_rest]:
                self._hand_on(name, Sign.END)
            case ["CLOSED", str(name), *rest]:
                self._closed(name, str(rest[0]) if rest else "")
            case ["OK", str(event_id), bool(taken), *rest]:
                self._received(event_id, taken, str(rest[0]) if rest else "")
            case ["AUTH", str(challenge), *_rest]:
                self._challenge = challenge
            case _:
                pass

    def _hand_on(self, name: str, message: Message | ServiceError) -> None:
        question = self._questions.get(name)
        if question is None:
            return
        if question.qsize() < MAX_WAITING:
            question.put_nowait(message)

    def _closed(self, name: str, reason: str) -> None:
        """A question is closed. Without a reason it only means that nothing more will come."""
        if reason.strip():
            self._hand_on(name, refusal(self.url, reason, self._kit.clock.now(), self._account))
        else:
            self._hand_on(name, Sign.END)

    def _received(self, event_id: str, taken: bool, reason: str) -> None:
        """The answer to an event; one without an id belongs to the only event that waits for one."""
        if event_id:
            receipt = self._receipts.get(event_id)
        elif self._unanswered:
            self._unanswered -= 1
            return
        else:
            receipt = next(iter(self._receipts.values())) if len(self._receipts) == 1 else None
        if receipt is not None and not receipt.done():
            receipt.set_result((taken, reason))

    # ------------------------------------------------------------ asking

    async def ask(self, filters: Sequence[Filter], most: int) -> tuple[list[object], bool]:
        """(what is stored there, newest first as a rule; whether it is all that the relay wanted to send).

        No more than `most` are taken: a relay that does not stop is stopped. Raises the `ServiceError` tree.
        """
        found: list[object] = []
        async with contextlib.aclosing(self.listen(filters)) as messages:
            while True:
                try:
                    async with asyncio.timeout(ANSWER_S):
                        message = await anext(messages)
                except TimeoutError:
                    self._failed()
                    raise silence(self.url, self._account) from None
                if message is Sign.END:
                    self._failures = 0
                    return found, True
                found.append(message)
                if len(found) >= most:
                    return found, False

    async def listen(self, filters: Sequence[Filter]) -> AsyncGenerator[Message, None]:
        """What is stored, `Sign.END`, then what happens; ends with a `ServiceError`. Signs in where that is asked."""
        for last in (False, True):
            try:
                with self._used(), self._asking() as (name, waiting):
                    socket = await self._line()
                    await socket.send(["REQ", name, *filters])
                    try:
                        while True:
                            message = await waiting.get()
                            if isinstance(message, ServiceError):
                                raise message
                            yield message
                    finally:
                        with contextlib.suppress(ServiceError):
                            await socket.send(["CLOSE", name])
            except AuthError:
                if last or not await self.sign_in():
                    raise

    @contextmanager
    def _asking(self) -> Iterator[tuple[str, _Queue]]:
        self._numbers += 1
        name = f"m{self._numbers}"
        waiting = self._questions[name] = asyncio.Queue()
        try:
            yield name, waiting
        finally:
            del self._questions[name]

    # ------------------------------------------------------------ signing in

    async def sign_in(self) -> bool:
        """NIP-42, where this relay may know who asks and has sent a challenge. Raises `AuthError` when it says no."""
        async with self._signing_in:
            if self.signer is None or not self._challenge:
                return False
            if self._signed_in == self._challenge:
                return True
            challenge = self._challenge
            taken = await self._deliver("AUTH", await self.signer(self.url, challenge))
            if not taken.ok:
                if taken.error is not None and not isinstance(taken.error, AuthError):
                    raise AuthError(taken.error.problem, taken.error.advice, account=self._account) from taken.error
                return False
            self._signed_in = challenge
            return True

    # ------------------------------------------------------------ publishing

    async def publish(self, event: Mapping[str, object]) -> Taken:
        """Sends a signed event and waits for the relay's word. Never raises a `ServiceError`: it is in the result."""
        taken = await self._deliver("EVENT", event)
        if isinstance(taken.error, AuthError) and prefix_of(taken.reason) == AUTH_REQUIRED:
            try:
                if not await self.sign_in():
                    return taken
            except ServiceError as error:
                return Taken(self.url, error)
            taken = await self._deliver("EVENT", event)
        return taken

    async def _deliver(self, verb: str, event: Mapping[str, object] | Event) -> Taken:
        """One at a time, since an answer may come without the event's id."""
        raw = event.raw() if isinstance(event, Event) else dict(event)
        event_id = str(raw["id"])
        async with self._publishing:
            with self._used():
                receipt: asyncio.Future[tuple[bool, str]] = asyncio.get_running_loop().create_future()
                try:
                    socket = await self._line()
                except ServiceError as error:
                    return Taken(self.url, error)
                self._receipts[event_id] = receipt
                try:
                    await socket.send([verb, raw])
                    async with asyncio.timeout(ANSWER_S):
                        taken, reason = await receipt
                except TimeoutError:
                    self._unanswered += 1
                    return Taken(self.url, unknown=True)
                except ServiceError:  # the line broke while it was on its way
                    return Taken(self.url, unknown=True)
                finally:
                    del self._receipts[event_id]
        if taken or prefix_of(reason) == DUPLICATE:  # some relays call it false, others true: it is there
            self._failures = 0
            return Taken(self.url)
        return Taken(self.url, refusal(self.url, reason, self._kit.clock.now(), self._account), reason=reason)
